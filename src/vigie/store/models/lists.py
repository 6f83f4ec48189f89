# SPDX-License-Identifier: Apache-2.0
"""The operator's own word lists and link lists."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from vigie.store.append_only import AppendOnly
from vigie.store.fields import IdField, MomentField


class LexiconVersion(AppendOnly):
    """One version of a lexicon: the whole document; the newest in force counts."""

    MUTABLE: ClassVar[frozenset[str]] = frozenset({"in_force"})

    name = IdField(max_length=100)
    version = models.PositiveIntegerField()
    document: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField()
    in_force = models.BooleanField(default=True)
    published_by = models.CharField(max_length=100)
    published_at = MomentField()

    class Meta:
        db_table_comment = "Lexicons of the operator, append-only"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["name", "version"], name="lexicon_version_once")
        ]


class DomainList(AppendOnly):
    """One version of a list of domains with the label that a link to them brings."""

    MUTABLE: ClassVar[frozenset[str]] = frozenset({"in_force"})

    name = IdField(max_length=100)
    version = models.PositiveIntegerField()
    label = models.CharField(max_length=100)
    domains: models.JSONField[list[str], list[str]] = models.JSONField()
    in_force = models.BooleanField(default=True)
    published_by = models.CharField(max_length=100)
    published_at = MomentField()

    class Meta:
        db_table_comment = "Link lists of the operator, append-only"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["name", "version"], name="domain_list_once")
        ]
