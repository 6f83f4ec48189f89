# SPDX-License-Identifier: Apache-2.0
"""Mails keep their order, survive a server that is away, and claim no more than its receipt."""

from __future__ import annotations

import re
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.mail import mail_server
from vigie.core.errors import InvalidInputError
from vigie.flow.deliver import deliver, deliver_mail
from vigie.flow.letters import check_address, mail, wording, write_letter
from vigie.flow.transaction import writing
from vigie.settings import Settings
from vigie.store.models import OutgoingTask, TaskState

DAY = 86_400_000
ANNA = "anna@person.example"
BORIS = "boris@person.example"


def at_port(house, port: int, **more):
    """The same house with a mail server."""
    url = f"smtp://127.0.0.1:{port}"
    settings = replace(house.settings, mail_url=url, mail_from="moderation@agora.example", **more)
    return replace(house, settings=settings)


def free_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def letter(house, number: int, to: str = ANNA, **more) -> OutgoingTask:
    """A decision on a notice of this number."""
    context = {"number": f"N-{number}", "outcome": "Restricted.", "url": "https://v.example/n"}
    with writing():
        return write_letter(
            house,
            template="notice_decision",
            to=to,
            language=more.pop("language", "en"),
            context=context | more.pop("context", {}),
            **more,
        )


def states() -> list[str]:
    """The states of all tasks, the first first."""
    return list(OutgoingTask.objects.order_by("pk").values_list("state", flat=True))


def test_mail_is_accepted_with_the_servers_answer_as_receipt(house):
    with mail_server() as (port, kept):
        letter(house, 7)
        assert deliver_mail(at_port(house, port)).delivered == 1
    task = OutgoingTask.objects.get()
    assert task.state == TaskState.ACCEPTED
    assert task.receipt["status"] == 250
    assert "queued as 7F3A" in task.receipt["response"]
    [got] = kept.mails
    assert got["Subject"] == "Our decision on your notice N-7"
    assert got["To"] == ANNA
    assert got["From"] == "Vigie <moderation@agora.example>"
    assert got["Message-ID"] == f"<{task.message_id}@agora.example>"
    assert got["Auto-Submitted"] == "auto-generated"
    assert got["Date"]
    assert got.get_content_type() == "text/plain"
    assert "Restricted." in got.get_content()


def test_without_a_mail_server_nothing_leaves_and_nothing_is_lost(house, clock):
    letter(house, 1)
    clock.advance(30 * DAY)
    assert deliver_mail(house) == (0, 0)
    assert deliver(house) == (0, 0)
    assert states() == [TaskState.WAITING]
    assert OutgoingTask.objects.get().attempts == 0


def test_server_down_for_a_day_loses_nothing_and_keeps_the_order(house, clock):
    port = free_port()
    down = at_port(house, port)
    for number in range(1, 13):
        letter(house, number, to=ANNA if number % 2 else BORIS)
    for _hour in range(24):
        deliver_mail(down)
        clock.advance(3_600_000)
        letter(house, 100 + _hour, to=ANNA)
    assert set(states()) <= {TaskState.FAILED, TaskState.WAITING}
    clock.advance(DAY)
    with mail_server(port) as (_, kept):
        while deliver_mail(down).delivered:
            pass
    assert set(states()) == {TaskState.ACCEPTED}
    for person in (ANNA, BORIS):
        numbers = [int(m["Subject"].rpartition("-")[2]) for m in kept.mails if m["To"] == person]
        assert numbers == sorted(numbers)
    assert len(kept.mails) == 36


def test_when_the_server_is_back_all_that_waited_for_it_goes_at_once(house, clock):
    port = free_port()
    down = at_port(house, port)
    letter(house, 1, to=ANNA)
    letter(house, 2, to=BORIS)
    for _ in range(5):
        deliver_mail(down)
        clock.advance(3_600_000 * 3)
    OutgoingTask.objects.filter(letter__to=BORIS).update(next_try=house.now() + DAY)
    OutgoingTask.objects.filter(letter__to=ANNA).update(next_try=house.now())
    with mail_server(port):
        deliver_mail(down)
        deliver_mail(down)
    assert states() == [TaskState.ACCEPTED, TaskState.ACCEPTED]


def test_later_mail_to_the_same_person_waits_for_the_earlier_one(house, clock):
    first = letter(house, 1)
    OutgoingTask.objects.filter(pk=first.pk).update(
        state=TaskState.FAILED, next_try=house.now() + 60_000
    )
    letter(house, 2)
    letter(house, 3, to=BORIS)
    with mail_server() as (port, kept):
        deliver_mail(at_port(house, port))
        assert [one["To"] for one in kept.mails] == [BORIS]
        clock.advance(60_001)
        while deliver_mail(at_port(house, port)).delivered:
            pass
        assert [one["Subject"][-3:] for one in kept.mails] == ["N-3", "N-1", "N-2"]


def test_mail_that_may_not_leave_yet_holds_nothing_back(house):
    letter(house, 1, not_before=house.now() + 30_000)
    letter(house, 2)
    with mail_server() as (port, _):
        assert deliver_mail(at_port(house, port)).delivered == 1
    assert states() == [TaskState.WAITING, TaskState.ACCEPTED]


def test_after_the_schedule_a_mail_is_dead_and_those_after_it_go_on(house, clock):
    port = free_port()
    letter(house, 1)
    for _ in range(10):
        deliver_mail(at_port(house, port))
        clock.advance(DAY + DAY // 4)
    assert states() == [TaskState.DEAD]
    letter(house, 2)
    with mail_server(port):
        deliver_mail(at_port(house, port))
    assert states() == [TaskState.DEAD, TaskState.ACCEPTED]


def test_unknown_recipient_is_dead_at_once_and_the_receipt_holds_no_address(house):
    letter(house, 1)
    with mail_server() as (port, kept):
        kept.refuse[ANNA] = f"550 5.1.1 <{ANNA}>: no such user"
        deliver_mail(at_port(house, port))
    task = OutgoingTask.objects.get()
    assert task.state == TaskState.DEAD
    assert task.receipt["status"] == 550
    assert ANNA not in str(task.receipt)


def test_recipient_refused_for_now_is_tried_again(house, clock):
    letter(house, 1)
    with mail_server() as (port, kept):
        kept.refuse[ANNA] = "451 4.7.1 try later"
        deliver_mail(at_port(house, port))
        assert states() == [TaskState.FAILED]
        kept.refuse.clear()
        clock.advance(10_000)
        deliver_mail(at_port(house, port))
    assert states() == [TaskState.ACCEPTED]


def test_no_value_can_add_a_header_or_a_recipient(house):
    evil = "N-7\r\nBcc: eve@evil.example\r\n\r\nAnother text"
    letter(house, 1, context={"number": evil})
    with mail_server() as (port, kept):
        deliver_mail(at_port(house, port))
    [got] = kept.mails
    assert got["Bcc"] is None
    assert kept.to == [ANNA]
    assert "\n" not in got["Subject"]


@pytest.mark.parametrize(
    "address",
    [
        "anna@person.example\nBcc: eve@evil.example",
        "anna",
        "",
        "a@b@c.example",
        "x" * 260 + "@e.org",
    ],
)
def test_address_that_cannot_be_used_is_refused_where_it_is_given(address):
    with pytest.raises(InvalidInputError, match="mail address"):
        check_address(address)


def test_bad_address_fails_no_decision_and_stands_among_the_undeliverable(house):
    task = letter(house, 1, to="not an address")
    assert task.state == TaskState.DEAD
    assert task.receipt["problem"] == "bad_address"


def test_erased_address_ends_a_mail_without_sending(house):
    task = letter(house, 1)
    task.letter.to = ""
    task.letter.save()
    with mail_server() as (port, kept):
        deliver_mail(at_port(house, port))
    assert states() == [TaskState.DEAD]
    assert kept.raw == []


def test_operators_text_is_used_and_a_broken_one_is_named_and_not_used(house):
    folder = house.settings.letters_dir
    folder.mkdir()
    path = folder / "notice_decision.fr.txt"
    path.write_text("Objet $number\n\n$outcome voir $url\n", encoding="utf-8")
    letter(house, 1, language="fr")
    letter(house, 2, to=BORIS, language="fr")
    with mail_server() as (port, kept):
        found = at_port(house, port)
        assert deliver_mail(found).delivered == 2
        assert kept.mails[0]["Subject"] == "Objet N-1"
        path.write_text("Objet $numero\n\n$outcome voir $url\n", encoding="utf-8")
        letter(house, 3, language="fr")
        deliver_mail(found)
        assert kept.mails[2]["Subject"] == "Notre décision sur votre notification N-3"
    problems = [one.problem for one in wording.checked(folder) if one.problem]
    assert len(problems) == 1
    assert "there is no $numero" in problems[0]
    assert "$number" in problems[0]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"Subject\n\nonly $outcome\n", r"\$url is missing"),
        (b"Subject\n\n$outcome $url $ alone\n", "stands alone"),
        (b"\n\n$outcome $url\n", "subject or text is empty"),
        (b"Subject \xff\n\n$outcome $url", "not UTF-8"),
        (b"Subject\n\n$outcome $url" + b"x" * 30_000, "more than"),
    ],
)
def test_every_fault_of_a_text_is_named(tmp_path: Path, text: bytes, why: str):
    (tmp_path / "notice_decision.en.txt").write_bytes(text)
    [problem] = [one.problem for one in wording.checked(tmp_path) if one.problem]
    assert re.search(why, problem)


@pytest.mark.parametrize(
    "given",
    [
        {"mail_url": "ftp://x"},
        {"mail_url": "smtp://user:secret@mail.example"},
        {"mail_url": "smtp://user@mail.example:25", "mail_password_file": "keys"},
        {"mail_url": "smtps://u@mail.example", "mail_password_file": "/nowhere/at/all"},
        {"mail_url": "console:", "mail_from": "nobody"},
    ],
)
def test_settings_that_cannot_work_are_refused(tmp_path: Path, given: dict[str, Any]):
    (tmp_path / "keys").write_text("secret")
    if given.get("mail_password_file") == "keys":
        given = given | {"mail_password_file": str(tmp_path / "keys")}
    with pytest.raises(InvalidInputError):
        mail.check(Settings(data_dir=tmp_path, **given))


def test_trial_folder_takes_mails(house, tmp_path: Path):
    settings = replace(house.settings, mail_url=f"file:{tmp_path / 'mails'}")
    letter(house, 1)
    assert deliver_mail(replace(house, settings=settings)).delivered == 1
    [written] = (tmp_path / "mails").iterdir()
    assert "Our decision on your notice N-1" in written.read_text()


def test_mail_that_cannot_be_written_is_a_defect(house):
    with writing(), pytest.raises(ValueError, match="no such mail"):
        write_letter(house, template="gossip", to=ANNA, language="en", context={})
