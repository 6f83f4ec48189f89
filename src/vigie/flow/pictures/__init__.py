# SPDX-License-Identifier: Apache-2.0
"""Pictures for a person who must look: fetched, matched, drawn anew, forgotten."""
