# SPDX-License-Identifier: Apache-2.0
"""Notices (Art. 16 DSA) and reports under the terms: received, put before a person, answered.

The two stay distinct in every record. What is missing of Art. 16(2) is written
down at receipt; nobody is turned away for it.
"""
