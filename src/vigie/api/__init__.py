# SPDX-License-Identifier: Apache-2.0
"""The door for records: what became of decisions, proofs, deletion, policies, banks.

One verb is one transaction in `flow`; nothing is decided here.
"""
