# SPDX-License-Identifier: Apache-2.0
"""The same form sent twice does its work once, on every page that takes one (ASVS 2.3.1)."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from tests.functional.outside.test_permission_matrix import ADDRESSES, taken_back
from tests.support.forms import forms
from tests.support.rights import CONSOLE, NOBODY
from tests.support.world import PASSWORD, World
from vigie.store.models import Appeal, Notice
from vigie.store.permissions import Role

OURS = [one for one in apps.get_app_config("store").get_models() if one.__name__ != "DeskSession"]
LOOKS = {
    "console:gateway_excerpt",
    "console:matter_document",
    "console:matter_export",
    "console:notice_who",
    "console:order_document",
    "console:picture_look",
    "console:sealed_open",
}
"""Each look is shown and recorded; to look twice is two looks."""
MORE = {"console:requests": {"PendingPurge": 1}}
"""Erasing looks once more through what came since."""
SENT = [one for one in ADDRESSES if one.name in CONSOLE and CONSOLE[one.name].send is not NOBODY]


def rows() -> dict[str, int]:
    """Count everything that is kept."""
    return {one.__name__: one.objects.count() for one in OURS}  # type: ignore[attr-defined]


def changed(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    """What there is more or less of."""
    return {name: after[name] - before[name] for name in before if after[name] != before[name]}


def sender(world: World, name: str) -> Client:
    """Who may send a form, with what goes before it done."""
    client = world.sign_in(Role.ADMIN)
    if name == "console:shift_grant":
        other = Client()
        other.post("/console/login", {"name": "m.olsen", "password": PASSWORD})
        other.post(f"/console/cases/{world.case.pk}/claim")
    if name == "console:undo":
        client.post(f"/console/decisions/{world.decided.number}/lift", {"reason": "seen again"})
    return client


@pytest.mark.parametrize("name", sorted(one.name for one in SENT if one.name.startswith("console")))
def test_a_form_sent_twice_does_its_work_once(world: World, name: str) -> None:
    [one] = [one for one in SENT if one.name == name]
    form: dict[str, Any] = forms(world).get(name, {}) | {"csrfmiddlewaretoken": "of-this-page"}
    with taken_back():
        client = sender(world, name)
        path = world.path(one)
        start = rows()
        first = client.post(path, form)
        middle = rows()
        again = client.post(path, form)
        assert again.status_code < 500
        if name in LOOKS:
            assert first.status_code == again.status_code
            return
        assert changed(middle, rows()) == MORE.get(name, {}), changed(start, middle)


@pytest.mark.parametrize("more", [{"csrfmiddlewaretoken": "of-another-page"}, {"note": "x"}])
def test_the_same_words_in_another_form_are_another_form(
    world: World, more: dict[str, str]
) -> None:
    """The control: what is not the same form does its work again."""
    client = world.sign_in(Role.ADMIN)
    form = forms(world)["console:disputes"] | {"csrfmiddlewaretoken": "of-this-page"}
    with taken_back():
        client.post("/console/disputes", form)
        start = rows()
        client.post("/console/disputes", form | more | {"reference": "2"})
        assert changed(start, rows())["Dispute"] == 1


def test_a_form_of_the_portal_sent_twice_is_one(world: World) -> None:
    """Notices and complaints: the second time leads to the receipt, or says what there is."""
    client = Client()
    steps: dict[str, dict[str, Any]] = {
        "what": {"category": "hate"},
        "where": {"location": ["https://agora.example/p/p-980"]},
        "why": {"kind": "illegal", "explanation": "It calls for violence."},
        "you": {"name": "Ana Lima", "email": "ana@example.org"},
        "send": {"good_faith": "1"},
    }
    for step, form in steps.items():
        for _ in range(2):
            assert client.post(f"/notice/{step}", form).status_code == 302, step
    assert Notice.objects.filter(items__location__endswith="p-980").count() == 1
    for name in ("portal:statement-contest", "portal:measure-contest"):
        [one] = [one for one in ADDRESSES if one.name == name]
        form = {"grounds": "I quoted it to refute it."}
        client.post(world.path(one), form)
        before = Appeal.objects.count()
        assert client.post(world.path(one), form).status_code == 422
        assert Appeal.objects.count() == before
