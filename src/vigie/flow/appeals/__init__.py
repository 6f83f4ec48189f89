# SPDX-License-Identifier: Apache-2.0
"""Complaints against decisions (Art. 20 DSA) and out-of-court disputes (Art. 21).

`lodge` takes one, `reopen` lets a notifier's be decided on the item itself,
`resolve` answers it: another person than the first, never a program. What is
granted is reversed with all that followed from it, in the same transaction.
"""
