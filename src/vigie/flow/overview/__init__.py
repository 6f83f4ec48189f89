# SPDX-License-Identifier: Apache-2.0
"""What the responsible person must know, each number cheap at a million decisions.

Class `child` is in none of them: it has a room of its own.
"""
