# SPDX-License-Identifier: Apache-2.0
"""Reports to authorities, between the page's fields and what the verbs take."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy

from vigie.console import moments
from vigie.exchange.cybertip.form import HASHES, TYPES
from vigie.flow.reports.draft import CHILD, FileForm, ReportForm
from vigie.store.models import Case, Evidence, ReportKind, ReportState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.http import QueryDict
    from django.utils.functional import _StrPromise

    from vigie.flow.house import House
    from vigie.store.models import AuthorityReport, DecisionRecord

KINDS: Final[dict[str, _StrPromise]] = {
    ReportKind.CYBERTIP: gettext_lazy("CyberTipline"),
    ReportKind.ART18: gettext_lazy("Threat to life or safety (Art. 18)"),
}
STATES: Final[dict[str, tuple[str, _StrPromise]]] = {
    ReportState.DRAFT: ("person", gettext_lazy("draft")),
    ReportState.READY: ("wait", gettext_lazy("approved, not handed over")),
    ReportState.OPEN: ("wait", gettext_lazy("begun there, not finished")),
    ReportState.SENT: ("wait", gettext_lazy("handed over, no receipt yet")),
    ReportState.REPORTED: ("done", gettext_lazy("reported, receipt stored")),
    ReportState.FAILED: ("failed", gettext_lazy("failed: a person is needed")),
    ReportState.RETRACTED: ("done", gettext_lazy("taken back")),
}
PROBLEMS: Final[dict[str, _StrPromise]] = {
    "no_settings": gettext_lazy(
        "VIGIE_CYBERTIP_URL, _USER, _PASSWORD_FILE and _REPORTER are not all set."
    ),
    "unreached": gettext_lazy("The other side could not be reached. It is tried again."),
    "server": gettext_lazy("The other side failed. It is tried again."),
    "access": gettext_lazy("The other side refused the credentials."),
    "invalid": gettext_lazy("The other side refused what was sent."),
    "schema": gettext_lazy("It breaks the schema in force at the other side."),
    "strange": gettext_lazy("The answer could not be understood: nothing counts as received."),
    "not_unlocked": gettext_lazy(
        "The bytes are sealed: two officers have to unlock them for this report."
    ),
    "retract": gettext_lazy("It is being taken back at the other side."),
}
ART18: Final[tuple[tuple[str, _StrPromise, bool], ...]] = (
    ("suspected_offence", gettext_lazy("Suspected offence"), True),
    ("facts", gettext_lazy("What is known"), True),
    ("threatened_person", gettext_lazy("Person threatened, if known"), False),
    ("urls", gettext_lazy("Addresses"), False),
    ("hashes", gettext_lazy("Digests of the content"), False),
    ("account", gettext_lazy("Account"), False),
    ("network_addresses", gettext_lazy("Network addresses and times"), False),
    ("states_concerned", gettext_lazy("Member States concerned, and why"), False),
    ("preserved", gettext_lazy("Evidence kept"), False),
)
"""Name, words, needed."""


def read(post: QueryDict, kind: ReportKind, decision: DecisionRecord | None) -> ReportForm:
    """Return what a page's fields ask for. Raises InvalidInputError for a time that is none."""
    aware = moments.moment(post.get("awareness_at", ""), "awareness_at")
    if kind is ReportKind.ART18:
        fields: dict[str, Any] = {
            name: post.get(name, "").strip() for name, _, _ in ART18 if post.get(name, "").strip()
        }
        country = post.get("country", "")
        return ReportForm(
            kind=kind, fields=fields, decision=decision, country=country, awareness_at=aware
        )
    return ReportForm(
        kind=kind,
        fields=_cybertip(post),
        decision=decision,
        files=list(_files(moments.lines(post.get("files", "")), decision)),
        awareness_at=aware,
    )


def _cybertip(post: QueryDict) -> dict[str, Any]:
    at = moments.moment(post.get("incident_at", ""), "incident_at")
    words = ("incident_at_means", "urgent", "account", "screen_name", "note")
    fields: dict[str, Any] = {name: post.get(name, "").strip() for name in words}
    return {
        **fields,
        "incident_type": post.get("incident_type", ""),
        "incident_at": at or 0,
        "urls": list(moments.lines(post.get("urls", ""))),
    }


def _files(lines: Iterable[str], decision: DecisionRecord | None) -> Iterable[FileForm]:
    """Read one file a line: digests as `algorithm:hex`, and at most one address."""
    for line in lines:
        hashes, url = {}, ""
        for word in line.split():
            name, _, value = word.partition(":")
            if name in HASHES:
                hashes[name] = value
            else:
                url = word
        yield FileForm(fields={"hashes": hashes, "url": url}, evidence=_sealed(hashes, decision))


def _sealed(hashes: Mapping[str, str], decision: DecisionRecord | None) -> Evidence | None:
    """Return the bytes in custody of the lane for this class, by their SHA-256."""
    digest = hashes.get("sha256")
    if not digest or decision is None:
        return None
    rows = Evidence.objects.filter(decision=decision, lane=CHILD, sha256=digest)
    return rows.filter(shredded_at=None).order_by("number").first()


def begun(house: House, decision: DecisionRecord | None) -> dict[str, str]:
    """Return the fields of a new report, from hashes and references alone."""
    now = house.now()
    made = {"incident_type": TYPES[0], "awareness_at": local(now)}
    if decision is None:
        return made
    made |= {"incident_at": local(decision.at), "awareness_at": local(decision.at)}
    if decision.cls != CHILD:
        return made
    case = Case.objects.filter(decision=decision, queue=CHILD).order_by("pk").first()
    facts: dict[str, Any] = case.facts if case is not None else {}
    return made | {
        "urls": facts.get("location") or "",
        "account": facts.get("account") or "",
        "files": " ".join(facts.get("hashes") or decision.media),
        "note": ", ".join(facts.get("lists") or ()),
    }


def shown(report: AuthorityReport) -> dict[str, str]:
    """Return the fields of a report as its form shows them again."""
    made = {name: _text(name, value) for name, value in report.fields.items()}
    files = report.files.order_by("position")
    made["files"] = "\n".join(_line(one.details) for one in files)
    return made | {"country": report.country, "awareness_at": local(report.awareness_at)}


def _text(name: str, value: Any) -> str:
    if name == "incident_at":
        return local(int(value))
    return "\n".join(value) if isinstance(value, list) else str(value)


def _line(details: Mapping[str, Any]) -> str:
    hashes = [f"{name}:{value}" for name, value in sorted(details.get("hashes", {}).items())]
    return " ".join([*hashes, details.get("url", "")]).strip()


def local(ms: int) -> str:
    """Write a moment as a `datetime-local` field takes it, in UTC, to the second."""
    return datetime.fromtimestamp(ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
