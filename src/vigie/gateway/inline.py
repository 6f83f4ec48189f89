# SPDX-License-Identifier: Apache-2.0
"""The `moderation` object inside a completion or a response: our judgement in OpenAI's words.

A request asks with `moderation: {model, policy?: {input?: {mode}, output?: {mode}}}`.
Any model name is taken, since one guard answers. `mode: score` only reports; it
never loosens what the operator's profile and the law stop.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from vigie.core.decision import Decision
from vigie.core.errors import InvalidInputError
from vigie.core.item import Surface
from vigie.gateway.labels import MINOR, Findings, findings
from vigie.screening.acting import AI_SURFACES

if TYPE_CHECKING:
    from vigie.screening.snapshot import Snapshot

MODES: Final = ("score", "block")
_FIX: Final = "Write moderation: {model: NAME, policy: {input: {mode: MODE}}}; output as input."


def asks(body: Mapping[str, Any]) -> bool:
    """Say whether a request asks for the object. Raises InvalidInputError naming the field."""
    asked = body.get("moderation")
    if asked is None:
        return False
    found = _mapping(asked, "moderation", {"model", "policy"})
    if not isinstance(found.get("model"), str):
        raise _wrong("moderation.model", "It must be a string.")
    policy = _mapping(found.get("policy") or {}, "moderation.policy", {"input", "output"})
    for side, value in policy.items():
        name = f"moderation.policy.{side}"
        if value is not None and _mapping(value, name, {"mode"}).get("mode") not in MODES:
            raise _wrong(f"{name}.mode", f"It must be one of {', '.join(MODES)}.")
    return True


def _mapping(value: Any, name: str, known: set[str]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _wrong(name, "It must be an object.")
    if unknown := sorted(set(value) - known):
        raise _wrong(f"{name}.{unknown[0]}", "This field is not known.")
    return value


def _wrong(name: str, message: str) -> InvalidInputError:
    return InvalidInputError(message, code="invalid_value", field=name, fix=_FIX, http_status=400)


@dataclass(slots=True)
class Inline:
    """Gathers the decisions of one exchange and writes the object. `trusted`: with scores."""

    snapshot: Snapshot
    trusted: bool
    prompt: list[Decision] = field(default_factory=list)
    answer: list[Decision] = field(default_factory=list)

    def of_chat(self) -> dict[str, Any]:
        """Return the object for a completion, or for the chunk that carries it."""
        return {"input": self._list(self.prompt), "output": self._list(self.answer)}

    def of_response(self) -> dict[str, Any]:
        """Return the object for a response: one result a side, no list."""
        return {"input": self._one(self.prompt), "output": self._one(self.answer)}

    @property
    def _model(self) -> str:
        return model_name(self.snapshot)

    def _list(self, decisions: Sequence[Decision]) -> dict[str, Any]:
        result = self._one(decisions)
        if result["type"] == "error":
            return result
        return {"type": "moderation_results", "model": self._model, "results": [result]}

    def _one(self, decisions: Sequence[Decision]) -> dict[str, Any]:
        if not decisions or any(has_failed(one) for one in decisions):
            message = "The guard could not judge all of it."
            return {"type": "error", "code": "moderation_failed", "message": message}
        found = combined(decisions, self.snapshot, trusted=self.trusted)
        return {"type": "moderation_result", "model": self._model, **written(found)}


def model_name(snapshot: Snapshot) -> str:
    """Return the name under which this guard answers: it changes with every Snapshot."""
    return f"vigie-{snapshot.number}"


def has_failed(decision: Decision) -> bool:
    """Say whether a detector failed: what it would have found is not known."""
    return any(one.status == "failed" for one in decision.signals)


def combined(
    decisions: Sequence[Decision],
    snapshot: Snapshot,
    *,
    trusted: bool,
    surface: Surface = Surface.AI_PROMPT,
) -> Findings:
    """Return what several judgements of one text say together: any flag, the highest score."""
    looked = {label for one in snapshot.detectors for label in one.labels}
    if surface not in AI_SURFACES:
        looked.discard(MINOR)  # nothing of the package looks for it elsewhere
    each = [findings(one, snapshot.law, looked, trusted=trusted) for one in decisions]
    names = {name: None for one in each for name in one.categories}
    return Findings(
        flagged=tuple(sorted({name for one in each for name in one.flagged})),
        categories={name: _any([one.categories.get(name) for one in each]) for name in names},
        scores={name: _most([one.scores.get(name) for one in each]) for name in names},
        inputs={name: max((one.inputs.get(name, ()) for one in each), key=len) for name in names},
    )


def _any(flags: Sequence[bool | None]) -> bool | None:
    known = [flag for flag in flags if flag is not None]
    return any(known) if known else None


def _most(scores: Sequence[float | None]) -> float | None:
    return max((score for score in scores if score is not None), default=None)


def written(found: Findings) -> dict[str, Any]:
    """Return findings as an inline result writes them: no nulls, names that have none left out."""
    kept = [name for name, flag in found.categories.items() if flag is not None]
    return {
        "flagged": bool(found.flagged),
        "categories": {name: found.categories[name] for name in kept},
        "category_scores": {name: found.scores[name] for name in kept},
        "category_applied_input_types": {name: list(found.inputs[name]) for name in kept},
    }
