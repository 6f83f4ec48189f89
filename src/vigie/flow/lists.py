# SPDX-License-Identifier: Apache-2.0
"""The operator's own word lists and link lists: publish a version, retire a list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import Max

from vigie.core.errors import ConflictError, InvalidInputError, NotFoundError
from vigie.flow import records
from vigie.flow.house import House
from vigie.flow.snapshot_parts import labels, mark_dirty
from vigie.flow.transaction import writing
from vigie.screening.detectors.link import LinkDetector
from vigie.screening.lexicons import read_lexicon
from vigie.screening.lexicons.shipped import load_shipped
from vigie.screening.policy import PolicyState, from_document
from vigie.screening.policy.compile import labels_read
from vigie.screening.policy.variables import NAME
from vigie.store.models import DomainList, LexiconVersion, PolicyRecord, SnapshotPart

LINKS: Final = frozenset({"list", "label", "domains"})
List = LexiconVersion | DomainList


def publish_list(house: House, document: object, by: str) -> List:
    """Publish a list as its next version; it is in force with the next Snapshot.

    A document with `domains` is a link list, any other a word list. Raises
    InvalidInputError where it does not fit, ConflictError where a shipped list
    or a list of the other kind has the name.
    """
    if not isinstance(document, Mapping):
        raise InvalidInputError(
            "A list is one document of named fields.",
            code="list_invalid",
            fix="See docs/reference/lists.md for the form.",
        )
    if "domains" in document:
        return _publish_links(house, document, by)
    return _publish_words(house, document, by)


def _publish_words(house: House, document: Mapping[str, Any], by: str) -> LexiconVersion:
    name = read_lexicon(document).list
    if any(shipped["list"] == name for shipped in load_shipped()):
        raise ConflictError(f"The package ships a list {name}.", code="list_exists", field="list")
    _check_label(document.get("label"))
    now = house.now()
    with writing():
        _check_free(DomainList, name)
        LexiconVersion.objects.filter(name=name, in_force=True).update(in_force=False)
        row = LexiconVersion.objects.create(
            name=name,
            version=_next(LexiconVersion, name),
            document=dict(document),
            published_by=by,
            published_at=now,
        )
        _record(house, row, SnapshotPart.LEXICONS, "list.published", by)
    return row


def _publish_links(house: House, document: Mapping[str, Any], by: str) -> DomainList:
    unknown = sorted(set(document) - LINKS)
    if unknown:
        raise InvalidInputError(
            f"A link list has no field {unknown[0]}.",
            code="domains_invalid",
            field=str(unknown[0]),
            fix=f"It has: {', '.join(sorted(LINKS))}.",
        )
    LinkDetector([document])
    _check_label(document["label"])
    name, now = document["list"], house.now()
    with writing():
        _check_free(LexiconVersion, name)
        DomainList.objects.filter(name=name, in_force=True).update(in_force=False)
        row = DomainList.objects.create(
            name=name,
            version=_next(DomainList, name),
            label=document["label"],
            domains=list(document["domains"]),
            published_by=by,
            published_at=now,
        )
        _record(house, row, SnapshotPart.DOMAINS, "list.published", by)
    return row


def retire_list(house: House, name: str, by: str) -> List:
    """Take a list out of force. ConflictError where a policy in force reads its label."""
    with writing():
        row = _in_force(name)
        row.in_force = False
        row.save(update_fields=["in_force"])
        missing = _read_in_vain(house)
        if missing:
            raise ConflictError(
                f"Policies in force read its label: {', '.join(missing)}.",
                code="list_in_use",
                fix="Publish them without it, or retire them, first.",
            )
        words = isinstance(row, LexiconVersion)
        part = SnapshotPart.LEXICONS if words else SnapshotPart.DOMAINS
        _record(house, row, part, "list.retired", by)
    return row


def lists_in_force() -> list[List]:
    """Return the operator's own lists, by name."""
    found: list[List] = [
        *LexiconVersion.objects.filter(in_force=True),
        *DomainList.objects.filter(in_force=True),
    ]
    return sorted(found, key=lambda row: row.name)


def _in_force(name: str) -> List:
    found = next((row for row in lists_in_force() if row.name == name), None)
    if found is None:
        raise NotFoundError(f"No list {name} is in force.", code="no_list")
    return found


def _check_label(label: object) -> None:
    """Raise where a policy could not read the label."""
    if label is not None and not (isinstance(label, str) and NAME.fullmatch(label)):
        raise InvalidInputError(
            "A policy cannot read this label.",
            code="list_invalid",
            field="label",
            fix="Use small letters, digits and `_`, beginning with a letter.",
        )


def _check_free(model: type[List], name: str) -> None:
    if model.objects.filter(name=name, in_force=True).exists():
        raise ConflictError(
            f"A list of another kind is called {name}.", code="list_exists", field="list"
        )


def _next(model: type[List], name: str) -> int:
    return (model.objects.filter(name=name).aggregate(last=Max("version"))["last"] or 0) + 1


def _read_in_vain(house: House) -> list[str]:
    """Return the policies in force that read a label which no detector reports."""
    known = set(labels(house))
    rows = PolicyRecord.objects.filter(current__isnull=False).select_related("current")
    evaluated = {PolicyState.SHADOW, PolicyState.LIVE}
    return [
        row.policy_id
        for row in rows.order_by("policy_id")
        if row.current is not None
        and row.current.state in evaluated
        and not set(labels_read(from_document(row.current.document))) <= known
    ]


def _record(house: House, row: List, part: SnapshotPart, event: str, by: str) -> None:
    now = house.now()
    plain = {"list": row.name, "version": row.version}
    records.append_one(records.draft(event, now, plain, {"by": by}))
    mark_dirty(part, now)
