# SPDX-License-Identifier: Apache-2.0
"""A witness: cosigns other people's logs. Stands alone: no store, no Django, a key of its own."""
