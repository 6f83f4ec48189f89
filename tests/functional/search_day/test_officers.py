# SPDX-License-Identifier: Apache-2.0
"""Officers look within the scope, for a time, and everything they open is in the log first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client, override_settings

from tests.support import proceedings
from tests.support.people import SAID, Agora
from tests.support.rights import CONSOLE, NOBODY, SIGNED_IN, pages
from tests.support.world import PASSWORD, World
from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from vigie.flow import accounts, child_items, house
from vigie.flow.search_day import days, officers, seen, told
from vigie.store.models import (
    DeskSession,
    ItemContent,
    LogEntry,
    Notice,
    OfficerAccess,
    OfficerView,
    Record,
    SearchDay,
    User,
)
from vigie.store.permissions import Permission, Role

NEW = "a sentence that only the officer knows"
LABEL = "Cdt. A. Roux, OCLCH"


@pytest.fixture
def world(agora: Agora, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """One of everything; the officer's scope names one decision, one notice, one order."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        monkeypatch.setattr(house, "current", lambda: agora.house)
        yield World(agora)


def give(world: World, **more: Any) -> OfficerAccess:
    search = proceedings.opened(world.agora, world.decided, **more)
    return officers.give_access(world.agora.house, "command line", search.number, LABEL)


def signed_in(world: World, access: OfficerAccess) -> Client:
    """Come by the link that works once, choose a password, look."""
    from vigie.console.signin import once_token

    client = Client()
    link = f"/console/login/once/{once_token(access.user)}"
    assert client.get(link).status_code == 200
    assert client.post(link).status_code == 302
    first = client.get("/console/scope")
    assert first["Location"].startswith("/console/account")
    assert client.post("/console/account", {"new": NEW, "again": NEW}).status_code == 302
    return client


def test_an_officer_comes_by_a_link_that_works_once_and_chooses_a_password(world: World) -> None:
    access = give(world)
    client = signed_in(world, access)
    page = client.get("/console/scope")
    assert page.status_code == 200
    assert world.decided.label in page.content.decode()
    again = Client()
    sent = again.post("/console/login", {"name": access.user.username, "password": NEW})
    assert sent["Location"] == "/console/scope"


def test_nobody_else_can_know_the_password(world: World) -> None:
    access = give(world)
    assert not access.user.has_usable_password()
    assert access.user.must_change_password
    assert access.user.role == Role.OFFICER


def test_the_line_of_the_record_says_who_was_given_access(world: World) -> None:
    access = give(world)
    [line] = access.search.entries.all()
    assert LABEL in line.label
    assert access.user.username in line.label


def test_an_officer_is_refused_at_every_other_address_of_the_console(world: World) -> None:
    """The table: only the scope, and the pages of one's own account, answer."""
    client = world.sign_in(Role.OFFICER)
    wrong = []
    for one in pages():
        if one.name not in CONSOLE:
            continue
        asks = CONSOLE[one.name]
        for method, needed in (("get", asks.look), ("post", asks.send)):
            if not isinstance(needed, Permission) or needed is Permission.OFFICER_READ:
                continue
            answer = getattr(client, method)(world.path(one))
            if answer.status_code not in {403, 404}:
                wrong.append((one.name, method, answer.status_code))
    assert wrong == []


def test_an_officer_sends_nothing_but_their_own_password_and_wishes(world: World) -> None:
    sends = {name for name, asks in CONSOLE.items() if asks.send is Permission.OFFICER_READ}
    assert sends == set()
    looks = {name for name, asks in CONSOLE.items() if asks.look is Permission.OFFICER_READ}
    assert looks == {
        "console:scope",
        "console:scope_decision",
        "console:scope_order",
        "console:scope_notice",
    }
    assert all(
        asks.send is not SIGNED_IN or name != "console:scope" for name, asks in CONSOLE.items()
    )
    assert NOBODY is CONSOLE["console:scope"].send


@pytest.mark.parametrize("role", [one for one in Role if one is not Role.OFFICER])
def test_nobody_of_the_desk_opens_the_officers_pages(world: World, role: Role) -> None:
    assert world.sign_in(role).get("/console/scope").status_code == 403


def test_each_view_is_in_the_log_before_it_is_shown(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = give(world)
    client = signed_in(world, access)
    before = LogEntry.objects.count()
    number = world.decided.number
    page = client.get(f"/console/scope/decisions/{number}")
    assert page.status_code == 200
    view = OfficerView.objects.latest("pk")
    assert view.what == f"decision {number}"
    assert view.record.kind == "search.viewed"
    assert LogEntry.objects.count() == before + 1

    def broken(*_args: object) -> None:
        raise RefusedError("The log cannot be written.")

    monkeypatch.setattr(officers, "note_view", broken)
    for path in ("/console/scope", f"/console/scope/decisions/{number}"):
        refused = client.get(path)
        assert refused.status_code == 403
        assert SAID not in refused.content.decode()


def test_a_view_is_recorded_before_anything_of_it_is_read(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = give(world)
    order: list[str] = []
    noted = officers.note_view
    shown = child_items.shown

    def note(*args: Any) -> None:
        order.append("noted")
        noted(*args)

    def read() -> Any:
        order.append("read")
        return shown()

    monkeypatch.setattr(officers, "note_view", note)
    monkeypatch.setattr(child_items, "shown", read)
    seen.decision(world.agora.house, access.user, world.decided.number)
    assert order == ["noted", "read"]


def test_what_the_scope_does_not_name_does_not_exist(world: World) -> None:
    access = give(world)
    client = signed_in(world, access)
    views = OfficerView.objects.count()
    for path in (
        f"/console/scope/decisions/{world.case.decision_id}",
        f"/console/scope/decisions/{world.child.decision_id}",
        f"/console/scope/orders/{world.proceeding.order.number}",
        f"/console/scope/notices/{world.waiting.number}",
        "/console/scope/decisions/99999",
    ):
        assert client.get(path).status_code == 404, path
    assert OfficerView.objects.count() == views


def test_orders_and_notices_that_the_warrant_names_are_shown(world: World) -> None:
    order = world.proceeding.order
    access = give(world, orders=(order.number,), notices=(world.notice.number,))
    client = signed_in(world, access)
    assert proceedings.COURT in client.get(f"/console/scope/orders/{order.number}").content.decode()
    page = client.get(f"/console/scope/notices/{world.notice.number}").content.decode()
    assert world.notice.email in page


def test_no_name_of_a_notifier_is_shown_unless_the_warrant_names_the_notice(world: World) -> None:
    notice = Notice.objects.get(pk=world.notice.pk)
    case = notice.items.get().case
    assert case is not None
    decided = case.decision
    assert notice.name
    reason = f"As {notice.name.upper()} ({notice.email}) says."
    type(decided).objects.filter(pk=decided.pk).redact(reason=reason)  # type: ignore[attr-defined]
    search = proceedings.opened(world.agora, decided)
    access = officers.give_access(world.agora.house, "command line", search.number, LABEL)
    client = signed_in(world, access)
    page = client.get(f"/console/scope/decisions/{decided.number}").content.decode()
    assert notice.label in page
    assert notice.name.casefold() not in page.casefold()
    assert notice.email.casefold() not in page.casefold()
    assert client.get(f"/console/scope/notices/{notice.number}").status_code == 404


def test_class_child_is_never_among_what_officers_see(world: World) -> None:
    search = proceedings.opened(world.agora, services=("agora",))
    access = officers.give_access(world.agora.house, "command line", search.number, LABEL)
    client = signed_in(world, access)
    page = client.get("/console/scope").content.decode()
    assert world.decided.label in page
    assert world.child.decision.label not in re.findall(r"D-\d+", page)
    assert client.get(f"/console/scope/decisions/{world.child.decision_id}").status_code == 404


def test_no_picture_and_no_address_of_one_is_on_the_pages(world: World) -> None:
    search = proceedings.opened(world.agora, world.case.decision)
    access = officers.give_access(world.agora.house, "command line", search.number, LABEL)
    client = signed_in(world, access)
    page = client.get(f"/console/scope/decisions/{world.case.decision_id}").content.decode()
    content = ItemContent.objects.get(item_id=world.case.decision.item_id)
    assert content.media_urls[0] not in page
    assert "<img" not in page
    for path in ("", "/clear/x"):
        assert client.get(f"/console/cases/{world.case.pk}/pictures/0{path}").status_code in {
            403,
            404,
        }


def test_the_author_is_named_only_where_the_scope_names_the_author(world: World) -> None:
    number = world.decided.number
    by_item = signed_in(world, give(world))
    assert (
        '<bdi class="mono">a-9</bdi>'
        not in by_item.get(f"/console/scope/decisions/{number}").content.decode()
    )
    by_author = signed_in(world, give(world, authors=("a-9",)))
    assert (
        '<bdi class="mono">a-9</bdi>'
        in by_author.get(f"/console/scope/decisions/{number}").content.decode()
    )


def test_an_access_ends_by_itself(world: World) -> None:
    access = give(world)
    client = signed_in(world, access)
    world.agora.clock.advance(officers.USUAL_HOURS * officers.HOUR_MS)
    answer = client.get("/console/scope")
    assert answer["Location"].startswith("/console/login")
    assert not DeskSession.objects.filter(account=access.user_id).exists()
    assert officers.end_over(world.agora.house) == 1
    assert officers.end_over(world.agora.house) == 0
    access.user.refresh_from_db()
    assert not access.user.is_active
    sent = Client().post("/console/login", {"name": access.user.username, "password": NEW})
    assert sent.status_code == 403


def test_an_access_ends_with_the_search(world: World) -> None:
    access = give(world)
    client = signed_in(world, access)
    days.close_search(world.agora.house, "command line", access.search_id)
    assert client.get("/console/scope")["Location"].startswith("/console/login")
    access.refresh_from_db()
    assert access.ended_at is not None


def test_a_person_ends_an_access_at_once(world: World) -> None:
    access = give(world)
    client = signed_in(world, access)
    lead = world.proceeding.counsel
    officers.end_access(world.agora.house, lead, access.pk)
    assert client.get("/console/scope")["Location"].startswith("/console/login")
    assert "ended" in access.search.entries.latest("pk").label
    officers.end_access(world.agora.house, lead, access.pk)
    with pytest.raises(NotFoundError):
        officers.end_access(world.agora.house, lead, 999)


def test_an_officer_of_one_search_sees_nothing_of_another(world: World) -> None:
    first = give(world)
    other = proceedings.opened(world.agora, world.case.decision)
    client = signed_in(world, first)
    assert client.get(f"/console/scope/decisions/{world.case.decision_id}").status_code == 404
    days.close_search(world.agora.house, "command line", first.search_id)
    assert SearchDay.objects.get(pk=other.pk).closed_at is None
    assert client.get("/console/scope").status_code == 302


def test_no_access_is_given_after_the_closing_or_for_too_long(world: World) -> None:
    search = proceedings.opened(world.agora)
    here = world.agora.house
    for more in ({"hours": 0}, {"hours": officers.MOST_HOURS + 1}, {"language": "xx"}):
        with pytest.raises(InvalidInputError):
            officers.give_access(here, "command line", search.number, LABEL, **more)
    with pytest.raises(InvalidInputError):
        officers.give_access(here, "command line", search.number, " ")
    with pytest.raises(RefusedError):
        officers.give_access(here, world.other, search.number, LABEL)
    days.close_search(here, "command line", search.number)
    with pytest.raises(ConflictError):
        officers.give_access(here, "command line", search.number, LABEL)
    assert not OfficerAccess.objects.exists()


def test_no_account_is_made_or_changed_into_an_officers_or_back(world: World) -> None:
    here = world.agora.house
    with pytest.raises(InvalidInputError):
        accounts.create_account(here, "somebody", Role.OFFICER)
    with pytest.raises(InvalidInputError):
        accounts.give_role(here, world.other.pk, Role.OFFICER, "test")
    access = give(world)
    with pytest.raises(RefusedError):
        accounts.give_role(here, access.user_id, Role.MODERATOR, "test")
    officers.end_access(here, "command line", access.pk)
    with pytest.raises(RefusedError):
        accounts.activate(here, access.user_id, "test")


def test_an_officers_account_without_an_access_opens_nothing(world: World) -> None:
    user = world.agora.person("lone.officer", Role.OFFICER)
    client = Client()
    client.post("/console/login", {"name": user.username, "password": PASSWORD})
    assert client.get("/console/scope")["Location"].startswith("/console/login")
    with pytest.raises(RefusedError):
        seen.listing(world.agora.house, user)


def test_the_record_of_the_day_lists_what_officers_opened(world: World) -> None:
    access = give(world)
    client = signed_in(world, access)
    client.get(f"/console/scope/decisions/{world.decided.number}")
    views = told.as_json(days.find(access.search_id))["views"]
    assert [one["what"] for one in views] == [f"decision {world.decided.number}"]
    record = Record.objects.filter(kind="search.viewed").latest("at")
    assert LABEL not in bytes(record.content).decode()
    desk = world.sign_in(Role.LEGAL)
    page = desk.get(f"/console/search-days/{access.search_id}").content.decode()
    assert f"decision {world.decided.number}" in page


def test_the_bar_of_an_officer_leads_nowhere_else(world: World) -> None:
    page = signed_in(world, give(world)).get("/console/scope").content.decode()
    links = set(re.findall(r'href="(/console/[^"?#]*)', page))
    assert all(one.startswith(("/console/scope", "/console/account")) for one in links), links
    assert User.objects.filter(role=Role.OFFICER).count() == 1
