# SPDX-License-Identifier: Apache-2.0
"""Settings of the desk: one table, ranges, and a record of every change."""

from __future__ import annotations

import json

import pytest

from vigie.core.errors import InvalidInputError, RefusedError
from vigie.flow import desk_settings
from vigie.flow.desk_settings import SETTINGS
from vigie.store.models import DeskSetting, LogEntry, Record
from vigie.store.permissions import Role


def test_every_setting_has_a_default_within_its_range_and_an_effect():
    for key, one in SETTINGS.items():
        assert one.key == key
        assert desk_settings.check(key, one.default) == one.default
        assert len(str(one.effect)) > 40


@pytest.mark.django_db
def test_figures_of_single_persons_are_off_until_somebody_switches_them_on():
    assert desk_settings.switch("personal_figures") is False
    assert desk_settings.all_values() == {key: one.default for key, one in SETTINGS.items()}


def test_a_change_holds_at_once_and_is_a_record_of_the_log(agora):
    admin = agora.person("root", role=Role.ADMIN)
    before = LogEntry.objects.count()
    assert desk_settings.set(agora.house, admin, "look_budget", 12)
    assert desk_settings.number("look_budget") == 12
    assert LogEntry.objects.count() == before + 1
    said = json.loads(Record.objects.get(kind="setting.changed").canonical)
    assert (said["setting"], said["was"], said["now"]) == ("look_budget", 25, 12)
    assert "root" not in json.dumps(said)
    [change] = desk_settings.history()
    assert (change.key, change.was, change.now, change.by) == ("look_budget", 25, 12, "root")


def test_the_same_value_again_changes_and_records_nothing(agora):
    assert not desk_settings.set(agora.house, None, "look_budget", 25)
    assert not DeskSetting.objects.exists()
    assert not Record.objects.filter(kind="setting.changed").exists()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("look_budget", 0),
        ("look_budget", 201),
        ("look_budget", "12"),
        ("look_budget", True),
        ("look_budget", 2.5),
        ("personal_figures", 1),
        ("personal_figures", "yes"),
        ("nothing", 1),
    ],
)
def test_what_does_not_fit_is_refused_by_name_and_changes_nothing(agora, key, value):
    with pytest.raises(InvalidInputError) as refused:
        desk_settings.set(agora.house, None, key, value)
    assert refused.value.field == key
    assert refused.value.fix
    assert not DeskSetting.objects.exists()


@pytest.mark.parametrize("text", ["", "-1", "1e3", "٣", "12 looks", "9" * 30])
def test_a_typed_number_is_read_strictly(text):
    with pytest.raises(InvalidInputError):
        desk_settings.read("look_budget", text)
    assert desk_settings.read("look_budget", " 12 ") == 12


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMIN}))
def test_only_who_may_manage_settings_changes_them(agora, role):
    with pytest.raises(RefusedError):
        desk_settings.set(agora.house, agora.person("p", role=role), "look_budget", 12)
    assert not DeskSetting.objects.exists()
