# SPDX-License-Identifier: Apache-2.0
"""What becomes class child: its words and pictures leave the store and are shown nowhere."""

from __future__ import annotations

import ast
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

import vigie
from tests.support.appeals import restricted
from tests.support.notices import case_of, give, settle
from tests.support.people import Agora
from vigie.core.decision import Basis, Match
from vigie.core.errors import VigieError
from vigie.core.item import MediaFacts
from vigie.flow import child_items, holds, retain, subjects
from vigie.flow.decide import PersonDecision, Verb, decide
from vigie.flow.pictures import child
from vigie.flow.queues.moves import escalate
from vigie.flow.queues.route import route
from vigie.flow.search.index import tag
from vigie.flow.statements import address_of
from vigie.law import elements_of
from vigie.store.models import (
    Case,
    DecisionRecord,
    DecisionTag,
    ItemContent,
    Statement,
)
from vigie.store.permissions import Role

ITEM = "p-666"
PLACE = f"https://agora.example/p/{ITEM}"
# A page breaks what detectors marked, the first 45 letters here, into pieces.
WORDS = "What stands at the beginning is marked in pieces. Zitronenfalter flattern am Weiher."
PICTURE = "https://pictures.example/wiesenschaumkraut.jpg"
NAME = "Ehrenpreis"
NEVER = ("Zitronenfalter", "flattern", "wiesenschaumkraut", NAME)
LISTS = ("decisions", "queues", "child", "notices", "overview", "appeals", "search", "strikes")
Way = Callable[[Agora], None]


@pytest.fixture
def waiting(agora: Agora) -> Case:
    """An item that a person restricted; its second version waits, a third person's replies."""
    restricted(agora, agora.person("first", Role.SENIOR), ITEM, text=WORDS)
    agora.proposal(ITEM, text=WORDS, version=2)
    agora.proposal("p-777", text=WORDS)
    ItemContent.objects.filter(item_id=ITEM).update(
        media_urls=[PICTURE], author={"id": "a-9", "name": NAME}
    )
    ItemContent.objects.filter(item_id="p-777").update(text="I answer.", in_reply_to=ITEM)
    route(agora.house)
    tag(agora.house)
    agora.publish()
    return open_case()


def open_case() -> Case:
    return Case.objects.get(decision__item_id=ITEM, decision__version=2, kind="proposal")


def escalated(agora: Agora) -> None:
    escalate(agora.house, open_case(), agora.person("e.scalates"), "child", "look at once")


def matched(agora: Agora) -> None:
    facts = MediaFacts(status="ok", sha256="ab" * 32)
    found = Match(
        media=0,
        cls="child",
        basis=Basis.EXACT,
        algorithm="sha256",
        distance=0,
        banks=("synthetic-list",),
        owners=("test",),
    )
    child.move(agora.house, open_case(), facts, [found])


def noticed(agora: Agora) -> Case:
    given = give(agora, category="child", name="", email="", explanation="", locations=(PLACE,))
    return case_of(given)


def decided(agora: Agora) -> None:
    """A notice, and the room's decision on it."""
    seen, entries = noticed(agora).decision, agora.house.law.entries
    asked = PersonDecision(
        on=seen.number,
        verb=Verb.WITHHOLD,
        reason="clear",
        user=agora.person("r.oom", Role.CHILD_SAFETY),
        confirmed=tuple(one.key for name in seen.offences for one in elements_of(entries[name])),
    )
    decide(agora.house, asked)


WAYS = pytest.mark.parametrize("way", [escalated, matched, decided])


def pages() -> Iterator[str]:
    """Yield every page of the console that could show the item."""
    for record in DecisionRecord.objects.all():
        for name in ("decision", "decide", "lift", "confirm", "record", "proof"):
            yield reverse(f"console:{name}", args=[record.number])
        yield reverse("console:author", args=[record.author or "0a"])
        yield f"{reverse('console:goto')}?q={record.label}"
    for case in Case.objects.all():
        yield reverse("console:picture", args=[case.pk, 0])
        yield reverse("console:picture_page", args=[case.pk, 0])
    yield from (reverse(f"console:{name}") for name in LISTS)
    decisions, search = reverse("console:decisions"), reverse("console:search")
    yield from (f"{decisions}?waiting=1", f"{decisions}?item={ITEM}")
    for asked in ("at+>%3D+-30d", f'item+%3D+"{ITEM}"'):
        yield f"{search}?q={asked}"
        yield f"{reverse('console:search_csv')}?q={asked}"
    yield f"{reverse('console:queues')}?q={PLACE}"


def said(client: Client, path: str) -> str:
    answer = client.get(path)
    body = b"".join(answer) if answer.streaming else answer.content
    return body.decode(errors="replace") + answer.get("Location", "")


def told(agora: Agora, roles: Iterable[Role] = Role) -> dict[str, str]:
    """Return what everybody can read, by role and address."""
    found: dict[str, str] = {}
    paths = list(pages())
    for role in roles:
        client = Client()
        name = f"p.{role}"
        agora.person(name, role)
        password = "correct horse battery staple"
        assert (
            client.post("/console/login", {"name": name, "password": password}).status_code == 302
        )
        found |= {f"{role} {path}": said(client, path) for path in paths}
    statement = Statement.objects.get(decision__item_id=ITEM, decision__version=1)
    if statement.token_digest:
        found["statement"] = said(
            Client(), address_of(agora.house, statement).removeprefix(agora.settings.base_url)
        )
    _answer, package = subjects.export_subject(agora.house, "a-9", "legal", service="agora")
    files = zipfile.ZipFile(io.BytesIO(package))
    return found | {f"export {name}": files.read(name).decode() for name in files.namelist()}


def leaks(agora: Agora, *roles: Role) -> list[tuple[str, str]]:
    read = told(agora, roles or Role)
    return [(where, word) for where, page in read.items() for word in NEVER if word in page]


MOST = (Role.SENIOR, Role.CHILD_SAFETY, Role.ADMIN)
"""Who may look at most; all roles together are asked where nothing is kept."""


def test_before_the_words_are_read_where_they_belong(agora: Agora, waiting: Case) -> None:
    """The control of the tests below."""
    read = {where for where, _word in leaks(agora, Role.SENIOR, Role.MODERATOR)}
    number = waiting.decision_id
    assert f"senior /console/decisions/{number}" in read
    assert f"moderator {reverse('console:decide', args=[number])}" in read
    reply = DecisionRecord.objects.get(item_id="p-777").number
    assert f"senior {reverse('console:decide', args=[reply])}" in read
    assert {"statement", "export items.json"} <= read
    assert any("search" in where for where in read)


@WAYS
def test_then_nothing_is_kept_and_nobody_is_shown_a_word_or_a_picture(
    agora: Agora, waiting: Case, way: Way
) -> None:
    way(agora)
    assert not ItemContent.objects.filter(item_id=ITEM).exists()
    rows = DecisionRecord.objects.filter(item_id=ITEM)
    assert set(rows.values_list("cls", "has_content")) == {("child", False)}
    assert not DecisionTag.objects.filter(decision__in=rows).exists()
    case = open_case()
    assert (case.queue, case.category) == ("child", "child")
    assert (case.facts["location"], case.facts["account"]) == (PLACE, "a-9")
    assert leaks(agora) == []


@WAYS
def test_under_a_hold_it_stays_in_the_store_alone(agora: Agora, waiting: Case, way: Way) -> None:
    stands = holds.place_hold(
        agora.house, basis="order", owner="legal", review_at=0, item_id=ITEM, service="agora"
    )
    way(agora)
    assert ItemContent.objects.filter(item_id=ITEM).count() == 2
    assert leaks(agora, *MOST) == []
    retain.retain(agora.house)
    assert ItemContent.objects.filter(item_id=ITEM).count() == 2
    holds.lift_hold(agora.house, stands.pk)
    retain.retain(agora.house)
    assert not ItemContent.objects.filter(item_id=ITEM).exists()


def test_a_notice_alone_hides_the_item_and_deletes_nothing(agora: Agora, waiting: Case) -> None:
    """Anybody can give one: evidence must not go by it, nor stay hidden by an unfounded one."""
    case = noticed(agora)
    retain.retain(agora.house)
    assert ItemContent.objects.filter(item_id=ITEM).count() == 2
    assert leaks(agora, *MOST) == []
    settle(agora, case, Verb.LEAVE, "p.child_safety")
    retain.retain(agora.house)
    assert child_items.shown().filter(item_id=ITEM).count() == 2


def test_another_item_of_the_author_is_shown_as_before(agora: Agora, waiting: Case) -> None:
    escalated(agora)
    assert child_items.shown().filter(item_id="p-777").exists()


def test_a_version_that_comes_later_is_shown_nowhere_and_goes(agora: Agora, waiting: Case) -> None:
    escalated(agora)
    agora.proposal(ITEM, text=WORDS, version=3)
    assert not child_items.shown().filter(item_id=ITEM).exists()
    retain.retain(agora.house)
    assert not ItemContent.objects.filter(item_id=ITEM).exists()


def test_a_failed_move_takes_nothing_away(
    agora: Agora, waiting: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_args: object, **_more: object) -> None:
        raise VigieError("no", code="no")

    monkeypatch.setattr("vigie.flow.queues.moves.claims.note", fails)
    with pytest.raises(VigieError):
        escalated(agora)
    assert ItemContent.objects.filter(item_id=ITEM).count() == 2
    assert open_case().queue == "general"


def reads_all(path: Path) -> bool:
    """Say whether a file reads contents past `child_items.shown`."""
    tree = ast.parse(path.read_text())
    return any(
        isinstance(node, ast.Attribute)
        and node.attr == "objects"
        and isinstance(node.value, ast.Name)
        and node.value.id == "ItemContent"
        for node in ast.walk(tree)
    )


def test_no_door_reads_what_is_kept_past_the_one_that_hides() -> None:
    root = Path(vigie.__file__).parent
    doors = [
        path for name in ("console", "portal", "api", "web") for path in (root / name).rglob("*.py")
    ]
    assert [path for path in doors if reads_all(path)] == []
    assert reads_all(root / "flow" / "child_items.py")
