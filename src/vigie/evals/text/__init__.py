# SPDX-License-Identifier: Apache-2.0
"""Measure what the shipped detectors say of labelled texts."""
