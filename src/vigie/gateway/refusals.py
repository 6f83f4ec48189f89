# SPDX-License-Identifier: Apache-2.0
"""What users are told in place of an answer, in their language.

Category and how to contest: never a pattern, a span or a score. Where nothing is kept
of what was stopped there is no statement to read, and the text names none.
"""

from __future__ import annotations

from importlib.resources import files
from typing import Any, Final

import msgspec
import yaml

from vigie.core.addresses import StatementAddresses
from vigie.core.clock import from_iso
from vigie.core.decision import Decision
from vigie.core.errors import VigieError
from vigie.core.gateway import Brake, Stage
from vigie.gateway.dialects.base import Refusal
from vigie.gateway.labels import categories_of
from vigie.gateway.upstream import RefusingUpstreamError
from vigie.law import LawTable

POLICY: Final = "content_policy_violation"
BRAKED: Final = "feature_stopped"
REVOKED: Final = "invalid_api_key"
UNGUARDED: Final = "screening_unavailable"
OTHER: Final = "other"
DEFAULT: Final = "en"
_TEXTS: Final[dict[str, dict[str, Any]]] = yaml.safe_load(
    files("vigie.gateway").joinpath("refusals.yaml").read_text(encoding="utf-8")
)
LANGUAGES: Final = tuple(_TEXTS)
_NO_STATEMENT: Final = "minor_sexual"


def text(language: str, name: str, **values: str) -> str:
    """Return one text in a language; in English where there is no such language."""
    found: str = _TEXTS.get(language, _TEXTS[DEFAULT])[name]
    return found.format(**values)


def language_of(*wishes: str | None) -> str:
    """Return the first language that there are texts in, of headers and what was found."""
    for wish in wishes:
        for one in (wish or "").split(","):
            primary = one.strip().partition(";")[0].partition("-")[0].lower()
            if primary in _TEXTS:
                return primary
    return DEFAULT


def category_of(decision: Decision, law: LawTable) -> str:
    """Return the category under which users are told of a stop."""
    names = categories_of(decision.verdicts, law)
    if _NO_STATEMENT in names:
        return _NO_STATEMENT
    return names[0] if names else OTHER


def stopped(
    decision: Decision, stage: Stage, law: LawTable, language: str, addresses: StatementAddresses
) -> Refusal:
    """Return what a user is told where a decision stopped something."""
    category = category_of(decision, law)
    names = _TEXTS.get(language, _TEXTS[DEFAULT])["categories"]
    parts = [text(language, stage.value, category=names.get(category, names[OTHER]))]
    url = ""
    if decision.has_effect and not decision.counted_only and category != _NO_STATEMENT:
        url = addresses.of(decision.decision_id, from_iso(decision.at))
        parts.append(text(language, "contest", url=url))
    parts.append(text(language, "reference", decision=decision.decision_id))
    return Refusal(
        message=" ".join(parts),
        code=POLICY,
        category=category,
        decision_id=decision.decision_id,
        statement_url=url,
    )


def braked(brake: Brake, language: str) -> Refusal:
    """Return what a user is told while a feature stands still."""
    if not brake.reason:
        return braked_plain(language)
    said = text(language, "braked", reason=brake.reason)
    return Refusal(message=said, code=BRAKED, status=403)


def braked_plain(language: str) -> Refusal:
    """Return what a user is told where a feature stood still and its brake is gone by now."""
    return Refusal(message=text(language, "braked_plain"), code=BRAKED, status=403)


def words_of(said: bytes) -> str:
    """Return what an upstream says in an error of the usual shape; empty where it is none."""
    try:
        error = msgspec.json.decode(said).get("error")
        words = error.get("message") if isinstance(error, dict) else error
    except (ValueError, AttributeError, RecursionError):
        return ""
    return words if isinstance(words, str) else ""


def refused_upstream(problem: RefusingUpstreamError, words: str) -> Refusal:
    """Return an upstream's refusal, with its words where they were judged."""
    return Refusal(
        message=f"{problem.message} {words}".strip(),
        code="rate_limit_exceeded" if problem.http_status == 429 else problem.code,
        status=problem.http_status,
        retry_after=problem.retry_after,
    )


def unguarded(language: str) -> Refusal:
    """Return what a user is told where the guard failed or came late."""
    return Refusal(message=text(language, "unguarded"), code=UNGUARDED, status=503, retry_after=2)


def of_error(problem: VigieError, language: str = DEFAULT) -> Refusal:
    """Return an error of ours as a refusal; failures of upstreams in the user's language."""
    said = _OWN_WORDS.get(problem.code)
    message = text(language, said) if said else problem.message
    if problem.fix and not said:
        message = f"{message} {problem.fix}"
    return Refusal(
        message=message,
        code=problem.code,
        status=problem.http_status,
        param=problem.field,
        retry_after=getattr(problem, "retry_after", 0),
    )


def status_of(refusal: Refusal) -> int:
    """Return the status; what cannot be processed is a bad request in these interfaces."""
    return 400 if refusal.status == 422 else refusal.status


def headers_of(refusal: Refusal) -> list[tuple[bytes, bytes]]:
    """Return the headers that go with a refusal."""
    wait = refusal.retry_after or {429: 1, 503: 2, 507: 30}.get(refusal.status, 0)
    found: list[tuple[bytes, bytes]] = []
    if wait:
        found.append((b"retry-after", str(wait).encode()))
    if refusal.status == 401:
        found.append((b"www-authenticate", b"Bearer"))
    return found


_OWN_WORDS: Final = {
    "upstream_failed": "upstream",
    "server_stopping": "stopping",
    "insufficient_quota": "quota",
    "rate_limit_exceeded": "rate",
    "change_unregistered": "unregistered",
}
