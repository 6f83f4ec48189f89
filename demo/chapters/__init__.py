# SPDX-License-Identifier: Apache-2.0
"""One file a chapter, played in the order of their numbers."""
