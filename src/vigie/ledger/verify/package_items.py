# SPDX-License-Identifier: Apache-2.0
"""Does each file of a package hold what the log says was sealed?"""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

from vigie.ledger.verify.canonical import canonical_json, parse_json
from vigie.ledger.verify.errors import MalformedError, MissingError, ProofError
from vigie.ledger.verify.package_form import ACCOUNT_FILE, ITEM_FILE, PackageFiles
from vigie.ledger.verify.views import SEALED_KIND, ShownRecord

ORIGINAL, META = "original.bin", "meta.json"


def check_contents(package: PackageFiles, records: List[ShownRecord]) -> Tuple[int, int]:
    """Hold every sealed file against its record; return how many items and accounts."""
    sealed = _sealings(records)
    items: Dict[str, List[str]] = {}
    accounts = 0
    for name in package.shelf.names:
        item, account = ITEM_FILE.match(name), ACCOUNT_FILE.match(name)
        if item:
            items.setdefault(item.group(1), []).append(item.group(2))
        elif account:
            _check_bytes(package, name, sealed.get(account.group(1)))
            accounts += 1
    for item_id, files in items.items():
        folder = "data/items/{}/".format(item_id)
        if ORIGINAL not in files or META not in files:
            raise MissingError("An item lacks its original or its description.", field=folder)
        _check_bytes(package, folder + ORIGINAL, sealed.get(item_id))
        _check_meta(package, folder + META, item_id, sealed[item_id])
    return len(items), accounts


def _sealings(records: List[ShownRecord]) -> Dict[str, Dict[str, Any]]:
    """Return what each sealing says, by the evidence's id."""
    found: Dict[str, Dict[str, Any]] = {}
    for shown in records:
        values = shown.values()
        if shown.kind == SEALED_KIND and isinstance(values.get("evidence"), str):
            found[values["evidence"]] = values
    return found


def _check_bytes(package: PackageFiles, name: str, sealed: Any) -> None:
    if sealed is None:
        raise ProofError("No record says that this was sealed.", field=name)
    digest = package.bag.digests[name]["sha256"]
    if sealed.get("sha256") != digest:
        raise ProofError("This is not what was sealed.", field=name)
    if "size" in sealed and sealed["size"] != package.shelf.sizes[name]:
        raise ProofError("This has not the size that was sealed.", field=name)


def _check_meta(package: PackageFiles, name: str, item_id: str, sealed: Dict[str, Any]) -> None:
    """The description is canonical and repeats what the sealing says."""
    data = package.shelf.read(name)
    meta = parse_json(data)
    if not isinstance(meta, dict) or canonical_json(meta) + b"\n" != data:
        raise MalformedError("The description is not as it was made.", field=name)
    for path, value in (("evidence", item_id), ("sha256", sealed["sha256"])):
        if meta.get(path) != value:
            raise ProofError("The description is about something else.", field=name)
    for path, value in meta.items():
        known = sealed.get(path, value)
        if known != value and not (isinstance(known, dict) and list(known) == ["_c"]):
            raise ProofError("The description says other than the record.", field=name)
