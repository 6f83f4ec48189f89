# SPDX-License-Identifier: Apache-2.0
"""Trust policies: what C2SP tlog-policy allows, and what a quorum asks for."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.ledger import ORIGIN, seed
from vigie.ledger.checkpoint import Checkpoint, sign_checkpoint
from vigie.ledger.note import Cosigner, Signer
from vigie.ledger.policy import format_policy, of_key, parse_policy
from vigie.ledger.tree import EMPTY_ROOT
from vigie.ledger.verify.errors import LedgerError, MalformedError, UnverifiedError

LOG = Signer(ORIGIN, seed("log key"))
WITNESSES = {f"w{n}": Cosigner(f"witness.invalid/{n}", seed(f"w{n}")) for n in range(6)}
POINT = Checkpoint(ORIGIN, 0, EMPTY_ROOT)
LINES = "".join(f"witness {name} {one.vkey}\n" for name, one in WITNESSES.items())


def _cosigned(*names):
    lines = [WITNESSES[name].line(POINT.text(), 1_795_000_000 + n) for n, name in enumerate(names)]
    return sign_checkpoint(POINT, [LOG]) + "".join(lines)


def _policy(tail):
    return parse_policy(f"log {LOG.vkey} https://demo.invalid/log/1\n{LINES}{tail}")


NESTED = "group X 2 w0 w1 w2\ngroup Y any w3 w4 w5\ngroup both all X Y\nquorum both\n"


@pytest.mark.parametrize(
    ("names", "enough"),
    [
        ("", False),
        ("w0 w1", False),
        ("w0 w3", False),
        ("w0 w1 w4", True),
        ("w0 w2 w5", True),
        ("w3 w4 w5", False),
        ("w0 w1 w2 w3 w4 w5", True),
    ],
)
def test_nested_groups_ask_for_their_members(names, enough):
    policy = _policy(NESTED)
    if enough:
        assert policy.accept(_cosigned(*names.split())).witnesses == tuple(names.split())
    else:
        with pytest.raises(UnverifiedError, match="witnesses"):
            policy.accept(_cosigned(*names.split()))


def test_the_latest_time_of_a_witness_is_told():
    accepted = _policy("quorum w0\n").accept(_cosigned("w0", "w3"))
    assert accepted.latest == 1_795_000_001
    assert accepted.log.name == ORIGIN


def test_without_quorum_the_log_alone_is_enough():
    assert _policy("quorum none\n").accept(_cosigned()).witnesses == ()
    assert of_key(LOG.vkey).accept(_cosigned()).latest is None


def test_another_log_is_not_believed():
    other = Signer("other.invalid/log/1", seed("other"))
    with pytest.raises(UnverifiedError):
        of_key(other.vkey).accept(_cosigned())


def test_a_known_key_of_another_name_does_not_speak_for_the_log():
    other = Signer("other.invalid/log/1", seed("other"))
    note = sign_checkpoint(POINT, [LOG]) + other.line(POINT.text())
    with pytest.raises(UnverifiedError, match="No known log"):
        of_key(other.vkey).accept(note)


@pytest.mark.parametrize(
    "tail",
    [
        "",
        "quorum w9\n",
        "quorum w0\nquorum w0\n",
        "group g 0 w0\nquorum g\n",
        "group g 3 w0 w1\nquorum g\n",
        "group g 01 w0\nquorum g\n",
        "group g any w9\nquorum g\n",
        "group g any none\nquorum g\n",
        "group g any g\nquorum g\n",
        "group g any w0 w0\nquorum g\n",
        "group g any w0\ngroup h any w0\nquorum g\n",
        "group w0 any w1\nquorum w0\n",
        "group none any w1\nquorum none\n",
        "group g any\nquorum none\n",
        f"witness again {WITNESSES['w0'].vkey}\nquorum none\n",
        f"log {LOG.vkey}\nquorum none\n",
        f"log {WITNESSES['w0'].vkey}\nquorum none\n",
        f"witness log {Signer('a.invalid/x', seed('x')).vkey}\nquorum none\n",
        "nonsense\nquorum none\n",
        "quorum none\x0b\n",
        "quorum none\r\n",
        "quorum\u00a0none\n",
    ],
)
def test_a_wrong_policy_is_refused(tail):
    with pytest.raises(MalformedError):
        _policy(tail)


def test_blanks_comments_and_opaque_names_are_allowed():
    raw = f"  # comment \xe9\n\n \t log\t{LOG.vkey} \n".encode("latin-1")
    raw += b"witness \xff\xe9 " + WITNESSES["w0"].vkey.encode() + b"\nquorum \xff\xe9"
    assert parse_policy(raw).accept(_cosigned("w0")).checkpoint == POINT


def test_32_logs_32_witnesses_and_32_groups_are_read():
    logs = [f"log {Signer(f'l{n}.invalid/1', seed(f'l{n}')).vkey}" for n in range(32)]
    keys = [Cosigner(f"c{n}.invalid", seed(f"c{n}")).vkey for n in range(32)]
    named = [f"witness c{n} {key}" for n, key in enumerate(keys)]
    groups = [f"group g{n} any c{n}" for n in range(32)]
    policy = parse_policy("\n".join([*logs, *named, *groups, "quorum g31"]))
    assert (len(policy.logs), len(policy.witnesses), len(policy.groups)) == (32, 32, 32)


def test_a_policy_is_written_as_it_is_read():
    vkeys = {name: one.vkey for name, one in WITNESSES.items()}
    assert parse_policy(format_policy([LOG.vkey], vkeys, 2)).groups["witnesses"].needed == 2
    assert parse_policy(format_policy([LOG.vkey], {})).quorum == "none"
    with pytest.raises(MalformedError):
        format_policy([LOG.vkey], {}, 1)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_policy_or_a_ledger_error(data):
    with suppress(LedgerError):
        parse_policy(data)
