# SPDX-License-Identifier: Apache-2.0
"""Every setting, once: name, default, help. Read once, in `bootstrap`.

A setting `data_dir` is read from `VIGIE_DATA_DIR`. The reference page is made
from this file and a test keeps the two equal.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import urlsplit

from vigie.core.errors import InvalidInputError
from vigie.core.territory import DEFAULT_COUNTRIES, is_country

PREFIX: Final = "VIGIE_"
DEMO_ORIGIN: Final = "demo.invalid/log/1"
MFA: Final = ("roles", "all", "none")


def _setting(default: Any, text: str, *, least: float = 1, most: float = math.inf) -> Any:
    """Describe a setting; numbers have a range."""
    return field(default=default, metadata={"help": text, "least": least, "most": most})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an operator can set; all state lives under `data_dir`."""

    data_dir: Path = _setting(Path("vigie-data"), "Folder that holds all state.")
    database_url: str = _setting(
        "", "`postgresql://user@host/name`; empty: SQLite in the data folder."
    )
    host: str = _setting("127.0.0.1", "Address that the web process listens on.")
    port: int = _setting(8000, "Port that the web process listens on.", least=0, most=65_535)
    people_processes: int = _setting(
        2,
        "Processes for the pages of people, beside the machine door; 0: none of their own.",
        least=0,
        most=64,
    )
    public_url: str = _setting(
        "", "Address at which people reach Vigie, for links in statements and mails."
    )
    log_origin: str = _setting(
        DEMO_ORIGIN, "Name of the log, `host/log/1`; fixed by `vigie init` for good."
    )
    operator: str = _setting("", "Name of the operator as people read it.")
    countries: tuple[str, ...] = _setting(
        DEFAULT_COUNTRIES, "ISO 3166 codes of the countries served, separated by commas."
    )
    journal_keep: int = _setting(86_400, "Seconds that folded journal rows are kept.", least=0)
    receipt_term: int = _setting(86_400, "Seconds within which a receipt promises inclusion.")
    sample_rate: float = _setting(
        0.01, "Share of harmless decisions kept as records.", least=0, most=1
    )
    segment_seconds: int = _setting(30, "Longest time that an archive segment stays open.", least=0)
    checkpoint_seconds: float = _setting(
        1.0, "Pause between checkpoints after a change.", least=0.01
    )
    decoders: int = _setting(2, "Worker processes that decode pictures.")
    lookers: int = _setting(
        1, "Worker processes in which image detectors look at the gateway's pictures."
    )
    c2pa_certificate: str = _setting(
        "",
        "PEM chain of the certificate that signs generated pictures (C2PA); empty: a local one "
        "is made.",
    )
    c2pa_key_file: str = _setting("", "PEM file of that certificate's key.")
    recent_keys: int = _setting(1_000_000, "Item versions and idempotency keys remembered.")
    undo_seconds: int = _setting(30, "Delay before a person's decision leaves the house.", least=0)
    unconfirmed_seconds: int = _setting(
        300, "Seconds without the platform's confirmation before the alarm."
    )
    statement_days: int = _setting(
        190,
        "Days that a statement's address works (Art. 20: six months, which are 184 days at most).",
    )
    archive_days: int = _setting(90, "Days that archive segments are kept.")
    webhook_private: bool = _setting(
        False, "Allow webhooks to private and loopback addresses (demo and tests)."
    )
    mail_url: str = _setting(
        "",
        "Mail server: `smtp+tls://user@host:587`, `smtps://...`, `smtp://...`; for trials "
        "`file:FOLDER`, `console:`. Empty: mails wait.",
    )
    mail_from: str = _setting(
        "", "Address that mails come from; empty: `noreply@` and the host of VIGIE_PUBLIC_URL."
    )
    mail_password_file: str = _setting(
        "", "File that holds the password of the mail server; empty: none is sent."
    )
    trusted_proxies: tuple[str, ...] = _setting(
        ("127.0.0.0/8", "::1/128"),
        "Networks of the proxies in front, separated by commas: only they may name the caller "
        "(X-Forwarded-For), for the limits of the public forms.",
    )
    leave_url: str = _setting(
        "https://www.wikipedia.org/",
        "Harmless page that *leave quickly* opens in the portal.",
    )
    require_mfa: str = _setting(
        "roles",
        "Who needs a second factor to sign in: `roles` (administrators and child safety), `all`, "
        "`none`.",
    )
    oidc_issuer: str = _setting(
        "",
        "Issuer of an OpenID Connect provider, as its tokens name it; empty: people sign in "
        "with a password or a passkey.",
    )
    oidc_client_id: str = _setting("", "Name of this installation at the provider.")
    oidc_secret_file: str = _setting(
        "", "File that holds the client secret of the provider; empty: a public client with PKCE."
    )
    oidc_name: str = _setting("", "Name of the provider on the button; empty: its host.")
    cybertip_url: str = _setting(
        "",
        "Address of the CyberTipline's interface (test and production differ); empty: reports "
        "are written and wait.",
    )
    cybertip_user: str = _setting("", "User name at the CyberTipline.")
    cybertip_password_file: str = _setting("", "File that holds the password at the CyberTipline.")
    cybertip_reporter: str = _setting(
        "", "Who answers for its reports: `First Last <mail address>`."
    )
    media_hosts: tuple[str, ...] = _setting(
        (),
        "Hosts from which pictures are fetched for a person who must look, separated by commas; "
        "`.cdn.example` stands for all hosts below it. Empty: none is fetched.",
    )
    witnesses: str = _setting(
        "",
        "Policy file (C2SP tlog-policy) of the witnesses that cosign the log: `witness NAME VKEY "
        "URL` lines and the quorum; empty: none is asked.",
    )
    time_authorities: str = _setting(
        "",
        "File of the time-stamp authorities (RFC 3161), asked in this order: `authority NAME URL "
        "CERTIFICATES.pem` lines; empty: none is asked.",
    )
    vault_folder: str = _setting(
        "",
        "Folder of the vault's private keys, for the vault process alone; empty: `vault` in the "
        "data folder.",
    )
    vault_socket: str = _setting(
        "",
        "Socket of the vault process, where it runs under an account of its own; empty: in a "
        "private folder.",
    )
    established_in: str = _setting(
        "",
        "ISO 3166 code of the Member State of main establishment, or of the legal "
        "representative: its working days are counted. Empty: none are.",
    )
    alarm_mail: tuple[str, ...] = _setting(
        (),
        "Mail addresses that are told of clocks of orders before they run out and when they do, "
        "separated by commas. Empty: the console alone shows it.",
    )
    metrics_public: bool = _setting(False, "Answer /metrics to others than 127.0.0.1.")
    fold_lag_limit: int = _setting(60, "Seconds of fold lag above which batches get 503.")

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None, **given: Any) -> Self:
        """Read the settings; values given by name win over the environment.

        Raises InvalidInputError naming the variable that does not parse.
        """
        source = os.environ if env is None else env
        values: dict[str, Any] = {}
        for known in fields(cls):
            name = PREFIX + known.name.upper()
            if given.get(known.name) is not None:
                values[known.name] = given[known.name]
            elif source.get(name):
                values[known.name] = _parse(name, source[name], known.default)
        made = cls(**values)
        _check_ranges(made)
        _check_countries(made.countries)
        _check_networks(made.trusted_proxies)
        _check_sign_in(made)
        return made

    @property
    def journal_dir(self) -> Path:
        """One SQLite file per writing process."""
        return self.data_dir / "journal"

    @property
    def snapshots_dir(self) -> Path:
        """Manifests, content-addressed parts and `CURRENT`."""
        return self.data_dir / "snapshots"

    @property
    def archive_dir(self) -> Path:
        """Parquet segments."""
        return self.data_dir / "archive"

    @property
    def log_dir(self) -> Path:
        """What `/log/1` serves: checkpoint and tiles."""
        return self.data_dir / "log" / self.log_origin.rsplit("/", 1)[-1]

    @property
    def keys_dir(self) -> Path:
        """Private keys, mode 0600."""
        return self.data_dir / "keys"

    @property
    def law_dir(self) -> Path:
        """Law packs of the operator's own, if there are any."""
        return self.data_dir / "law"

    @property
    def letters_dir(self) -> Path:
        """Texts of mails of the operator's own, if there are any."""
        return self.data_dir / "letters"

    @property
    def evidence_dir(self) -> Path:
        """Sealed evidence, and the public keys to which it is sealed."""
        return self.data_dir / "evidence"

    @property
    def vault_dir(self) -> Path:
        """Private keys of the vault: for the vault process alone."""
        return Path(self.vault_folder) if self.vault_folder else self.data_dir / "vault"

    @property
    def run_dir(self) -> Path:
        """Locks and what `jobs` says of itself."""
        return self.data_dir / "run"

    @property
    def base_url(self) -> str:
        """Where links point, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def is_https(self) -> bool:
        """True where people reach Vigie over TLS."""
        return self.base_url.startswith("https://")


def _check_ranges(made: Settings) -> None:
    """Raise where a number is outside what makes sense; not-a-number is nowhere inside."""
    for known in fields(made):
        value = getattr(made, known.name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        least, most = known.metadata["least"], known.metadata["most"]
        if not (least <= value <= most and math.isfinite(value)):
            name = PREFIX + known.name.upper()
            raise InvalidInputError(
                f"{name} is out of range.", field=name, fix=f"Give {_range(least, most)}."
            )


def _range(least: float, most: float) -> str:
    if math.isinf(most):
        return f"a number of at least {least:g}"
    return f"a number from {least:g} to {most:,g}"


def _check_countries(codes: tuple[str, ...]) -> None:
    """Raise where a country is no code: an action would reach nowhere."""
    for code in codes:
        if not is_country(code):
            raise InvalidInputError(
                f"{code} is no country.",
                field=f"{PREFIX}COUNTRIES",
                fix="Give ISO 3166 codes, such as FR,DE.",
            )


def _check_networks(networks: tuple[str, ...]) -> None:
    """Raise where a proxy is no network: anybody could then name the caller, or nobody."""
    for one in networks:
        try:
            ip_network(one, strict=False)
        except ValueError as problem:
            raise InvalidInputError(
                f"{one} is no network.",
                field=f"{PREFIX}TRUSTED_PROXIES",
                fix="Give networks, such as 10.0.0.0/8,::1.",
            ) from problem


def _check_sign_in(made: Settings) -> None:
    """Raise where nobody could tell who must prove more, or to whom."""
    if made.require_mfa not in MFA:
        raise InvalidInputError(
            "Nobody knows who needs a second factor.",
            field=f"{PREFIX}REQUIRE_MFA",
            fix=f"Give one of: {', '.join(MFA)}.",
        )
    if not made.oidc_issuer:
        return
    issuer = urlsplit(made.oidc_issuer)
    near = issuer.scheme == "http" and issuer.hostname in {"127.0.0.1", "localhost"}
    if (issuer.scheme != "https" and not near) or not issuer.hostname or issuer.query:
        raise InvalidInputError(
            "This is no issuer.",
            field=f"{PREFIX}OIDC_ISSUER",
            fix="Give its https address, without a query.",
        )
    if not made.oidc_client_id:
        raise InvalidInputError(
            "The provider must know this installation.",
            field=f"{PREFIX}OIDC_CLIENT_ID",
            fix="Register it at the provider and give the client's name.",
        )


def _parse(name: str, text: str, default: Any) -> Any:
    try:
        if isinstance(default, bool):
            return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}[
                text.lower()
            ]
        if isinstance(default, tuple):
            parts = (part.strip() for part in text.split(",") if part.strip())
            # Codes of countries are capitals; names of hosts and networks have no case.
            return tuple(part.upper() if default else part.lower() for part in parts)
        return type(default)(text) if not isinstance(default, Path) else Path(text)
    except (KeyError, ValueError) as problem:
        kind = "yes or no" if isinstance(default, bool) else type(default).__name__
        raise InvalidInputError(
            f"{name} is not understood.", field=name, fix=f"Give it as {kind}."
        ) from problem
