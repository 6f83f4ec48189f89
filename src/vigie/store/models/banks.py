# SPDX-License-Identifier: Apache-2.0
"""Hash lists: a bank, its entries, and what an owner says of an entry.

An entry is somebody's opinion with an owner, never the truth: opinions that
contradict each other are shown as disputed.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from django.db import models

from vigie.store.append_only import Row
from vigie.store.fields import CodeField, IdField, MomentField


class Stance(StrEnum):
    """What an owner says of an entry; the words of the hash index."""

    POSITIVE = "positive"
    """It belongs to the bank's class."""
    NEGATIVE = "negative"
    """It does not: a match with it counts for nothing."""
    DISPUTED = "disputed"
    """Owners contradict each other."""


class Bank(Row):
    """A list of hashes from one owner, of one class."""

    name = IdField(max_length=100, unique=True)
    cls = CodeField()
    """Class: `child`, `terrorist`, `intimate`, ... as the law data names them."""
    owner = models.CharField(max_length=100)
    """Who answers for its entries; agreement counts owners, not banks."""
    description = models.TextField(default="", blank=True)
    enabled = models.BooleanField(default=True)
    created_at = MomentField()

    class Meta:
        db_table_comment = "Hash lists"


class BankEntry(Row):
    """One hash in one bank."""

    bank = models.ForeignKey(Bank, on_delete=models.CASCADE, related_name="entries")
    algorithm = CodeField(max_length=16)
    """`sha256`, `md5` or `pdq`."""
    value = models.CharField(max_length=64)
    """Lower-case hexadecimal."""
    quality = models.PositiveSmallIntegerField(null=True, blank=True)
    """Of a PDQ hash, 0 to 100, where the list says it."""
    opinion = CodeField(max_length=16, default=Stance.POSITIVE)
    """What its owner says of it now; `Opinion` keeps the history."""
    reference = models.CharField(max_length=200, default="", blank=True)
    """The owner's own number for it."""
    active = models.BooleanField(default=True)
    """False once it was withdrawn: it matches no longer."""
    added_at = MomentField()

    class Meta:
        db_table_comment = "Entries of hash lists"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["bank", "algorithm", "value"], name="bank_entry_once")
        ]


class Opinion(Row):
    """What somebody says of an entry, and since when."""

    entry = models.ForeignKey(BankEntry, on_delete=models.CASCADE, related_name="opinions")
    owner = models.CharField(max_length=100)
    stance = CodeField()
    """A word of `Stance`."""
    reason = models.TextField(default="", blank=True)
    at = MomentField()

    class Meta:
        db_table_comment = "Opinions about entries of hash lists"
