# SPDX-License-Identifier: Apache-2.0
"""The CyberTipline of NCMEC: what a report says, how it is written as XML, how it is sent.

Source: the interface's schema of November 2025 and what public repositories
quote of its documentation; codes 3000 and 3100 differ between sources.
"""
