# SPDX-License-Identifier: Apache-2.0
"""`vigie vault open` and `vigie vault shred`: one record, by somebody who proves who they are."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vigie.cli import frame
from vigie.core.errors import InvalidInputError, NotFoundError, RefusedError

if TYPE_CHECKING:
    from vigie.store.models import Evidence, User

as_person = click.option(
    "--as",
    "name",
    callback=lambda _context, _option, given: given or click.prompt("Account", err=True),
    help="Account of the person; asked for where it is missing.",
)


@click.command(
    "open",
    epilog=frame.example(
        'vigie vault open 12 --as l.anders --reason "order O-7" --out evidence.bin'
    ),
)
@click.argument("number", type=int)
@as_person
@click.option("--reason", required=True, help="Why; it stands in the log.")
@click.option("--ticket", default="", help="Order or matter.")
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write; it must not exist.",
)
@frame.data_dir
@frame.as_json
def open_record(
    *, number: int, name: str, reason: str, ticket: str, out: Path, data_dir: Path, as_json: bool
) -> None:
    """Open one record of lane `general` into a file; asks for the password.

    Marked classes: ask in the console first and let a second person confirm there.
    """
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.vault import access

    user = proven(name)
    row = access.find(user, number)
    target = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        data = access.read(house, user, row, reason, ticket, stepped_at=house.now())
        _write_all(target, data)
    except BaseException:
        out.unlink()
        raise
    finally:
        os.close(target)
    shown = {"evidence": row.evidence_id, "size": len(data), "sha256": row.sha256}
    frame.show(shown, as_json=as_json, text=lambda: [f"E-{number} is in {out}; it is in the log."])


def _write_all(target: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(target, view) :]


@click.command(
    "shred",
    epilog=frame.example('vigie vault shred 12 --as l.anders --reason "order withdrawn"'),
)
@click.argument("number", type=int)
@as_person
@click.option("--reason", required=True, help="Why; it stands in the log.")
@frame.data_dir
@frame.as_json
def shred(*, number: int, name: str, reason: str, data_dir: Path, as_json: bool) -> None:
    """Shred one record after its minimum term, unless a hold stands; asks for the password."""
    from vigie.cli.context import open_house

    house = open_house(data_dir)
    from vigie.flow.vault import access
    from vigie.flow.vault.shred import shred as do

    user = proven(name)
    row: Evidence = access.find(user, number)
    do(house, row, user=user, reason=reason)
    shown = {"evidence": row.evidence_id}
    frame.show(shown, as_json=as_json, text=lambda: [f"E-{number} is shredded."])


def proven(name: str) -> User:
    """Return an account whose person has just given password and code.

    Raises NotFoundError, RefusedError: also where the second factor is a passkey,
    which a terminal cannot ask for.
    """
    from allauth.mfa.models import Authenticator

    from vigie.store.models import User

    user = User.objects.filter(username=name, is_active=True).first()
    if user is None:
        raise NotFoundError("There is no such account.", code="no_account", field="--as")
    if not user.check_password(click.prompt("Password", hide_input=True, err=True)):
        raise RefusedError("This is not the password.", code="wrong_password")
    factors = {one.type: one for one in Authenticator.objects.filter(user=user)}
    totp = factors.get(Authenticator.Type.TOTP)
    if factors and totp is None:
        raise RefusedError(
            "A passkey cannot be asked for here.", code="passkey", fix="Open it in the console."
        )
    if totp is not None:
        code = click.prompt("Code", hide_input=True, err=True)
        if not totp.wrap().validate_code(str(code)):
            raise InvalidInputError("This code does not fit.", code="wrong_code")
    return user
