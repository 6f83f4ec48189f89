# SPDX-License-Identifier: Apache-2.0
"""Asking an expression of the store: it agrees with asking it of facts, and shows no child."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.support import found
from tests.support.expressions import nodes
from tests.support.found import HOUR, NOW, Made
from vigie.flow.deletion import Subject, erase
from vigie.flow.search import (
    SearchError,
    Target,
    access,
    index,
    matches,
    narrow,
    parse,
    query,
    to_query,
)
from vigie.flow.search.nodes import quoted
from vigie.flow.transaction import writing
from vigie.store.models import (
    Case,
    DecisionRecord,
    DecisionTag,
    ErasureSubject,
    QueueMember,
    ReviewQueue,
    User,
)

HIDDEN = {9, 10, 11, 12}
WORLD = [
    Made(number=1, policies=("denial",), scores={"denial": 0.9}, territories=("FR", "DE"), links=2),
    Made(number=2, item="p-2", language="de", outcome="withhold", kind="person", by=1,
         territories=("*",), offences=("fr_denial",), policies=("denial", "spam"), media=3,
         effects=("sent", "applied"), messages=(("webhook", "dead"), ("mail", "waiting"))),
    Made(number=3, item="p-2", service="other", language="", author="",
         marks=("satire", "quotation"), policies=("spam",), scores={"hate": 0.25}, links=0),
    Made(number=4, item="P-1", author="0a1b", version=3, surface="reply", banks=("one",),
         case={"kind": "notice", "queue": "general", "category": "hate", "trusted": True,
               "priority": 4, "state": "open", "due_at": NOW + HOUR}),
    Made(number=5, item="p-1", version=2, author="ff", replaced=True, at=NOW - 30 * HOUR,
         case={"kind": "proposal", "queue": "general", "state": "decided", "due_at": None,
               "trusted": False, "priority": 0, "category": ""}),
    Made(number=6, item="p-1", version=3, author="ff", outcome="allow", sample=True,
         at=NOW - 70 * HOUR),
    Made(number=7, item="p-7", outcome="remove", kind="notice", by=None, territories=("AT",),
         messages=(("webhook", "delivered"),), effects=("failed",), statement="issued",
         case={"kind": "appeal", "queue": "appeals", "state": "open", "trusted": False,
               "category": "denial", "priority": 9, "due_at": NOW - HOUR}),
    Made(number=8, item="p-8", kind="person", by=2, scores={"denial": 0.333333}, at=NOW - HOUR),
    Made(number=9, item="p-9", cls="child", policies=("denial",), author="0a1b"),
    Made(number=10, item="p-9", version=2, policies=("denial",), author="0a1b"),
    Made(number=11, item="p-11", policies=("denial",),
         case={"kind": "notice", "queue": "child", "category": "child", "state": "open",
               "trusted": False, "priority": 0, "due_at": None}),
    Made(number=12, item="p-11", kind="person", by=1, author="0a1b"),
]  # fmt: skip
SHOWN = [one for one in WORLD if one.number not in HIDDEN]


@pytest.fixture
def world(house):
    """A few decisions with their tags."""
    found.reviewers(1, 2)
    found.keep(WORLD)
    while index.tag(house):
        pass
    return house


def _numbers(text_or_node, target=Target.DECISIONS):
    node = parse(text_or_node) if isinstance(text_or_node, str) else text_or_node
    return set(to_query(node, target, NOW).values_list("pk", flat=True))


def _fitting(node):
    return [one for one in SHOWN if matches(node, one.facts())]


SLOW = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None
)


@pytest.mark.usefixtures("world")
@SLOW
@given(node=nodes(kept=True))
@example(node=parse("not due < +5h and not decision.reviewer = 1"))
@example(node=parse("decision.reviewer != 1 and item.links not in (2)"))
def test_the_store_answers_as_the_facts_do(node):
    assert _numbers(node) == {one.number for one in _fitting(node)}


@pytest.mark.usefixtures("world")
@SLOW
@given(node=nodes(kept=True))
def test_authors_are_those_of_whom_a_decision_fits_each_once(node):
    newest = {one.author: one.number for one in _fitting(node) if one.author}
    assert _numbers(node, Target.AUTHORS) == set(newest.values())


@pytest.mark.usefixtures("world")
@SLOW
@given(node=nodes(kept=True))
def test_items_are_those_whose_newest_decision_fits(node):
    newest = {(one.service, one.item): one for one in SHOWN}
    fitting = {one.number for one in newest.values() if matches(node, one.facts())}
    assert _numbers(node, Target.ITEMS) == fitting


@pytest.mark.usefixtures("world")
@SLOW
@given(node=nodes(kept=True))
def test_cases_are_those_that_fit_with_their_decision(node):
    cases = to_query(node, Target.CASES, NOW).values_list("decision_id", flat=True)
    assert set(cases) == {one.number for one in _fitting(node) if one.case is not None}


@pytest.mark.usefixtures("world")
@SLOW
@given(node=nodes(kept=True))
def test_nothing_of_class_child_is_ever_found(node):
    for target in (Target.DECISIONS, Target.ITEMS, Target.AUTHORS):
        assert not _numbers(node, target) & HIDDEN
    cases = to_query(node, Target.CASES, NOW).values_list("decision_id", flat=True)
    assert not set(cases) & HIDDEN


def test_class_child_gets_no_tags(world):
    assert not DecisionTag.objects.filter(decision=9).exists()


def test_nothing_rare_is_left_out_where_parts_are_taken_from_an_index_first(world, monkeypatch):
    for few in (0, 1, 2):
        monkeypatch.setattr(narrow, "FEW", dict.fromkeys(narrow.FEW, few))
        node = parse("policy = denial and (offence ~ fr_ or item = p-1 or queue = general)")
        assert _numbers(node) == {one.number for one in _fitting(node)}


INJECTIONS = [
    "' OR 1=1 --",
    "'; DROP TABLE store_decisionrecord; --",
    'a" OR "1"="1',
    "%",
    "_",
    "p%",
    "\\",
    "$1",
    "%s",
    "{0}",
    "*/",
    "\u202ep-1",
]


@pytest.mark.parametrize("value", INJECTIONS)
def test_strings_of_an_injection_are_only_strings(world, value):
    if not value.isprintable():
        with pytest.raises(SearchError):
            parse(f"item = {quoted(value)}")
        return
    for field in ("item", "author", "policy", "item.service", "queue", "offence"):
        assert _numbers(f"{field} = {quoted(value)}") == set()
    for field in ("item", "author", "policy", "matched"):
        assert _numbers(f"{field} ~ {quoted(value)}") == set()
    assert DecisionRecord.objects.count() == len(WORLD)


@pytest.mark.usefixtures("world")
@SLOW
@given(value=st.text(max_size=30))
def test_any_quoted_text_is_asked_for_or_refused(value):
    try:
        node = parse(f"item = {quoted(value)} or author ~ {quoted(value)}")
    except SearchError:
        return
    assert _numbers(node) == {one.number for one in _fitting(node)}


@pytest.mark.parametrize("field", ["item.strikes = 1", "item.visibility = public", "severity > 1"])
def test_what_is_not_kept_is_refused_with_its_column(world, field):
    with pytest.raises(SearchError, match=r"column 18: .* is not kept") as refused:
        to_query(parse(f"policy = a and   {field}"), Target.DECISIONS)
    assert refused.value.column == 18


def test_tags_say_what_a_decision_and_the_one_before_it_saw(world):
    tags = DecisionTag.objects.filter(decision=2).values_list("kind", "value", "score")
    assert set(tags) == {
        ("policy", "denial", None),
        ("policy", "spam", None),
        ("offence", "fr_denial", None),
        ("territory", "*", None),
        ("media", "", 3),
        *(("hash", f"{2:032x}{n:032x}", None) for n in range(3)),
    }


def test_a_hash_is_found_until_it_is_erased(world):
    wanted = f"hash = {2:032x}{1:032X}"
    assert _numbers(wanted) == {2}
    assert _numbers(f"hash ~ {2:032x}") == {2}
    subject = Subject(kind=ErasureSubject.ITEM, service="agora", item_id="p-2")
    with writing():
        erase(subject, world.now(), basis="request", by="test")
    assert _numbers(wanted) == set()
    assert _numbers("item.media = 3 and policy = denial") == {2}
    assert not DecisionTag.objects.filter(kind="hash").exists()


def test_queues_and_categories_that_are_not_theirs_are_left_out_for_a_person(world):
    queue = ReviewQueue.objects.create(slug="hidden", title="Hidden", restricted=True)
    Case.objects.filter(decision=7).update(queue="hidden")
    moderator = User.objects.create(username="m.roth", role="moderator", barred=["hate"])
    hidden = access.hidden_from(moderator)
    left = set(to_query(parse(""), Target.DECISIONS, NOW, hidden).values_list("pk", flat=True))
    # 7 waits in the queue; 4 is about category hate.
    assert left == {one.number for one in SHOWN} - {7, 4}
    moderator.barred = []
    QueueMember.objects.create(queue=queue, user=moderator)
    nothing = access.hidden_from(moderator)
    assert nothing is None or not nothing.exists()


def test_a_persons_figures_are_for_that_person_and_the_quality_lead(db):
    own = User(username="m.roth", role="moderator", number=7)
    lead = User(username="q.lead", role="quality", number=8)
    access.check_fields(parse("policy = a and decision.reviewer = 7"), own)
    access.check_fields(parse("decision.reviewer != 7"), lead)
    for text in ("decision.reviewer = 8", "decision.reviewer != 7", "not decision.reviewer > 7"):
        with pytest.raises(SearchError, match="your own number"):
            access.check_fields(parse(text), own)


def test_each_decision_is_tagged_once(world):
    before = DecisionTag.objects.count()
    assert index.tag(world) == 0
    assert DecisionTag.objects.count() == before


def test_pages_follow_one_another_without_a_gap(house, monkeypatch):
    monkeypatch.setattr(query, "PAGE", 7)
    found.keep([Made(number=n, item=f"p-{n}") for n in range(1, 24)])
    seen, before = [], None
    while True:
        page = query.page(parse("item ~ p-"), Target.DECISIONS, NOW, before)
        seen += [row.number for row in page.rows]
        before = page.older
        if before is None:
            break
    assert seen == list(range(23, 0, -1))
    assert page.count == 23
