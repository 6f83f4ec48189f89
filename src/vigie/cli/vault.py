# SPDX-License-Identifier: Apache-2.0
"""`vigie vault init|status|rotate|escrow|key|check|open|shred`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from vigie.cli import frame
from vigie.cli.failures import FAILED, Done
from vigie.cli.vault_records import open_record, shred
from vigie.core.errors import InvalidInputError, NotFoundError, UnavailableError

if TYPE_CHECKING:
    from vigie.flow.house import House
    from vigie.flow.vault.checking import Problem

officer = click.option(
    "--officer",
    "officers",
    multiple=True,
    metavar="ACCOUNT=KEY",
    help="Public key of a person for child safety; two to five of them.",
)


@click.group("vault", cls=frame.Group, epilog=frame.example("vigie vault status"))
def command() -> None:
    """Set up, rotate and check the vault of sealed evidence; open and shred single records.

    Run these under the account that owns the vault's folder.
    """


command.add_command(open_record)
command.add_command(shred)


@command.command("init", epilog=frame.example("vigie vault init --escrow age1..."))
@click.option("--escrow", default="", help="Public key of the escrow, made elsewhere.")
@officer
@frame.data_dir
@frame.as_json
def init(*, escrow: str, officers: tuple[str, ...], data_dir: Path, as_json: bool) -> None:
    """Make the keys of the vault; those that are there stay as they are.

    With --officer also those of lane `child`: what is sealed there opens for two
    of these people together, never for one and never for the escrow.
    """
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.vault import epochs

    made = epochs.init(house, escrow=escrow, officers=_officers(officers))
    frame.show({"epochs": made}, as_json=as_json, text=lambda: _made(made, escrow))


def _made(made: Sequence[int], escrow: str) -> Iterable[str]:
    if not made:
        yield "The vault is set up already; nothing was changed."
        return
    yield f"Made {frame.counted(len(made), 'epoch')}: {', '.join(map(str, made))}."
    if not escrow:
        yield "There is no escrow yet: whoever loses this folder loses the evidence."
        yield "Make one with `vigie vault escrow --new`, and keep it offline."


@command.command("status", epilog=frame.example("vigie vault status --json"))
@frame.data_dir
@frame.as_json
def status(*, data_dir: Path, as_json: bool) -> None:
    """Say which epochs there are, how much is sealed, and whether the vault process answers."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    found = _status(house)
    frame.show(found, as_json=as_json, text=lambda: _status_lines(found))


def _status(house: House) -> dict[str, Any]:
    from vigie.core.clock import iso
    from vigie.flow.vault import client
    from vigie.store.models import Evidence, VaultEpoch

    try:
        client.stands(house.settings)
        answers = True
    except UnavailableError:
        answers = False
    live = Evidence.objects.filter(shredded_at=None)
    return {
        "answers": answers,
        "sealed": live.count(),
        "shredded": Evidence.objects.exclude(shredded_at=None).count(),
        "epochs": [
            {
                "number": row.number,
                "lane": row.lane,
                "recipients": row.recipients,
                "created_at": iso(row.created_at),
                "rotated_at": iso(row.rotated_at) if row.rotated_at else None,
                "destroyed_at": iso(row.destroyed_at) if row.destroyed_at else None,
                "sealed": live.filter(epoch=row).count(),
            }
            for row in VaultEpoch.objects.order_by("number")
        ],
    }


def _status_lines(found: dict[str, Any]) -> Iterable[str]:
    yield "The vault process answers." if found["answers"] else "The vault process does not answer."
    yield f"{frame.counted(found['sealed'], 'record')} sealed, {found['shredded']:,} shredded."
    head = ("epoch", "lane", "since", "sealed", "state")
    rows = [
        (e["number"], e["lane"], e["created_at"][:10], e["sealed"], _epoch_state(e))
        for e in found["epochs"]
    ]
    yield from frame.table(head, rows)


def _epoch_state(epoch: dict[str, Any]) -> str:
    if epoch["destroyed_at"]:
        return "destroyed"
    return "over" if epoch["rotated_at"] else "in force"


@command.command(
    "rotate",
    epilog=frame.example(
        "vigie vault rotate --destroy",
        "vigie vault rotate --lane child --identity a.txt --identity b.txt",
    ),
)
@click.option(
    "--lane",
    type=click.Choice(("general", "child")),
    default="general",
    show_default=True,
    help="Which keys; the two lanes never share one.",
)
@click.option(
    "--identity",
    "identities",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Lane `child`: the key files of two officers, one option each.",
)
@click.option(
    "--rescue",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Lane `general`: the escrow's private key, where the identities are lost.",
)
@click.option("--destroy", is_flag=True, help="Destroy the identities of the epochs before.")
@officer
@frame.data_dir
@frame.as_json
def rotate(
    *,
    lane: str,
    identities: tuple[Path, ...],
    rescue: Path | None,
    destroy: bool,
    officers: tuple[str, ...],
    data_dir: Path,
    as_json: bool,
) -> None:
    """Begin a new epoch and wrap every record to it; monthly is the rule.

    An epoch that was destroyed opens nothing any more, not from a backup either.
    """
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.vault import epochs

    if lane == "child":
        made, count = epochs.rotate_child(house, _secrets(identities), _officers(officers))
    else:
        made, count = epochs.rotate(house, rescue=_secrets([rescue])[0] if rescue else "")
    gone = _destroy_old(house, lane) if destroy else []
    shown = {"epoch": made.number, "wrapped": count, "destroyed": gone}
    frame.show(shown, as_json=as_json, text=lambda: _rotated(shown))


def _rotated(shown: dict[str, Any]) -> Iterable[str]:
    wrapped = frame.counted(shown["wrapped"], "record")
    yield f"Epoch {shown['epoch']} is in force; {wrapped} wrapped."
    if shown["destroyed"]:
        yield f"Destroyed: {', '.join(map(str, shown['destroyed']))}."
    else:
        yield "The epochs before still open their old copies: see `vigie vault rotate --destroy`."


def _destroy_old(house: House, lane: str) -> list[int]:
    from vigie.store.models import VaultEpoch
    from vigie.vault import epochs

    rows = VaultEpoch.objects.filter(lane=lane, destroyed_at=None).exclude(rotated_at=None)
    numbers = list(rows.order_by("number").values_list("number", flat=True))
    for number in numbers:
        epochs.destroy(house, number)
    return numbers


@command.command(
    "escrow",
    epilog=frame.example(
        "vigie vault escrow --new > escrow.txt", "vigie vault escrow --key age1..."
    ),
)
@click.option("--new", is_flag=True, help="Make a key pair; the private half is printed once.")
@click.option("--key", default="", help="Public key of an escrow that was made elsewhere.")
@frame.data_dir
@frame.as_json
def escrow(*, new: bool, key: str, data_dir: Path, as_json: bool) -> None:
    """Name the escrow, to whom every record of lane `general` is wrapped too.

    Its private half is kept nowhere here: write it down, or redirect it to a
    medium that you lock away. It begins a new epoch.
    """
    from vigie.cli.context import open_house

    if new == bool(key):
        raise InvalidInputError("An escrow is made or named.", fix="Give --new or --key KEY.")
    house = open_house(data_dir)
    from vigie.evidence import age
    from vigie.vault import epochs

    pair = age.generate() if new else age.Pair("", age.check_recipient(key))
    made, count = epochs.rotate(house, escrow=pair.recipient)
    shown = {"epoch": made.number, "wrapped": count, "recipient": pair.recipient}
    shown |= {"secret": pair.secret} if new else {}
    frame.show(shown, as_json=as_json, text=lambda: _key_lines(pair.recipient, pair.secret))
    if new:
        frame.note("The secret is not shown again. Keep it offline, away from the backups.")


@command.command("key", epilog=frame.example("vigie vault key > /media/stick/my-key.txt"))
@frame.as_json
def key(*, as_json: bool) -> None:
    """Make a key pair for an officer or an escrow; it is printed and kept nowhere."""
    from vigie.evidence import age

    pair = age.generate()
    shown = {"recipient": pair.recipient, "secret": pair.secret}
    frame.show(shown, as_json=as_json, text=lambda: _key_lines(pair.recipient, pair.secret))


def _key_lines(recipient: str, secret: str) -> Iterable[str]:
    yield f"# public key: {recipient}"
    if secret:
        yield secret


@command.command("check", epilog=frame.example("vigie vault check --json"))
@frame.data_dir
@frame.as_json
def check(*, data_dir: Path, as_json: bool) -> None:
    """Compare rows, files, keys and modes; nothing is opened and nothing repaired.

    Exit code 1 where something is lost or open to others.
    """
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.vault.checking import LIGHT, problems
    from vigie.vault import identities

    found = problems(house)
    loose = identities.too_open(house.settings.vault_dir)
    missing = _missing_identities(house)
    bad = bool(loose or missing or any(one.code not in LIGHT for one in found))
    shown = {"ok": not bad, "problems": found, "too_open": loose, "no_identity": missing}
    frame.show(shown, as_json=as_json, text=lambda: _check_lines(found, loose, missing))
    if bad:
        raise Done(FAILED)


def _missing_identities(house: House) -> list[int]:
    """Return the epochs that are neither destroyed nor in the vault's folder."""
    from vigie.store.models import VaultEpoch
    from vigie.vault import identities

    there = identities.epochs(house.settings.vault_dir)
    rows = VaultEpoch.objects.filter(destroyed_at=None).exclude(number__in=there)
    return list(rows.order_by("number").values_list("number", flat=True))


def _check_lines(
    found: Sequence[Problem], loose: Sequence[str], missing: Sequence[int]
) -> Iterable[str]:
    for one in found:
        yield f"{one.code}: {one.text} ({one.count:,}: {', '.join(one.names[:3])})"
    if loose:
        yield f"too_open: others may read {', '.join(loose)}."
    if missing:
        yield f"no_identity: the identities of epochs {', '.join(map(str, missing))} are not here."
    if not (found or loose or missing):
        yield "Rows, files and keys agree."


def _officers(given: Sequence[str]) -> dict[str, str] | None:
    """Read ACCOUNT=KEY; return the keys by account number, None where none was given."""
    from vigie.store.models import User
    from vigie.store.permissions import Permission

    found = {}
    for one in given:
        name, _, public = one.partition("=")
        user = User.objects.filter(username=name, is_active=True).first()
        if user is None or not user.has_perm(Permission.CHILD_READ):
            raise NotFoundError(
                f"{name} is nobody who works for child safety.",
                code="no_officer",
                field="--officer",
            )
        found[str(user.pk)] = public
    return found or None


def _secrets(paths: Iterable[Path]) -> list[str]:
    """Return the identity of each file; lines that begin with # are left out."""
    found = []
    for path in paths:
        lines = [one.strip() for one in path.read_text(encoding="utf-8").splitlines()]
        found.append(next((one for one in lines if one and not one.startswith("#")), ""))
    return found
