# SPDX-License-Identifier: Apache-2.0
"""Mails to people: written with the record that they tell of, sent by `jobs`.

A mail says that something happened and where it can be read, never the content
of an item. The operator can change every text (`known.TEMPLATES`).
"""

from vigie.flow.letters.write import check_address, write_letter

__all__ = ["check_address", "write_letter"]
