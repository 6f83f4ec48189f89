# SPDX-License-Identifier: Apache-2.0
"""Our categories beside those of others: one map for every answer that names a category.

An equal name of another taxonomy is written back; a partial one (wider, narrower
or merely near) is read and kept beside ours, never written as if it were the same.
Sources: OpenAI moderation guide (13 categories), MLCommons AILuminate 1.0 and its
hazard codes, Llama Guard 3, Mistral moderation 2603, Azure AI Content Safety.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from enum import StrEnum
from typing import Final, NamedTuple

from vigie.core.decision import Decision, Signal, Verdict
from vigie.law import LawTable
from vigie.law.entry import Cls


class Scheme(StrEnum):
    """A taxonomy of somebody else's."""

    OPENAI = "openai"
    MLCOMMONS = "mlcommons"
    AILUMINATE = "ailuminate"
    MISTRAL = "mistral"
    AZURE = "azure"


OPENAI: Final = (
    *("harassment", "harassment/threatening", "hate", "hate/threatening", "illicit"),
    *("illicit/violent", "self-harm", "self-harm/instructions", "self-harm/intent"),
    *("sexual", "sexual/minors", "violence", "violence/graphic"),
)
"""Every name that a client of OpenAI's expects in an answer."""
LIVE: Final = "live"
MINOR: Final = "minor_reference"
"""Half of a conjunction: alone it is no finding and carries no score outside."""


class Category(NamedTuple):
    """One of our categories. `equal` and `partial`: names elsewhere, as `scheme:name`."""

    name: str
    equal: tuple[str, ...] = ()
    partial: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    """Labels of signals that score it."""
    classes: tuple[Cls, ...] = ()
    """Classes of law entries that are about it."""

    def names(self, scheme: Scheme, *, partial: bool = False) -> tuple[str, ...]:
        """Return what another taxonomy calls it; on request also what only comes near."""
        start = f"{scheme}:"
        found = (*self.equal, *self.partial) if partial else self.equal
        return tuple(one.removeprefix(start) for one in found if one.startswith(start))


TABLE: Final = (
    Category(
        "denial",
        partial=("openai:hate", "mlcommons:S10", "ailuminate:hte"),
        reads=("denial", "glorification"),
        classes=(Cls.DENIAL,),
    ),
    Category(
        "ncii_synthetic",
        partial=(
            *("openai:sexual", "openai:harassment", "mlcommons:S3", "mlcommons:S5"),
            *("mlcommons:S7", "ailuminate:src", "ailuminate:prv"),
        ),
        reads=("nudify", "ncii", "intimate"),
        classes=(Cls.INTIMATE,),
    ),
    Category(
        "minor_sexual",
        equal=("openai:sexual/minors", "mlcommons:S4", "ailuminate:cse"),
        partial=("mistral:sexual", "azure:sexual"),
        reads=("child",),
        classes=(Cls.CHILD,),
    ),
    Category(
        "terror",
        partial=(
            *("openai:illicit/violent", "openai:violence", "mlcommons:S1", "mlcommons:S9"),
            *("ailuminate:vcr", "ailuminate:iwp", "mistral:violence_and_threats"),
            "azure:violence",
        ),
        reads=("terror", "terrorist"),
        classes=(Cls.TERRORIST,),
    ),
    Category(
        "hate",
        equal=(
            *("openai:hate", "mlcommons:S10", "ailuminate:hte", "azure:hate"),
            "mistral:hate_and_discrimination",
        ),
        partial=("openai:hate/threatening",),
        reads=("hate", "incitement"),
        classes=(Cls.HATE, Cls.SYMBOLS),
    ),
    Category(
        "harassment",
        equal=("openai:harassment",),
        partial=("openai:harassment/threatening",),
        reads=("harassment",),
        classes=(Cls.HARASSMENT,),
    ),
    Category(
        "sexual",
        equal=("openai:sexual", "mlcommons:S12", "ailuminate:sxc_prn", "azure:sexual"),
        partial=("mistral:sexual",),
        reads=("sexual", "image_nudity"),
        classes=(Cls.MINORS_EXPOSURE,),
    ),
    Category(
        "sex_crime",
        equal=("mlcommons:S3", "ailuminate:src"),
        partial=("mistral:criminal", "azure:sexual"),
        reads=("sex_crime",),
    ),
    Category(
        "violence",
        equal=("openai:violence", "mlcommons:S1", "ailuminate:vcr", "azure:violence"),
        partial=("openai:violence/graphic", "mistral:violence_and_threats"),
        reads=("violence",),
        classes=(Cls.VIOLENCE,),
    ),
    Category(
        "weapons_mass",
        equal=("mlcommons:S9", "ailuminate:iwp"),
        partial=("openai:illicit/violent", "mistral:dangerous"),
        reads=("weapons_mass",),
    ),
    Category(
        "crime_other",
        equal=("openai:illicit", "mlcommons:S2", "ailuminate:ncr", "mistral:criminal"),
        reads=("crime_other",),
        classes=(Cls.PLATFORM,),
    ),
    Category(
        "self_harm",
        equal=(
            *("openai:self-harm", "mlcommons:S11", "ailuminate:ssh", "mistral:self-harm"),
            "azure:self-harm",
        ),
        partial=("openai:self-harm/intent", "openai:self-harm/instructions"),
        reads=("self_harm",),
    ),
    Category("defamation", equal=("mlcommons:S5", "ailuminate:dfm"), reads=("defamation",)),
    Category(
        "privacy", equal=("mlcommons:S7", "ailuminate:prv", "mistral:pii"), reads=("privacy",)
    ),
    Category("ip", equal=("mlcommons:S8", "ailuminate:ipv"), reads=("ip",)),
    Category(
        "advice",
        equal=("mlcommons:S6",),
        partial=(
            *("ailuminate:spc_fin", "ailuminate:spc_hlt", "ailuminate:spc_lgl"),
            *("mistral:health", "mistral:financial", "mistral:law"),
        ),
        reads=("advice",),
    ),
    Category("elections", equal=("mlcommons:S13", "ailuminate:spc_ele"), reads=("elections",)),
    Category(
        "jailbreak",
        equal=("mistral:jailbreaking",),
        partial=("azure:prompt-injection", "ailuminate:skilled"),
        reads=("jailbreak",),
    ),
)
CATEGORIES: Final = {one.name: one for one in TABLE}
_OF_SIGNAL: Final = {label: one.name for one in TABLE for label in one.reads}
_OF_WORDS: Final = {"denial_term": "denial", "nudify_term": "ncii_synthetic"}
"""Words of a list: they name what a policy rests on, and are no score of a category."""
_OF_CLAUSE: Final = {
    "intimate-pictures": "ncii_synthetic",
    "no-undressing": "ncii_synthetic",
    "no-sexual-content-about-minors": "minor_sexual",
    "no-nudity-in-generated-pictures": "sexual",
    "no-circumvention": "jailbreak",
}
"""Clauses of the starter set: what they are about, whichever score met a limit."""
_EARLIER: Final = "conversation_"
"""Before labels that carry what earlier turns said."""
_OF_CLASS: Final = {cls: one.name for one in TABLE for cls in one.classes}
_PICTURES: Final = frozenset({"child", "terrorist", "intimate", "image_nudity"})
"""Labels of signals that come of pictures."""


class Known(NamedTuple):
    """One of our categories for a name of another taxonomy."""

    category: str
    is_equal: bool


def known(scheme: Scheme, name: str) -> tuple[Known, ...]:
    """Return our categories for a name elsewhere, equal ones first; none: not ours."""
    return tuple(
        Known(one.name, is_equal)
        for is_equal in (True, False)
        for one in TABLE
        if f"{scheme}:{name}" in (one.equal if is_equal else one.partial)
    )


def categories_of(verdicts: Collection[Verdict], law: LawTable) -> tuple[str, ...]:
    """Return the categories of what fired in force, the most specific for each verdict.

    By the class of the law entry where the verdict rests on one, by a clause of the
    starter set; otherwise by the scores that met a limit. A verdict of which none of
    these tells anything names its policy.
    """
    live = [one for one in verdicts if one.state == LIVE and not one.failed]
    return tuple(sorted({name for one in live for name in _of_verdict(one, law)}))


def _of_verdict(verdict: Verdict, law: LawTable) -> Iterator[str]:
    entry = law.entries.get(verdict.ground.offence or "")
    if entry is not None and entry.cls in _OF_CLASS:
        yield _OF_CLASS[entry.cls]
        return
    if verdict.ground.terms in _OF_CLAUSE:
        yield _OF_CLAUSE[verdict.ground.terms]
        return
    labels = {
        (one.signal or "").rpartition("/")[2].removeprefix(_EARLIER) for one in verdict.reasons
    }
    if MINOR in labels:
        yield "minor_sexual"
        return
    known = _OF_SIGNAL | _OF_WORDS
    found = {known[label] for label in labels if label in known}
    yield from found or {verdict.policy}


class Findings(NamedTuple):
    """What a judgement says in categories, ours and OpenAI's."""

    flagged: tuple[str, ...]
    """Our categories; whatever follows is by name, ours and OpenAI's."""
    categories: dict[str, bool | None]
    scores: dict[str, float | None]
    inputs: dict[str, tuple[str, ...]]
    """Kinds of input that were looked at for a category; none: nothing looks for it."""


def findings(
    decision: Decision, law: LawTable, looked: Collection[str], *, trusted: bool
) -> Findings:
    """Return what a decision says in categories.

    Args:
        decision: the judgement.
        law: of the same Snapshot.
        looked: labels of the detectors that ran.
        trusted: False: scores only repeat the flags, as 1 and 0.

    A category for which nothing looks is not flagged, scores 0 (`illicit` and
    `illicit/violent`: null, as the interface allows) and lists no kind of input.
    """
    flagged = categories_of(decision.verdicts, law)
    values = _scores(decision.signals)
    ours: dict[str, tuple[bool, float, tuple[str, ...]]] = {}
    for name in sorted({*_covered(looked), *flagged}):
        flag = name in flagged
        score = max(values.get(name, 0.0), 0.0) if trusted else float(flag)
        ours[name] = (flag, score, _inputs(name, looked))
    return _written(flagged, ours)


def _covered(looked: Collection[str]) -> Iterator[str]:
    for one in TABLE:
        if any(label in looked for label in one.reads):
            yield one.name
    if MINOR in looked and "sexual" in looked:
        yield "minor_sexual"


def _scores(signals: Collection[Signal]) -> dict[str, float]:
    labels: dict[str, float] = {}
    for signal in signals:
        labels[signal.label] = max(labels.get(signal.label, 0.0), signal.value)
    found: dict[str, float] = {}
    for label, value in labels.items():
        name = _OF_SIGNAL.get(label)
        if name is not None:
            found[name] = max(found.get(name, 0.0), value)
    both = min(labels.get(MINOR, 0.0), labels.get("sexual", 0.0))
    found["minor_sexual"] = max(found.get("minor_sexual", 0.0), both)
    return found


def _inputs(name: str, looked: Collection[str]) -> tuple[str, ...]:
    category = CATEGORIES.get(name)
    reads = {label for label in category.reads if label in looked} if category else set()
    text = bool(reads - _PICTURES) or (name == "minor_sexual" and MINOR in looked)
    return (*(("text",) if text else ()), *(("image",) if reads & _PICTURES else ()))


def _written(
    flagged: tuple[str, ...], ours: dict[str, tuple[bool, float, tuple[str, ...]]]
) -> Findings:
    nullable = ("illicit", "illicit/violent")
    categories: dict[str, bool | None] = {n: None if n in nullable else False for n in OPENAI}
    scores: dict[str, float | None] = {n: None if n in nullable else 0.0 for n in OPENAI}
    inputs: dict[str, tuple[str, ...]] = dict.fromkeys(OPENAI, ())
    for name, (flag, score, kinds) in ours.items():
        category = CATEGORIES.get(name)
        for written in {name, *(category.names(Scheme.OPENAI) if category else ())}:
            categories[written], scores[written], inputs[written] = flag, score, kinds
    return Findings(flagged, categories, scores, inputs)
