# SPDX-License-Identifier: Apache-2.0
"""`vigie policy list|test|explain|publish|evaluate`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vigie.cli import frame
from vigie.cli.failures import FAILED, Done
from vigie.core.errors import InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from vigie.screening.policy import Explanation, Policy, TestResult

SHIPPED = "shipped:"
FILES = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("policy", cls=frame.Group, epilog=frame.example("vigie policy test my-policy.yaml"))
def command() -> None:
    """List, test, explain, publish and measure policies.

    The store alone says which version is in force, and in which state: draft,
    shadow (evaluated and recorded, never acts) or live. YAML is a source.
    """


@command.command("list", epilog=frame.example("vigie policy list --json"))
@frame.data_dir
@frame.as_json
def list_(*, data_dir: Path, as_json: bool) -> None:
    """List the policies of the store with version and state."""
    from vigie.cli.context import open_house

    open_house(data_dir)
    from vigie.store.models import PolicyVersion

    rows = [
        {
            "policy": row.policy.policy_id,
            "version": row.version,
            "state": row.state,
            "in_force": row.policy.current_id == row.pk,
            "published_by": row.published_by,
            "title": row.policy.title,
        }
        for row in PolicyVersion.objects.select_related("policy").order_by(
            "policy__policy_id", "version"
        )
    ]
    frame.show(rows, as_json=as_json, text=lambda: _listed(rows))


def _listed(rows: Sequence[dict[str, Any]]) -> Iterable[str]:
    names = ("policy", "version", "state", "in_force", "title")
    yield from frame.table(
        ("policy", "version", "state", "in force", "title"),
        [["yes" if r[n] is True else "no" if r[n] is False else r[n] for n in names] for r in rows],
    )


@command.command(
    "test", epilog=frame.example("vigie policy test", "vigie policy test my-policy.yaml")
)
@click.argument("files", nargs=-1, type=FILES)
@frame.as_json
def test(*, files: tuple[Path, ...], as_json: bool) -> None:
    """Run the tests that policies carry.

    Without FILES the starter set of the package is tested. Exit code 1 if any
    test fails or a policy carries none.
    """
    from vigie.screening.policy import check_grounds, run_tests

    law = _law()
    results = {}
    for policy in _read(files):
        check_grounds(policy, law)
        results[policy.id] = run_tests(policy)
    frame.show(
        [
            {"policy": name, "passed": _passed(found), "tests": found}
            for name, found in results.items()
        ],
        as_json=as_json,
        text=lambda: _tested(results),
    )
    if not all(_passed(found) for found in results.values()):
        raise Done(FAILED)


def _passed(found: Sequence[TestResult]) -> bool:
    return bool(found) and all(one.passed for one in found)


def _tested(results: dict[str, list[TestResult]]) -> Iterable[str]:
    for name, found in results.items():
        good = sum(1 for one in found if one.passed)
        yield f"{name}: {good} of {frame.counted(len(found), 'test')} passed"
        for one in found:
            if not one.passed:
                yield f"  {one.name}: expected {one.expected.value}, got {one.got.value}"


@command.command(
    "explain", epilog=frame.example("vigie policy explain denial item.json --data-dir /srv/vigie")
)
@click.argument("policy")
@click.argument("item", type=FILES)
@frame.data_dir
@frame.as_json
def explain(*, policy: str, item: Path, data_dir: Path, as_json: bool) -> None:
    """Say why a policy would or would not fire on an item.

    POLICY is a name in force or a YAML file; ITEM is a JSON file as it is
    posted to /v1/items. Nothing is recorded. Media are not looked at.
    """
    found = _explain(policy, item, data_dir)
    frame.show(found, as_json=as_json, text=lambda: _explained(found))


def _explain(name: str, path: Path, folder: Path) -> Explanation:
    from vigie.core.item import Subject
    from vigie.screening.judge import detect, prepare
    from vigie.screening.policy import explain as explain_policy
    from vigie.screening.policy import facts_of
    from vigie.screening.snapshot import load

    snapshot = load(frame.settings(folder).snapshots_dir)
    chosen = _choose(name, folder)
    batch = prepare([Subject(_item(path))])
    signals = detect(batch, snapshot.detectors)
    return explain_policy(chosen, facts_of(batch.items[0], signals[0], snapshot.served))


def _choose(name: str, folder: Path) -> Policy:
    if Path(name).suffix in {".yaml", ".yml"}:
        return next(iter(_read((Path(name),))))
    import msgspec

    from vigie.screening.policy import ActivePolicy
    from vigie.screening.snapshot_files import current_number, read_manifest, read_parts

    snapshots = frame.settings(folder).snapshots_dir
    parts = read_parts(snapshots, read_manifest(snapshots, current_number(snapshots)))
    known = msgspec.json.decode(parts.get("policies", b"[]"), type=list[ActivePolicy])
    for active in known:
        if active.policy.id == name:
            return active.policy
    raise NotFoundError(
        f"No policy named {name} is in force.",
        code="no_policy",
        fix=f"In force: {', '.join(sorted(a.policy.id for a in known)) or 'none'}.",
    )


def _item(path: Path) -> Any:
    import msgspec

    from vigie.core.item import Item

    try:
        return msgspec.json.decode(path.read_bytes(), type=Item)
    except msgspec.MsgspecError as problem:
        raise InvalidInputError(
            f"{path} holds no item: {problem}", code="invalid_item", field=str(path)
        ) from problem


def _explained(found: Explanation) -> Iterable[str]:
    outcome = "fires" if found.fired else "fails" if found.failed else "stays quiet"
    yield f"{found.policy} version {found.version} {outcome}"
    if not found.looks_here:
        yield "  it does not look at this surface"
    marks = {True: "holds", False: "does not hold", None: "has no answer"}
    for clause in found.clauses:
        yield f"  {clause.name}: {clause.expression}  {marks[clause.holds]}"
        for name, value in clause.read.items():
            yield f"    {name} = {value}"
        if clause.problem:
            yield f"    {clause.problem}"


@command.command(
    "publish",
    epilog=frame.example(
        "vigie policy publish my-policy.yaml --state shadow",
        "vigie policy publish shipped:denial.yaml --state live",
    ),
)
@click.argument("source")
@click.option(
    "--state",
    type=click.Choice(["draft", "shadow", "live"]),
    default="shadow",
    show_default=True,
    help="Shadow is evaluated and recorded and never acts.",
)
@click.option("--by", default="command line", show_default=True, help="Who publishes it.")
@frame.data_dir
@frame.as_json
def publish(*, source: str, state: str, by: str, data_dir: Path, as_json: bool) -> None:
    """Publish a policy as a new version.

    SOURCE is a YAML file, or shipped:NAME for one of the starter set. Its own
    tests must pass. The new version is in force with the next Snapshot.
    """
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.cli.publishing import refresh
    from vigie.flow.policies import publish_policy

    row = publish_policy(house, _text(source), by, state=state, file=source)
    refresh(house)
    done = {"policy": row.policy.policy_id, "version": row.version, "state": row.state}
    frame.show(done, as_json=as_json, text=lambda: [_published(done)])


def _published(done: dict[str, Any]) -> str:
    return f"{done['policy']} version {done['version']} is published as {done['state']}"


@command.command(
    "evaluate",
    epilog=frame.example(
        "vigie policy evaluate civility --language fr --sample 400 --correct 398 --by m.roth"
    ),
)
@click.argument("policy")
@click.option("--language", required=True, help="Language of the sample, such as fr.")
@click.option("--sample", type=int, required=True, help="Labelled items on which it fired.")
@click.option("--correct", type=int, required=True, help="Those on which it was right.")
@click.option(
    "--precision-low",
    type=float,
    help="Lower 95 % bound of precision.  [default: the exact bound of the counts]",
)
@click.option("--by", required=True, help="Who answers for the labels.")
@frame.data_dir
@frame.as_json
def evaluate(
    *,
    policy: str,
    language: str,
    sample: int,
    correct: int,
    precision_low: float | None,
    by: str,
    data_dir: Path,
    as_json: bool,
) -> None:
    """Put a measurement on file, of the version that is in force.

    A live policy acts without a person on a clause of the terms only where the
    lower 95 % bound of its precision on your own labelled sample is at least
    0.98 for the language. A new text of the policy is measured anew.
    """
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.cli.publishing import refresh
    from vigie.flow.evaluations import MILLION, record_evaluation
    from vigie.screening.acting import LEAST_PRECISION

    row = record_evaluation(
        house, policy, language, sample=sample, correct=correct, low=precision_low, by=by
    )
    refresh(house)
    low = row.precision_low / MILLION
    done = {
        "policy": policy,
        "version": row.version,
        "language": language,
        "precision_low": low,
        "enough": low >= LEAST_PRECISION,
    }
    frame.show(done, as_json=as_json, text=lambda: [_evaluated(done, LEAST_PRECISION)])


def _evaluated(done: dict[str, Any], least: float) -> str:
    what = f"{done['policy']} version {done['version']}, {done['language']}"
    word = "enough to act alone on the terms" if done["enough"] else f"{least} is asked for"
    return f"{what}: precision at least {done['precision_low']:.4f}; {word}"


def _text(source: str) -> str:
    if not source.startswith(SHIPPED):
        return Path(source).read_text(encoding="utf-8")
    from vigie.screening.policy import shipped_policies

    shipped = shipped_policies()
    name = source.removeprefix(SHIPPED)
    found = shipped.get(name) or shipped.get(f"{name}.yaml")
    if found is None:
        raise NotFoundError(
            f"The package has no policy {name}.",
            code="no_policy",
            fix=f"It has: {', '.join(shipped)}.",
        )
    return found


def _read(files: Sequence[Path]) -> Iterable[Policy]:
    from vigie.screening.policy import load_policy, shipped_policies

    sources = {str(f): f.read_text(encoding="utf-8") for f in files} or shipped_policies()
    return [load_policy(text, name) for name, text in sources.items()]


def _law() -> Any:
    from vigie.law import load

    return load()
