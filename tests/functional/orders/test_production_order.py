# SPDX-License-Identifier: Apache-2.0
"""A production order from the first command to the checked package, by HTTP alone.

A fresh folder, `vigie serve`, four people of the desk with passwords, an authority at
the public form: nothing of the code is called, except to decrypt as the recipient does.
"""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pyrage
import pytest

from demo.browser import Browser, words
from demo.forms import Form, form_with, forms_of
from demo.person import Person
from tests.support.installation import Installation
from tests.support.serving import Server, eventually

OFFICE = "Staatsanwaltschaft Beispielstadt"
DATA = b'{"mail":"ana@example.org","registered":"2024-03-01"}'
PEOPLE = ("e.nter", "c.heck", "c.all", "d.ecide")
ORDER: dict[str, Any] = {
    "sender": OFFICE,
    "reply_to": "office@sta.example",
    "f-issuing_state": "DE",
    "f-issuing_authority": OFFICE,
    "f-reference": "DE-2025-11",
    "f-time_limit": "days_10",
    "f-identifiers": "ana.lima",
    "f-period_from": "2025-01-01T00:00",
    "f-period_until": "2025-01-20T00:00",
    "f-data_categories": ["subscriber", "traffic"],
    "f-traffic_content_condition": "three_years",
    "f-offence": "Fraud",
    "f-issuing_authority_type": "prosecutor",
    "f-authority_contact": "Room 12",
    "f-issued_at": "2025-02-01T09:00",
    "f-language": "en",
}
"""What a prosecutor may order, and traffic data, for which only a court may."""


class Desk(Person):
    """One person of the desk."""

    def form_to(self, end: str) -> Form:
        """Return the form of this page that goes to an address with this end."""
        return next(one for one in forms_of(self.page) if one.action.endswith(end))

    def upload(self, form: Form, name: str, data: bytes) -> str:
        """Send a form with a file."""
        answer = self._http.post(form.action, data=dict(form.fields), files={"file": (name, data)})
        return self._shown(answer, form.action)

    def sent(self, path: str, fields: dict[str, str]) -> str:
        """Send fields that no page offered; return the words of the answer, whatever it is."""
        return words(self._http.post(path, data=fields).text)

    def says(self, path: str) -> str:
        """Open a page; return its words."""
        return words(self.open(path))


@dataclass
class House:
    """An installation that runs, its people, and the key of the authority."""

    server: Server
    people: dict[str, Desk] = field(default_factory=dict)
    identity: Any = field(default_factory=pyrage.x25519.Identity.generate)

    def __getitem__(self, name: str) -> Desk:
        return self.people[name]

    def order(self) -> Browser:
        """Send the order by the public form; return the window with the receipt."""
        window = Browser(self.server.url)
        window.open("/authorities/epoc_annex_i")
        window.send(form_with(window.page, "f-identifiers"), **ORDER)
        eventually(lambda: "traffic data" in self["d.ecide"].says("/console/orders/1"))
        return window

    def prove(self) -> None:
        """Call back, by a second officer."""
        calls = self["c.all"]
        calls.open("/console/orders/1")
        given = {"contact": "1", "note": "Ms Weber confirmed reference, account and period."}
        calls.send(form_with(calls.page, "contact"), ("do", "call"), **given)

    def decide(self, act: str, **given: Any) -> str:
        """Decide what leaves."""
        decides = self["d.ecide"]
        decides.open("/console/orders/1")
        return words(decides.send(form_with(decides.page, "row"), ("do", act), **given))

    def package(self) -> tuple[str, bytes]:
        """Make a package for the authority's key; return its name and its bytes, decrypted."""
        decides = self["d.ecide"]
        decides.open("/console/packages/new/order/1")
        key = str(self.identity.to_public())
        decides.send(form_with(decides.page, "recipient"), recipient=key)
        name = re.findall(r"vp-o1-[0-9a-f]+", decides.page)[0]
        sealed = decides.picture(f"/console/packages/{name}/file")
        return name, bytes(pyrage.decrypt(sealed, [self.identity]))


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[House]:
    vigie = Installation(tmp_path / "data", database_url, env={"VIGIE_OPERATOR": "Agora"})
    vigie.json("init")
    vigie.json("vault", "init")
    given = {
        name: vigie.json("account", "create", name, "--role", "legal")["password"]
        for name in PEOPLE
    }
    with Server(vigie) as server:
        made = House(server)
        for name, password in given.items():
            made.people[name] = Desk(server.url)
            made[name].sign_in(name, password)
        directory(made)
        yield made
        for one in made.people.values():
            one.close()


def directory(house: House) -> None:
    """Enter the office with its telephone, from a public source; a second person looks it up."""
    enters, checks = house["e.nter"], house["c.heck"]
    enters.open("/console/authorities")
    enters.go_on("kind", name=OFFICE, country="DE", kind="prosecutor")
    there = enters.path
    contact = {"kind": "phone", "value": "+49309014000", "source": "https://www.sta.example/"}
    enters.send(form_with(enters.page, "source"), ("do", "add"), **contact)
    checks.open(there)
    checks.send(form_with(checks.page, "contact"), ("do", "check"))


def verified(house: House, folder: Path, package: bytes) -> subprocess.CompletedProcess[str]:
    """Check a package as its recipient: the published program and policy, nothing of ours."""
    for name, path in (("verify.py", "/vigie_verify.py"), ("policy.txt", "/log/1/policy.txt")):
        answer = house.server.get(path)
        assert answer.status == 200
        (folder / name).write_bytes(answer.body)
    (folder / "package.zip").write_bytes(package)
    command = [sys.executable, "-I", "verify.py", "package.zip", "--policy", "policy.txt"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def changed(package: bytes) -> bytes:
    """Return a package with one word of its data changed."""
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(package)) as old, zipfile.ZipFile(made, "w") as new:
        for one in old.infolist():
            data, of_account = old.read(one), "/accounts/" in one.filename
            new.writestr(one, data.replace(b"ana@", b"eva@") if of_account else data)
    return made.getvalue()


def alone(house: House) -> None:
    """Who called back tries to grant it too, past the page that offers no form."""
    calls = house["c.all"]
    assert "a colleague decides what leaves" in calls.says("/console/orders/1")
    token = dict(form_with(calls.page, "csrfmiddlewaretoken").fields)["csrfmiddlewaretoken"]
    fields = {"csrfmiddlewaretoken": token, "do": "grant", "row": "1", "reason": "Covered."}
    said = calls.sent("/console/orders/1/data", fields)
    assert "Who called back does not decide what leaves: nobody discloses alone." in said


def test_from_the_public_form_to_the_package_that_checks(house: House, tmp_path: Path) -> None:
    receipt = house.order()
    assert "ana.lima" not in words(receipt.page)
    decides = house["d.ecide"]

    before = decides.says("/console/orders/1")
    assert "Nothing leaves before its sender is proven" in before
    assert "The sender of this order is not proven" in decides.says("/console/packages/new/order/1")
    house.prove()
    alone(house)

    # Traffic data is a court's to order: it has no box, and a letter says so.
    decides.open("/console/orders/1")
    assert form_with(decides.page, "row").offered["row"] == ["1"]
    after = house.decide("narrow", reason="A court has to issue it.")
    assert "Annex III, cannot be carried out" in after
    assert "followed in part" not in after
    house.decide("grant", row="1", reason="Covered by Art. 5(3).")
    assert "Nothing that is sealed" in decides.says("/console/packages/new/order/1")

    decides.open("/console/orders/1")
    decides.upload(decides.form_to("/data/seal"), "ana.json", DATA)
    assert "1 file sealed" in words(decides.page)
    name, package = house.package()
    with zipfile.ZipFile(BytesIO(package)) as file:
        kept = [file.read(one) for one in file.namelist() if "/data/accounts/" in one]
    assert kept == [DATA]
    done = verified(house, tmp_path, package)
    assert done.returncode == 0, done.stdout + done.stderr
    assert verified(house, tmp_path, changed(package)).returncode == 1

    decides.open("/console/packages")
    decides.go_on("note", note="By courier to room 12.")
    end = decides.says("/console/orders/1")
    for said in ("closed", "followed in part", "Information handed over", f"handed over: {name}"):
        assert said in end
    assert "by the platform" not in end
    shown = house.server.vigie.json("order", "show", "1")
    assert (shown["state"], shown["outcome"]) == ("closed", "narrowed")
    states = {one["duty"]: one["state"] for one in shown["clocks"]}
    assert states["eevidence_epoc"] == "met"
    assert "It is closed" in words(receipt.open("/authorities/mine"))
    # Under its duty of silence nobody outside reads of it.
    assert "O-1" not in words(receipt.open("/register"))
    receipt.close()
