# SPDX-License-Identifier: Apache-2.0
"""What came by post is recorded at the command line: logged, read, with a code for its sender."""

from __future__ import annotations

import json

from tests.support.order_papers import REMOVAL, as_xml

FORM = "tco_removal_order_annex_i"


def refused(vigie, *arguments):
    """Return the error of a command that must be refused."""
    return json.loads(vigie.run(*arguments, "--json").stderr)["error"]


def test_a_file_is_received_and_read(vigie, tmp_path):
    paper = tmp_path / "order.xml"
    paper.write_bytes(as_xml(REMOVAL, FORM))
    vigie.run("account", "create", "l.moreau", "--role", "legal")
    asked = ("order", "record", "--form", FORM, "--file", str(paper), "--by", "l.moreau")
    made = vigie.json(*asked, "--came", "2026-11-22T20:40Z")
    assert (made["order"], made["missing"], made["same_as"]) == ("O-1", [], None)
    assert made["receipt"]["note"]
    again = vigie.run(*asked)
    assert "O-1 is worked on" in again.stdout
    assert made["code"] not in again.stdout


def test_what_is_wrong_is_refused_by_field(vigie, tmp_path):
    paper = tmp_path / "order.xml"
    paper.write_bytes(b"<order/>")
    asked = ("order", "record", "--file", str(paper), "--by")
    assert refused(vigie, *asked, "nobody", "--form", FORM)["field"] == "--by"
    vigie.run("account", "create", "m", "--role", "moderator")
    assert refused(vigie, *asked, "m", "--form", FORM)["code"] == "forbidden"
    vigie.run("account", "create", "l", "--role", "legal")
    assert refused(vigie, *asked, "l", "--form", "no_form")["field"] == "form"
    assert refused(vigie, *asked, "l", "--form", FORM, "--came", "noon")["field"] == "--came"
    paper.write_bytes(b"x" * 10_000_001)
    assert refused(vigie, *asked, "l", "--form", FORM)["code"] == "document_size"
