# SPDX-License-Identifier: Apache-2.0
"""Matter files: what was asked in a proceeding, what was answered, and by whom it was approved."""
