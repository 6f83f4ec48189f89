# SPDX-License-Identifier: Apache-2.0
"""Finds links to listed domains, in the item's links and in its text.

A listed domain covers its subdomains; an entry with a path covers what lies
below it. Hosts are compared in Unicode form and in ASCII form (RFC 3492, RFC
5890, non-transitional as browsers do it). A host that only looks like a listed
one, by Cyrillic or Greek letters among Latin, is reported with the mark
`homograph`. Redirects and shortened addresses are not followed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Self
from urllib.parse import unquote

from vigie.core.decision import Signal
from vigie.core.errors import InvalidInputError
from vigie.screening.batch import Batch, Prepared
from vigie.screening.detectors.base import Parts
from vigie.screening.normalise.tables import TO_LATIN

HOMOGRAPH = "homograph"
"""Mark of a host that imitates a listed one."""
MOST = 100
"""Addresses looked at in one text."""

_END = r"\s<>\"'\\^`{|}"
_ADDRESS = re.compile(rf"h(?:tt|xx)ps?://[^{_END}]+", re.IGNORECASE)
_DOT = re.compile(r"[.。．｡](?=\w)")
_BARE = re.compile(r"(?<![\w@.-])(?:[^\W_][\w-]{0,62}\.){1,8}[^\W\d_][\w-]{1,62}(?:/[^\s<>\"]*)?")
_SCHEME = re.compile(r"^[a-z][a-z0-9+.-]*:/*", re.IGNORECASE)
_DOTS = str.maketrans("。．｡", "...")


class Listed(NamedTuple):
    """One entry of a list: where it stands and what a link to it means."""

    list: str
    label: str
    path: str
    """Empty: the whole domain."""


class LinkDetector:
    """Reports one signal for each list and address met."""

    name = "link"
    version = "1"

    def __init__(self, lists: Sequence[Mapping[str, Any]]) -> None:
        self._listed: dict[str, list[Listed]] = {}
        self._labels = tuple(sorted({_field(one, "label") for one in lists}))
        for one in lists:
            self._add(one)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of all lists."""
        return self._labels

    @classmethod
    def from_parts(cls, parts: Parts) -> Self:
        """Build it from link lists. Raises InvalidInputError."""
        return cls(parts.domains)

    def _add(self, one: Mapping[str, Any]) -> None:
        domains = one.get("domains")
        if not isinstance(domains, list | tuple):
            raise _invalid(one, "domains")
        for entry in domains:
            host, path = split_address(entry) if isinstance(entry, str) else ("", "")
            if "." not in host:
                raise _invalid(one, "domains")
            listed = Listed(_field(one, "list"), _field(one, "label"), path.rstrip("/"))
            self._listed.setdefault(host, []).append(listed)

    def detect(self, batch: Batch) -> list[list[Signal]]:
        """Return the listed links of each item."""
        if not self._listed:
            return [[] for _ in batch.items]
        return [self._item(prepared) for prepared in batch.items]

    def _item(self, prepared: Prepared) -> list[Signal]:
        found: dict[tuple[str, str], Signal] = {}
        for address, span in _addresses(prepared):
            host, path = split_address(address)
            for listed, mark in self._met(host, path):
                marks = (f"list:{listed.list}", mark) if mark else (f"list:{listed.list}",)
                key = (listed.list, host)
                if key not in found:
                    found[key] = self._signal(listed.label, span, marks)
        return list(found.values())

    def _met(self, host: str, path: str) -> Iterator[tuple[Listed, str | None]]:
        met = list(self._walk(host, path))
        if met:
            yield from ((listed, None) for listed in met)
            return
        plain = host.translate(TO_LATIN)
        if plain != host:
            yield from ((listed, HOMOGRAPH) for listed in self._walk(plain, path))

    def _walk(self, host: str, path: str) -> Iterator[Listed]:
        """Yield the entries of a host and of each domain above it."""
        while "." in host:
            for listed in self._listed.get(host, ()):
                if not listed.path or path == listed.path or path.startswith(f"{listed.path}/"):
                    yield listed
            host = host.partition(".")[2]

    def _signal(self, label: str, span: tuple[int, int] | None, marks: tuple[str, ...]) -> Signal:
        return Signal(
            detector=self.name,
            version=self.version,
            label=label,
            value=1.0,
            span=span,
            marks=marks,
        )


def split_address(address: str) -> tuple[str, str]:
    """Return host (Unicode form, lower case) and path of an address.

    Lenient as browsers are: no scheme, a name and password, a port, backslashes
    and percent-encoded hosts are all understood; nothing raises.
    """
    rest = _SCHEME.sub("", address.strip()).lstrip("/\\").replace("\\", "/")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    after = rest[len(authority) :]
    path = re.split(r"[?#]", after, maxsplit=1)[0].rstrip("/")
    host = unquote(authority.rpartition("@")[2]).partition(":")[0]
    return unicode_host(host), path


def unicode_host(host: str) -> str:
    """Return a host in one form: NFKC, lower case, `xn--` labels decoded."""
    host = unicodedata.normalize("NFKC", host.translate(_DOTS)).lower().strip(".")
    if "xn--" not in host:
        return host
    return ".".join(map(_label, host.split(".")))


def _label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return unicodedata.normalize("NFC", label[4:].encode("ascii").decode("punycode"))
    except UnicodeError:
        return label


def _addresses(prepared: Prepared) -> Iterator[tuple[str, tuple[int, int] | None]]:
    for link in prepared.item.links:
        yield link, None
    text = prepared.item.text
    if not text or not _DOT.search(text):
        return
    for count, match in enumerate(_in_text(text)):
        if count >= MOST:
            return
        address = match.group().rstrip(".,;:!?)]")
        yield address, (match.start(), match.start() + len(address))


def _in_text(text: str) -> Iterator[re.Match[str]]:
    if "://" in text:
        yield from _ADDRESS.finditer(text)
    yield from _BARE.finditer(text)


def _field(one: Mapping[str, Any], name: str) -> str:
    value = one.get(name)
    if not isinstance(value, str) or not value:
        raise _invalid(one, name)
    return value


def _invalid(one: Mapping[str, Any], name: str) -> InvalidInputError:
    return InvalidInputError(
        f"Link list {one.get('list', '(without a name)')}: {name} is missing or wrong.",
        code="domains_invalid",
        field=name,
        fix='Write {"list": name, "label": label, "domains": ["host.example", ...]}.',
    )
