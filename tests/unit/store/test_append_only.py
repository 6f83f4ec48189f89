# SPDX-License-Identifier: Apache-2.0
"""What is recorded is not changed: only declared columns move on."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps

from vigie.store.append_only import AppendOnly, AppendOnlyError
from vigie.store.models import PolicyRecord, PolicyVersion, Record

pytestmark = pytest.mark.django_db


@pytest.fixture
def record():
    return Record.objects.create(record_id="a" * 32, kind="test.made", at=1, content=b"{}")


@pytest.fixture
def version():
    policy = PolicyRecord.objects.create(policy_id="denial")
    return PolicyVersion.objects.create(
        policy=policy,
        version=1,
        document={},
        source="",
        digest="",
        state="draft",
        published_by="admin",
        published_at=1,
    )


def test_saving_a_recorded_row_again_is_refused(record):
    record.content = b"other"
    with pytest.raises(AppendOnlyError):
        record.save()
    with pytest.raises(AppendOnlyError):
        record.save(update_fields=["content"])
    record.refresh_from_db()
    assert record.canonical == b"{}"


def test_update_and_delete_in_bulk_are_refused(record):
    with pytest.raises(AppendOnlyError):
        Record.objects.update(content=b"other")
    with pytest.raises(AppendOnlyError):
        Record.objects.all().delete()
    with pytest.raises(AppendOnlyError):
        Record.objects.bulk_update([record], ["content"])
    with pytest.raises(AppendOnlyError):
        record.delete()
    assert Record.objects.count() == 1


def test_declared_columns_move_on(version):
    version.state = "live"
    version.save(update_fields=["state"])
    PolicyVersion.objects.update(state="retired")
    version.refresh_from_db()
    assert version.state == "retired"
    version.source = "other"
    with pytest.raises(AppendOnlyError):
        version.save(update_fields=["state", "source"])


def test_only_the_deletion_function_redacts_and_shreds(record):
    rows: Any = Record.objects.all()
    assert rows.redact(kind="") == 1
    assert rows.shred() == 1


def test_declared_columns_exist():
    models = [m for m in apps.get_app_config("store").get_models() if issubclass(m, AppendOnly)]
    assert len(models) > 8
    for model in models:
        names = {field.name for field in model._meta.get_fields()}
        assert names >= model.MUTABLE, model


def test_row_says_nothing_of_what_it_holds(version):
    assert str(version) == f"PolicyVersion {version.pk}"
