# SPDX-License-Identifier: Apache-2.0
"""Pictures as pages include them: what is known in words first, then a veil.

`veils(request, case)` gives what `console/_veils.html` draws. The original is
never part of a page: a page holds addresses, and each answers once or blurred.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.core import signing
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vigie.console.desk import person
from vigie.exchange import fetch
from vigie.flow import house, looks, shifts
from vigie.flow.pictures import see
from vigie.flow.pictures.compare import Compared, Comparison
from vigie.screening.media.protocol import Clarity
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest
    from django.utils.functional import _StrPromise

    from vigie.flow.pictures.see import Place
    from vigie.flow.shifts import ShiftView
    from vigie.store.models import Case, ContentLook

SALT: Final = "vigie.look"
SECONDS: Final = shifts.LOOK_MS // 1000
CLARITIES: Final[dict[str, _StrPromise]] = {
    "half": gettext_lazy("Half blurred, grey"),
    "grey": gettext_lazy("Clear, grey"),
    "colour": gettext_lazy("Clear, in colour"),
}
REASONS: Final[dict[str, _StrPromise]] = {
    "match": gettext_lazy("The match is in doubt"),
    "context": gettext_lazy("The context decides (news, art, satire)"),
    "words": gettext_lazy("The words alone do not decide"),
    "notice": gettext_lazy("To compare it with what the notice says"),
    "authority": gettext_lazy("An authority asks for a description"),
}
COMPARED: Final[dict[Compared, _StrPromise]] = {
    Compared.SAME: gettext_lazy("Same bytes as when it was screened."),
    Compared.ALIKE: gettext_lazy("Other bytes, the same picture: scaled or saved anew."),
    Compared.DIFFERS: gettext_lazy("The picture has changed since."),
    Compared.UNKNOWN: gettext_lazy("No hash was recorded: nothing to compare it with."),
    Compared.UNREADABLE: gettext_lazy("What stands there now cannot be read as a picture."),
}
PROBLEMS: Final[dict[str, _StrPromise]] = {
    "host_not_allowed": gettext_lazy("Pictures are not fetched from this host."),
    "snapshot_refused": gettext_lazy("The lists cannot be asked just now: nothing is shown."),
    "film": gettext_lazy("Video or sound: not fetched."),
    "gone": gettext_lazy("The platform no longer has it."),
    "no_answer": gettext_lazy("The platform did not answer within 10 seconds."),
    "no_address": gettext_lazy("The name of the host does not resolve."),
    "bad_address": gettext_lazy("This address is never called: it leads inside a network."),
    "too_large": gettext_lazy("The file is too large to be fetched."),
    "refused": gettext_lazy("The platform did not hand it out."),
    "media_busy": gettext_lazy("Too many pictures wait just now. Load the page again."),
    "look_over": gettext_lazy("This look is over. Ask again."),
    "budget_spent": gettext_lazy("The looks of this shift are used up."),
    "no_permission": gettext_lazy("Your role may not look more clearly."),
    "no_reason": gettext_lazy("Choose why looking is needed."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Veil:
    """One picture of an item."""

    number: int
    """Counted from 1, as people say it."""
    position: int
    host: str
    film: bool
    allowed: bool
    src: str
    page: str
    ask: str

    @property
    def fetchable(self) -> bool:
        """True where the server may fetch it."""
        return self.allowed and not self.film


@dataclass(frozen=True, slots=True, kw_only=True)
class Veils:
    """All pictures of a case, with what a look costs."""

    items: list[Veil]
    lists: list[str]
    """Lists that know a picture of this item."""
    sure: bool
    """True where the lists alone carry a decision: no look is needed."""
    shift: ShiftView
    hard: bool
    may_look: bool
    reasons: Mapping[str, Any]
    clarities: Mapping[str, Any]
    seconds: int = SECONDS

    @property
    def spent(self) -> bool:
        """True where no look is left."""
        return self.shift.spent(hard=self.hard)

    @property
    def used(self) -> int:
        """Looks used of those that count here."""
        return self.shift.hard_used if self.hard else self.shift.used

    @property
    def limit(self) -> int:
        """Looks there are of those that count here."""
        return self.shift.hard_limit if self.hard else self.shift.limit


def veils(request: HttpRequest, case: Case) -> Veils | None:
    """Return the pictures of a case as its page shows them; None: none, or none for this role.

    Fetches nothing: each picture is fetched by its own address.
    """
    user = person(request)
    urls = see.addresses(case) if user.has_perm(Permission.CONTENT_READ) else []
    if not urls:
        return None
    current = house.current()
    lists, sure = _lists(case)
    return Veils(
        items=[_veil(case, n, url, current.settings.media_hosts) for n, url in enumerate(urls)],
        lists=lists,
        sure=sure,
        shift=shifts.standing(current, user),
        hard=looks.is_hard(case, case.category),
        may_look=user.has_perm(Permission.CONTENT_LOOK),
        reasons=REASONS,
        clarities=CLARITIES,
    )


def _veil(case: Case, position: int, url: str, hosts: tuple[str, ...]) -> Veil:
    at = [case.pk, position]
    return Veil(
        number=position + 1,
        position=position,
        host=fetch.host_of(url),
        film=fetch.is_film(url),
        allowed=fetch.is_allowed(url, hosts),
        src=reverse("console:picture", args=at),
        page=reverse("console:picture_page", args=at),
        ask=reverse("console:picture_look", args=at),
    )


def _lists(case: Case) -> tuple[list[str], bool]:
    """Return the lists that met a picture of the item, and whether they are sure."""
    found = [one["match"] for one in case.decision.body.get("signals", ()) if one.get("match")]
    banks = sorted({bank for match in found for bank in match.get("banks", ())})
    return banks, any(match.get("basis") in {"exact", "agreed"} for match in found)


def said(comparison: Comparison) -> str:
    """Say in words how a picture compares with what was screened."""
    words = str(COMPARED[comparison.result])
    if comparison.distance is None:
        return words
    distance = _("PDQ distance %(distance)s.") % {"distance": comparison.distance}
    return f"{words} {distance}"


def problem(code: str, message: str) -> str:
    """Say in words why there is no picture."""
    return str(PROBLEMS.get(code) or _(message))


def token(request: HttpRequest, place: Place, look: ContentLook, clarity: Clarity) -> str:
    """Return the part of an address that shows one look, to this session alone."""
    said = {"l": look.pk, "q": int(clarity), "s": _bound(request, place)}
    return signing.dumps(said, salt=SALT, compress=False)


def redeem(request: HttpRequest, place: Place, given: str) -> tuple[int, Clarity] | None:
    """Return the look and its clarity; None for a token of another session or picture."""
    try:
        said = signing.loads(given, salt=SALT)
    except signing.BadSignature:
        return None
    if not constant_time_compare(said["s"], _bound(request, place)):
        return None
    return said["l"], Clarity(said["q"])


def _bound(request: HttpRequest, place: Place) -> str:
    """Return what ties a token to one session, case and picture."""
    what = f"{request.session.session_key or ''}:{place.case.pk}:{place.position}"
    return salted_hmac(SALT, what).hexdigest()[:32]
