# SPDX-License-Identifier: Apache-2.0
"""Evidence: sealing, terms, packages. Pure: no store, no web, no Django."""
