# SPDX-License-Identifier: Apache-2.0
"""What is kept of something stopped: the deciding span and a little around it, sealed.

Sealed at once to the vault's public keys; this process can open nothing. Of what is
counted only, and of class `child`, nothing is kept at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from vigie.core.decision import Decision
from vigie.core.errors import VigieError
from vigie.core.gateway import DAY_MS
from vigie.core.item import Subject
from vigie.evidence import incoming
from vigie.law import Cls, LawTable
from vigie.machine.sealing import NO_VAULT, About, Sealing

AROUND: Final = 200
"""Characters on either side of the span."""
MAX_SPAN: Final = 1_000
"""Of a span, and of a text whose judgement names none: the end of it, the newest words."""
RULE: Final = "gateway_excerpt"
NOT: Final = "not kept: "
MIME: Final = "text/plain; charset=utf-8"


def of(text: str, decision: Decision) -> str:
    """Return the deciding span with what stands around it; spans count code points."""
    found = span(decision)
    if found is None:
        return text[-MAX_SPAN:]
    start, end = found
    return text[max(0, start - AROUND) : min(end, start + MAX_SPAN) + AROUND]


def span(decision: Decision) -> tuple[int, int] | None:
    """Return where the strongest observation stands that decided; None where none says."""
    labels = set(_labels(decision))
    found = [
        signal
        for signal in decision.signals
        if signal.span is not None and signal.label in labels and signal.status == "ok"
    ]
    best = max(found, key=lambda signal: signal.value, default=None)
    return best.span if best is not None else None


def _labels(decision: Decision) -> Iterator[str]:
    """Yield the labels that the grounds of what acts rest on."""
    grounds = {ground for action in decision.actions for ground in action.grounds}
    for verdict in decision.verdicts:
        if verdict.ground in grounds:
            for reason in verdict.reasons:
                yield (reason.signal or "").rpartition("/")[2]


class Excerpts:
    """Seals excerpts and leaves them for `jobs`."""

    def __init__(self, sealing: Sealing) -> None:
        self._sealing = sealing

    def keep(
        self, text: str, subject: Subject, decision: Decision, law: LawTable, days: int, now_ms: int
    ) -> str:
        """Return the name of what was sealed, or why nothing was. Writes a file: call in a thread.

        Args:
            text: what was judged; the decision's spans count in it.
            subject: what the decision is about.
            decision: what stopped it.
            law: says which class a ground is of.
            days: the profile's term.
            now_ms: milliseconds since 1970 UTC.
        """
        cls = _class(decision, law)
        if decision.counted_only or cls is Cls.CHILD:
            return NOT + "counted only"
        if not days or not text:
            return NOT + ("the profile keeps none" if text else "no text")
        about = About(
            kind=incoming.EXCERPT,
            cls=cls.value if cls else "",
            rule=RULE,
            basis=_basis(decision, law),
            decision_id=decision.decision_id,
            service=subject.item.service,
            item_id=subject.item.id,
            version=subject.item.version,
            mime=MIME,
            ends_at=now_ms + days * DAY_MS,
        )
        try:
            if self._sealing.recipients().general is None:
                return NOT + NO_VAULT
            return self._sealing.leave(of(text, decision).encode("utf-8", "replace"), about)
        except VigieError as problem:
            return NOT + problem.code
        except OSError as problem:
            return NOT + type(problem).__name__


def _class(decision: Decision, law: LawTable) -> Cls | None:
    """Return the class of grounds and matches, `child` before any other."""
    named = [g.offence for a in decision.actions for g in a.grounds if g.offence]
    found = [law.entries[name].cls for name in named if name in law.entries]
    if any(one.match is not None and one.match.cls == Cls.CHILD for one in decision.signals):
        return Cls.CHILD
    return Cls.CHILD if Cls.CHILD in found else (found[0] if found else None)


def _basis(decision: Decision, law: LawTable) -> str:
    grounds = dict.fromkeys(g for a in decision.actions for g in a.grounds)
    named = [
        f"{g.offence}: {law.entries[g.offence].provision}"
        if g.offence in law.entries
        else f"terms: {g.terms}"
        for g in grounds
    ]
    return "; ".join(named)
