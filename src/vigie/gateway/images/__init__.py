# SPDX-License-Identifier: Apache-2.0
"""The image routes: prompt and pictures judged together, results judged, marked and signed."""
