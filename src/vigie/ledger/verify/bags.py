# SPDX-License-Identifier: Apache-2.0
"""BagIt (RFC 8493): is every file of a bag there, listed and unchanged?

Reads bags of all versions. What a name could do outside the bag is refused in
every one of them: `..`, absolute and home paths, names of Windows, and two
names that a file system may take for one.
"""

from __future__ import annotations

import codecs
import hashlib
import re
import unicodedata
from typing import Dict, Iterable, List, Mapping, NamedTuple, Optional, Sequence, Set, Tuple

from vigie.ledger.verify.errors import LedgerError, MalformedError, MissingError, ProofError
from vigie.ledger.verify.shelves import Shelf

PAYLOAD = "data/"
BAGIT_TXT = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_ALGORITHMS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
_DECLARED = re.compile(
    r"BagIt-Version: ([0-9]+)\.([0-9]+)\r?\n"
    r"Tag-File-Character-Encoding: ([A-Za-z0-9_.:-]+)[\r\n]*\Z"
)
_MANIFEST_NAME = re.compile(r"(tag)?manifest-([a-z0-9]+)\.txt\Z")
_MANIFEST_LINE = re.compile(r"([0-9A-Fa-f]+)[ \t]+(\*?)(.+)\Z")
_OXUM = re.compile(r"([0-9]+)\.([0-9]+)\Z")
_DRIVE = re.compile(r"[A-Za-z]:")
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|\Z)", re.IGNORECASE)
_MAX_TAG = 500_000_000
_Digests = Dict[str, Dict[str, str]]
_VERSION_1 = (1, 0)


class Bag(NamedTuple):
    """A bag that fits its manifests; `digests` by file and algorithm, as computed."""

    version: Tuple[int, int]
    info: Tuple[Tuple[str, str], ...]
    digests: _Digests
    warnings: Tuple[str, ...]


def check_name(path: str, field: str) -> None:
    """Refuse a name that could leave the bag, or that Windows reads otherwise."""
    parts = path.split("/")
    bad = (
        any(part in ("", ".", "..") for part in parts)
        or path.startswith("~")
        or "\\" in path
        or _DRIVE.match(path)
        or any(_DEVICE.match(part) or part[-1:] in (" ", ".") for part in parts)
        or any(ord(sign) < 0x20 or ord(sign) == 0x7F for sign in path)
    )
    if bad:
        raise MalformedError(
            "This name may not stand in a bag: {}.".format(ascii(path)), field=field
        )


def check_distinct(names: Iterable[str], field: str) -> None:
    """Refuse two names that differ in case or in their Unicode form alone."""
    seen: Set[str] = set()
    for name in names:
        folded = unicodedata.normalize("NFC", name).casefold()
        if folded in seen:
            raise MalformedError("Two names differ in their writing alone.", field=field)
        seen.add(folded)


def manifest_text(digests: Mapping[str, str]) -> str:
    """Write a manifest: sorted by name, two spaces between digest and name."""
    return "".join("{}  {}\n".format(digests[name], name) for name in sorted(digests))


def verify_bag(shelf: Shelf) -> Bag:
    """Check a bag whole. Raises at the first thing that does not fit."""
    for name in shelf.names:
        check_name(name, name)
    check_distinct(shelf.names, "names")
    version, encoding = _declaration(shelf.read("bagit.txt", _MAX_TAG))
    warnings: List[str] = []
    manifests = {
        name: _manifest(shelf, name, encoding, version, warnings)
        for name in shelf.names
        if _MANIFEST_NAME.match(name)
    }
    _check_listed(shelf, manifests, version)
    _check_fetch(shelf, encoding)
    digests = _check_digests(shelf, manifests)
    info = _bag_info(shelf, encoding, version)
    _check_oxum(shelf, info)
    return Bag(version, info, digests, tuple(warnings))


def _declaration(data: bytes) -> Tuple[Tuple[int, int], str]:
    if data.startswith(codecs.BOM_UTF8):
        raise MalformedError("bagit.txt begins with a byte-order mark.", field="bagit.txt")
    found = _DECLARED.match(data.decode("utf-8", "replace"))
    if found is None:
        raise MalformedError("bagit.txt does not name version and encoding.", field="bagit.txt")
    try:
        encoding = codecs.lookup(found.group(3)).name
    except LookupError:
        raise MalformedError("This encoding is not known.", field="bagit.txt") from None
    return (int(found.group(1)), int(found.group(2))), encoding


def _tag_lines(shelf: Shelf, name: str, encoding: str) -> List[str]:
    try:
        text = shelf.read(name, _MAX_TAG).decode(encoding)
    except (UnicodeError, LookupError):
        raise MalformedError("This file is not in the encoding of the bag.", field=name) from None
    lines = re.split(r"\r\n|\n|\r", text)
    return [line for line in lines if line.strip()]


def _manifest(
    shelf: Shelf, name: str, encoding: str, version: Tuple[int, int], warnings: List[str]
) -> Dict[str, str]:
    listed: Dict[str, str] = {}
    for line in _tag_lines(shelf, name, encoding):
        found = _MANIFEST_LINE.match(line)
        if found is None:
            raise MalformedError("A line of the manifest cannot be read.", field=name)
        digest, star, path = found.groups()
        if star or path.startswith("./"):
            warnings.append("{}: {}".format(name, ascii(path)))
            path = path[2:] if path[:2] == "./" else path
        path = _unescaped(path) if version >= _VERSION_1 else path
        check_name(path, name)
        _add_listed(listed, path, digest.lower(), name, version, warnings)
    check_distinct(listed, name)
    return listed


def _add_listed(
    listed: Dict[str, str],
    path: str,
    digest: str,
    name: str,
    version: Tuple[int, int],
    warnings: List[str],
) -> None:
    if path in listed:
        if version >= _VERSION_1 or listed[path] != digest:
            raise MalformedError("A file is listed twice.", field=name)
        warnings.append("{}: {} twice".format(name, ascii(path)))
    listed[path] = digest


def _unescaped(path: str) -> str:
    for written, sign in (("%0D", "\r"), ("%0d", "\r"), ("%0A", "\n"), ("%0a", "\n"), ("%25", "%")):
        path = path.replace(written, sign)
    return path


def _check_listed(
    shelf: Shelf, manifests: Mapping[str, Mapping[str, str]], version: Tuple[int, int]
) -> None:
    """Compare the names in the manifests with the files that are there."""
    payload = {name for name in shelf.names if name.startswith(PAYLOAD)}
    mains = {name: set(listed) for name, listed in manifests.items() if name[:3] != "tag"}
    if not mains:
        raise MissingError("The bag has no manifest.", field="manifest")
    for name, listed in manifests.items():
        absent = sorted(set(listed) - set(shelf.names))
        if absent:
            raise MissingError("The manifest lists a file that is not there.", field=absent[0])
        if name[:3] == "tag" and any(path.startswith("tagmanifest-") for path in listed):
            raise MalformedError("A tag manifest lists no tag manifest.", field=name)
    for name, found in mains.items():
        if not found <= payload:
            raise MalformedError("A manifest lists what is no payload.", field=name)
    whole = set.union(*mains.values())
    for name, found in [("manifest", whole), *(mains.items() if version >= _VERSION_1 else ())]:
        if found != payload:
            missing = min(payload - found)
            raise MissingError("{} does not list this file.".format(name), field=missing)


def _check_fetch(shelf: Shelf, encoding: str) -> None:
    """Names in fetch.txt obey the same rules; nothing is ever fetched."""
    if "fetch.txt" in shelf.sizes:
        for line in _tag_lines(shelf, "fetch.txt", encoding):
            words = line.split(None, 2)
            if len(words) != 3:
                raise MalformedError("A line of fetch.txt cannot be read.", field="fetch.txt")
            check_name(words[2], "fetch.txt")


def file_digests(shelf: Shelf, name: str, algorithms: Sequence[str]) -> Dict[str, str]:
    """Return the digests of a file, read once."""
    sums = {algorithm: hashlib.new(algorithm) for algorithm in algorithms}
    for piece in shelf.chunks(name):
        for one in sums.values():
            one.update(piece)
    return {algorithm: one.hexdigest() for algorithm, one in sums.items()}


def _check_digests(shelf: Shelf, manifests: Mapping[str, Mapping[str, str]]) -> _Digests:
    wanted: Dict[str, Dict[str, str]] = {}
    for manifest, listed in manifests.items():
        algorithm = _algorithm(manifest)
        for name, digest in listed.items():
            wanted.setdefault(name, {})[algorithm] = digest
    digests: _Digests = {}
    for name, expected in wanted.items():
        digests[name] = file_digests(shelf, name, sorted(expected))
        for algorithm, digest in expected.items():
            if digests[name][algorithm] != digest:
                raise ProofError(
                    "This file is not what the manifest says ({}).".format(algorithm), field=name
                )
    return digests


def _algorithm(manifest: str) -> str:
    found = _MANIFEST_NAME.match(manifest)
    if found is None or found.group(2) not in _ALGORITHMS:
        raise MalformedError("This kind of manifest is not known.", field=manifest)
    return found.group(2)


def _bag_info(shelf: Shelf, encoding: str, version: Tuple[int, int]) -> Tuple[Tuple[str, str], ...]:
    name = "bag-info.txt" if "bag-info.txt" in shelf.sizes else "package-info.txt"
    found: List[List[str]] = []
    for line in _tag_lines(shelf, name, encoding) if name in shelf.sizes else []:
        label, colon, value = line.partition(":")
        if line[0] in " \t" and found:
            found[-1][1] += " " + line.strip()
        elif not colon or not label.strip() or (version >= _VERSION_1 and label != label.strip()):
            raise MalformedError("A line of it cannot be read.", field=name)
        else:
            found.append([label.strip(), value.strip()])
    return tuple((label, value) for label, value in found)


def _check_oxum(shelf: Shelf, info: Sequence[Tuple[str, str]]) -> None:
    stated = [value for label, value in info if label.lower() == "payload-oxum"]
    if not stated:
        return
    sizes = [size for name, size in shelf.sizes.items() if name.startswith(PAYLOAD)]
    found = _OXUM.match(stated[0])
    if found is None or len(stated) > 1:
        raise MalformedError("Payload-Oxum cannot be read.", field="bag-info.txt")
    if (int(found.group(1)), int(found.group(2))) != (sum(sizes), len(sizes)):
        raise ProofError("The payload has not the size that is stated.", field="bag-info.txt")


def refusal_of(shelf: Shelf) -> Optional[LedgerError]:
    """Return why a bag is refused, or None where it is whole."""
    try:
        verify_bag(shelf)
    except LedgerError as error:
        return error
    return None
