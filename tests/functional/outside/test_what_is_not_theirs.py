# SPDX-License-Identifier: Apache-2.0
"""Own and other objects: what is not a person's own does not exist for them (ASVS 8.2.2, 8.2.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.functional.outside.test_permission_matrix import taken_back, written
from tests.support.forms import forms
from tests.support.queues import member
from tests.support.world import World
from vigie.store.models import Case, Notice, QueueMember, SavedSearch, SealedFile, User
from vigie.store.permissions import ROLES, Permission, Role

DECISION = ("decision", "proof", "record", "decide", "lift", "confirm", "undo")
CASE = ("claim", "release", "skip", "escalate", "assign", "leave", "watch")
NOTICE = ("notice", "notice_who", "notice_unfounded")
PICTURE = ("picture", "picture_page", "picture_look")
LISTS = ("decisions", "queues", "search", "notices", "overview", "appeals", "goto")


def about(case: Case) -> Iterator[tuple[str, str]]:
    """Yield name and path of every page about a case."""
    for name in DECISION:
        yield f"console:{name}", reverse(f"console:{name}", args=[case.decision_id])
    for name in CASE:
        yield f"console:case_{name}", reverse(f"console:case_{name}", args=[case.pk])
    yield "console:beside", reverse("console:beside", args=[case.pk])
    for name in PICTURE:
        yield f"console:{name}", reverse(f"console:{name}", args=[case.pk, 0])
    for notice in Notice.objects.filter(items__case=case):
        for name in NOTICE:
            yield f"console:{name}", reverse(f"console:{name}", args=[notice.number])
        for file in SealedFile.objects.filter(notice=notice):
            for name in ("sealed_file", "sealed_open"):
                yield f"console:{name}", reverse(f"console:{name}", args=[file.pk])


def seen_of(world: World, client: Client, case: Case) -> list[tuple[str, str]]:
    """Return the pages about a case that answer with anything but that there is none."""
    filled, found = forms(world), []
    for name, path in about(case):
        for method in ("get", "post"):
            form = filled.get(name, {}) | {"expected": str(case.decision_id)}
            with taken_back() as asked:
                answer = getattr(client, method)(path, form if method == "post" else {})
            if answer.status_code not in {403, 404, 405} or written(asked):
                found.append((name, f"{method} {answer.status_code}"))
    return found


def named_in(client: Client, case: Case) -> list[str]:
    """Return the lists in which somebody finds a case."""
    paths = {name: reverse(f"console:{name}") for name in LISTS}
    paths |= {
        "waiting": f"{paths['decisions']}?waiting=1",
        "late": f"{paths['queues']}?queue=late",
        "found": f"{paths['search']}?q=at+>%3D+-30d",
        "csv": f"{reverse('console:search_csv')}?q=at+>%3D+-30d",
        "item": f"{paths['decisions']}?item={case.decision.item_id}",
        "goto": f"{paths['goto']}?q={case.decision.label}",
    }
    led = re.compile(rf"decisions/{case.decision_id}\b")
    found = []
    for name, path in paths.items():
        answer = client.get(path)
        body = b"".join(answer) if answer.streaming else answer.content
        found += [name] if led.search(body.decode() + answer.get("Location", "")) else []
    return found


@pytest.mark.parametrize("role", [one for one in Role if Permission.CHILD_READ not in ROLES[one]])
def test_class_child_does_not_exist_for_others(world: World, role: Role) -> None:
    client = world.sign_in(role)
    assert seen_of(world, client, world.child) == []
    assert named_in(client, world.child) == []


@pytest.mark.parametrize("role", [Role.CHILD_SAFETY, Role.ADMIN])
def test_class_child_is_in_no_general_list_of_its_own_role(world: World, role: Role) -> None:
    client = world.sign_in(role)
    assert named_in(client, world.child) == []
    assert seen_of(world, client, world.child) != []


def test_a_queue_of_members_does_not_exist_for_others(world: World) -> None:
    """The queue of intimate pictures has a member; the person holds its permission and is none."""
    member("intimate", world.other)
    client = world.sign_in(Role.SENIOR)
    assert seen_of(world, client, world.intimate) == []
    assert named_in(client, world.intimate) == []
    assert client.post(reverse("console:queue_leave", args=["intimate"])).status_code == 404
    assert client.get("/console/queues?queue=intimate").status_code == 404
    QueueMember.objects.all().delete()
    assert seen_of(world, client, world.intimate) != []
    assert named_in(client, world.intimate) != []


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.AUDITOR, Role.POLICY_EDITOR, Role.LEGAL])
def test_the_victims_queue_does_not_exist_for_who_may_not_confirm(world: World, role: Role) -> None:
    client = world.sign_in(role)
    assert seen_of(world, client, world.intimate) == []
    assert named_in(client, world.intimate) == []


def test_a_category_that_somebody_is_not_given_does_not_exist_for_them(world: World) -> None:
    client = world.sign_in(Role.SENIOR, "b.arred", barred=["hate"])
    case = Case.objects.get(notice_items__notice=world.waiting)
    assert seen_of(world, client, case) == []
    assert named_in(client, case) == []
    assert seen_of(world, world.sign_in(Role.SENIOR), case) != []


def test_an_appeal_of_a_category_that_is_not_theirs_is_in_no_list(world: World) -> None:
    Case.objects.filter(pk=world.appeal.case_id).update(category="hate")
    barred = world.sign_in(Role.SENIOR, "b.arred", barred=["hate"])
    path = reverse("console:appeal", args=[world.appeal.number])
    assert path not in barred.get("/console/appeals").content.decode()
    assert barred.get(path).status_code == 404
    assert path in world.sign_in(Role.SENIOR).get("/console/appeals").content.decode()


def test_what_somebody_else_holds_is_not_taken_without_saying_so(world: World) -> None:
    holder, client = world.sign_in(Role.SENIOR, "h.older"), world.sign_in(Role.MODERATOR)
    holder.post(reverse("console:case_claim", args=[world.case.pk]))
    filled = forms(world)
    for name in ("claim", "escalate"):
        path = reverse(f"console:case_{name}", args=[world.case.pk])
        assert (name, client.post(path, filled[f"console:case_{name}"]).status_code) == (name, 409)
    client.post(reverse("console:case_release", args=[world.case.pk]))
    path = reverse("console:decide", args=[world.case.decision_id])
    assert client.post(path, filled["console:decide"]).status_code == 409
    case = Case.objects.get(pk=world.case.pk)
    assert case.claimed_by is not None
    assert (case.claimed_by.username, case.queue, case.state) == ("h.older", "general", "open")


def test_nobody_confirms_what_they_asked_for_themselves(world: World) -> None:
    client = Client()
    client.post("/console/login", {"name": "m.olsen", "password": "correct horse battery staple"})
    User.objects.filter(pk=world.other.pk).update(role=Role.ADMIN)
    path = reverse("console:second_decide", args=[world.request.pk])
    answer = client.post(path, {"do": "confirm"})
    assert answer.status_code == 403
    world.request.refresh_from_db()
    assert world.request.state == "waiting"


def test_nobody_hears_the_appeal_against_their_own_decision(world: World) -> None:
    client = Client()
    client.post("/console/login", {"name": "m.olsen", "password": "correct horse battery staple"})
    filled = forms(world)
    for name, path in (
        ("appeal", reverse("console:appeal", args=[world.appeal.number])),
        ("appeal_reopen", reverse("console:appeal_reopen", args=[world.appeal.number])),
        ("case_claim", reverse("console:case_claim", args=[world.appeal.case_id])),
    ):
        with taken_back() as asked:
            answer = client.post(path, filled[f"console:{name}"])
        assert (name, answer.status_code) == (name, 403)
        assert written(asked) == []


def test_a_search_of_somebody_else_is_used_when_shared_and_never_changed(world: World) -> None:
    client = world.sign_in(Role.SENIOR)
    path = reverse("console:search_change", args=[world.search.pk])
    for shared in (False, True):
        SavedSearch.objects.update(shared=shared)
        for verb in ("rename", "share", "unshare", "delete"):
            assert client.post(path, {"verb": verb, "name": "x"}).status_code == 404
        assert (">mine</a>" in client.get("/console/search").content.decode()) is shared
    assert SavedSearch.objects.get().name == "mine"


def test_a_clear_look_belongs_to_the_session_that_asked(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, other = world.sign_in(Role.SENIOR), world.sign_in(Role.SENIOR, "s.econd")
    same = Client()
    same.post("/console/login", {"name": "p.senior", "password": "correct horse battery staple"})
    path = reverse("console:picture_look", args=[world.case.pk, 0])
    answer: Any = client.post(
        path,
        {"look_reason": "notice", "look_clarity": "half"},
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == 200
    src = answer.json()["src"]
    for browser in (other, same, Client()):
        assert browser.get(src).status_code in {302, 403}


def test_earlier_decisions_of_the_author_leave_out_what_is_not_theirs(world: World) -> None:
    """Beside a case stand other decisions about its author: of one's own queues alone."""
    path = reverse("console:decide", args=[world.case.decision_id])
    told = reverse("console:decision", args=[world.decided.number])
    assert told in world.sign_in(Role.SENIOR).get(path).content.decode()
    Case.objects.filter(decision__item_id=world.decided.item_id).update(category="threat")
    barred = world.sign_in(Role.SENIOR, "b.arred", barred=["threat"])
    assert told not in barred.get(path).content.decode()
