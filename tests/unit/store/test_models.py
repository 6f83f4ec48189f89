# SPDX-License-Identifier: Apache-2.0
"""Rules over all tables: retention, words of closed lists, migrations."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.core.management import call_command

from vigie.flow.retain import registry
from vigie.store.permissions import ROLES, Permission, Role, permissions_of

STORE = list(apps.get_app_config("store").get_models())


def test_every_table_declares_term_and_redaction():
    declared = [model for rule in registry() for model in rule.models]
    assert sorted(m.__name__ for m in declared) == sorted(m.__name__ for m in STORE)
    for rule in registry():
        assert rule.what
        assert rule.why
        assert rule.term
        assert rule.redaction


def test_every_table_says_in_the_database_what_it_is_for():
    for model in STORE:
        assert model._meta.db_table_comment, model


@pytest.mark.django_db
def test_models_and_migrations_agree():
    call_command("makemigrations", "store", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db(transaction=True)
def test_migrations_go_back_and_forth(transactional_db):
    call_command("migrate", "store", "zero", verbosity=0)
    # All apps: what leans on the store (second factors, identities) went back with it.
    call_command("migrate", verbosity=0)


def test_permissions_are_scope_resource_action_in_order():
    names = [str(permission) for permission in Permission]
    assert names == sorted(names)
    assert all(len(name.split(":")) == 3 for name in names)


def test_unknown_role_may_do_nothing():
    assert permissions_of("nobody") == frozenset()
    assert set(ROLES) == set(Role)


def test_auditor_reads_and_changes_nothing():
    assert all(name.endswith((":read", ":use")) for name in permissions_of(Role.AUDITOR))


def test_only_the_child_safety_role_and_the_administrator_see_class_child():
    may = {role for role in Role if Permission.CHILD_READ in permissions_of(role)}
    assert may == {Role.ADMIN, Role.CHILD_SAFETY}
