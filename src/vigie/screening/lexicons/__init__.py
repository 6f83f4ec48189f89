# SPDX-License-Identifier: Apache-2.0
"""Lists of terms and patterns: their form, how they are read, and those that ship.

Shipped lists hold claims and requests in restrained words, no slurs: a starter
set that an operator reviews and extends, not a measure of anything. Each names
its source, when it was reviewed and how far it can be trusted.
"""

from vigie.screening.lexicons.document import Lexicon, Pattern, read_lexicon
from vigie.screening.lexicons.shipped import load_shipped

__all__ = ["Lexicon", "Pattern", "load_shipped", "read_lexicon"]
