# SPDX-License-Identifier: Apache-2.0
"""`vigie gateway upstream add|change|list|remove|test`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from vigie.cli import frame
from vigie.cli.failures import OUTSIDE, Done
from vigie.core.errors import InvalidInputError
from vigie.core.gateway import Upstream, UpstreamKind

if TYPE_CHECKING:
    from vigie.flow.gateway.upstreams import Tried


@click.group("upstream", cls=frame.Group, epilog=frame.example("vigie gateway upstream list"))
def group() -> None:
    """Say whom the gateway asks. Keys of upstreams are files of the keys folder alone."""


_options: tuple[Callable[[Any], Any], ...] = (
    click.option("--url", required=True, help="Base address, such as https://api.example/v1."),
    click.option(
        "--kind",
        type=click.Choice([one.value for one in UpstreamKind]),
        default=UpstreamKind.OPENAI.value,
        show_default=True,
        help="Which interface it speaks.",
    ),
    click.option(
        "--model", "models", multiple=True, help="Pattern of names; repeated.  [default: *]"
    ),
    click.option(
        "--position", type=click.IntRange(0), default=0, show_default=True,
        help="Lower ones are asked first; the next where one fails.",
    ),
    click.option("--private", is_flag=True, help="It lies in your own network; http is allowed."),
    click.option(
        "--key-file",
        type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
        help="File that holds its key, - for standard input.",
    ),
    click.option("--no-key", is_flag=True, help="It needs no key."),
)  # fmt: skip


def _described(function: Any) -> Any:
    for option in reversed(_options):
        function = option(function)
    return function


@group.command(
    "add",
    epilog=frame.example(
        "vigie gateway upstream add main --url https://api.example/v1 --model 'assistant-*' "
        "--key-file key.txt"
    ),
)
@click.argument("name")
@_described
@frame.data_dir
@frame.as_json
def add(
    *,
    name: str,
    key_file: Path | None,
    no_key: bool,
    data_dir: Path,
    as_json: bool,
    **given: Any,
) -> None:
    """Add an upstream; its key comes from a file or is asked for, never from an argument."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.cli.publishing import refresh
    from vigie.flow.gateway import upstreams

    made = upstream_of(name, given)
    upstreams.check(made, "")
    secret = "" if no_key else read_secret(key_file)
    upstreams.add(house, made, secret)
    refresh(house)
    shown = {"name": name, "added": True, "key": bool(secret)}
    frame.show(shown, as_json=as_json, text=lambda: [f"Upstream {name} is added."])


@group.command(
    "change",
    epilog=frame.example(
        "vigie gateway upstream change main --url https://eu.api.example/v1 --key-file key.txt"
    ),
)
@click.argument("name")
@_described
@frame.data_dir
@frame.as_json
def change(
    *,
    name: str,
    key_file: Path | None,
    no_key: bool,
    data_dir: Path,
    as_json: bool,
    **given: Any,
) -> None:
    """Change an upstream as a whole; without --key-file its key stays, on the same server."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.cli.publishing import refresh
    from vigie.flow.gateway import upstreams

    secret = "" if no_key else (read_secret(key_file) if key_file else None)
    upstreams.change(house, upstream_of(name, given), secret)
    refresh(house)
    shown = {"name": name, "changed": True}
    frame.show(shown, as_json=as_json, text=lambda: [f"Upstream {name} is changed."])


@group.command("list", epilog=frame.example("vigie gateway upstream list --json"))
@frame.data_dir
@frame.as_json
def list_(*, data_dir: Path, as_json: bool) -> None:
    """List upstreams; of their keys only whether there is one."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.gateway import upstreams

    rows = [
        {
            **row.document,
            "host": urlsplit(row.document["url"]).hostname,
            "key": upstreams.has_key(house.settings, row.name),
        }
        for row in upstreams.rows()
    ]
    head = ("name", "kind", "host", "models", "position", "private", "key")
    cells = [
        (
            row["name"],
            row["kind"],
            row["host"],
            " ".join(row["models"]),
            row["position"],
            "yes" if row["private"] else "no",
            "yes" if row["key"] else "none",
        )
        for row in rows
    ]
    frame.show(rows, as_json=as_json, text=lambda: frame.table(head, cells))


@group.command("remove", epilog=frame.example("vigie gateway upstream remove main"))
@click.argument("name")
@frame.data_dir
@frame.as_json
def remove(*, name: str, data_dir: Path, as_json: bool) -> None:
    """Take an upstream out of use and delete its key."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.cli.publishing import refresh
    from vigie.flow.gateway import upstreams

    upstreams.remove(house, name)
    refresh(house)
    shown = {"name": name, "removed": True}
    frame.show(shown, as_json=as_json, text=lambda: [f"Upstream {name} is removed."])


@group.command("test", epilog=frame.example("vigie gateway upstream test main"))
@click.argument("name")
@click.option(
    "--seconds", type=click.FloatRange(0.1, 120), default=10.0, show_default=True, help="Limit."
)
@frame.data_dir
@frame.as_json
def test(*, name: str, seconds: float, data_dir: Path, as_json: bool) -> None:
    """Ask an upstream for its models and say what came; exit code 3 where nothing did."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.gateway import upstreams

    tried = upstreams.probe(house, name, timeout=seconds)
    shown = {
        "name": name,
        "ok": tried.ok,
        "status": tried.status,
        "took_ms": tried.took_ms,
        "count": tried.count,
        "models": list(tried.models),
        "problem": tried.problem,
    }
    frame.show(shown, as_json=as_json, text=lambda: _tried(name, tried))
    if not tried.ok:
        raise Done(OUTSIDE)


def _tried(name: str, tried: Tried) -> Iterable[str]:
    answered = f"{tried.status} after {tried.took_ms:,} ms" if tried.status else "no answer"
    yield f"{name}: {answered}. {tried.problem}".rstrip()
    if tried.ok:
        more = (
            f" and {tried.count - len(tried.models):,} more"
            if tried.count > len(tried.models)
            else ""
        )
        yield f"{frame.counted(tried.count, 'model')}: {' '.join(tried.models)}{more}"


def upstream_of(name: str, given: dict[str, Any]) -> Upstream:
    """Return what the options describe; the verb checks it."""
    return Upstream(
        name=name,
        kind=UpstreamKind(given["kind"]),
        url=given["url"],
        models=tuple(given["models"]) or ("*",),
        position=given["position"],
        private=given["private"],
    )


def read_secret(path: Path | None) -> str:
    """Return a key from a file or standard input, else ask for it without showing it."""
    if path is None:
        return str(click.prompt("Key of the upstream", hide_input=True, err=True)).strip()
    if str(path) == "-":
        return sys.stdin.read().strip()
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise InvalidInputError(f"{path} cannot be read as a key.", field="--key-file") from None
