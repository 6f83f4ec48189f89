# SPDX-License-Identifier: Apache-2.0
"""The durable spool of the machine doors: one SQLite file per writing process.

Write-ahead, not an archive: rows are committed in groups before the answer,
folded by `jobs` and then deleted.
"""
