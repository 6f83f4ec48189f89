# SPDX-License-Identifier: Apache-2.0
"""Frozen values, state words, errors and ports. No input, no output, no clock."""
