# SPDX-License-Identifier: Apache-2.0
"""Files of hashes: what is taken, what is refused, with the line's number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.core.errors import InvalidInputError
from vigie.screening.matching.bank import (
    Bank,
    Entry,
    FileKind,
    check_bank,
    index_rows,
    parse_entries,
)
from vigie.screening.matching.base import BankClass, IndexRow, Opinion, Ref

PDQ_HASH = "f0" * 32
SHA = "ab" * 32
MD5_HASH = "cd" * 16


def codes(parsed):
    return [(problem.line, problem.code) for problem in parsed.problems]


def test_a_plain_list_needs_to_be_told_what_it_holds():
    parsed = parse_entries([SHA], FileKind.HEX)
    assert codes(parsed) == [(1, "algorithm_needed")]
    assert parse_entries([SHA], FileKind.HEX, "sha256").entries == (
        Entry(algorithm="sha256", value=bytes.fromhex(SHA)),
    )


def test_a_plain_list_may_name_each_hash():
    parsed = parse_entries(
        ["# remark", "", f"md5:{MD5_HASH}  # why", f"PDQ:{PDQ_HASH.upper()}"], FileKind.HEX
    )
    assert [entry.algorithm for entry in parsed.entries] == ["md5", "pdq"]
    assert parsed.problems == ()


def test_bad_lines_are_reported_and_the_rest_goes_on():
    lines = [PDQ_HASH, "zz" * 32, SHA[:-1], "unheard:00", PDQ_HASH]
    parsed = parse_entries(lines, FileKind.HEX, "pdq")
    assert len(parsed.entries) == 2
    assert codes(parsed) == [(2, "bad_hash"), (3, "bad_hash"), (4, "unknown_hash_type")]


def test_csv_with_opinions_and_qualities():
    text = (
        "\ufeffAlgorithm,hash,quality,opinion\n"
        f"pdq,{PDQ_HASH},80,positive\npdq,{PDQ_HASH},49,\nmd5,{MD5_HASH},,disputed\n"
        f"md5,{MD5_HASH},,maybe\npdq,{PDQ_HASH},many,\n\n"
    )
    parsed = parse_entries(text.splitlines(keepends=True), FileKind.CSV)
    assert [(e.algorithm, e.quality, e.opinion) for e in parsed.entries] == [
        ("pdq", 80, Opinion.POSITIVE),
        ("md5", None, Opinion.DISPUTED),
    ]
    assert codes(parsed) == [(3, "low_quality"), (5, "bad_opinion"), (6, "bad_quality")]


def test_csv_without_its_heading_is_refused_and_loses_nothing_silently():
    assert codes(parse_entries([f"{SHA}\n"], FileKind.CSV, "sha256")) == [(1, "bad_heading")]


def test_csv_with_an_open_quote_is_reported():
    parsed = parse_entries(["value\n", f'"{SHA}"x\n', f"{SHA}\n"], FileKind.CSV, "sha256")
    assert codes(parsed) == [(2, "bad_csv")]
    assert len(parsed.entries) == 1


def test_json_lines():
    lines = [
        f'{{"algorithm": "pdq", "value": "{PDQ_HASH}", "quality": 0}}',
        f'{{"algorithm": "sha256", "value": "{SHA}", "opinion": "negative"}}',
        '{"algorithm": "sha256", "value": 5}',
        "[1]",
        "{",
        '{"algorithm": ["pdq"]}',
        '"\ud800"',
    ]
    parsed = parse_entries(lines, FileKind.JSONL)
    assert [entry.opinion for entry in parsed.entries] == [Opinion.NEGATIVE]
    assert codes(parsed) == [
        (1, "low_quality"),
        (3, "bad_hash"),
        (4, "bad_json"),
        (5, "bad_json"),
        (6, "algorithm_needed"),
        (7, "bad_json"),
    ]


@pytest.mark.parametrize("value", ["00" * 32, "ff" * 32, "00" * 31 + "ff"])
def test_the_hash_of_a_blank_picture_is_refused(value):
    assert codes(parse_entries([value], FileKind.HEX, "pdq")) == [(1, "low_quality")]


def test_refusals_never_repeat_the_hash():
    parsed = parse_entries([SHA + "0", f"x:{SHA}"], FileKind.HEX, "sha256")
    assert len(parsed.problems) == 2
    assert all("abab" not in problem.message for problem in parsed.problems)


@given(st.lists(st.text(max_size=80), max_size=8), st.sampled_from(FileKind))
def test_any_lines_are_read_or_reported(lines, kind):
    parsed = parse_entries(lines, kind, "pdq")
    assert all(len(entry.value) in {16, 32} for entry in parsed.entries)


def test_an_unknown_hash_type_for_the_whole_file_is_refused():
    with pytest.raises(InvalidInputError):
        parse_entries([], FileKind.HEX, "unheard")


def test_an_inactive_bank_gives_the_index_nothing():
    entry = Entry(algorithm="pdq", value=bytes.fromhex(PDQ_HASH))
    bank = Bank(name="demo", cls=BankClass.TERMS, owner="agora")
    ref = Ref("demo", "agora", BankClass.TERMS, Opinion.POSITIVE)
    assert list(index_rows(bank, [entry])) == [IndexRow("pdq", entry.value, ref)]
    off = Bank(name="demo", cls=BankClass.TERMS, owner="agora", active=False)
    assert list(index_rows(off, [entry])) == []


@pytest.mark.parametrize(("name", "owner"), [("Bad Name", "x"), ("", "x"), ("fine", " ")])
def test_names_of_banks_are_checked(name, owner):
    with pytest.raises(InvalidInputError):
        check_bank(Bank(name=name, cls=BankClass.CHILD, owner=owner))
    assert check_bank(Bank(name="fine-1", cls=BankClass.CHILD, owner="x")).name == "fine-1"
