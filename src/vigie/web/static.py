# SPDX-License-Identifier: Apache-2.0
"""The stylesheet, the script and the icon, served from the package itself.

A handful of small files: WhiteNoise reads them once, without a collect step.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponseBase

FOLDER: Final = Path(__file__).resolve().parent / "static"


class Static(WhiteNoiseMiddleware):  # type: ignore[misc]
    """Answers `/static/`; everything else goes on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        super().__init__(get_response)
        self.add_files(str(FOLDER), prefix=self.static_prefix)
