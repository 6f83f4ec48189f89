# SPDX-License-Identifier: Apache-2.0
"""The package as a CASE 1.5.0 graph (JSON-LD): what forensic tools read.

Written by hand with its context inside, so that reading it needs no network.
Identifiers follow from the package's name: the same package, the same graph.
Source: UCO/CASE ontology 1.5.0; hash methods are plain strings, which no
validator warns about.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID, uuid5

from vigie.core import canonical, clock
from vigie.evidence.contents import Head, Piece

_NAMESPACE: Final = UUID("6a1f5c0e-5d0e-5b53-9f5b-6a7f0c7f3a11")
_UCO: Final = "https://ontology.unifiedcyberontology.org/uco/"
CONTEXT: Final = {
    "kb": "urn:vigie:",
    "case-investigation": "https://ontology.caseontology.org/case/investigation/",
    "uco-core": f"{_UCO}core/",
    "uco-action": f"{_UCO}action/",
    "uco-identity": f"{_UCO}identity/",
    "uco-observable": f"{_UCO}observable/",
    "uco-tool": f"{_UCO}tool/",
    "uco-types": f"{_UCO}types/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_METHODS: Final = (("md5", "MD5"), ("sha1", "SHA1"), ("sha256", "SHA256"), ("sha512", "SHA512"))
Node = dict[str, Any]


class _Graph:
    """Nodes with names that follow from the package's own."""

    def __init__(self, head: Head) -> None:
        self._package = head.package_id
        self.nodes: list[Node] = []

    def name(self, what: str, key: str = "") -> str:
        return f"kb:{what}-{uuid5(_NAMESPACE, f'{self._package}/{what}/{key}')}"

    def add(self, what: str, kind: str, key: str = "", **said: Any) -> Node:
        """Add an object of the graph; return a reference to it."""
        node = {"@id": self.name(what, key), "@type": kind}
        node |= {
            path.replace("__", ":").replace("_", "-", 1): value for path, value in said.items()
        }
        self.nodes.append(node)
        return {"@id": node["@id"]}


def _typed(kind: str, value: object) -> Node:
    return {"@type": f"xsd:{kind}", "@value": str(value)}


def make(
    head: Head,
    pieces: Sequence[Piece],
    sums: dict[str, dict[str, str]],
    custody: Iterable[dict[str, Any]],
    version: str,
) -> bytes:
    """Return the graph.

    Args:
        head: whose package it is.
        pieces: its sealed records.
        sums: digests of their files, by path and method.
        custody: lines of `custody.jsonl`.
        version: of the program that made it.
    """
    graph = _Graph(head)
    operator = graph.add(
        "organization", "uco-identity:Organization", uco_core__name=head.operator or "operator"
    )
    tool = graph.add("tool", "uco-tool:Tool", uco_core__name="Vigie", uco_tool__version=version)
    files = {one.evidence_id: _file(graph, one, sums.get(one.path, {})) for one in pieces}
    for account in sorted({one.account for one in pieces if one.account}):
        _account(graph, account)
    for one in pieces:
        _provenance(graph, one, files[one.evidence_id])
    for line in custody:
        _action(graph, line, files, operator, tool)
    whole = [{"@id": node["@id"]} for node in graph.nodes]
    graph.add("bundle", "uco-core:Bundle", uco_core__name=head.package_id, uco_core__object=whole)
    return canonical.encode({"@context": CONTEXT, "@graph": graph.nodes}) + b"\n"


def _file(graph: _Graph, piece: Piece, sums: dict[str, str]) -> Node:
    key = piece.evidence_id
    hashes = [
        {
            "@id": graph.name("hash", f"{key}/{method}"),
            "@type": "uco-types:Hash",
            "uco-types:hashMethod": word,
            "uco-types:hashValue": _typed("hexBinary", sums[method]),
        }
        for method, word in _METHODS
        if sums.get(method)
    ]
    named = {
        "@id": graph.name("file-facet", key),
        "@type": "uco-observable:FileFacet",
        "uco-observable:fileName": piece.path.rpartition("/")[2],
        "uco-observable:filePath": piece.path,
        "uco-observable:sizeInBytes": _typed("integer", piece.size),
    }
    content = {
        "@id": graph.name("content-facet", key),
        "@type": "uco-observable:ContentDataFacet",
        "uco-observable:hash": hashes,
    }
    if piece.mime:
        content["uco-observable:mimeType"] = piece.mime
    facets = [named, content]
    return graph.add("file", "uco-observable:File", key, uco_core__hasFacet=facets)


def _account(graph: _Graph, account: str) -> None:
    facet = {
        "@id": graph.name("account-facet", account),
        "@type": "uco-observable:AccountFacet",
        "uco-observable:accountIdentifier": account,
    }
    graph.add("account", "uco-observable:ObservableObject", account, uco_core__hasFacet=[facet])


def _provenance(graph: _Graph, piece: Piece, file: Node) -> None:
    graph.add(
        "provenance-record",
        "case-investigation:ProvenanceRecord",
        piece.evidence_id,
        case_investigation__exhibitNumber=piece.label,
        uco_core__description=f"Sealed record of kind {piece.kind}",
        uco_core__object=[file],
    )


def _action(
    graph: _Graph, line: dict[str, Any], files: dict[str, Node], operator: Node, tool: Node
) -> None:
    values = line["values"]
    file = files.get(str(values.get("evidence", "")))
    if file is None:
        return
    by = values.get("by")
    said = f"Entry {line['index']} of the log" + (f"; by {by}" if isinstance(by, str) else "")
    graph.add(
        "investigative-action",
        "case-investigation:InvestigativeAction",
        str(line["index"]),
        uco_core__name=line["event"],
        uco_core__description=said,
        uco_action__startTime=_typed("dateTime", clock.iso(line["at"])),
        uco_action__performer=operator,
        uco_action__instrument=tool,
        uco_action__object=[file],
    )
