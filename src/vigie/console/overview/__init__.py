# SPDX-License-Identifier: Apache-2.0
"""The overview in words: figures, alarms, tables and their pictures; every number links."""
