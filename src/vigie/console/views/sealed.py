# SPDX-License-Identifier: Apache-2.0
"""Sealed attachments of notices: a blur first, then a look with a reason.

Pictures are drawn anew and never leave as they came; everything else leaves as
a plain file that no browser opens by itself.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from vigie.console import veil
from vigie.console.desk import needs, person, show
from vigie.core.errors import InvalidInputError, RefusedError, VigieError
from vigie.flow import house, looks, sealed, shifts
from vigie.flow.pictures import decoders
from vigie.flow.pictures.see import mark_of
from vigie.screening.media.formats import DECODERS, plain_type, sniff
from vigie.screening.media.protocol import Clarity, Drawn
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from django.http import HttpRequest

    from vigie.store.models import SealedFile

REASONS: Final = ("notice", "context", "authority")


@needs(Permission.CONTENT_LOOK)
@require_safe
def sealed_file(request: HttpRequest, file: int) -> HttpResponse:
    """Show what is known of an attachment, and its blur where it is a picture."""
    return _page(request, sealed.find(person(request), file))


@needs(Permission.CONTENT_LOOK)
@require_POST
def open_file(request: HttpRequest, file: int) -> HttpResponse:
    """Open an attachment for somebody who gave a reason: drawn anew, or as a plain file."""
    user = person(request)
    found = sealed.find(user, file)
    reason = request.POST.get("look_reason", "")
    try:
        if reason not in REASONS:
            raise InvalidInputError("A look needs a reason.", code="no_reason")
        data = sealed.open_sealed(house.current(), user, found, reason)
    except (InvalidInputError, RefusedError) as refused:
        words = veil.problem(refused.code, refused.message)
        return _page(request, found, words, refused.http_status)
    if not _is_picture(found, data):
        return _download(found, data)
    wanted = request.POST.get("look_clarity", "half")
    clarity = Clarity[wanted.upper()] if wanted in veil.CLARITIES else Clarity.HALF
    drawn = decoders.draw(data, clarity, mark_of(user))
    if drawn.problem:
        return _page(request, found, _("The picture cannot be read."), 422)
    back = reverse("console:sealed_file", args=[found.pk])
    context: dict[str, object] = {"src": _inline(drawn), "back": back, "seconds": veil.SECONDS}
    return show(request, "look.html", context)


def _page(
    request: HttpRequest, file: SealedFile, problem: str = "", status: int = 200
) -> HttpResponse:
    blur, said, picture = "", "", False
    try:
        data = sealed.peek(house.current(), file)
        picture = _is_picture(file, data)
        if picture:
            drawn = decoders.draw(data, Clarity.VEILED, "")
            blur = _inline(drawn)
            said = "" if blur else _("The picture cannot be read.")
    except VigieError as refused:
        said = _(refused.message)
    user = person(request)
    category = file.notice.category if file.notice is not None else ""
    standing = shifts.standing(house.current(), user)
    hard = looks.is_hard(None, category)
    context: dict[str, object] = {
        "file": file,
        "blur": blur,
        "said": said,
        "picture": picture,
        "may_open": not said,
        "problem": problem,
        "spent": standing.spent(hard=hard),
        "used": standing.hard_used if hard else standing.used,
        "limit": standing.hard_limit if hard else standing.limit,
        "reasons": {code: veil.REASONS[code] for code in REASONS},
        "clarities": veil.CLARITIES,
        "seconds": veil.SECONDS,
    }
    return show(request, "sealed.html", context, status=status)


def _is_picture(file: SealedFile, data: bytes) -> bool:
    """Say whether it is a picture by its bytes or by its name: either is enough to be veiled."""
    declared = plain_type(file.mime)
    return sniff(data) is not None or declared in DECODERS or declared.startswith("image/")


def _inline(drawn: Drawn) -> str:
    if drawn.problem:
        return ""
    return f"data:{drawn.mime};base64,{base64.b64encode(drawn.data).decode()}"


def _download(file: SealedFile, data: bytes) -> HttpResponse:
    """Answer with bytes that no browser shows or runs."""
    answer = HttpResponse(data, content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="attachment-{file.pk}.bin"'
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    answer["Cache-Control"] = "no-store"
    return answer
