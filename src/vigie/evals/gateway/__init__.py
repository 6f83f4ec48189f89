# SPDX-License-Identifier: Apache-2.0
"""Runs labelled prompts through a gateway: what it stops, what it should not, what leaks."""
