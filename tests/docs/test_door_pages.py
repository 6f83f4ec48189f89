# SPDX-License-Identifier: Apache-2.0
"""The pages of the machine door name every field and every code, and no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.tree import ROOT
from vigie.core.decision import Decision
from vigie.core.item import Author, Context, Item, Media
from vigie.intake.answer import PUBLIC_FIELDS
from vigie.intake.decisions import _Effect

ITEM = (ROOT / "docs/reference/item.md").read_text(encoding="utf-8")
ERRORS = (ROOT / "docs/reference/errors.md").read_text(encoding="utf-8")
SOURCE = ROOT / "src" / "vigie"
DOOR = [
    *(SOURCE / "intake").glob("*.py"),
    *(SOURCE / "machine").glob("*.py"),
    *(SOURCE / "screening" / "media").glob("pool.py"),
    *(SOURCE / "screening").glob("snapshot_files.py"),
    SOURCE / "journal" / "writer.py",
    SOURCE / "core" / "errors.py",
    SOURCE / "core" / "ids.py",
    SOURCE / "bootstrap.py",
    SOURCE / "keys.py",
]
ROW = re.compile(r"^\| `([a-z0-9_]+)` \| ([^|]+) \|", re.MULTILINE)


def tables(page: str) -> list[list[str]]:
    """Return the first column of every table of a page."""
    blocks = re.split(r"\n\n", page)
    return [found for block in blocks if (found := [name for name, _ in ROW.findall(block)])]


@pytest.mark.parametrize("kind", [Item, Author, Media, Context, Decision, _Effect])
def test_a_table_names_the_fields_of_each_part(kind: type) -> None:
    fields = sorted(kind.__struct_fields__)  # type: ignore[attr-defined]
    assert fields in [sorted(table) for table in tables(ITEM)]


def test_every_table_of_the_item_page_is_one_of_the_parts() -> None:
    assert len(tables(ITEM)) == 6


def test_the_page_names_what_the_public_sees() -> None:
    for name in (*PUBLIC_FIELDS, "category"):
        assert f"`{name}`" in ITEM


def codes_of(path: Path) -> Iterator[str]:
    """Yield every error code that a file writes down."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield from _codes_of_call(node)
        elif isinstance(node, ast.Assign) and any(
            isinstance(one, ast.Name) and one.id == "code" for one in node.targets
        ):
            yield from _texts(node.value)


def _codes_of_call(node: ast.Call) -> Iterator[str]:
    for keyword in node.keywords:
        if keyword.arg == "code":
            yield from _texts(keyword.value)
    if isinstance(node.func, ast.Name) and node.func.id == "_bad":
        yield from _texts(node.args[2])


def _texts(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.IfExp):
        yield from (*_texts(node.body), *_texts(node.orelse))
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def test_the_errors_page_names_every_code_of_the_door_and_no_other() -> None:
    used = {code for path in DOOR for code in codes_of(path)}
    listed = [code for code, _ in ROW.findall(ERRORS)]
    assert len(used) > 40
    assert set(listed) == used
    assert len(listed) == len(set(listed))


def test_the_errors_page_stands_in_the_order_of_the_status() -> None:
    statuses = [int(status) for _, status in ROW.findall(ERRORS)]
    assert statuses == sorted(statuses)
