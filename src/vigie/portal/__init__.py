# SPDX-License-Identifier: Apache-2.0
"""The pages for everyone else: statements of reasons, and how to check us."""
