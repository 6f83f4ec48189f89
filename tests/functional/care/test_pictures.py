# SPDX-License-Identifier: Apache-2.0
"""A person looks: the blur for free, a clear copy once, the original never."""

from __future__ import annotations

import hashlib
import io
import json
import re
from dataclasses import replace
from urllib.parse import unquote

import numpy as np
import pytest
from django.test import RequestFactory
from PIL import Image

from tests.functional.care.conftest import PICTURE, ask, sign_in
from tests.support import picture_case
from tests.support.pictures import encode, pattern
from tests.support.site import answer, site
from vigie.console import veil
from vigie.core.item import MediaFacts
from vigie.flow import desk_settings
from vigie.flow.pictures import known
from vigie.flow.pictures.compare import Compared, compare
from vigie.screening.matching.base import BankClass
from vigie.screening.media.facts import facts_of
from vigie.store.models import Case, CaseEvent, ContentLook, DecisionRecord, LookKind, Record
from vigie.store.permissions import Role


def opened(response):
    assert response.status_code == 200, response.content
    return Image.open(io.BytesIO(response.content))


# The blur


def test_the_page_of_a_case_gets_a_small_grey_blur_that_nobody_keeps(place):
    response = place.client.get(place.at)
    image = opened(response)
    assert (image.format, image.mode, max(image.size)) == ("PNG", "L", 64)
    assert response["Cache-Control"] == "no-store"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"].startswith("default-src 'none'; sandbox")
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert len(place.asked) == 1


def test_a_blur_is_recorded_once_a_shift_and_costs_nothing(place):
    place.client.get(place.at)
    place.client.get(place.at)
    [look] = ContentLook.objects.all()
    assert (look.kind, look.case, look.user) == (LookKind.BLURRED, place.case, place.user)
    assert json.loads(ask(place).content)["used"] == 1


def test_hosts_that_are_not_allowed_are_not_asked_and_the_page_says_how_to_allow_them(place):
    picture_case.allow(place.agora)
    response = place.client.get(place.at)
    assert (response.status_code, place.asked) == (403, [])
    assert b"not fetched from this host" in response.content
    made = veil.veils(_request(place), place.case)
    assert made is not None
    [one] = made.items
    assert not one.fetchable


def test_an_address_that_leads_inside_is_not_called_without_the_setting_for_tests(place):
    settings = place.agora.settings
    object.__setattr__(place.agora.house, "settings", _public(settings))
    response = place.client.get(place.at)
    assert (response.status_code, place.asked) == (422, [])


def _public(settings):
    return replace(settings, webhook_private=False)


def _request(place):
    request = RequestFactory().get("/console/")
    request.user = place.user
    return request


def test_a_film_is_not_fetched(agora, moderator, client):
    picture_case.allow(agora, picture_case.HOST)
    case = picture_case.with_pictures(agora, "http://127.0.0.1:1/a.mp4")
    response = client.get(f"/console/cases/{case.pk}/pictures/0")
    assert (response.status_code, response.content) == (403, b"Video or sound: not fetched.")


@pytest.mark.parametrize("path", ["", "/page", "/look", "/clear/x"])
@pytest.mark.parametrize("who", ["nobody", "auditor", "barred", "not a member"])
def test_who_may_not_see_the_case_gets_nothing(place, client, path, who):
    client.logout()
    if who != "nobody":
        role = Role.AUDITOR if who == "auditor" else Role.MODERATOR
        more = {"barred": ["hate"]} if who == "barred" else {}
        sign_in(client, place.agora.person("p", role=role, **more))
    if who == "not a member":
        Case.objects.filter(pk=place.case.pk).update(queue="intimate")
    if who == "barred":
        Case.objects.filter(pk=place.case.pk).update(category="hate")
    call = client.post if path == "/look" else client.get
    assert call(place.at + path).status_code in {302, 403, 404}
    assert place.asked == []
    assert not ContentLook.objects.exists()


def test_a_picture_that_is_not_there_is_not_found(place):
    for position in (1, 99999):
        at = f"/console/cases/{place.case.pk}/pictures/{position}"
        assert place.client.get(at).status_code == 404
    assert place.client.get("/console/cases/99999/pictures/0").status_code == 404


# The clear look


def test_a_look_asks_why_is_counted_and_answers_with_an_address_for_one_time(place):
    said = json.loads(ask(place).content)
    assert (said["used"], said["limit"], said["seconds"]) == (1, 25, 15)
    assert place.asked == []
    shown = opened(place.client.get(said["src"]))
    assert max(shown.size) == 800
    [look] = ContentLook.objects.filter(kind=LookKind.CLEAR)
    assert (look.reason, look.case, look.shown_at) == ("context", place.case, look.at)
    record = json.loads(Record.objects.get(pk=look.record_id).canonical)
    assert (record["picture"], record["clarity"]) == (0, "grey")
    again = place.client.get(said["src"])
    assert (again.status_code, again.content) == (403, b"This look is over. Ask again.")


def test_an_address_works_for_15_seconds(place):
    said = json.loads(ask(place).content)
    place.agora.clock.advance(14_999)
    opened(place.client.get(said["src"]))
    said = json.loads(ask(place).content)
    place.agora.clock.advance(15_000)
    assert place.client.get(said["src"]).status_code == 403


def test_an_address_works_for_its_session_and_person_only(place, client):
    said = json.loads(ask(place).content)
    other = place.agora.person("other", role=Role.MODERATOR, number=8)
    stranger = type(client)()
    sign_in(stranger, other)
    assert stranger.get(said["src"]).status_code == 403
    elsewhere = type(client)()
    sign_in(elsewhere, place.user)
    assert elsewhere.get(said["src"]).status_code == 403
    assert place.client.head(said["src"]).status_code == 403
    opened(place.client.get(said["src"]))


@pytest.mark.parametrize("forged", ["x", "eyJsIjoxfQ:1:x", "a" * 500])
def test_a_forged_address_shows_nothing(place, forged):
    assert place.client.get(f"{place.at}/clear/{forged}").status_code == 403
    assert place.asked == []


def test_a_token_of_another_picture_shows_this_session_no_other(place):
    other = picture_case.with_pictures(place.agora, f"http://127.0.0.1:{place.port}/b.jpg")
    said = json.loads(ask(place).content)
    token = said["src"].rsplit("/", 1)[1]
    moved = f"/console/cases/{other.pk}/pictures/0/clear/{token}"
    assert place.client.get(moved).status_code == 403


def test_the_copy_carries_the_role_number_and_differs_between_people(place, client):
    mine = place.client.get(json.loads(ask(place).content)["src"]).content
    other = place.agora.person("other", role=Role.MODERATOR, number=8)
    sign_in(client, other)
    theirs = place.client.get(json.loads(ask(place).content)["src"]).content
    assert mine != theirs
    plain = np.asarray(Image.open(io.BytesIO(PICTURE)).convert("L").resize((800, 600)), dtype=int)
    marked = np.asarray(Image.open(io.BytesIO(mine)).convert("L"), dtype=int)
    assert (np.abs(plain - marked) > 60).sum() > 2_000


@pytest.mark.parametrize("reason", ["", "because", "<b>"])
def test_without_a_reason_of_the_list_there_is_no_look(place, reason):
    response = ask(place, reason=reason)
    assert response.status_code == 422
    assert "Choose why" in json.loads(response.content)["problem"]
    assert not ContentLook.objects.exists()


def test_an_unknown_clarity_is_refused(place):
    assert ask(place, clarity="veiled").status_code == 422
    assert not ContentLook.objects.exists()


def test_at_the_end_of_the_budget_the_page_says_what_to_do(place):
    desk_settings.set(place.agora.house, None, "look_budget", 1)
    opened(place.client.get(json.loads(ask(place).content)["src"]))
    refused = ask(place)
    said = json.loads(refused.content)
    assert refused.status_code == 403
    assert "used up" in said["problem"]
    assert "break" in said["fix"]
    page = ask(place, Accept="text/html")
    assert page.status_code == 403
    assert b"Nothing is wrong with you" in page.content


def test_a_look_that_the_platform_does_not_answer_costs_nothing(place):
    said = json.loads(ask(place).content)
    picture_case.allow(place.agora)
    assert place.client.get(said["src"]).status_code == 403
    place.agora.clock.advance(15_000)
    picture_case.allow(place.agora, picture_case.HOST)
    assert json.loads(ask(place).content)["used"] == 1


def test_without_script_the_page_shows_it_and_leads_back_by_itself(place):
    page = place.client.get(f"{place.at}/page").content.decode()
    assert "data:image/png;base64," in page
    assert "No hash was recorded" in page
    shown = ask(place, Accept="text/html")
    text = shown.content.decode()
    assert (
        f'<noscript><meta http-equiv="refresh" content="15;url={place.at}/page"></noscript>' in text
    )
    found = re.search(r'<img src="([^"]+/clear/[^"]+)"', text)
    assert found is not None
    src = found[1]
    opened(place.client.get(src))


# Then and now


@pytest.mark.parametrize(
    ("recorded", "words"),
    [
        ((f"sha256:{hashlib.sha256(PICTURE).hexdigest()}",), "Same bytes"),
        ((f"md5:{hashlib.md5(PICTURE).hexdigest()}",), "Same bytes"),
        ((f"pdq:{facts_of(PICTURE).pdq}",), "PDQ distance 0"),
        ((f"pdq:{facts_of(encode(pattern(12))).pdq}",), "has changed since"),
        (("sha256:" + "ab" * 32,), "has changed since"),
        ((), "No hash was recorded"),
    ],
)
def test_the_picture_is_compared_with_what_was_screened(place, recorded, words):
    case = picture_case.with_pictures(
        place.agora, f"http://127.0.0.1:{place.port}/a.jpg", recorded=recorded
    )
    response = place.client.get(f"/console/cases/{case.pk}/pictures/0")
    assert words in _said(response)


def _said(response):
    return unquote(response["X-Vigie-Words"])


def test_what_cannot_be_read_is_said_and_not_shown(place):
    with site(answer(b"<svg onload=alert(1)>", kind="image/svg+xml")) as (port, _):
        case = picture_case.with_pictures(place.agora, f"http://127.0.0.1:{port}/a.jpg")
        response = place.client.get(f"/console/cases/{case.pk}/pictures/0")
    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/plain")
    assert b"cannot be read" in response.content
    assert b"svg" not in response.content


def test_comparing_knows_unreadable_bytes_by_their_digest():
    failed = MediaFacts(status="failed", sha256="ab" * 32, problem="broken")
    assert compare(failed, ["sha256:" + "ab" * 32]).result is Compared.SAME
    assert compare(failed, ["sha256:" + "cd" * 32]).result is Compared.UNREADABLE


# Known material


def test_what_a_list_of_class_child_knows_is_shown_to_nobody_and_its_item_moves(place):
    picture_case.listed(place.agora, BankClass.CHILD, PICTURE)
    said = json.loads(ask(place).content)
    for response in (place.client.get(place.at), place.client.get(said["src"])):
        assert response.status_code in {403, 404}
        assert not response["Content-Type"].startswith("image/")
    case = Case.objects.get(pk=place.case.pk)
    assert (case.queue, case.category) == ("child", "child")
    assert case.facts["lists"] == ["synthetic-list"]
    assert f"sha256:{hashlib.sha256(PICTURE).hexdigest()}" in case.facts["hashes"]
    assert DecisionRecord.objects.get(number=case.decision_id).cls == "child"
    assert CaseEvent.objects.filter(case=case, kind="routed", user=None).exists()
    record = Record.objects.get(kind="media.matched").canonical.decode()
    assert "not kept" in record
    assert hashlib.sha256(PICTURE).hexdigest() not in record
    assert not ContentLook.objects.filter(shown_at__isnull=False, kind=LookKind.CLEAR).exists()


def test_even_bytes_that_cannot_be_read_are_asked_for(agora, moderator, client):
    broken = PICTURE[:3000]
    picture_case.listed(agora, BankClass.CHILD, broken)
    with site(answer(broken)) as (port, _):
        picture_case.allow(agora, picture_case.HOST)
        case = picture_case.with_pictures(agora, f"http://127.0.0.1:{port}/a.jpg")
        assert client.get(f"/console/cases/{case.pk}/pictures/0").status_code == 403
    assert Case.objects.get(pk=case.pk).queue == "child"


def test_another_class_is_shown_blurred_like_everything(place):
    picture_case.listed(place.agora, BankClass.TERRORIST, PICTURE)
    opened(place.client.get(place.at))
    assert Case.objects.get(pk=place.case.pk).queue == "general"


def test_a_damaged_list_shows_nothing(place):
    picture_case.listed(place.agora, BankClass.CHILD, b"another file")
    folder = place.agora.settings.snapshots_dir
    for part in (folder / "parts").iterdir():
        part.write_bytes(b"[]")
    known._index.cache_clear()
    response = place.client.get(place.at)
    assert response.status_code == 503
    assert not response["Content-Type"].startswith("image/")


def test_a_case_of_class_child_has_no_pictures(place, client):
    Case.objects.filter(pk=place.case.pk).update(queue="child", category="child")
    sign_in(client, place.agora.person("k", role=Role.CHILD_SAFETY))
    assert client.get(place.at).status_code == 404
    assert place.asked == []
