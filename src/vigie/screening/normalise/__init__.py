# SPDX-License-Identifier: Apache-2.0
"""Text as the detectors read it: disguises taken off, ordinary words untouched.

Compatibility forms (Unicode NFKC, UAX 15) and case are folded; zero-width and
direction marks dropped; addresses and names replaced; look-alike letters, digits
in the place of letters, spaced-out letters and long runs undone, each only where
a word looks disguised. Deleted or swapped letters are not repaired.
"""

from vigie.screening.normalise.text import Normalised, normalise, normalise_many

__all__ = ["Normalised", "normalise", "normalise_many"]
