# SPDX-License-Identifier: Apache-2.0
"""Evidence packages and compliance proofs: what leaves, provable by whoever gets it."""

from __future__ import annotations

from vigie.evidence.outgoing import Recipient, read_recipient
from vigie.flow.packages.compliance import build_proof
from vigie.flow.packages.make import Made, build

__all__ = ["Made", "Recipient", "build", "build_proof", "read_recipient"]
