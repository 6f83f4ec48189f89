# SPDX-License-Identifier: Apache-2.0
"""`vigie change register|list|digest`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vigie.cli import frame
from vigie.core.errors import InvalidInputError

if TYPE_CHECKING:
    from vigie.store.models import RegisteredChange

BY = "command line"
KINDS = ("recommender", "assistant", "image_model", "safety")
DAY = click.DateTime(["%Y-%m-%d"])
MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"])
_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("change", cls=frame.Group, epilog=frame.example("vigie change list"))
def command() -> None:
    """Register changes of rankers, assistants, image models and safety settings; list them.

    The gateway holds the digest of every request against this register.
    """


@command.command(
    "register",
    epilog=frame.example(
        "vigie change register recommender --title 'Less weight on replies' "
        "--digest $(sha256sum ranker.yaml | cut -c1-64)",
        "vigie change register assistant --title 'Shorter answers' --request body.json "
        "--version 2026-11-2 --asked-by 'head of product' --approved-by 'A. One' "
        "--approved-by 'B. Two' --risk 'see RA-14'",
    ),
)
@click.argument("kind", type=click.Choice(KINDS))
@click.option("--title", required=True, help="What changes, in one sentence.")
@click.option("--digest", default="", help="SHA-256 of what was changed to.")
@click.option(
    "--request", "body", type=_file, help="A request as it will be sent: its digest is computed."
)
@click.option("--version", default="", help="Version of what was changed.")
@click.option("--asked-by", default="", help="The function that asked for it; not a name.")
@click.option("--approved-by", multiple=True, help="Who approved it; twice, two people.")
@click.option("--risk", default="", help="Assessment of its risks, or where it lies.")
@click.option("--description", default="", help="What it means for people.")
@click.option("--service", default="default", show_default=True, help="The product.")
@click.option("--from", "since", type=MOMENT, help="When it takes effect, UTC; now, if not given.")
@click.option("--until", type=MOMENT, help="When it ends, UTC; open, if not given.")
@frame.data_dir
@frame.as_json
def register(
    *,
    body: Path | None,
    digest: str,
    approved_by: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    data_dir: Path,
    as_json: bool,
    **given: str,
) -> None:
    """Register a change; it is shown on the transparency page.

    Of an assistant, an image model or a safety setting everything but the times is
    required. What approves and assesses is not published.
    """
    if bool(digest) == (body is not None):
        raise click.UsageError("Give --digest or --request.")
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.cli.publishing import refresh
    from vigie.flow.changes import Change, register_change

    change = Change(
        digest=digest or digest_of_file(body),
        by=BY,
        approved_by=approved_by,
        effective_at=_ms(since),
        ends_at=_ms(until),
        **given,
    )
    row = register_change(house, change)
    refresh(house)
    shown = {"id": row.pk, "kind": row.kind, "digest": row.digest}
    frame.show(shown, as_json=as_json, text=lambda: [f"Change {row.pk} is registered."])


@command.command(
    "list",
    epilog=frame.example(
        "vigie change list --kind assistant", "vigie change list --between 2026-11-01 2026-11-30"
    ),
)
@click.option(
    "--between", nargs=2, type=DAY, help="First and last day, UTC: what began or ended then."
)
@click.option("--kind", default="", type=click.Choice(["", *KINDS]), help="Only this kind.")
@frame.data_dir
@frame.as_json
def list_(
    *, between: tuple[datetime, datetime] | None, kind: str, data_dir: Path, as_json: bool
) -> None:
    """List registered changes, the newest first; of some days the oldest first."""
    from vigie.cli.context import open_house

    open_house(data_dir)
    from vigie.flow import changes
    from vigie.store.models import RegisteredChange

    if between:
        since, last = between
        found = changes.between(_ms(since) or 0, _ms(last + timedelta(days=1)) or 0, kind)
    else:
        known = {"kind": kind} if kind else {}
        found = RegisteredChange.objects.filter(**known).select_related("record__entry")
        found = found.order_by("-effective_at", "-pk")
    rows = [_row(row) for row in found]
    head = ("id", "kind", "service", "version", "title", "effective_at", "ends_at")
    cells = [[row[name] or "" for name in head] for row in rows]
    frame.show(rows, as_json=as_json, text=lambda: frame.table(head, cells))


@command.command("digest", epilog=frame.example("vigie change digest body.json"))
@click.argument("file", type=_file)
@frame.as_json
def digest(*, file: Path, as_json: bool) -> None:
    """Print the digest of a request FILE: what the gateway will hold against the register.

    It covers model, system texts, tools and safety parameters of a JSON body, of any
    interface of the gateway; what users say makes no difference.
    """
    from vigie.core import change_digest

    body = _body(file)
    shown = {
        "digest": change_digest.of_request(body),
        "model": str(body.get("model") or ""),
        "system_texts": len(change_digest.system_texts(body)),
    }
    frame.show(shown, as_json=as_json, text=lambda: [str(shown["digest"])])


def digest_of_file(path: Path | None) -> str:
    """Return the digest of a request body in a file. Raises InvalidInputError."""
    from vigie.core.change_digest import of_request

    return "" if path is None else of_request(_body(path))


def _body(path: Path) -> Mapping[str, Any]:
    import msgspec

    try:
        found = msgspec.json.decode(path.read_bytes())
    except msgspec.MsgspecError as problem:
        raise InvalidInputError(f"{path} is no JSON.", field="FILE", fix=str(problem)) from None
    if not isinstance(found, dict) or not found.get("model"):
        raise InvalidInputError(
            f"{path} is no request.", field="FILE", fix="It is an object and names a model."
        )
    return found


def _ms(when: datetime | None) -> int | None:
    return None if when is None else round(when.replace(tzinfo=UTC).timestamp() * 1000)


def _row(row: RegisteredChange) -> dict[str, Any]:
    from vigie.core.clock import iso

    return {
        "id": row.pk,
        "kind": row.kind,
        "service": row.service,
        "version": row.version,
        "title": row.title,
        "digest": row.digest,
        "asked_by": row.asked_by,
        "approved_by": row.approved_by,
        "risk": row.risk,
        "effective_at": iso(row.effective_at),
        "ends_at": iso(row.ends_at) if row.ends_at else None,
        "log_index": row.record.entry.index,
    }
