# SPDX-License-Identifier: Apache-2.0
"""Documents of strangers, read in a process of their own: XML, PDF and JSON."""
