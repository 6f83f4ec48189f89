# SPDX-License-Identifier: Apache-2.0
"""The interfaces that clients speak: each reads requests, answers and events, and writes them."""
