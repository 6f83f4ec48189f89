# SPDX-License-Identifier: Apache-2.0
"""Everybody outside: what is sent to them and how it is checked first."""
