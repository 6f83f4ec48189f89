# SPDX-License-Identifier: Apache-2.0
"""The vault as the house sees it: sealing with public keys, asking to open, shredding.

Nothing here can open: the identities lie with the vault process (`vigie.vault`).
"""
