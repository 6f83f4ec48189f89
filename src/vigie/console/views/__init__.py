# SPDX-License-Identifier: Apache-2.0
"""Views by page."""
