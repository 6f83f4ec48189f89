# SPDX-License-Identifier: Apache-2.0
"""The page that says what a fingerprint of a picture can and cannot do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_safe

from vigie.portal.naming import operator

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_safe
def explain(request: HttpRequest) -> HttpResponse:
    """Explain the victim's path in plain words; works without script, asks nothing."""
    return render(request, "portal/pictures.html", {"operator": operator()})
