# SPDX-License-Identifier: Apache-2.0
"""Documentation that is made from the program, and the tests that hold both equal."""
