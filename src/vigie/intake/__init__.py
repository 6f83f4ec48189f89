# SPDX-License-Identifier: Apache-2.0
"""The machines' door: items in, decisions and receipts out, no database in between."""
