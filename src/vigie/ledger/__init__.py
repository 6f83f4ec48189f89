# SPDX-License-Identifier: Apache-2.0
"""The log that an outsider can verify; stands alone and imports nothing of Vigie.

RFC 6962 tree in the C2SP formats. `verify` is written for Python 3.8 with the
standard library only and is copied, not rewritten, into the single-file
verifier; the other modules build on it and add what needs keys and files.
"""
