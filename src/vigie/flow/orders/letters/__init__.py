# SPDX-License-Identifier: Apache-2.0
"""Letters to authorities: written from data, the same bytes each time, sent to nobody unknown.

A letter keeps everything of which its PDF is made. It leaves by mail to a checked
contact of the directory alone, or a person notes how it was handed over.
"""

from vigie.flow.orders.letters.document import data_of, order_pdf, pdf
from vigie.flow.orders.letters.sending import send, send_if_known, sent_by_hand
from vigie.flow.orders.letters.write import language_of, write

__all__ = [
    "data_of",
    "language_of",
    "order_pdf",
    "pdf",
    "send",
    "send_if_known",
    "sent_by_hand",
    "write",
]
