# SPDX-License-Identifier: Apache-2.0
"""The mails that Vigie writes, and what each of them may and must name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

COMMON: Final = frozenset({"operator", "site"})
"""Placeholders of every mail: the operator's name and where Vigie is reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """Placeholders of one mail, without those of every mail."""

    needs: frozenset[str]
    """A text without them tells the person too little: it is refused."""
    may: frozenset[str] = frozenset()

    @property
    def names(self) -> frozenset[str]:
        """Everything that its text may name."""
        return self.needs | self.may | COMMON


def _template(needs: str, may: str = "") -> Template:
    return Template(needs=frozenset(needs.split()), may=frozenset(may.split()))


TEMPLATES: Final[Mapping[str, Template]] = {
    "notice_receipt": _template("code url", "number"),
    "notice_decision": _template("outcome url", "number redress"),
    # Where a mail must not tell a third person in the room what it is about.
    "neutral_receipt": _template("code url"),
    "neutral_decision": _template("url"),
    "appeal_receipt": _template("code url", "number"),
    "appeal_outcome": _template("outcome url", "number redress"),
    "measure_warning": _template("url"),
    "measure_suspension": _template("until url"),
    "measure_lifted": _template("url"),
    "notifier_warning": _template("url"),
    "notifier_suspension": _template("until url"),
    "notifier_lifted": _template("url"),
    # Carries a letter to an authority (`flow.orders.letters`), whose text goes in its place.
    "authority_letter": _template(""),
    "statement": _template("url until", "number"),
    # To whoever is on call: numbers and times, never a name or a word of an order.
    "clock_warning": _template("what due url", "duty"),
    "clock_missed": _template("what due url", "duty"),
    "clock_over": _template("what due url", "duty"),
    # Of the gateway, to whoever is on call: numbers and codes, never a word of an exchange.
    "gateway_alarm": _template("what kind url"),
    "gateway_stopped": _template("what feature url", "countries"),
    # Through the platform, when a duty of silence is over.
    "order_disclosed": _template("number date authority", "law"),
    "order_preserved": _template("number date authority", "law"),
}
"""By name; `flow/letters/<name>.<language>.txt` is the text that ships."""

SAMPLE: Final[Mapping[str, str]] = {
    "operator": "Agora",
    "site": "https://vigie.agora.example",
    "number": "12",
    "code": "ABCD-EFGH-JKLM-NPQR",
    "url": "https://vigie.agora.example/example",
    "outcome": "(one sentence: what was decided)",
    "redress": "(certified out-of-court bodies, if the operator names some)",
    "until": "22 May 2027",
    "what": "O-12",
    "due": "2026-11-22 21:53 UTC",
    "kind": "unregistered",
    "feature": "image_edit",
    "countries": "FR",
    "duty": "Reg (EU) 2021/784 Art. 3(3)",
    "date": "2026-09-01",
    "authority": "Example authority",
    "law": "Example Act Art. 1",
}
"""Values for a preview."""


class Book(NamedTuple):
    """One set of texts: where they ship, what each may name, values for a preview."""

    package: str
    templates: Mapping[str, Template]
    sample: Mapping[str, str]


MAILS: Final = Book("vigie.flow.letters", TEMPLATES, SAMPLE)
