# SPDX-License-Identifier: Apache-2.0
"""Migrations of the store; run on SQLite and PostgreSQL alike."""
