# SPDX-License-Identifier: Apache-2.0
"""Backups that a log survives: what goes in, what never does, and what a restore must prove."""
