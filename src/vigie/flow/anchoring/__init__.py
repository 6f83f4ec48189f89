# SPDX-License-Identifier: Apache-2.0
"""Witnesses and time: who outside vouches for the log, and what happens when they do not.

`flow.anchors` reads what is there; here it is fetched.
"""
