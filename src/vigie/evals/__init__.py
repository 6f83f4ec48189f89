# SPDX-License-Identifier: Apache-2.0
"""Measure detectors and the gateway, always with intervals."""
