# SPDX-License-Identifier: Apache-2.0
"""The verify panel: what was checked, against what, with which result.

Every step is computed when the page is asked for; the word is *holds*, *waits*
or *fails*. Witnesses and time stamps are named only where they exist.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from vigie.core.errors import ConflictError, NotFoundError, UnavailableError
from vigie.web import proofs
from vigie.web.templatetags.vigie_tags import whole

if TYPE_CHECKING:
    from vigie.store.models import DecisionRecord
    from vigie.web.proofs import Made

LINE: Final = 32
WIDTH: Final = (14, 318)


@dataclass(frozen=True, slots=True)
class Node:
    """One hash of the path, drawn above or below the line."""

    x: float
    end: int
    left: float
    top: float


@dataclass(frozen=True, slots=True)
class Path:
    """The way from the entry to the signed root."""

    words: str
    count: str
    nodes: list[Node]


@dataclass(frozen=True, slots=True)
class Step:
    """One numbered step of the proof."""

    words: str
    shape: str
    result: str
    evidence: str
    kind: str = "small soft"
    path: Path | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """All steps, the result in one word, and the command for an outsider."""

    words: str
    holds: bool
    waits: bool
    command: str
    ready: bool = False
    steps: list[Step] = field(default_factory=list)


def panel(record: DecisionRecord) -> Panel:
    """Make the proof of a decision, check it, and say so step by step."""
    command = f"vigie-verify --policy policy.txt {record.label}.json"
    try:
        made = proofs.make(record)
    except UnavailableError as waits:
        step = Step(_("The entry is in the log"), "waits", _("waits"), waits.message)
        return Panel(_("waits"), holds=False, waits=True, command=command, steps=[step])
    except NotFoundError as gone:
        step = Step(_("The record can be opened"), "failed", _("fails"), gone.message)
        return Panel(_("cannot be opened"), holds=False, waits=False, command=command, steps=[step])
    except ConflictError as broken:
        step = Step(_("The entry is in the log"), "failed", _("fails"), broken.message)
        return Panel(_("fails"), holds=False, waits=False, command=command, steps=[step])
    steps = _steps(made)
    unsure = [step for step in steps if step.shape != "verified"]
    words = _("all steps hold") if not unsure else _("not all steps were checked")
    return Panel(
        words, holds=not unsure, waits=bool(unsure), command=command, ready=True, steps=steps
    )


def _steps(made: Made) -> list[Step]:
    """Say what the check showed."""
    checked, proof = made.checked, made.proof
    entry = checked.opening.entry.hex()
    size = checked.checkpoint.size
    place = _("entry %(index)s of %(size)s") % {
        "index": whole(proof.position),
        "size": whole(size),
    }
    return [
        Step(_("The record is the one that was logged"), "verified", _("holds"), entry, "hash"),
        Step(
            _("The entry is in the log"),
            "verified",
            _("holds"),
            place,
            path=path(proof.position, size, len(proof.path)),
        ),
        _signed(made),
    ]


def _signed(made: Made) -> Step:
    words = _("The log is signed")
    if made.checked.accepted is None:
        return Step(words, "waits", _("not checked"), _("no key of this log was found"))
    key = made.checked.accepted.log
    return Step(words, "verified", _("holds"), f"{key.name}+{key.key_id.hex()}", "hash")


def path(index: int, size: int, length: int) -> Path:
    """Draw the hashes that lead from an entry to the root, left and right of it."""
    sides = _sides(index, size)[:length]
    left, right = WIDTH
    nodes = []
    for number, is_left in enumerate(sides, start=1):
        x = round(left + (right - left) * number / (len(sides) + 1), 1)
        end = LINE - 12 if is_left else LINE + 12
        nodes.append(Node(x, end, x - 2.5, end - 2.5))
    count = ngettext("%(count)s hash", "%(count)s hashes", length) % {"count": length}
    words = _("Path of %(count)s from this entry to the signed root") % {"count": count}
    return Path(words, count, nodes)


def _sides(index: int, size: int) -> list[bool]:
    """Say for each hash of the path whether it stands left of the entry (RFC 9162, 2.1.3.2)."""
    sides = []
    at, last = index, size - 1
    while last > 0:
        if at % 2 == 1 or at == last:
            sides.append(True)
            while at % 2 == 0 and at != 0:
                at, last = at >> 1, last >> 1
        else:
            sides.append(False)
        at, last = at >> 1, last >> 1
    return sides
