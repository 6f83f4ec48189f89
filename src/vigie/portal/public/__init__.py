# SPDX-License-Identifier: Apache-2.0
"""What everybody may know: the register, withheld notices, texts with their history."""
