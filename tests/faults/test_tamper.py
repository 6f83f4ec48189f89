# SPDX-License-Identifier: Apache-2.0
"""No package that was touched is called verified: 10,000 changes of every kind.

Real packages of the product's own writer, the product's own verifier, the log's
key given by hand. Byte flips anywhere, in the ZIP and in the folder; files added,
taken away, exchanged; records, custody and manifests reordered, and manifests
made anew to fit. VIGIE_CAMPAIGN=full makes the long series.
"""

from __future__ import annotations

import hashlib
import io
import os
import random
from collections.abc import Callable, Iterator

import pytest

from tests.support.ledger import NOW
from tests.support.packages import MadePackage, make_package, memory_shelf
from vigie.ledger.policy import of_key
from vigie.ledger.verify.bags import manifest_text
from vigie.ledger.verify.errors import LedgerError
from vigie.ledger.verify.findings import exit_code
from vigie.ledger.verify.packages import Asked, verify_package
from vigie.ledger.verify.policy import TrustPolicy
from vigie.ledger.verify.proofs import parse_log_proof, verify_decision
from vigie.ledger.verify.shelves import Shelf, zip_shelf

pytestmark = pytest.mark.campaign
FULL = os.environ.get("VIGIE_CAMPAIGN") == "full"
FLIPS = 12_000 if FULL else 400
OTHERS = 3_000 if FULL else 150
SEED = 20261123
Files = dict[str, bytes]
Change = Callable[[Files, random.Random], Files | None]


class Field:
    """A package as it is, and the question whether another is verified."""

    def __init__(self, made: MadePackage) -> None:
        self.made = made
        self.files = made.files()
        self.zip = made.zip()
        self.name = made.contents.head.package_id

    def policy(self) -> TrustPolicy:
        """Return what the reader believes."""
        return of_key(self.made.maker.vkey)

    def code(self, shelf: Shelf, top: str = "") -> int:
        """Return the exit code over files."""
        asked = Asked(policy=self.policy(), now_ms=NOW + 10**9)
        return exit_code(verify_package(shelf, "p", top, asked))

    def code_of_zip(self, data: bytes) -> int:
        """Return the exit code over a ZIP."""
        try:
            top, shelf = zip_shelf(io.BytesIO(data))
        except LedgerError:
            return 1
        return self.code(shelf, top)


@pytest.fixture(scope="module")
def field(tmp_path_factory: pytest.TempPathFactory) -> Field:
    return Field(make_package(tmp_path_factory.mktemp("package"), pieces=3))


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Field:
    """Another package of the same log's key, from which files are taken."""
    return Field(make_package(tmp_path_factory.mktemp("other"), pieces=4))


def changes(seed: int, count: int) -> Iterator[random.Random]:
    """Yield a source of chance for each change; a failure names its number."""
    for number in range(count):
        yield random.Random(seed * 1_000_003 + number)


def test_as_it_is_it_is_verified(field: Field, other: Field) -> None:
    """The control: without it every change would be refused for nothing."""
    for one in (field, other):
        assert one.code_of_zip(one.zip) == 0
        assert one.code(memory_shelf(one.files)) == 0


def test_no_flipped_byte_of_the_zip_is_verified(field: Field) -> None:
    for number, chance in enumerate(changes(SEED, FLIPS // 2)):
        data = bytearray(field.zip)
        at = chance.randrange(len(data))
        data[at] ^= chance.randrange(1, 256)
        assert field.code_of_zip(bytes(data)) != 0, (number, at)


def test_no_flipped_byte_of_a_file_is_verified(field: Field) -> None:
    names = sorted(field.files)
    for number, chance in enumerate(changes(SEED + 1, FLIPS // 2)):
        name = chance.choice(names)
        data = bytearray(field.files[name])
        at = chance.randrange(len(data))
        data[at] ^= chance.randrange(1, 256)
        changed = {**field.files, name: bytes(data)}
        assert field.code(memory_shelf(changed)) != 0, (number, name, at)


def added(files: Files, chance: random.Random) -> Files:
    """Put a file in, under a name that a package may or may not have."""
    named = (
        "data/x.bin", "log/0.tlog-proof", "log/99.tlog-proof", "fetch.txt", "signatures/x.note",
        "data/items/" + "0" * 31 + "9/original.bin", "signatures/package.tsr", "data/.hidden",
        "data/items/" + "0" * 31 + "1/rendition.txt", "manifest-md5.txt", "tagmanifest-md5.txt",
        "log/consistency/1-2.txt", "log/timestamps/3.tsr", "../x", "data/A\u030a",
    )  # fmt: skip
    name = chance.choice([one for one in named if one not in files])
    return {**files, name: chance.randbytes(chance.randrange(40))}


def removed(files: Files, chance: random.Random) -> Files:
    """Take a file away."""
    gone = chance.choice(sorted(files))
    return {name: data for name, data in files.items() if name != gone}


def swapped(files: Files, chance: random.Random) -> Files | None:
    """Exchange the contents of two files."""
    a, b = chance.sample(sorted(files), 2)
    return None if files[a] == files[b] else {**files, a: files[b], b: files[a]}


def cut(files: Files, chance: random.Random) -> Files | None:
    """Shorten a file, or lengthen it."""
    name = chance.choice(sorted(files))
    data = files[name]
    changed = data[: chance.randrange(len(data))] if chance.random() < 0.5 else data + b"\n"
    return {**files, name: changed}


LISTS = (
    "log/records.jsonl", "data/custody.jsonl", "data/decisions.jsonl", "data/handled.jsonl",
    "manifest-sha512.txt", "manifest-sha256.txt", "tagmanifest-sha512.txt",
)  # fmt: skip


def reordered(files: Files, chance: random.Random) -> Files | None:
    """Change the order of lines, leave one out, or repeat one."""
    name = chance.choice(LISTS)
    lines = files[name].splitlines(keepends=True)
    how = chance.randrange(3)
    if how == 0 and len(lines) > 1:
        a, b = chance.sample(range(len(lines)), 2)
        lines[a], lines[b] = lines[b], lines[a]
    elif how == 1:
        del lines[chance.randrange(len(lines))]
    else:
        lines.insert(chance.randrange(len(lines) + 1), chance.choice(lines))
    data = b"".join(lines)
    return None if data == files[name] else {**files, name: data}


def refitted(files: Files) -> Files:
    """Make every manifest anew, as somebody would who wants a change to fit."""
    found = dict(files)
    payload = [name for name in found if name.startswith("data/")]
    for kind in ("sha256", "sha512"):
        sums = {name: hashlib.new(kind, found[name]).hexdigest() for name in payload}
        found[f"manifest-{kind}.txt"] = manifest_text(sums).encode()
    outside = ("tagmanifest-sha512.txt", *payload)
    tags = [name for name in found if name not in outside and not name.startswith("signatures/")]
    sums = {name: hashlib.sha512(found[name]).hexdigest() for name in tags}
    found["tagmanifest-sha512.txt"] = manifest_text(sums).encode()
    return found


CHANGES: tuple[Change, ...] = (added, removed, swapped, cut, reordered)


@pytest.mark.parametrize("fit", [False, True], ids=["as it is", "manifests made anew"])
@pytest.mark.parametrize("change", CHANGES, ids=lambda one: one.__name__)
def test_no_changed_set_of_files_is_verified(field: Field, change: Change, fit: bool) -> None:
    done = 0
    for number, chance in enumerate(changes(SEED + 2, OTHERS // len(CHANGES) // 2)):
        made = change(field.files, chance)
        if made is None:
            continue
        made = refitted(made) if fit else made
        if made == field.files:
            continue
        done += 1
        assert field.code(memory_shelf(made)) != 0, number
    assert done


def test_no_file_of_another_package_passes_for_one_of_this(field: Field, other: Field) -> None:
    for name, data in other.files.items():
        for fit in (False, True):
            made = {**field.files, name: data}
            made = refitted(made) if fit else made
            if made != field.files:
                assert field.code(memory_shelf(made)) != 0, name


def test_signatures_of_another_package_do_not_fit(field: Field, other: Field) -> None:
    theirs = {name: data for name, data in other.files.items() if name.startswith("signatures/")}
    own = {name: data for name, data in field.files.items() if not name.startswith("signatures/")}
    assert field.code(memory_shelf({**own, **theirs})) != 0


def test_another_top_folder_is_refused(field: Field) -> None:
    assert field.code(memory_shelf(field.files), field.name) == 0
    assert field.code(memory_shelf(field.files), "vp-other-0000") == 1


def bits(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield data with each single bit changed."""
    for at in range(len(data)):
        for bit in range(8):
            changed = bytearray(data)
            changed[at] ^= 1 << bit
            yield at * 8 + bit, bytes(changed)


def opens(data: bytes, policy: TrustPolicy) -> bool:
    """Say whether a proof file is accepted."""
    try:
        verify_decision(data, policy)
    except LedgerError:
        return False
    return True


def test_every_flipped_bit_of_the_export_is_refused(field: Field) -> None:
    data = field.files["signatures/export.json"]
    policy = field.policy()
    assert opens(data, policy)
    for bit, changed in bits(data[:-1]):  # a last newline may be missing
        assert not opens(changed, policy), bit


def test_every_flipped_bit_of_a_proof_is_refused(field: Field) -> None:
    name = "log/4.tlog-proof"
    whole = field.files[name]
    ends = whole.index(b"\n\n")
    parse_log_proof(whole)
    step = 1 if FULL else 7
    for bit, changed in list(bits(whole))[::step]:
        code = field.code(memory_shelf(refitted({**field.files, name: changed})))
        assert code != 0, (bit, bit // 8 < ends)
