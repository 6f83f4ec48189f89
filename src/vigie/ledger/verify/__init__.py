# SPDX-License-Identifier: Apache-2.0
"""What an outsider needs to check Vigie: Python 3.8, standard library, no network."""
