# SPDX-License-Identifier: Apache-2.0
"""Reports that the operator owes authorities of its own accord, with states and receipts.

Suspicion of a threat to life or safety (Art. 18 DSA) and the CyberTipline (18 U.S.C.
2258A). Nothing is called reported before its receipt is stored.
"""
