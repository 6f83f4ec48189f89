# SPDX-License-Identifier: Apache-2.0
"""Vigie: screen, decide, tell and account for what an online platform owes the law."""

__version__ = "0.1.0"
