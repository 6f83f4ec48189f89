# SPDX-License-Identifier: Apache-2.0
"""Snapshots on disk: whole or refused, numbers used once, keys found by their digest."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.support.door import KEYS, NOW, TRUSTED, listed, live, policy, publish
from tests.support.screening import Says, signal, snapshot
from vigie.core.clock import iso
from vigie.screening import snapshot as snapshots
from vigie.screening.access import AccessKey, AccessTable, Scope, digest_of
from vigie.screening.matching.index import build_index
from vigie.screening.snapshot import Evaluation, Operator, load, load_next, probe
from vigie.screening.snapshot_files import (
    CURRENT,
    INDEX,
    Manifest,
    SnapshotError,
    adopt_folder,
    current_number,
    folder_digest,
    read_manifest,
    read_parts,
    write_durably,
    write_manifest,
    write_part,
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """One folder that is only read."""
    folder: Path = tmp_path_factory.mktemp("snapshots")
    publish(folder)
    return folder


def test_a_snapshot_loads_with_all_that_was_put_in_force(whole: Path) -> None:
    found = load(whole)
    assert (found.number, found.served) == (1, ("AT", "DE", "FR"))
    assert len(found.access) == len(KEYS)
    assert {one.policy.id for one in found.policies.active} == {
        "known_child_material",
        "planted_clause",
        "planted_offence",
    }
    assert found.child_offences
    assert found.law.entries


@pytest.mark.parametrize(
    "part", ["policies", "law", "lexicons", "domains", "keys", "operator", "index_tail"]
)
@pytest.mark.parametrize("damage", ["gone", "cut short", "one bit"])
def test_a_damaged_part_is_refused_by_name(tmp_path: Path, part: str, damage: str) -> None:
    publish(tmp_path)
    path = tmp_path / "parts" / read_manifest(tmp_path, 1).parts[part]
    content = path.read_bytes()
    if damage == "gone":
        path.unlink()
    elif damage == "cut short":
        path.write_bytes(content[:-1])
    else:
        path.write_bytes(bytes([content[0] ^ 1]) + content[1:])
    with pytest.raises(SnapshotError) as told:
        read_parts(tmp_path, read_manifest(tmp_path, 1))
    with pytest.raises(SnapshotError):
        load(tmp_path)
    # Two parts may be equal (empty lists): then either name is right.
    assert read_manifest(tmp_path, 1).parts[told.value.field or ""] == path.name


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"number": "x"}', b'{"number": 1}'])
def test_a_manifest_that_does_not_read_is_refused(tmp_path: Path, content: bytes) -> None:
    publish(tmp_path)
    (tmp_path / "1.json").write_bytes(content)
    with pytest.raises(SnapshotError, match="manifest"):
        load(tmp_path)


def test_a_manifest_that_names_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    publish(tmp_path)
    manifest = read_manifest(tmp_path, 1)
    parts = {**manifest.parts, "policies": write_part(tmp_path, b'[{"policy": 7}]')}
    write_manifest(tmp_path, Manifest(number=2, at=iso(NOW), parts=parts))
    with pytest.raises(SnapshotError, match="does not work"):
        load(tmp_path)
    assert load(tmp_path, 1).number == 1


def test_a_policy_on_a_label_that_nobody_reports_is_refused(tmp_path: Path) -> None:
    publish(tmp_path, policies=live(policy("blind", score="nobody_reports_this")))
    with pytest.raises(SnapshotError):
        load(tmp_path)


def test_numbers_are_never_used_twice(tmp_path: Path) -> None:
    publish(tmp_path)
    with pytest.raises(SnapshotError, match="never reused"):
        write_manifest(tmp_path, Manifest(number=1, at=iso(NOW), parts={}))
    assert load(tmp_path).number == 1


def test_before_the_first_snapshot_the_number_is_nought(tmp_path: Path) -> None:
    assert current_number(tmp_path) == 0


@pytest.mark.parametrize("text", ["", "two", "1.5", "\N{ARABIC-INDIC DIGIT TWO}"])
def test_a_current_that_is_no_number_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / CURRENT).write_text(text, encoding="utf-8")
    with pytest.raises(SnapshotError):
        current_number(tmp_path)


def test_a_part_is_stored_once_under_its_digest(tmp_path: Path) -> None:
    one = write_part(tmp_path, b"content")
    written = (tmp_path / "parts" / one).stat().st_mtime_ns
    assert write_part(tmp_path, b"content") == one
    assert (tmp_path / "parts" / one).stat().st_mtime_ns == written
    assert [path.name for path in (tmp_path / "parts").iterdir()] == [one]


def test_a_file_is_replaced_whole_and_leaves_no_draft(tmp_path: Path) -> None:
    write_durably(tmp_path / "file", b"one")
    write_durably(tmp_path / "file", b"two")
    assert (tmp_path / "file").read_bytes() == b"two"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_the_base_of_the_hash_index_is_adopted_once_by_the_digest_of_its_files(
    tmp_path: Path,
) -> None:
    rows = [listed(bytes([n]) * 32) for n in range(5)]
    digests = set()
    for name in ("a", "b"):
        build_index(rows, tmp_path / name)
        digests.add(adopt_folder(tmp_path, tmp_path / name))
    assert len(digests) == 1
    adopted = tmp_path / "parts" / digests.pop()
    assert folder_digest(adopted) == adopted.name
    assert not (tmp_path / "b").exists()


def test_base_and_tail_are_asked_together(tmp_path: Path) -> None:
    build_index([listed(b"a" * 32)], tmp_path / "built")
    base = adopt_folder(tmp_path, tmp_path / "built")
    publish(tmp_path, index=[listed(b"b" * 32)])
    parts = {**read_manifest(tmp_path, 1).parts, INDEX: base}
    write_manifest(tmp_path, Manifest(number=2, at=iso(NOW), parts=parts))
    [hashes] = [one for one in load(tmp_path).detectors if one.name == "hash"]
    index = getattr(hashes, "_index")  # noqa: B009 - the detector's own
    found = index.lookup([("sha256", b"a" * 32), ("sha256", b"b" * 32), ("sha256", b"c" * 32)])
    assert [one.total for one in found] == [1, 1, 0]


@pytest.mark.parametrize("damage", ["gone", "one bit"])
def test_a_damaged_base_of_the_hash_index_is_refused(tmp_path: Path, damage: str) -> None:
    build_index([listed(bytes([n]) * 32) for n in range(50)], tmp_path / "built")
    base = adopt_folder(tmp_path, tmp_path / "built")
    publish(tmp_path)
    parts = {**read_manifest(tmp_path, 1).parts, INDEX: base}
    write_manifest(tmp_path, Manifest(number=2, at=iso(NOW), parts=parts))
    if damage == "gone":
        shutil.rmtree(tmp_path / "parts" / base)
    else:
        path = next((tmp_path / "parts" / base).glob("*.values.npy"))
        content = path.read_bytes()
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(SnapshotError) as told:
        load(tmp_path)
    assert told.value.field == INDEX


def follow(folder: Path, **parts: bytes | None) -> int:
    """Put a next Snapshot in force that differs in these parts; return its number."""
    before = read_manifest(folder, current_number(folder))
    digests = {name: write_part(folder, one) for name, one in parts.items() if one is not None}
    kept = {name: one for name, one in before.parts.items() if name not in parts}
    write_manifest(folder, Manifest(number=before.number + 1, at=iso(NOW), parts=kept | digests))
    return before.number + 1


BRAKE = b'[{"number":1,"feature":"chat","countries":["FR"],"reason":"x"}]'


def test_a_brake_is_taken_up_without_loading_anything_else_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(tmp_path)
    held = load(tmp_path)
    number = follow(tmp_path, brakes=BRAKE, keys=b"[]")
    expected = load(tmp_path, number)
    monkeypatch.setattr(snapshots, "build_detectors", None)
    found = load_next(tmp_path, number, held)
    assert (found.number, found.brakes) == (number, expected.brakes)
    assert len(found.access) == len(expected.access) == 0
    assert found.detectors is held.detectors
    assert found.policies is held.policies
    gone = load_next(tmp_path, follow(tmp_path, brakes=None), found)
    assert gone.brakes == ()


def test_any_other_part_is_loaded_whole(tmp_path: Path) -> None:
    publish(tmp_path)
    held = load(tmp_path)
    number = follow(tmp_path, brakes=BRAKE, domains=b"[ ]")
    found = load_next(tmp_path, number, held)
    assert found.detectors is not held.detectors
    assert [one.number for one in found.brakes] == [1]


def test_where_the_older_manifest_is_gone_it_is_loaded_whole(tmp_path: Path) -> None:
    publish(tmp_path)
    held = load(tmp_path)
    number = follow(tmp_path, brakes=BRAKE)
    (tmp_path / f"{held.number}.json").unlink()
    assert [one.number for one in load_next(tmp_path, number, held).brakes] == [1]


@pytest.mark.parametrize("brakes", [b"{", b'[{"number":"x"}]', b'[{"number":1,"feature":"zz"}]'])
def test_a_small_part_that_does_not_read_is_refused(tmp_path: Path, brakes: bytes) -> None:
    publish(tmp_path)
    held = load(tmp_path)
    number = follow(tmp_path, brakes=brakes)
    with pytest.raises(SnapshotError):
        load_next(tmp_path, number, held)


def test_a_probe_refuses_detectors_that_fail() -> None:
    def fail(_item):
        raise RuntimeError

    with pytest.raises(SnapshotError, match="broken"):
        probe(snapshot([], Says("broken", ["x"], fail)))
    probe(snapshot([], Says("sound", ["x"], lambda _item: [signal("x")])))


def test_a_part_that_breaks_a_detector_is_refused(tmp_path: Path, monkeypatch) -> None:
    publish(tmp_path)

    def build(_parts):
        raise KeyError("label")

    monkeypatch.setattr(snapshots, "build_detectors", build)
    with pytest.raises(SnapshotError, match="does not work"):
        load(tmp_path)


def test_the_operators_precision_is_found_by_policy_and_language() -> None:
    operator = Operator(evaluations=(Evaluation(policy="a", language="fr", low=0.99),))
    assert operator.precision("a", "fr") == 0.99
    assert operator.precision("a", "de") is None
    assert operator.precision("b", "fr") is None
    assert operator.precision("a", None) is None


def test_a_manifest_on_disk_is_plain_json(whole: Path) -> None:
    assert json.loads((whole / "1.json").read_text())["number"] == 1


class TestAccess:
    """The table of keys."""

    table = AccessTable(KEYS)

    @pytest.mark.parametrize("header", [f"Bearer {TRUSTED}", f"bearer {TRUSTED}"])
    def test_a_key_is_found_by_its_secret(self, header: str) -> None:
        found = self.table.find(header)
        assert found is not None
        assert found.id == "1"
        assert self.table.find(header) is found

    @pytest.mark.parametrize(
        "header",
        ["", "Bearer ", TRUSTED, f"Basic {TRUSTED}", "Bearer vg_x", f"Bearer {digest_of(TRUSTED)}"],
    )
    def test_anything_else_is_no_key(self, header: str) -> None:
        assert self.table.find(header) is None

    def test_only_digests_are_kept(self) -> None:
        assert TRUSTED not in repr(AccessTable(KEYS)._keys)

    @pytest.mark.parametrize(
        ("scopes", "sends", "trusted"),
        [
            ((Scope.TRUSTED,), True, True),
            ((Scope.PUBLIC,), True, False),
            ((Scope.RECORDS,), False, False),
            ((Scope.PUBLIC, Scope.TRUSTED), True, True),
            ((), False, False),
        ],
    )
    def test_scopes_say_what_a_key_may_do(self, scopes, sends: bool, trusted: bool) -> None:
        key = AccessKey(id="k", sha256="", scopes=scopes)
        assert (key.sends, key.trusted) == (sends, trusted)
