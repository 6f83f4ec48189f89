# SPDX-License-Identifier: Apache-2.0
"""The desk of the people who decide: pages only, every rule lives in `flow`."""
