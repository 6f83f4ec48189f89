# SPDX-License-Identifier: Apache-2.0
"""What a person reads of an order that was carried out on their content.

No statement of Art. 17: it does not apply to orders (Art. 17(5) DSA), and none goes
to the transparency database. Art. 9(5) DSA asks for the reasons, the redress and the
territory of the order; Art. 11 Reg. (EU) 2021/784 for the information, and for the
reasons or a copy on request. The words of the order stand as the authority's own.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from vigie.law.restriction import Restriction
from vigie.law.statement import (
    Part,
    Remedy,
    Statement,
    facts_of,
    months_after,
    title_of,
    where_of,
)
from vigie.law.table import LawTable
from vigie.law.wording import OrderWords, RemedyWords, Wording, wording


class OrderGround(msgspec.Struct, frozen=True, kw_only=True):
    """What an order says of itself, as far as the person may read it."""

    act: str
    """`dsa`, `tco` or `other`: by which act the person is informed."""
    authority: str
    country: str
    reference: str = ""
    legal_basis: str = ""
    reasons: str = ""
    redress: str = ""


def compose_order(
    restriction: Restriction, ground: OrderGround, table: LawTable, language: str
) -> Statement:
    """Return the page in `en`, `fr` or `de`; another language gets English."""
    words = wording(language)
    said = words.order
    country = words.country(ground.country) if ground.country else "—"
    received = words.say(said.received, authority=ground.authority or "—", country=country)
    return Statement(
        language=words.language,
        article=said.article.get(ground.act, said.article["other"]),
        title=title_of(restriction, words, bare=False),
        lead=(where_of(restriction, words), received, said.not_ours),
        what_title=words.headings.what,
        facts=tuple(facts_of(restriction, table, words)),
        territories=restriction.territories,
        why_title=words.headings.why,
        why=tuple(_why(ground, words, said)),
        redress_title=words.headings.redress,
        redress=tuple(_redress(ground, words, said, country)),
        complaint_until=months_after(restriction.starts.date()),
    )


def _why(ground: OrderGround, words: Wording, said: OrderWords) -> Iterator[Part]:
    heads = words.headings
    if ground.reference:
        yield Part("facts", heads.facts, (words.say(said.reference, reference=ground.reference),))
    if ground.legal_basis:
        yield Part("legal", heads.legal, (said.basis,), (ground.legal_basis,))
    if ground.act == "tco":
        yield Part("reasons", heads.facts, (said.on_request,))
    elif ground.reasons:
        yield Part("reasons", heads.facts, (said.reasons, ground.reasons))
    yield Part("automated", heads.automated, (said.person,))


def _redress(
    ground: OrderGround, words: Wording, said: OrderWords, country: str
) -> Iterator[Remedy]:
    if ground.redress:
        yield _remedy("named", said.named, words, redress=ground.redress)
    yield _remedy("court", said.court, words, country=country)
    yield _remedy("mistaken", said.mistaken, words)


def _remedy(key: str, way: RemedyWords, words: Wording, **values: str) -> Remedy:
    return Remedy(key, way.name, way.deadline, way.cost, words.say(way.note, **values))
