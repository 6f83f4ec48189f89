# SPDX-License-Identifier: Apache-2.0
"""Public texts and policies, each with the versions it had."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from vigie.core.errors import NotFoundError
from vigie.flow.disclosures import in_force, text_in
from vigie.flow.matters.texts import published
from vigie.portal.naming import operator
from vigie.store.models import (
    Bank,
    BankEntry,
    Disclosure,
    DisclosureKind,
    PolicyState,
    PolicyVersion,
    RegisteredChange,
)
from vigie.web.titles import title_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import _StrPromise

    from vigie.store.models import MatterText

CHANGES: Final = 50
STATEMENTS: Final = 20
TITLES: Final[Mapping[str, _StrPromise]] = {
    DisclosureKind.CONTACT_AUTHORITIES: gettext_lazy("Point of contact for authorities (Art. 11)"),
    DisclosureKind.CONTACT_RECIPIENTS: gettext_lazy("Point of contact for everybody (Art. 12)"),
    DisclosureKind.REPRESENTATIVE: gettext_lazy("Legal representative (Art. 13)"),
    DisclosureKind.TERMS: gettext_lazy("Terms and conditions (Art. 14)"),
    DisclosureKind.RECOMMENDER: gettext_lazy("Recommender system, main parameters (Art. 27)"),
}
CHANGE_TITLES: Final[Mapping[str, _StrPromise]] = {
    "recommender": gettext_lazy("recommender system"),
    "assistant": gettext_lazy("AI assistant"),
    "image_model": gettext_lazy("image model"),
    "safety": gettext_lazy("safety setting"),
}


@dataclass(frozen=True, slots=True)
class Text:
    """One public text as a page shows it; no text: the operator has not written it."""

    kind: str
    title: str
    text: str = ""
    language: str = ""
    version: int = 0
    at: int = 0


@dataclass(frozen=True, slots=True)
class Coverage:
    """What matching of known material covers: a class and how many hashes are loaded."""

    title: str
    entries: int

    @property
    def operates(self) -> bool:
        """False until a list is loaded: the page says so."""
        return self.entries > 0


def texts() -> list[Text]:
    """Return every public text in force, missing ones too."""
    found = in_force()
    return [_text(kind, found.get(kind)) for kind in TITLES]


def _text(kind: str, row: Disclosure | None) -> Text:
    if row is None:
        return Text(kind, str(TITLES[kind]))
    words, language = text_in(row, translation.get_language() or "en")
    return Text(kind, str(TITLES[kind]), words, language, row.version, row.published_at)


def on_proceedings() -> list[MatterText]:
    """Return what the operator says of proceedings: one statement each, in one language.

    The reader's where it was published in it, else the first of en, fr, de.
    """
    wanted = translation.get_language() or "en"
    chosen: dict[int, MatterText] = {}
    order = list(dict.fromkeys((wanted, "en", "fr", "de")))
    for one in sorted(published(), key=lambda row: order.index(row.language)):
        chosen.setdefault(one.matter_id, one)
    return sorted(chosen.values(), key=lambda row: -(row.given_at or 0))[:STATEMENTS]


def changes() -> list[tuple[RegisteredChange, str]]:
    """Return the newest registered changes, each with the name of its kind."""
    rows = RegisteredChange.objects.order_by("-effective_at", "-pk")[:CHANGES]
    return [(row, str(CHANGE_TITLES.get(row.kind, row.kind))) for row in rows]


def coverage() -> list[Coverage]:
    """Return what matching covers, class by class."""
    titles = {
        "child": _("known material of child sexual abuse"),
        "terrorist": _("known terrorist material"),
        "intimate": _("intimate pictures that the person shown reported"),
    }
    return [Coverage(title, _entries(cls)) for cls, title in titles.items()]


def _entries(cls: str) -> int:
    """Count what matches; what notifiers claim finds copies and is no list."""
    banks = Bank.objects.filter(cls=cls, enabled=True).exclude(name__startswith="intimate/claims")
    return BankEntry.objects.filter(bank__in=banks, active=True).count()


@require_safe
def history(request: HttpRequest, kind: str) -> HttpResponse:
    """Show a public text with all its versions, the newest first."""
    if kind not in TITLES:
        raise NotFoundError(_("There is no such text."), code="no_text")
    language = translation.get_language() or "en"
    rows = Disclosure.objects.filter(kind=kind).order_by("-version")
    context = {
        "operator": operator(),
        "title": TITLES[kind],
        "versions": [(row, *text_in(row, language)) for row in rows],
    }
    return render(request, "portal/text.html", context)


@require_safe
def policy(request: HttpRequest, policy_id: str) -> HttpResponse:
    """Show the versions a policy had: when, in which state, never its thresholds."""
    found = PolicyVersion.objects.filter(policy__policy_id=policy_id)
    versions = list(found.exclude(state=PolicyState.DRAFT).order_by("-version"))
    if not versions:
        raise NotFoundError(_("There is no such policy."), code="no_policy")
    context = {
        "operator": operator(),
        "policy_id": policy_id,
        "title": title_of(versions[0].document),
        "about": versions[0].document.get("description", ""),
        "versions": versions,
    }
    return render(request, "portal/policy.html", context)
