# SPDX-License-Identifier: Apache-2.0
"""What a report to the CyberTipline says, checked before anybody sees it.

Lengths and words of closed lists as the schema and the interface's
documentation have them. Labels, hashes, addresses and times: a report is
written without looking at anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Final, TypeVar

import msgspec

from vigie.core.errors import InvalidInputError

T = TypeVar("T")
TYPES: Final = (
    "Child Pornography (possession, manufacture, and distribution)",
    "Child Sex Trafficking",
    "Child Sex Tourism",
    "Child Sexual Molestation",
    "Misleading Domain Name",
    "Misleading Words or Digital Images on the Internet",
    "Online Enticement of Children for Sexual Acts",
    "Unsolicited Obscene Material Sent to a Child",
)
"""Types of incidents, in the schema's own words."""
ANNOTATIONS: Final = (
    "animeDrawingVirtualHentai",
    "potentialMeme",
    "viral",
    "possibleSelfProduction",
    "physicalHarm",
    "violenceGore",
    "bestiality",
    "liveStreaming",
    "infant",
    "generativeAi",
)
EVENTS: Final = ("Login", "Registration", "Purchase", "Upload", "Other", "Unknown")
HASHES: Final = ("md5", "sha1", "sha256", "pdq")
MAX_NOTE: Final = 3_000
MAX_URL: Final = 2_083
MAX_FILE_NAME: Final = 2_056
MAX_HASH: Final = 64
MAX_FILES: Final = 100
_Note = Annotated[str, msgspec.Meta(max_length=MAX_NOTE)]
_Url = Annotated[str, msgspec.Meta(max_length=MAX_URL)]
_Short = Annotated[str, msgspec.Meta(max_length=300)]


class Capture(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A network address that the account used."""

    address: Annotated[str, msgspec.Meta(min_length=1, max_length=45)]
    event: str = "Unknown"
    at: int | None = None
    """Milliseconds, UTC."""
    port: int | None = None


class Report(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One report."""

    incident_type: str = TYPES[0]
    incident_at: int
    """Milliseconds, UTC; never in the future."""
    incident_at_means: _Short = ""
    """What the time is: of the upload, of the discovery."""
    urgent: _Note = ""
    """Why it cannot wait; empty: it can."""
    urls: Annotated[tuple[_Url, ...], msgspec.Meta(max_length=50)] = ()
    account: _Short = ""
    """Identifier of the account at the platform."""
    screen_name: _Short = ""
    service: _Short = ""
    captures: Annotated[tuple[Capture, ...], msgspec.Meta(max_length=50)] = ()
    note: _Note = ""


class File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file of a report."""

    name: Annotated[str, msgspec.Meta(max_length=MAX_FILE_NAME)] = ""
    url: _Url = ""
    hashes: dict[str, str] = {}
    viewed: bool = False
    """A person of the operator saw the whole file: true to fact, never assumed."""
    public: bool | None = None
    uploaded_at: int | None = None
    annotations: tuple[str, ...] = ()


class Reporter(msgspec.Struct, frozen=True, kw_only=True):
    """Who answers for the report at the operator."""

    first_name: str
    last_name: str
    email: str
    company: str = ""
    legal_url: str = ""


def read_report(fields: dict[str, Any], now: int) -> Report:
    """Read and check a report. Raises InvalidInputError with the field and the fix."""
    report = _converted(fields, Report)
    if report.incident_type not in TYPES:
        raise _wrong("incident_type", "Choose one of the types of the schema.")
    if not 0 < report.incident_at <= now:
        raise _wrong("incident_at", "Give a time that is not in the future.")
    for one in report.captures:
        if one.event not in EVENTS:
            raise _wrong("captures", f"An event is one of {', '.join(EVENTS)}.")
    if not (report.urls or report.account):
        raise _wrong("urls", "Name at least one address or the account.")
    return report


def read_file(fields: dict[str, Any]) -> File:
    """Read and check a file of a report. Raises InvalidInputError."""
    file = _converted(fields, File)
    unknown = sorted(set(file.hashes) - set(HASHES))
    if unknown or any(len(value) > MAX_HASH for value in file.hashes.values()):
        raise _wrong("hashes", f"Name {', '.join(HASHES)}, at most {MAX_HASH} characters each.")
    if set(file.annotations) - set(ANNOTATIONS):
        raise _wrong("annotations", "Choose from the schema's list.")
    return file


def read_files(fields: Sequence[dict[str, Any]]) -> list[File]:
    """Read all files of a report. Raises InvalidInputError."""
    if len(fields) > MAX_FILES:
        raise _wrong("files", f"At most {MAX_FILES} files.")
    return [read_file(one) for one in fields]


def _converted(fields: dict[str, Any], kind: type[T]) -> T:
    try:
        return msgspec.convert(fields, kind, strict=False)
    except msgspec.ValidationError as problem:
        text, _, path = str(problem).partition(" - at ")
        raise _wrong(path.strip("`$.") or "fields", text) from problem


def _wrong(field: str, fix: str) -> InvalidInputError:
    return InvalidInputError(
        "The report cannot be written like this.", code="bad_report", field=field, fix=fix
    )
