# SPDX-License-Identifier: Apache-2.0
"""`python -m vigie`: the same as the command `vigie`."""

from vigie.cli import main

main()
