# SPDX-License-Identifier: Apache-2.0
"""Whose portal it is."""

from __future__ import annotations

from vigie.flow import house


def operator() -> str:
    """Return the operator's name as people read it."""
    return house.current().settings.operator or "Vigie"
