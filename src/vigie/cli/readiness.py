# SPDX-License-Identifier: Apache-2.0
"""What `vigie check` looks at before an installation goes live. One function a subject."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from vigie.core.errors import VigieError

if TYPE_CHECKING:
    from vigie.flow.house import House

Level = Literal["missing", "warning", "ok"]
WAITS_MS: Final = 60_000
"""Longer than this no change waits for its Snapshot."""
ROOM: Final = 2 << 30
"""Free bytes below which the disk is reported."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at."""

    code: str
    level: Level
    text: str
    fix: str = ""


def findings(house: House) -> list[Finding]:
    """Look at everything; the order is that of the data's way."""
    return [one for look in LOOKS for one in look(house)]


def _ok(code: str, text: str) -> Finding:
    return Finding(code=code, level="ok", text=text)


def _missing(code: str, text: str, fix: str) -> Finding:
    return Finding(code=code, level="missing", text=text, fix=fix)


def _warning(code: str, text: str, fix: str) -> Finding:
    return Finding(code=code, level="warning", text=text, fix=fix)


def _name_of_the_log(house: House) -> Iterator[Finding]:
    origin = house.settings.log_origin
    if origin.partition("/")[0].endswith(".invalid"):
        yield _missing(
            "log_origin",
            f"The log is named {origin}: nobody outside can reach it under that name.",
            "Start a new folder with VIGIE_LOG_ORIGIN=<your host>/log/1; it is fixed for good.",
        )
    else:
        yield _ok("log_origin", f"The log is named {origin}.")


def _address(house: House) -> Iterator[Finding]:
    settings = house.settings
    if not settings.is_https:
        yield _missing(
            "https",
            f"People reach Vigie at {settings.base_url}, without TLS.",
            "Put a TLS proxy in front and set VIGIE_PUBLIC_URL=https://...",
        )
    if not settings.operator:
        yield _missing(
            "operator",
            "The operator has no name: statements do not say who decided.",
            "Set VIGIE_OPERATOR.",
        )
    if settings.metrics_public:
        yield _warning("metrics", "/metrics answers to everybody.", "Unset VIGIE_METRICS_PUBLIC.")
    if settings.webhook_private:
        yield _warning(
            "webhook_private",
            "Webhooks may go to private addresses.",
            "Unset VIGIE_WEBHOOK_PRIVATE unless the platform is inside your network.",
        )


def _keys(house: House) -> Iterator[Finding]:
    from vigie import keys

    folder = house.settings.keys_dir
    names = [name for name in keys.KeyName if (folder / name).exists()]
    loose = [name for name in names if (folder / name).stat().st_mode & 0o077]
    for name in loose:
        yield _missing(
            "key_mode", f"The key {name} can be read by others.", f"chmod 600 {folder / name}"
        )
    for name in keys.KeyName:
        if name is not keys.KeyName.DJANGO:
            yield from _readable(folder, name)


def _readable(folder: object, name: object) -> Iterator[Finding]:
    from vigie import keys

    try:
        keys.read(folder, name)  # type: ignore[arg-type]
    except VigieError as problem:
        yield _missing("key", problem.message, problem.fix or "")


def _people(house: House) -> Iterator[Finding]:
    from vigie.console.identity import required
    from vigie.flow.factors import with_factor
    from vigie.store.models import User

    people = list(User.objects.filter(is_active=True).order_by("username"))
    having = with_factor(people)
    for user in people:
        if user.must_change_password:
            yield _missing(
                "first_password",
                f"The account {user.username} still has the password that was shown.",
                "Log in and change it.",
            )
        elif required.is_required(user, house) and user.pk not in having:
            yield _warning(
                "second_factor",
                f"The account {user.username} needs a second factor and has none.",
                "Its next sign-in asks for one; the operator's provider may give it too.",
            )
    if house.settings.require_mfa == "none":
        yield _warning("require_mfa", "Nobody needs a second factor.", "Unset VIGIE_REQUIRE_MFA.")


def _library(house: House) -> Iterator[Finding]:
    from vigie import sqlite_driver

    version = ".".join(map(str, sqlite_driver.version()))
    if sqlite_driver.has_wal_reset_bug():
        yield _warning(
            "sqlite",
            f"SQLite {version} of this system can lose commits when two connections checkpoint; "
            "jobs alone checkpoints here.",
            "Install a build with pysqlite3, or SQLite 3.51.3 or newer.",
        )
    else:
        yield _ok("sqlite", f"SQLite {version} keeps the journals.")
    if not house.settings.database_url:
        yield _ok("database", "The store is SQLite in the data folder: one machine.")


def _snapshot(house: House) -> Iterator[Finding]:
    from vigie.screening.snapshot import load

    try:
        number = load(house.settings.snapshots_dir).number
    except VigieError as problem:
        yield _missing("snapshot", problem.message, problem.fix or "Run `vigie init`.")
    else:
        yield _ok("snapshot", f"Snapshot {number} loads and judges its probe.")


def _held_parts(house: House) -> Iterator[Finding]:
    from vigie.store.models import DirtyPart

    late = DirtyPart.objects.filter(since__lt=house.now() - WAITS_MS)
    waiting = sorted(late.values_list("part", flat=True))
    if waiting:
        yield _missing(
            "snapshot_held",
            f"Changes are not in force: {', '.join(waiting)}. They do not fit each other, or no "
            "server runs.",
            "Run `vigie init`; then look for snapshot_part_held in its log.",
        )


def _policies(_house: House) -> Iterator[Finding]:
    from vigie.store.models import PolicyRecord

    current = PolicyRecord.objects.filter(current__isnull=False).select_related("current")
    states = {row.policy_id: row.current.state for row in current if row.current is not None}
    shadow = sorted(name for name, state in states.items() if state == "shadow")
    if not states:
        yield _missing("policies", "No policy is in force.", "vigie policy publish ...")
    if shadow:
        yield _warning(
            "shadow",
            f"In shadow, recorded and never acting: {', '.join(shadow)}.",
            "Read what they found, then: vigie policy publish ... --state live",
        )


def _banks(_house: House) -> Iterator[Finding]:
    from vigie.store.models import Bank, BankEntry

    listed = BankEntry.objects.filter(active=True, bank__enabled=True)
    if not listed.exists():
        yield _missing(
            "banks",
            "No hash list is loaded: known material is not found.",
            "vigie bank create ... && vigie bank import ...",
        )
    for cls in ("child", "terrorist"):
        owners = Bank.objects.filter(cls=cls, enabled=True).values("owner").distinct().count()
        if owners == 1:
            yield _warning(
                f"agreement_{cls}",
                f"Only one owner lists class {cls}: near copies cannot be agreed on.",
                "A near copy acts alone only where two independent lists agree.",
            )


def _authorities(house: House) -> Iterator[Finding]:
    from vigie.cli.authority_ready import look

    yield from look(house)


def _vault(house: House) -> Iterator[Finding]:
    from vigie.cli.vault_ready import look

    yield from look(house)


def _gateway(house: House) -> Iterator[Finding]:
    from vigie.cli.gateway_ready import look

    yield from look(house)


def _webhooks(_house: House) -> Iterator[Finding]:
    from vigie.store.models import OutgoingTask, WebhookEndpoint

    if not WebhookEndpoint.objects.filter(enabled=True).exists():
        yield _missing(
            "webhook",
            "No endpoint is registered: the platform does not hear what a person decides.",
            "vigie webhook add https://...",
        )
    dead = OutgoingTask.objects.filter(state="dead").count()
    if dead:
        yield _warning(
            "undelivered", f"{dead} messages could not be delivered.", "vigie outbox list"
        )


def _mail(house: House) -> Iterator[Finding]:
    from vigie.flow.letters import mail, wording
    from vigie.flow.orders.letters.known import BOOK, FOLDER
    from vigie.store.models import OutgoingTask

    try:
        mail.check(house.settings)
    except VigieError as problem:
        yield _missing("mail", problem.message, problem.fix or "Correct the mail settings.")
    if not mail.is_configured(house.settings):
        waiting = OutgoingTask.objects.filter(kind="mail", state="waiting").count()
        yield _missing(
            "mail",
            f"Mail is not configured: {waiting} mails wait, and so will every confirmation of "
            "receipt.",
            "Set VIGIE_MAIL_URL, VIGIE_MAIL_FROM and VIGIE_MAIL_PASSWORD_FILE.",
        )
    own = house.settings.letters_dir
    for one in (*wording.checked(own), *wording.checked(own / FOLDER, BOOK)):
        if one.problem:
            yield _warning("letter", one.problem, "vigie letter check")


def _promises(house: House) -> Iterator[Finding]:
    from vigie.flow.checkpoints import state_folder
    from vigie.store.models import BrokenPromise

    broken = BrokenPromise.objects.count()
    if broken:
        yield _warning(
            "promises", f"{broken} promises of inclusion were broken.", "See the log's records."
        )
    if any(state_folder(house.settings).rglob("refused.json")):
        yield _missing(
            "refusal",
            "The log has refused to sign: the store contradicts an earlier signature.",
            "vigie ledger fsck; restore the newest store, or begin the next log number.",
        )


def _anchors(house: House) -> Iterator[Finding]:
    from vigie.flow import anchors

    for text in anchors.alarms(house):
        fix = "Compare first: vigie ledger compare; then vigie ledger resume or begin-next."
        yield _missing("anchors", text, fix)
    for text in anchors.missing(house)[len(anchors.alarms(house)) :]:
        fix = "See how-to/run-a-witness: VIGIE_WITNESSES and VIGIE_TIME_AUTHORITIES."
        yield _warning("anchors", text, fix)


def _disk(house: House) -> Iterator[Finding]:
    free = shutil.disk_usage(house.settings.data_dir).free
    if free < ROOM:
        yield _warning("disk", f"{free >> 20} MiB are free.", "A full disk refuses items with 507.")
    yield _warning(
        "backups",
        "Vigie cannot see your backups.",
        "vigie backup; keep them at most 30 days: erased text lives on in them. Keep the keys that "
        "open evidence apart.",
    )


def _helplines(house: House) -> Iterator[Finding]:
    from vigie.law import helplines

    try:
        found = helplines.load(house.settings.data_dir)
    except VigieError as problem:
        yield _warning("helplines", problem.message, f"Correct {helplines.FILE}.")
        return
    if found:
        yield _ok("helplines", f"{len(found)} helplines are named in the form for notices.")
        return
    yield _warning(
        "helplines",
        "No helpline is named: people in need read a general sentence.",
        f"Write {helplines.FILE} into the data folder; see how-to/notices.",
    )


def _searches(_house: House) -> Iterator[Finding]:
    from vigie.store.models import SearchDay

    for one in SearchDay.objects.filter(closed_at=None).order_by("number"):
        yield _warning(
            "search_stands",
            f"Search S-{one.number} stands: nothing is deleted until it is closed.",
            f"When it is over, run `vigie order search close S-{one.number}`.",
        )


LOOKS: Final[tuple[Callable[[House], Iterator[Finding]], ...]] = (
    _name_of_the_log,
    _address,
    _keys,
    _people,
    _library,
    _snapshot,
    _held_parts,
    _policies,
    _banks,
    _vault,
    _authorities,
    _gateway,
    _webhooks,
    _mail,
    _promises,
    _searches,
    _anchors,
    _helplines,
    _disk,
)
