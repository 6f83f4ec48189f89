# SPDX-License-Identifier: Apache-2.0
"""The verifier in one file, as it is handed out: made once, named by its digest.

A reader who distrusts this server takes the file from elsewhere; the digest
lets both be compared.
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import TYPE_CHECKING, Final

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from vigie.ledger.verify import bundle

if TYPE_CHECKING:
    from django.http import HttpRequest

NAME: Final = "vigie_verify.py"


@cache
def data() -> bytes:
    """Return the bytes of the file."""
    return bundle.build().encode()


@cache
def sha256() -> str:
    """Return the digest of the file, in hexadecimal."""
    return hashlib.sha256(data()).hexdigest()


@require_safe
def download(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Hand out the file."""
    answer = HttpResponse(data(), content_type="text/x-python; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{NAME}"'
    return answer
