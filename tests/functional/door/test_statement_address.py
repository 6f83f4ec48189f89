# SPDX-License-Identifier: Apache-2.0
"""Where the person concerned will read why."""

from vigie.core.addresses import PATH, StatementAddresses, statement_token
from vigie.core.clock import from_iso, iso


def test_a_time_survives_writing_and_reading() -> None:
    for ms in (0, 1, 999, 1_795_000_000_001, 1_795_000_000_999):
        assert from_iso(iso(ms)) == ms


def test_an_address_depends_on_key_decision_and_time() -> None:
    one = StatementAddresses("https://v.example", b"k" * 32, 183)
    found = {
        one.of("w-1-0123456789", 1),
        one.of("w-1-0123456789", 2),
        one.of("w-2-0123456789", 1),
        one._replace(key=b"l" * 32).of("w-1-0123456789", 1),
    }
    assert len(found) == 4
    assert all(address.startswith(f"https://v.example{PATH}") for address in found)
    assert len(statement_token(b"k", "w", 1)) == 32
