# SPDX-License-Identifier: Apache-2.0
"""What every hash type keeps, built-in or brought by another package."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vigie.core.errors import InvalidInputError
from vigie.screening.matching.base import BankClass, IndexRow, Ref
from vigie.screening.matching.index import HashIndex
from vigie.screening.matching.types import hash_type, hash_types

KINDS = sorted(hash_types().items())
REF = Ref("bank", "owner", BankClass.TERMS)


def test_the_built_in_types_are_found_by_entry_point():
    assert {"md5", "sha256", "pdq"} <= set(hash_types())


def test_an_unknown_type_is_refused():
    with pytest.raises(InvalidInputError):
        hash_type("unheard")


def _is_hex(text, size):
    return len(text) == 2 * size and set(text.lower()) <= set("0123456789abcdef")


@pytest.mark.parametrize(("name", "kind"), KINDS)
class TestHashType:
    def test_it_goes_by_its_name(self, name, kind):
        assert kind.name == name
        assert kind.exact == (kind.radius == 0)

    @given(data=st.data())
    def test_hexadecimal_goes_round(self, name, kind, data):
        value = data.draw(st.binary(min_size=kind.size, max_size=kind.size))
        assert kind.validate(value.hex()) == value
        assert kind.validate(value.hex().upper()) == value

    @given(text=st.text(max_size=70))
    def test_other_text_is_refused_without_being_repeated(self, name, kind, text):
        assume(not _is_hex(text, kind.size))
        with pytest.raises(InvalidInputError) as caught:
            kind.validate(text)
        assert caught.value.code == "bad_hash"
        assert len(text) < 5 or text not in caught.value.message

    @given(data=st.data())
    def test_distance_is_symmetric_and_zero_for_equals_alone(self, name, kind, data):
        values = st.binary(min_size=kind.size, max_size=kind.size)
        one, other = data.draw(values), data.draw(values)
        assert kind.distance(one, one) == 0
        assert kind.distance(one, other) == kind.distance(other, one)
        assert (kind.distance(one, other) == 0) == (one == other)

    @given(data=st.data())
    def test_the_index_agrees_with_the_distance(self, name, kind, data):
        value = data.draw(st.binary(min_size=kind.size, max_size=kind.size))
        flips = data.draw(st.sets(st.integers(0, 8 * kind.size - 1), max_size=40))
        number = int.from_bytes(value, "big")
        for bit in flips:
            number ^= 1 << bit
        asked = number.to_bytes(kind.size, "big")
        index = HashIndex.of([IndexRow(name, value, REF)])
        (found,) = index.lookup([(name, asked)]) if kind.exact else index.query([asked])
        assert bool(found.total) == (kind.distance(value, asked) <= kind.radius)
