# SPDX-License-Identifier: Apache-2.0
"""Titles of policies in the language of the page, as their documents give them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language

from vigie.store.models import PolicyRecord, PolicyVersion

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def title_of(document: Mapping[str, Any]) -> str:
    """Return a policy's title in the language of the page, or in English."""
    words = document.get("title") or {}
    if not isinstance(words, dict):
        return str(words)
    return str(words.get(get_language() or "en") or words.get("en") or "")


def of_versions(wanted: Iterable[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """Return the titles of exactly these versions; unknown ones are left out."""
    asked = set(wanted)
    found = PolicyVersion.objects.filter(policy__policy_id__in={name for name, _ in asked})
    rows = found.values_list("policy__policy_id", "version", "document")
    return {(name, at): title_of(document) for name, at, document in rows if (name, at) in asked}


def of_policies() -> dict[str, str]:
    """Return the titles of the policies in force, by name, in the order of the names."""
    rows = PolicyRecord.objects.select_related("current").order_by("policy_id")
    return {
        row.policy_id: title_of(row.current.document) if row.current else row.title for row in rows
    }
