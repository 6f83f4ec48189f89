# SPDX-License-Identifier: Apache-2.0
"""Pictures of a case: veiled for free, clear for 15 seconds, once, with a reason.

No answer here holds the platform's bytes: what leaves is drawn anew, and a
clear copy leaves only for a look that was asked for, counted and recorded.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from vigie.console import veil
from vigie.console.desk import needs, person, show
from vigie.core.errors import InvalidInputError, RefusedError, VigieError
from vigie.flow import house, shifts
from vigie.flow.pictures import see
from vigie.screening.media.protocol import Clarity
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from django.http import HttpRequest

    from vigie.flow.pictures.see import Place, Seen

CSP: Final = "default-src 'none'; sandbox; frame-ancestors 'none'"
NOWHERE: Final = 404


@needs(Permission.CONTENT_READ)
@require_safe
def veiled(request: HttpRequest, case: int, position: int) -> HttpResponse:
    """Answer with the grey blur of a picture."""
    user = person(request)
    place = see.find(user, case, position)
    try:
        seen = see.veiled(house.current(), user, place)
    except VigieError as refused:
        return _words(veil.problem(refused.code, refused.message), refused.http_status)
    said = veil.said(seen.comparison)
    return _words(said, NOWHERE) if seen.drawn.problem else _picture(seen, said)


@needs(Permission.CONTENT_READ)
@require_safe
def page(request: HttpRequest, case: int, position: int) -> HttpResponse:
    """Show one picture by itself: what is known, its blur, the way to look more clearly."""
    place = see.find(person(request), case, position)
    return _page(request, place)


@needs(Permission.CONTENT_LOOK)
@require_POST
def look(request: HttpRequest, case: int, position: int) -> HttpResponse:
    """Ask for a clear look; the answer is an address that shows it once."""
    user = person(request)
    place = see.find(user, case, position)
    try:
        clarity, reason = _asked(request)
        made = see.ask(house.current(), user, place, clarity, reason)
    except (InvalidInputError, RefusedError) as refused:
        return _refused(request, place, refused)
    src = _address(place, veil.token(request, place, made, clarity))
    if _wants_json(request):
        standing = shifts.standing(house.current(), user)
        hard = made.hard
        said = {
            "src": src,
            "seconds": veil.SECONDS,
            "used": standing.hard_used if hard else standing.used,
            "limit": standing.hard_limit if hard else standing.limit,
        }
        return JsonResponse(said)
    back = reverse("console:picture_page", args=[case, position])
    return show(request, "look.html", {"src": src, "back": back, "seconds": veil.SECONDS})


@needs(Permission.CONTENT_LOOK)
@require_safe
def clear(request: HttpRequest, case: int, position: int, token: str) -> HttpResponse:
    """Hand out a picture that was asked for, once, within 15 seconds."""
    user = person(request)
    place = see.find(user, case, position)
    found = veil.redeem(request, place, token)
    if request.method != "GET" or found is None:
        return _words(veil.problem("look_over", ""), 403)
    number, clarity = found
    try:
        seen = see.clear(house.current(), user, place, clarity, number)
    except VigieError as refused:
        return _words(veil.problem(refused.code, refused.message), refused.http_status)
    return _picture(seen, veil.said(seen.comparison))


def _asked(request: HttpRequest) -> tuple[Clarity, str]:
    """Read reason and clarity; both are words of closed lists."""
    reason = request.POST.get("look_reason", "")
    if reason not in veil.REASONS:
        raise InvalidInputError("A look needs a reason.", code="no_reason", field="look_reason")
    wanted = request.POST.get("look_clarity", "half")
    if wanted not in veil.CLARITIES:
        raise InvalidInputError("There is no such clarity.", field="look_clarity")
    return Clarity[wanted.upper()], reason


def _address(place: Place, token: str) -> str:
    return reverse("console:picture_clear", args=[place.case.pk, place.position, token])


def _page(
    request: HttpRequest,
    place: Place,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    """Show the page of one picture; its blur stands in the page itself."""
    made = veil.veils(request, place.case)
    blur, said = "", ""
    try:
        seen = see.veiled(house.current(), person(request), place)
        said = veil.said(seen.comparison)
        if not seen.drawn.problem:
            blur = f"data:{seen.drawn.mime};base64,{base64.b64encode(seen.drawn.data).decode()}"
    except VigieError as refused:
        said = veil.problem(refused.code, refused.message)
    context: dict[str, object] = {
        "veils": made,
        "one": made.items[place.position] if made else None,
        "place": place,
        "blur": blur,
        "said": said,
        "problem": problem,
    }
    return show(request, "picture.html", context, status=status)


def _refused(request: HttpRequest, place: Place, refused: VigieError) -> HttpResponse:
    words = veil.problem(refused.code, refused.message)
    if _wants_json(request):
        said = {"problem": words, "fix": _(refused.fix) if refused.fix else ""}
        return JsonResponse(said, status=refused.http_status)
    return _page(request, place, words, refused.http_status)


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")


def _picture(seen: Seen, said: str) -> HttpResponse:
    """Answer with a picture that no cache keeps and no other page can use."""
    answer = HttpResponse(seen.drawn.data, content_type=seen.drawn.mime)
    answer["X-Vigie-Words"] = quote(said)
    return _guarded(answer)


def _words(said: str, status: int) -> HttpResponse:
    """Answer in words where a picture was asked for."""
    return _guarded(HttpResponse(said, content_type="text/plain; charset=utf-8", status=status))


def _guarded(answer: HttpResponse) -> HttpResponse:
    answer["Cache-Control"] = "no-store"
    answer["Content-Security-Policy"] = CSP
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Referrer-Policy"] = "no-referrer"
    return answer
