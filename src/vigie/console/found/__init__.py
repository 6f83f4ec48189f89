# SPDX-License-Identifier: Apache-2.0
"""What the pages of the search show: an expression in words, rows of results."""
