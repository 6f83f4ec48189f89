# SPDX-License-Identifier: Apache-2.0
"""Strikes and what they lead to (Art. 23 DSA).

A decision of a person counts (`count`), the ladder proposes (`ladder`), a
person decides after a prior warning (`measures`), and everything ends by itself
or is taken back with the decision that it rests on.
"""
