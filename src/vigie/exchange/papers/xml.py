# SPDX-License-Identifier: Apache-2.0
"""Orders as XML: Vigie's own profile, and the envelope of ETSI TS 103 120.

The profile is one element a field, `urn:vigie:order:1`; sections may group them. Of
TS 103 120 (V1.12.1) the reference, the sender, the period and the identifiers are read,
and what a delivery or a document object encloses. No conformance to TS 104 144 is claimed.
A document type or an entity is refused before anything is parsed.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator
from typing import Final

from lxml import etree

from vigie.exchange.papers.found import Found, Problem, UnreadableError

NAMESPACE: Final = "urn:vigie:order:1"
ROOT: Final = f"{{{NAMESPACE}}}order"
ETSI: Final = "http://uri.etsi.org/03120/"
MAX_DEPTH: Final = 2
"""Documents within documents."""
_DECLARATIONS: Final = ("<!DOCTYPE", "<!ENTITY")
_CODINGS: Final = ("ascii", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
_XSI_TYPE: Final = "{http://www.w3.org/2001/XMLSchema-instance}type"
_ENCLOSED: Final = ("Data", "Contents")
"""Elements of TS 103 120 that hold a document in base 64."""
_NAMED: Final = {
    "AuthorisationReference": "reference",
    "DocumentReference": "reference",
    "StartTime": "period_from",
    "EndTime": "period_until",
}
_PERIOD_OF: Final = "RequestDetails"
"""Only here are the times those of the data; elsewhere those of the warrant."""

Enclosed = Callable[[bytes, int], Found]


def read(data: bytes, enclosed: Enclosed, depth: int = 0) -> Found:
    """Read a document. `enclosed` reads what it holds within.

    Raises UnreadableError: malformed, with declarations, or of an unknown kind.
    """
    root = parse(data)
    if root.tag == ROOT:
        return _profile(root)
    if _namespace(root).startswith(ETSI):
        return _etsi(root, enclosed, depth)
    raise UnreadableError(Problem.UNKNOWN_XML)


def parse(data: bytes) -> etree._Element:
    """Parse strictly: no declarations, no entities, no network, no huge trees."""
    if any(mark.encode(coding) in data for mark in _DECLARATIONS for coding in _CODINGS):
        raise UnreadableError(Problem.FORBIDDEN_XML)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        raise UnreadableError(Problem.MALFORMED) from problem
    if root.getroottree().docinfo.doctype:
        raise UnreadableError(Problem.FORBIDDEN_XML)
    return root


def _profile(root: etree._Element) -> Found:
    found = Found(kind="xml", form=root.get("form", ""))
    for one in root.iter(f"{{{NAMESPACE}}}*"):
        if one is root or len(one):
            continue
        holder = one.getparent()
        # A list may be written as items within its field.
        named = holder if _name(one) == "item" and holder is not None else one
        found.add(_name(named), (one.text or "").strip())
    return found


def _etsi(root: etree._Element, enclosed: Enclosed, depth: int) -> Found:
    found = Found(kind="etsi")
    types = {one.get(_XSI_TYPE, "").rpartition(":")[2] for one in root.iter() if _is_element(one)}
    if "LITaskObject" in types:
        raise UnreadableError(Problem.INTERCEPTION)
    _header(root, found)
    for one in root.iter():
        if _is_element(one) and not len(one) and (one.text or "").strip():
            _leaf(one, found)
    for inner in _within(root):
        if depth < MAX_DEPTH:
            _take(found, enclosed, inner, depth)
    return found


def _take(found: Found, enclosed: Enclosed, inner: bytes, depth: int) -> None:
    """Read an enclosed document; the envelope stands, whatever is in it."""
    try:
        found.take(enclosed(inner, depth + 1))
    except UnreadableError as problem:
        found.problem = problem.problem


def _header(root: etree._Element, found: Found) -> None:
    """Read who sends: a country and an identifier."""
    for sender in _all(root, "SenderIdentifier"):
        for name, field in (("CountryCode", "issuing_state"), ("UniqueIdentifier", "sender_id")):
            for one in _all(sender, name):
                found.values.setdefault(field, (one.text or "").strip())


def _leaf(one: etree._Element, found: Found) -> None:
    name, text = _name(one), (one.text or "").strip()
    if name == "Value" and _parent(one) in {"RequestValue", "TargetIdentifierValue"}:
        found.add("identifiers", _with_format(one, text))
    elif name == "Reference" and _parent(one).endswith("Object"):
        found.values.setdefault("reference", text)
    elif name in {"StartTime", "EndTime"} and _parent(one) != _PERIOD_OF:
        return
    elif name in _NAMED:
        found.values.setdefault(_NAMED[name], text)


def _with_format(one: etree._Element, text: str) -> str:
    """Say what an identifier is, as its format's name does: `IPv4Address 192.0.2.1`."""
    holder = one.getparent()
    formats = [] if holder is None else list(_all(holder, "FormatName"))
    name = (formats[0].text or "").strip() if formats else ""
    return f"{name} {text}".strip()


def _within(root: etree._Element) -> Iterator[bytes]:
    """Yield the documents that a message encloses."""
    for holder in _all(root, "XMLData"):
        for inner in holder:
            if _is_element(inner):
                yield etree.tostring(inner, with_tail=False)
    for name in _ENCLOSED:
        for one in _all(root, name):
            try:
                yield base64.b64decode("".join((one.text or "").split()), validate=True)
            except (binascii.Error, ValueError):
                continue


def _all(root: etree._Element, name: str) -> Iterator[etree._Element]:
    return (one for one in root.iter() if _is_element(one) and _name(one) == name)


def _is_element(one: etree._Element) -> bool:
    return isinstance(one.tag, str)


def _parent(one: etree._Element) -> str:
    """Return the parent's type where it states one, else its name."""
    holder = one.getparent()
    if holder is None:
        return ""
    return holder.get(_XSI_TYPE, "").rpartition(":")[2] or _name(holder)


def _name(one: etree._Element) -> str:
    return str(etree.QName(one).localname)


def _namespace(one: etree._Element) -> str:
    return etree.QName(one).namespace or ""
