# SPDX-License-Identifier: Apache-2.0
"""Models that ship with the package: hashed features, weights and their cards."""
