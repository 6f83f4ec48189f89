# SPDX-License-Identifier: Apache-2.0
"""Attachments are matched and sealed before anyone can open them, and erased with their key."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import stat

import pytest
from PIL import Image

from tests.functional.care.conftest import PICTURE, sign_in
from tests.support import picture_case
from tests.support.queues import notice, routed
from tests.support.traces import find_traces
from vigie import keys
from vigie.core.errors import InvalidInputError, NotFoundError, RefusedError, UnavailableError
from vigie.flow import desk_settings, sealed
from vigie.screening.matching.base import BankClass
from vigie.store.models import ContentLook, Hold, LookKind, Record, SealedFile
from vigie.store.permissions import Role

LETTER = b"%PDF-1.7 a letter that nobody reads by accident " * 40
DAY = 86_400_000


@pytest.fixture
def about(agora):
    """A notice whose item waits in the general queue."""
    return notice(agora, routed(agora))


def sealed_file(agora, about, data=LETTER, name="Brief <b>.pdf", mime="application/pdf"):
    return sealed.seal(agora.house, data, name, mime, about)


def test_what_is_sealed_comes_back_the_same_for_a_person_with_a_reason(agora, about):
    user = agora.person(role=Role.MODERATOR)
    made = sealed_file(agora, about)
    assert (made.size, made.matched, made.met, made.notice) == (len(LETTER), False, "", about)
    assert sealed.open_sealed(agora.house, user, made, "the notice rests on it") == LETTER
    [look] = ContentLook.objects.all()
    assert (look.kind, look.category) == (LookKind.FILE, "hate")
    said = json.loads(Record.objects.get(pk=look.record_id).canonical)
    assert (said["look"], said["file"]) == ("file", made.pk)


def test_the_file_on_disk_says_nothing_and_belongs_to_its_owner_alone(agora, about, tmp_path):
    made = sealed_file(agora, about)
    path = agora.settings.data_dir / made.file
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert find_traces(tmp_path, [LETTER]) == []
    assert b"Brief" not in path.read_bytes()
    (tmp_path / "planted").write_bytes(LETTER)
    assert find_traces(tmp_path, [LETTER])


def test_the_same_file_twice_is_two_different_files_on_disk(agora, about):
    one, two = sealed_file(agora, about), sealed_file(agora, about)
    bodies = [(agora.settings.data_dir / each.file).read_bytes() for each in (one, two)]
    assert bodies[0] != bodies[1]
    assert one.wrapped_key != two.wrapped_key


def test_what_a_list_of_class_child_knows_is_never_written(agora, about):
    picture_case.listed(agora, BankClass.CHILD, PICTURE)
    made = sealed_file(agora, about, PICTURE, "holiday.jpg", "image/jpeg")
    assert (made.matched, made.file, made.wrapped_key, made.name) == (True, "", "", "")
    assert not (agora.settings.data_dir / sealed.FOLDER).exists()
    with pytest.raises(NotFoundError) as refused:
        sealed.peek(agora.house, made)
    assert refused.value.code == "matched"


def test_another_class_is_noted_for_the_person_who_opens_it(agora, about):
    picture_case.listed(agora, BankClass.INTIMATE, PICTURE)
    made = sealed_file(agora, about, PICTURE, "a.jpg", "image/jpeg")
    assert (made.matched, made.met) == (False, "intimate")
    assert made.file


def test_what_a_list_learned_since_is_erased_when_somebody_wants_to_open_it(agora, about):
    user = agora.person(role=Role.MODERATOR)
    made = sealed_file(agora, about, PICTURE, "a.jpg", "image/jpeg")
    path = agora.settings.data_dir / made.file
    picture_case.listed(agora, BankClass.CHILD, PICTURE)
    with pytest.raises(RefusedError) as refused:
        sealed.open_sealed(agora.house, user, made, "why")
    assert refused.value.code == "known_child"
    made.refresh_from_db()
    assert (made.matched, made.file, made.wrapped_key) == (True, "", "")
    assert not path.exists()
    assert not ContentLook.objects.exists()


def test_under_a_hold_it_stays_sealed_and_opens_for_nobody(agora, about):
    item = about.items.get()
    item.item_id = "p-held"
    item.save()
    user = agora.person(role=Role.MODERATOR)
    made = sealed_file(agora, about, PICTURE, "a.jpg", "image/jpeg")
    Hold.objects.create(
        subject="item", service="agora", item_id="p-held", basis="order", owner="legal",
        review_at=0, placed_at=0,
    )  # fmt: skip
    picture_case.listed(agora, BankClass.CHILD, PICTURE)
    for expected in (RefusedError, NotFoundError):
        with pytest.raises(expected):
            sealed.open_sealed(agora.house, user, made, "why")
        made.refresh_from_db()
        assert made.matched
        assert made.wrapped_key
        assert (agora.settings.data_dir / made.file).exists()


@pytest.mark.parametrize("data", [b"", bytes(sealed.MAX_BYTES + 1)])
def test_a_file_of_no_size_or_too_large_is_refused(agora, about, data):
    with pytest.raises(InvalidInputError) as refused:
        sealed_file(agora, about, data)
    assert refused.value.field == "file"
    assert not SealedFile.objects.exists()


def test_without_the_key_nothing_is_taken(agora, about):
    (agora.settings.keys_dir / keys.KeyName.SEAL).unlink()
    with pytest.raises(UnavailableError):
        sealed_file(agora, about)
    assert not SealedFile.objects.exists()


def test_long_names_and_types_are_cut(agora, about):
    made = sealed_file(agora, about, name="n" * 900, mime="m" * 900)
    assert (len(made.name), len(made.mime)) == (200, 100)


@pytest.mark.parametrize("what", ["bytes", "swapped", "key", "wrapped"])
def test_what_was_changed_does_not_open(agora, about, what):
    made, other = sealed_file(agora, about), sealed_file(agora, about)
    path = agora.settings.data_dir / made.file
    if what == "bytes":
        body = bytearray(path.read_bytes())
        body[-1] ^= 1
        path.write_bytes(body)
    elif what == "swapped":
        path.write_bytes((agora.settings.data_dir / other.file).read_bytes())
    elif what == "wrapped":
        made.wrapped_key = other.wrapped_key
    else:
        seed = agora.settings.keys_dir / keys.KeyName.SEAL
        seed.write_text(os.urandom(32).hex())
    with pytest.raises(UnavailableError) as refused:
        sealed.peek(agora.house, made)
    assert refused.value.code == "seal_broken"


def test_erasing_takes_the_key_and_the_bytes_and_leaves_a_blank_row(agora, about):
    made = sealed_file(agora, about)
    path = agora.settings.data_dir / made.file
    kept = path.read_bytes()
    assert sealed.erase_sealed(agora.house, SealedFile.objects.filter(pk=made.pk)) == 1
    made.refresh_from_db()
    assert (made.name, made.sha256, made.wrapped_key, made.file) == ("", "", "", "")
    assert not path.exists()
    # A copy from a backup opens no more: its key is gone.
    path.write_bytes(kept)
    made.file = f"{sealed.FOLDER}/{path.name}"
    with pytest.raises(NotFoundError):
        sealed.peek(agora.house, made)


def test_files_go_when_the_complaint_window_of_their_notice_ends_unless_held(agora, about):
    made = sealed_file(agora, about)
    path = agora.settings.data_dir / made.file
    about.state, about.decided_at = "decided", agora.clock.now_ms()
    about.save()
    assert sealed.expire(agora.house) == 0
    agora.clock.advance((agora.settings.statement_days + 1) * DAY)
    item = about.items.get()
    item.item_id = "p-held"
    item.save()
    hold = Hold.objects.create(
        subject="item", service="agora", item_id="p-held", basis="order", owner="legal",
        review_at=0, placed_at=0,
    )  # fmt: skip
    sealed.expire(agora.house)
    assert SealedFile.objects.get(pk=made.pk).wrapped_key
    hold.lifted_at = 1
    hold.save()
    sealed.expire(agora.house)
    assert not SealedFile.objects.get(pk=made.pk).wrapped_key
    assert not path.exists()


def test_a_file_whose_notice_never_came_goes_after_a_day(agora):
    made = sealed.seal(agora.house, LETTER, "a.pdf", "application/pdf")
    path = agora.settings.data_dir / made.file
    os.utime(path, (0, 0))
    sealed.expire(agora.house)
    assert path.exists()
    agora.clock.advance(DAY + 1)
    sealed.expire(agora.house)
    assert not SealedFile.objects.exists()
    assert not path.exists()


# The page


@pytest.fixture
def page(agora, about, moderator, client):
    def ask(data=LETTER, **more):
        made = sealed_file(agora, about, data, **more)
        return f"/console/files/{made.pk}"

    return ask


def test_a_letter_leaves_as_a_plain_file_that_no_browser_opens(agora, page, client):
    at = page()
    shown = client.get(at).content.decode()
    assert "Brief &lt;b&gt;.pdf" in shown
    assert "letter that nobody" not in shown
    assert not ContentLook.objects.filter(kind=LookKind.FILE).exists()
    taken = client.post(f"{at}/open", {"look_reason": "notice"})
    assert taken.content == LETTER
    assert taken["Content-Type"] == "application/octet-stream"
    assert re.fullmatch(r'attachment; filename="attachment-\d+\.bin"', taken["Content-Disposition"])
    assert (taken["Cache-Control"], taken["X-Content-Type-Options"]) == ("no-store", "nosniff")
    assert "sandbox" in taken["Content-Security-Policy"]


def test_a_picture_is_shown_blurred_first_then_drawn_anew_and_never_handed_out(page, client):
    at = page(PICTURE, name="a.jpg", mime="image/jpeg")
    blur = _inline(client.get(at).content)
    assert (blur.format, max(blur.size), blur.mode) == ("PNG", 64, "L")
    taken = client.post(f"{at}/open", {"look_reason": "notice", "look_clarity": "colour"})
    assert taken["Content-Type"].startswith("text/html")
    assert max(_inline(taken.content).size) == 800
    assert PICTURE[200:300] not in taken.content
    assert 'content="15;url=' in taken.content.decode()


def _inline(body):
    found = re.search(rb'src="data:image/\w+;base64,([^"]+)"', body)
    assert found is not None
    return Image.open(io.BytesIO(base64.b64decode(found[1])))


@pytest.mark.parametrize(
    ("data", "mime"), [(PICTURE, "application/pdf"), (PICTURE[:2000], "image/jpeg")]
)
def test_a_picture_under_another_name_or_half_of_one_never_leaves_raw(page, client, data, mime):
    at = page(data, name="a.pdf", mime=mime)
    client.get(at)
    taken = client.post(f"{at}/open", {"look_reason": "notice"})
    assert data[200:300] not in taken.content
    assert "Content-Disposition" not in taken


def test_without_a_reason_or_a_look_left_it_stays_closed(agora, page, client):
    at = page()
    assert client.post(f"{at}/open", {"look_reason": ""}).status_code == 422
    assert client.post(f"{at}/open", {"look_reason": "because"}).status_code == 422
    desk_settings.set(agora.house, None, "look_budget", 1)
    assert client.post(f"{at}/open", {"look_reason": "notice"}).content == LETTER
    refused = client.post(f"{at}/open", {"look_reason": "notice"})
    assert refused.status_code == 403
    assert LETTER[:40] not in refused.content
    assert client.get(f"{at}/open").status_code == 405


def test_only_who_may_see_a_case_of_the_notice_sees_its_files(agora, page, client, about):
    at = page()
    SealedFile.objects.create(name="x", mime="", size=1, sha256="", at=0)
    assert client.get(f"/console/files/{SealedFile.objects.latest('pk').pk}").status_code == 404
    case = about.items.get().case
    case.queue = "intimate"
    case.save()
    assert client.get(at).status_code == 404
    assert client.post(f"{at}/open", {"look_reason": "notice"}).status_code == 404
    client.logout()
    sign_in(client, agora.person("a", role=Role.AUDITOR))
    assert client.get(at).status_code == 403
