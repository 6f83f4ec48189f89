# SPDX-License-Identifier: Apache-2.0
"""Reads a policy's YAML document; every refusal names file, line, column, field and fix."""

from __future__ import annotations

from typing import Final

import yaml

from vigie.core.actions import Outcome
from vigie.core.item import Surface
from vigie.screening.policy.document import (
    AGREEING,
    COUNTABLE,
    LONGEST_HIDE_HOURS,
    LONGEST_PAUSE_HOURS,
    PROPOSABLE,
    Clause,
    Expect,
    FailMode,
    HideClaimed,
    Policy,
    PolicyState,
    PolicyTest,
    Terms,
    Words,
)
from vigie.screening.policy.errors import did_you_mean
from vigie.screening.policy.places import places_of
from vigie.screening.policy.variables import ITEM, LISTS, NAME, Kind
from vigie.screening.policy.yaml_nodes import Node, read

LONGEST_CONDITION: Final = 2000
LONGEST_POLICY: Final = 20_000
MOST_CLAUSES: Final = 32
_FIELDS: Final = (
    "id", "version", "title", "description", "offences", "terms", "surfaces", "limits", "when",
    "action", "pause_recommendation", "hide_claimed", "counted_only", "fail", "state", "tests",
    "author", "sources",
)  # fmt: skip
_REQUIRED: Final = ("id", "version", "title", "description", "when", "action")
_SURFACES: Final = tuple(surface.value for surface in Surface)
_NAME_FIX: Final = "use small letters, digits and `_`, beginning with a letter"

Given = dict[str, float | int | str | tuple[str, ...]]


def parse_policy(text: str, source: str) -> Policy:
    """Return the policy of a YAML text; conditions are checked elsewhere."""
    root = read(text, source)
    fields = root.mapping(_FIELDS, _REQUIRED)
    offences, terms = _ground(root, fields)
    surfaces = _surfaces(fields.get("surfaces"))
    return Policy(
        id=_name(fields["id"]),
        version=fields["version"].integer(1, 1_000_000),
        title=_words(fields["title"]),
        description=fields["description"].text(),
        offences=offences,
        terms=terms,
        surfaces=surfaces,
        limits=_limits(fields.get("limits")),
        when=_clauses(fields["when"]),
        action=Outcome(fields["action"].choice(tuple(o.value for o in PROPOSABLE))),
        pause_recommendation=_pause(fields.get("pause_recommendation"), terms),
        hide_claimed=_hide(fields.get("hide_claimed"), terms),
        counted_only=_counted(fields.get("counted_only"), surfaces),
        fail=FailMode(_choice(fields.get("fail"), tuple(FailMode), FailMode.REVIEW)),
        state=PolicyState(_choice(fields.get("state"), tuple(PolicyState), PolicyState.SHADOW)),
        tests=_tests(fields.get("tests")),
        author=fields["author"].text() if "author" in fields else "",
        sources=fields["sources"].texts() if "sources" in fields else (),
        file=source,
        fields=_places(fields),
    )


def _places(fields: dict[str, Node]) -> dict[str, tuple[int, int]]:
    """Note where fields stand, for errors that only a later check can find."""
    nodes = list(fields.values())
    if "offences" in fields:
        nodes += fields["offences"].sequence()
    return {node.path: (node.line, node.column) for node in nodes}


def _name(node: Node) -> str:
    name = node.text()
    if not NAME.fullmatch(name):
        raise node.error(f"`{name}` is not a name", _NAME_FIX)
    return name


def _key(name: str, node: Node) -> str:
    if not NAME.fullmatch(name):
        raise node.error(f"`{name}` is not a name", _NAME_FIX)
    return name


def _words(node: Node) -> Words:
    languages = ("en", "fr", "de")
    entries = node.mapping(languages, languages)
    return Words(**{language: entries[language].text(200) for language in languages})


def _ground(root: Node, fields: dict[str, Node]) -> tuple[tuple[str, ...], Terms | None]:
    """Read offences or terms: one of them, so that a reader knows which law speaks."""
    if ("offences" in fields) == ("terms" in fields):
        node = fields.get("terms", root)
        raise node.error(
            "a policy names either offences or a clause of the terms",
            "write `offences: [ids]` or `terms: {clause, title}`, not both",
        )
    if "terms" in fields:
        entries = fields["terms"].mapping(("clause", "title"), ("clause", "title"))
        return (), Terms(clause=entries["clause"].text(100), title=_words(entries["title"]))
    node = fields["offences"]
    offences = [_name(element) for element in node.sequence()]
    if not offences or len(set(offences)) != len(offences):
        raise node.error("offences must be a list of different ids with at least one")
    return tuple(offences), None


def _surfaces(node: Node | None) -> tuple[Surface, ...]:
    if node is None:
        return ()
    surfaces = tuple(Surface(element.choice(_SURFACES)) for element in node.sequence())
    if not surfaces:
        raise node.error("an empty list looks nowhere", "leave `surfaces` out for every surface")
    return surfaces


def _limits(node: Node | None) -> dict[str, float]:
    if node is None:
        return {}
    return {_key(name, entry): entry.number() for name, entry in node.mapping().items()}


def _clauses(node: Node) -> tuple[Clause, ...]:
    entries = node.mapping()
    if not 1 <= len(entries) <= MOST_CLAUSES:
        raise node.error(f"a policy has 1 to {MOST_CLAUSES} clauses")
    clauses = tuple(_clause(name, entry) for name, entry in entries.items())
    if sum(len(clause.expression) for clause in clauses) > LONGEST_POLICY:
        raise node.error(f"all conditions together have at most {LONGEST_POLICY} characters")
    return clauses


def _clause(name: str, node: Node) -> Clause:
    """Read one condition; YAML's own words (`true`) count as text here."""
    if not isinstance(node.raw, yaml.ScalarNode):
        raise node.error("a clause is one condition", "write it as one text")
    expression = str(node.raw.value) if node.raw.style is None else node.text()
    if not expression.strip() or len(expression) > LONGEST_CONDITION:
        raise node.error(f"a condition has 1 to {LONGEST_CONDITION} characters")
    return Clause(name=_key(name, node), expression=expression, places=places_of(node.raw))


def _pause(node: Node | None, terms: Terms | None) -> int:
    if node is None:
        return 0
    if terms is None:
        raise node.error(
            "recommendation is paused only on a clause of the operator's terms",
            "name `terms` instead of `offences`, or leave this field out",
        )
    return node.integer(1, LONGEST_PAUSE_HOURS)


def _hide(node: Node | None, terms: Terms | None) -> HideClaimed | None:
    if node is None:
        return None
    if terms is None:
        raise node.error(
            "claimed pictures are hidden only on a clause of the operator's terms",
            "name `terms` instead of `offences`, or leave this field out",
        )
    fields = node.mapping(("hours", "limits"), ("hours", "limits"))
    limits = {name: entry.number() for name, entry in fields["limits"].mapping(AGREEING).items()}
    if not limits or not all(0 < limit <= 1 for limit in limits.values()):
        raise fields["limits"].error("at least one limit, above 0 and at most 1")
    return HideClaimed(hours=fields["hours"].integer(1, LONGEST_HIDE_HOURS), limits=limits)


def _counted(node: Node | None, surfaces: tuple[Surface, ...]) -> bool:
    if node is None:
        return False
    value = node.plain()
    if not isinstance(value, bool):
        raise node.error("this is true or false")
    if value and not (surfaces and set(surfaces) <= set(COUNTABLE)):
        raise node.error(
            "only what AI applications are asked and answer is counted without being kept",
            "write `surfaces: [ai_prompt, ai_output]`, or leave this field out",
        )
    return value


def _choice(node: Node | None, known: tuple[str, ...], default: str) -> str:
    return default if node is None else node.choice(tuple(str(word) for word in known))


def _tests(node: Node | None) -> tuple[PolicyTest, ...]:
    if node is None:
        return ()
    tests = tuple(_test(element) for element in node.sequence())
    names = [test.name for test in tests]
    if len(set(names)) != len(names):
        raise node.error("two tests have the same name")
    return tests


def _test(node: Node) -> PolicyTest:
    known = ("name", "given", "expect")
    fields = node.mapping(known, known)
    expect = fields["expect"].choice(tuple(word.value for word in Expect))
    return PolicyTest(
        name=fields["name"].text(200), given=_given(fields["given"]), expect=Expect(expect)
    )


def _given(node: Node) -> Given:
    return {name: _value(name, entry) for name, entry in node.mapping().items()}


def _value(name: str, node: Node) -> float | int | str | tuple[str, ...]:
    """Read the value of a variable in a test, by the variable's type."""
    head, _, tail = name.partition(".")
    if head == "score" and NAME.fullmatch(tail):
        return node.number()
    kind = ITEM.get(tail) if head == "item" else {**LISTS, "failed": Kind.STRINGS}.get(name)
    if kind is None:
        known = ("score.<label>", "failed", *LISTS, *(f"item.{field}" for field in ITEM))
        raise node.error(f"unknown variable `{name}`", did_you_mean(name, known))
    if kind is Kind.STRINGS:
        return node.texts()
    return node.text() if kind is Kind.STRING else node.integer(-1, 2**62)
