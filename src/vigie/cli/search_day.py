# SPDX-License-Identifier: Apache-2.0
"""`vigie order search open|entry|scope|officer|close|show|list`.

Needs no running server: whoever takes the machines along may have stopped it.
Who can run these can read the store anyway; the record says that it was done at
the command line.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from vigie.cli import frame, search_scope
from vigie.core.errors import InvalidInputError

if TYPE_CHECKING:
    from vigie.flow.search_day.scope import ScopeGiven
    from vigie.store.models import OfficerAccess

BY: Final = "command line"
KINDS: Final = ("person", "event", "object", "copy", "privileged")
CHUNK: Final = 1 << 20
TIMES: Final = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%d"]


class SearchNumber(click.ParamType[int]):
    """A search as people name it: `S-1` or `1`."""

    name = "search"

    def convert(self, value: Any, param: Any, ctx: Any) -> int:
        """Return the number."""
        digits = str(value).strip().upper().removeprefix("S-")
        if not (digits.isascii() and digits.isdigit() and len(digits) < 16):
            self.fail("Name a search such as S-1.", param, ctx)
        return int(digits)


NUMBER: Final = SearchNumber()


@click.group("search", cls=frame.Group, epilog=frame.example("vigie order search list"))
def command() -> None:
    """Keep the record of a search by an authority; while one stands, nothing is deleted.

    Nothing here hides, locks or destroys anything.
    """


def _named(made: Any) -> Any:
    """Add the options that say what a warrant names."""
    for option in reversed(
        (
            click.option("--item", "items", multiple=True, help="Id of an item that it names."),
            click.option(
                "--author", "authors", multiple=True, help="Id of an author, as the platform's."
            ),
            click.option(
                "--service", default="default", show_default=True, help="Of items and authors."
            ),
            click.option(
                "--whole-service", "services", multiple=True, help="A service named as a whole."
            ),
            click.option("--order", "orders", multiple=True, type=int, help="Number of an order."),
            click.option(
                "--notice",
                "notices",
                multiple=True,
                type=int,
                help="Number of a notice that it names: officers then see who gave it.",
            ),
            click.option(
                "--from", "after", type=click.DateTime(TIMES), help="Begin of its period (UTC)."
            ),
            click.option("--until", type=click.DateTime(TIMES), help="End of its period (UTC)."),
        )
    ):
        made = option(made)
    return made


def _scope(given: dict[str, Any]) -> ScopeGiven:
    """Take the options of the scope out of what was given."""
    from vigie.flow.search_day.scope import ScopeGiven

    return ScopeGiven(
        service=given.pop("service"),
        items=given.pop("items"),
        authors=given.pop("authors"),
        services=given.pop("services"),
        orders=given.pop("orders"),
        notices=given.pop("notices"),
        after=_moment(given.pop("after")),
        until=_moment(given.pop("until")),
    )


def _moment(at: datetime | None) -> int | None:
    return None if at is None else round(at.replace(tzinfo=UTC).timestamp() * 1000)


@command.command(
    "open",
    epilog=frame.example(
        'vigie order search open --authority "Tribunal judiciaire de Paris" \\',
        '    --warrant "JIRS 26/118, 23 Nov 2026" --scope "account a-9, posts since 1 Oct" \\',
        "    --author a-9 --from 2026-10-01",
    ),
)
@click.option("--authority", prompt="Authority", help="Who searches.")
@click.option("--warrant", prompt="Warrant (court, reference, date)", help="By which warrant.")
@click.option("--scope", prompt="Scope, in the warrant's words", help="What it covers, copied.")
@click.option("--person", "persons", multiple=True, help="An officer: name and office.")
@click.option("--counsel", default="", help="Counsel who was called.")
@click.option("--counsel-at", type=click.DateTime(TIMES), help="When counsel was called (UTC).")
@click.option("--matter", type=int, help="Number of the matter file.")
@_named
@frame.data_dir
@frame.as_json
def open_(*, data_dir: Path, as_json: bool, **given: Any) -> None:
    """Open the record of a search: all deletion stops, a checkpoint is published.

    Works with the server stopped. Authority, warrant and scope are enough; all
    else can follow as a line.
    """
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.search_day.days import SearchGiven, open_search

    meant = _scope(given)
    opened = open_search(
        house,
        BY,
        SearchGiven(
            authority_name=given["authority"],
            warrant=given["warrant"],
            scope_text=given["scope"],
            scope=meant,
            persons=given["persons"],
            counsel=given["counsel"],
            counsel_called_at=_moment(given["counsel_at"]),
            matter=given["matter"],
        ),
    )
    shown = {
        "search": f"S-{opened.search.number}",
        "checkpoint_published": opened.published,
        "unfound": search_scope.unfound(opened.search),
    }
    frame.show(
        shown, as_json=as_json, text=lambda: search_scope.stands(opened.search, opened.published)
    )


@command.command("scope", epilog=frame.example("vigie order search scope S-1 --author a-9"))
@click.argument("number", metavar="SEARCH", type=NUMBER)
@_named
@frame.data_dir
@frame.as_json
def scope_(*, number: int, data_dir: Path, as_json: bool, **given: Any) -> None:
    """Enter again what the warrant names; it takes the place of what stood before."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.search_day.entries import set_scope

    line = set_scope(house, BY, number, _scope(given))
    missing = search_scope.unfound(line.search)
    shown = {"search": f"S-{number}", "line": line.pk, "unfound": missing}
    frame.show(shown, as_json=as_json, text=lambda: search_scope.entered(line.search))


@command.command(
    "entry",
    epilog=frame.example(
        'vigie order search entry S-1 --kind object --label "laptop" --serial C02X --seal 4711',
        'vigie order search entry S-1 --kind copy --label "database" --file copy.img',
    ),
)
@click.argument("number", metavar="SEARCH", type=NUMBER)
@click.option("--kind", type=click.Choice(KINDS), required=True, help="What the line is about.")
@click.option("--label", required=True, help="What happened, or what it is.")
@click.option("--serial", default="", help="Serial number of a thing that is taken.")
@click.option("--sha256", default="", help="Hash of a copy that is taken.")
@click.option(
    "--file",
    "path",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Compute the hash of this file.",
)
@click.option("--seal", default="", help="Number of the seal.")
@click.option("--note", default="", help="Anything else.")
@click.option("--at", type=click.DateTime(TIMES), help="When it happened (UTC); now if left out.")
@frame.data_dir
@frame.as_json
def entry(*, number: int, data_dir: Path, as_json: bool, **given: Any) -> None:
    """Write one line of the record; nothing is changed, a mistake is another line."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.search_day.entries import EntryGiven, add_entry

    made = add_entry(
        house,
        BY,
        number,
        EntryGiven(
            kind=given["kind"],
            label=given["label"],
            serial=given["serial"],
            sha256=_hash(given["path"], given["sha256"]),
            seal=given["seal"],
            note=given["note"],
            happened_at=_moment(given["at"]),
        ),
    )
    _line(number, made.pk, as_json=as_json)


def _hash(path: Path | None, given: str) -> str:
    """Return the hash of a file, or the one that was given."""
    if path is None:
        return given
    found = hashlib.sha256()
    with path.open("rb") as handle:
        while part := handle.read(CHUNK):
            found.update(part)
    if given and given.strip().lower() != found.hexdigest():
        raise InvalidInputError("The file has another hash.", code="other_hash", field="--sha256")
    return found.hexdigest()


def _line(number: int, line: int, *, as_json: bool) -> None:
    shown = {"search": f"S-{number}", "line": line}
    frame.show(shown, as_json=as_json, text=lambda: [f"Written into the record of S-{number}."])


@command.command(
    "officer", epilog=frame.example('vigie order search officer S-1 --label "Cdt. Roux, OCLCH"')
)
@click.argument("number", metavar="SEARCH", type=NUMBER)
@click.option("--label", required=True, help="Name and office, as on the card shown.")
@click.option("--hours", default=12, show_default=True, help="How long the access lasts.")
@click.option(
    "--language", type=click.Choice(["en", "fr", "de"]), default="en", show_default=True,
    help="Language of the pages.",
)  # fmt: skip
@frame.data_dir
@frame.as_json
def officer(
    *, number: int, label: str, hours: int, language: str, data_dir: Path, as_json: bool
) -> None:
    """Give an officer read-only access within the scope; print the link that signs in once."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.console.signin import once_token
    from vigie.core.clock import iso
    from vigie.flow.search_day.officers import give_access

    access = give_access(house, BY, number, label, hours, language)
    token = once_token(access.user)
    shown = {
        "account": access.user.username,
        "ends_at": iso(access.ends_at),
        "link": f"{house.settings.base_url}/console/login/once/{token}",
    }
    frame.show(shown, as_json=as_json, text=lambda: frame.pairs(shown))


@command.command("close", epilog=frame.example("vigie order search close S-1"))
@click.argument("number", metavar="SEARCH", type=NUMBER)
@click.option("--note", default="", help="Anything to be said at the end.")
@frame.data_dir
@frame.as_json
def close(*, number: int, note: str, data_dir: Path, as_json: bool) -> None:
    """Close the record: officers' access ends, terms run again, a checkpoint is published."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.search_day.days import close_search

    closed = close_search(house, BY, number, note)
    shown = {"search": f"S-{number}", "checkpoint_published": closed.published}
    frame.show(
        shown,
        as_json=as_json,
        text=lambda: [
            f"Search S-{number} is closed. What must go on being kept needs a hold.",
            search_scope.signed(closed.published),
        ],
    )


@command.command("show", epilog=frame.example("vigie order search show S-1"))
@click.argument("number", metavar="SEARCH", type=NUMBER)
@frame.data_dir
@frame.as_json
def show(*, number: int, data_dir: Path, as_json: bool) -> None:
    """Print the whole record of a search, line by line, with its checkpoints."""
    from vigie.cli.context import open_house

    open_house(data_dir)
    from vigie.flow.search_day.days import find
    from vigie.flow.search_day.told import as_json as whole

    shown = whole(find(number))
    frame.show(shown, as_json=as_json, text=lambda: _whole(shown))


def _whole(shown: dict[str, Any]) -> Iterable[str]:
    names = ("search", "authority", "warrant", "opened_at", "closed_at", "scope_text", "counsel")
    yield from frame.pairs({name: shown[name] or "-" for name in names})
    yield f"persons: {'; '.join(shown['persons']) or '-'}"
    yield ""
    head = ("at", "kind", "what", "serial", "sha256", "seal", "by")
    keys = ("happened_at", "kind", "label", "serial", "sha256", "seal", "by")
    yield from frame.table(head, [[one[key] or "-" for key in keys] for one in shown["entries"]])
    for name in ("checkpoint_open", "checkpoint_close"):
        yield f"\n{name.replace('_', ' ')}:"
        yield shown[name].rstrip() or "not published"


@command.command("list", epilog=frame.example("vigie order search list --json"))
@frame.data_dir
@frame.as_json
def list_(*, data_dir: Path, as_json: bool) -> None:
    """List the searches, those that stand first, with the accesses of officers."""
    from vigie.cli.context import open_house

    open_house(data_dir)
    from vigie.core.clock import iso
    from vigie.flow.search_day import signed
    from vigie.flow.search_day.officers import standing_of
    from vigie.store.models import SearchDay

    rows = []
    for one in SearchDay.objects.order_by("-closed_at", "-number"):
        signed.settle(one)
        rows.append(
            {
                "search": f"S-{one.number}",
                "authority": one.authority_name,
                "opened_at": iso(one.opened_at),
                "closed_at": iso(one.closed_at) if one.closed_at else "",
                "lines": one.entries.count(),
                "officers": [_officer(access) for access in standing_of(one)],
            }
        )
    rows.sort(key=lambda row: bool(row["closed_at"]))
    frame.show(rows, as_json=as_json, text=lambda: _list(rows))


def _officer(access: OfficerAccess) -> dict[str, str]:
    from vigie.core.clock import iso

    return {"account": access.user.username, "ends_at": iso(access.ends_at)}


def _list(rows: list[dict[str, Any]]) -> Iterable[str]:
    if not rows:
        return ["No search was ever opened."]
    head = ("search", "authority", "opened", "closed", "lines", "officers")
    return frame.table(
        head,
        [
            (
                row["search"],
                row["authority"],
                row["opened_at"],
                row["closed_at"] or "stands",
                row["lines"],
                len(row["officers"]),
            )
            for row in rows
        ],
    )
