# SPDX-License-Identifier: Apache-2.0
"""Known content: hash types, banks of hashes and the exact index over them."""
