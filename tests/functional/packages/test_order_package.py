# SPDX-License-Identifier: Apache-2.0
"""The package of an order holds what its grant names, and outsiders can check all of it."""

from __future__ import annotations

import io
import json
import zipfile

import pyrage
import pytest

from tests.functional.packages.conftest import SERVICE
from tests.support.senders import ACCOUNT
from vigie.core.clock import DAY_MS
from vigie.core.errors import ConflictError, InvalidInputError, RefusedError, UnavailableError
from vigie.evidence import package
from vigie.flow.packages import handed, read_recipient
from vigie.ledger.verify.command import main
from vigie.ledger.verify.findings import exit_code
from vigie.ledger.verify.packages import Asked, verify_package
from vigie.ledger.verify.policy import TrustPolicy
from vigie.ledger.verify.shelves import zip_shelf
from vigie.store.models import CustodyEvent, EvidencePackage, Record

pytestmark = pytest.mark.django_db


def names(data):
    """Return the files of a package below its top folder."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return {name.partition("/")[2]: file.read(name) for name in file.namelist()}


def verified(packing, data, policy=None):
    """Check a ZIP with the published policy; return the findings."""
    text = policy or packing.agora.settings.log_dir.joinpath("policy.txt").read_bytes()
    top, shelf = zip_shelf(io.BytesIO(data))
    asked = Asked(policy=TrustPolicy.parse(text), now_ms=packing.agora.house.now())
    return verify_package(shelf, "package", top, asked)


def test_a_package_verifies_with_the_published_policy_alone(packing):
    packing.grant()
    packing.seal(b"the picture")
    found = verified(packing, packing.opened(packing.build()))
    assert exit_code(found) == 0, [one.line() for one in found]
    steps = {one.details["step"] for one in found if "step" in one.details}
    assert {"files", "export", "signature", "records", "contents", "custody"} <= steps


def test_it_holds_the_bytes_the_custody_and_the_decisions(packing):
    packing.grant()
    row = packing.seal(b"the picture")
    files = names(packing.opened(packing.build()))
    assert files[f"data/items/{row.evidence_id}/original.bin"] == b"the picture"
    custody = [json.loads(line) for line in files["data/custody.jsonl"].splitlines()]
    assert [one["event"] for one in custody] == ["evidence.sealed", "evidence.copied"]
    assert custody[1]["values"]["ticket"] == f"O-{packing.order.number}"
    assert custody[1]["values"]["by"] == "legal 3"
    events = [json.loads(line)["event"] for line in files["data/decisions.jsonl"].splitlines()]
    assert {"decision.made", "order.received", "order.proven"} <= set(events)
    assert b"Amtsgericht Beispielstadt" in files["data/index.html"]


def test_the_text_of_an_item_lies_beside_it_as_a_working_copy(packing):
    packing.grant()
    document = b'{"item":{"text":"Gr\\u00fc\\u00dfe"},"v":1}'
    row = packing.seal(document, kind="context", mime="application/json")
    other = packing.seal(b"[no json", kind="context", mime="application/json")
    data = packing.opened(packing.build())
    files = names(data)
    assert files[f"data/items/{row.evidence_id}/rendition.txt"].decode() == "Grüße"
    assert files[f"data/items/{row.evidence_id}/original.bin"] == document
    assert f"data/items/{other.evidence_id}/rendition.txt" not in files
    assert exit_code(verified(packing, data)) == 0


def test_without_a_proof_nothing_is_made(packing):
    packing.seal(b"the picture")
    with pytest.raises(RefusedError) as refused:
        packing.build()
    assert refused.value.code == "unproven"
    assert not list(packing.folder.iterdir())
    assert not EvidencePackage.objects.exists()
    assert not CustodyEvent.objects.filter(kind="copied").exists()


def test_a_proof_without_a_grant_is_not_enough(packing):
    packing.seal(b"the picture")
    packing.grant()
    packing.order.data.update(granted=False)
    with pytest.raises(ConflictError) as refused:
        packing.build()
    assert refused.value.code == "nothing_granted"


def test_only_those_whose_role_it_is_make_packages(packing):
    packing.grant()
    packing.seal(b"the picture")
    with pytest.raises(RefusedError) as refused:
        packing.build(user=packing.agora.person("mo", "moderator"))
    assert refused.value.code == "no_permission"


@pytest.mark.parametrize(
    "more",
    [
        {"author": "somebody.else"},
        {"service": "another"},
        {"kind": "account", "meta": {"category": "subscriber"}},
        {"kind": "account"},
        {"kind": "document"},
        {"meta": {"published_at": "2027-01-01T00:00:00Z"}},
        {"decision": None, "item_id": "", "meta": {}},
    ],
    ids=["author", "service", "category", "no category", "document", "later", "no time"],
)
def test_what_the_scope_does_not_name_stays_out(packing, more):
    packing.grant()
    packing.seal(b"inside")
    outside = packing.seal(b"outside", **more)
    files = names(packing.opened(packing.build()))
    originals = [data for name, data in files.items() if name.endswith("original.bin")]
    assert originals == [b"inside"]
    assert not any(outside.evidence_id in name for name in files)
    assert all(outside.evidence_id.encode() not in data for data in files.values())


def test_account_data_leaves_where_its_category_is_granted(packing):
    packing.order = packing.ask("subscriber", reference="DE-2026-12")
    packing.grant()
    packing.seal(b"not asked for")
    data = b'{"name":"made up"}'
    at = packing.agora.house.now() - DAY_MS
    row = packing.seal(data, kind="account", meta={"category": "subscriber", "at": at})
    scope = names(packing.opened(packing.build()))
    assert scope[f"data/accounts/{row.evidence_id}.json"] == data
    assert not any(name.endswith("original.bin") for name in scope)


def test_class_child_is_in_no_package(packing):
    packing.grant()
    packing.seal(b"inside")
    packing.agora.removal("p-200")
    hidden = packing.seal(b"same item", item_id="p-200")
    files = names(packing.opened(packing.build()))
    assert not any(hidden.evidence_id in name for name in files)


def test_what_another_order_asked_is_not_shown(packing):
    packing.grant()
    other = packing.senders.order(reference="DE-OTHER-99")
    row = packing.seal(b"the picture", order=other, basis="order DE-OTHER-99")
    CustodyEvent.objects.filter(evidence=row).exists()
    files = names(packing.opened(packing.build()))
    sealed = json.loads(files["data/custody.jsonl"].splitlines()[0])["values"]
    assert set(sealed["basis"]) == {"_c"}
    assert set(sealed["order"]) == {"_c"}
    assert all(b"DE-OTHER-99" not in data for data in files.values())


def test_nobody_else_can_read_it(packing):
    packing.grant()
    packing.seal(b"the picture")
    made = packing.build()
    assert b"the picture" not in made.file.read_bytes()
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(made.file.read_bytes(), [pyrage.x25519.Identity.generate()])


def test_nothing_of_it_lies_about_afterwards(packing, monkeypatch):
    monkeypatch.setattr("vigie.evidence.spool.HELD", 0)
    packing.grant()
    packing.seal(b"the picture")
    packing.build()
    left = list(packing.agora.settings.run_dir.rglob("package-*"))
    assert left == []
    assert [path.name for path in packing.folder.iterdir()] == ["out.zip.age"]


def test_the_export_is_in_the_log_before_the_file_is_there(packing, monkeypatch):
    packing.grant()
    packing.seal(b"the picture")
    seen = []

    def stop(*_args, **_more):
        seen.append(Record.objects.filter(kind="package.exported").count())
        raise OSError(28, "no space")

    monkeypatch.setattr("vigie.evidence.outgoing.write_encrypted", stop)
    with pytest.raises(OSError, match="no space"):
        packing.build()
    assert seen == [1]
    assert not list(packing.folder.iterdir())


def test_what_does_not_verify_is_not_handed_out(packing, monkeypatch):
    packing.grant()
    packing.seal(b"the picture")
    real = package.sign

    def spoiled(spool, head, digest, own, signer):
        real(spool, head, "0" * 128, own, signer)

    monkeypatch.setattr(package, "sign", spoiled)
    with pytest.raises(UnavailableError) as refused:
        packing.build()
    assert refused.value.code == "package_unsound"
    assert not list(packing.folder.iterdir())


def test_a_vault_that_gives_other_bytes_stops_it(packing, monkeypatch):
    packing.grant()
    packing.seal(b"the picture")
    monkeypatch.setattr("vigie.flow.vault.client.open_record", lambda *_: b"other bytes")
    with pytest.raises(UnavailableError) as refused:
        packing.build()
    assert refused.value.code == "vault_differs"


def test_a_file_that_is_there_is_not_overwritten(packing):
    packing.grant()
    packing.seal(b"the picture")
    packing.build()
    with pytest.raises(ConflictError) as refused:
        packing.build()
    assert refused.value.code == "file_exists"
    assert packing.build("second.zip.age").row.package_id


@pytest.mark.parametrize(
    "text", ["", "age1nonsense", "ssh-rsa AAAA", "ssh-ed25519 AAAA", "a\nb\n", "AGE-SECRET-KEY-1"]
)
def test_what_is_no_public_key_is_refused(text):
    with pytest.raises(InvalidInputError):
        read_recipient(text)


def test_an_ssh_key_will_do(packing):
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl x@y"
    packing.grant()
    packing.seal(b"the picture")
    made = packing.build(recipient=read_recipient(f"# office\n{key}\n"))
    assert made.row.recipient.startswith("ssh-ed25519 ")
    assert made.file.read_bytes().startswith(b"age-encryption.org/v1\n-> ssh-ed25519 ")


def test_what_is_missing_is_said(packing):
    packing.grant()
    packing.seal(b"the picture")
    made = packing.build()
    assert any("witness" in one for one in made.missing)
    files = names(packing.opened(made))
    assert b"No witness is configured" in files["data/README.txt"]
    assert b"No witness is configured" in files["data/index.html"]


def test_handing_over_is_noted_once(packing):
    packing.grant()
    packing.seal(b"the picture")
    made = packing.build()
    row = handed.hand_over(packing.agora.house, packing.by, made.row.pk, "by courier")
    assert row.handed_at == packing.agora.house.now()
    with pytest.raises(ConflictError):
        handed.hand_over(packing.agora.house, packing.by, made.row.pk, "again")
    assert Record.objects.filter(kind="package.handed").count() == 1


def test_erased_records_are_said_and_left_out(packing):
    from vigie.store.models import RecordKey

    packing.grant()
    packing.seal(b"the picture")
    RecordKey.objects.filter(record=packing.decision.record_id).delete()
    made = packing.build()
    assert any("erased" in one for one in made.missing)
    assert exit_code(verified(packing, packing.opened(made))) == 0


def test_the_command_says_that_it_must_be_decrypted_first(packing, capsys):
    packing.grant()
    packing.seal(b"the picture")
    made = packing.build()
    assert main([str(made.file), "--key", "x"]) == 1
    policy = packing.agora.settings.log_dir / "policy.txt"
    assert main([str(made.file), "--policy", str(policy)]) == 1
    assert "decrypt it first" in capsys.readouterr().out


def test_a_later_period_is_not_in_the_package(packing):
    packing.grant()
    packing.seal(b"inside")
    packing.agora.clock.advance(DAY_MS)
    number = packing.agora.proposal("p-8", author=ACCOUNT, service=SERVICE)
    from vigie.store.models import DecisionRecord, ItemContent

    later = DecisionRecord.objects.get(number=number)
    ItemContent.objects.filter(item_id="p-8").update(published_at="")
    packing.seal(b"later", item_id="p-8", decision=later)
    files = names(packing.opened(packing.build()))
    assert [d for n, d in files.items() if n.endswith("original.bin")] == [b"inside"]
