# SPDX-License-Identifier: Apache-2.0
"""Orders as authorities give them: complete forms, and documents that no reader likes."""

from __future__ import annotations

import io
import json
import zlib
from typing import Any
from xml.sax.saxutils import escape

from reportlab.pdfgen.canvas import Canvas

from tests.support.people import Agora
from vigie.exchange.papers.xml import NAMESPACE
from vigie.flow.orders.given import GivenDocument, OrderGiven
from vigie.flow.orders.receive import OrderReceipt, receive_order
from vigie.law import orders as forms
from vigie.law.orders import FieldType, OrderField
from vigie.store.models import OrderChannel

ADDRESS = "https://agora.example/p/p-100"
REMOVAL: dict[str, Any] = {
    "issuing_state": "FR",
    "issued_at": "2026-11-22T20:30:00+00:00",
    "reference": "FR-2026-0007",
    "content_locations": [ADDRESS, "https://agora.example/p/p-101"],
    "reasons": ["incites"],
    "detailed_reasons": "It calls for an attack.",
    "legal_basis": "Regulation (EU) 2021/784 Art. 3",
    "issuing_authority": "Office central, France",
    "authority_contact": "Duty officer, +33 1 00 00 00 00",
    "redress": "Tribunal administratif, 48 hours",
    "language": "en",
}
PRODUCTION: dict[str, Any] = {
    "issuing_state": "DE",
    "issuing_authority": "Staatsanwaltschaft Beispielstadt",
    "reference": "DE-2026-11",
    "time_limit": "days_10",
    "identifiers": ["ana.lima"],
    "data_categories": ["subscriber"],
    "offence": "Fraud, StGB 263",
    "issuing_authority_type": "prosecutor",
    "authority_contact": "Room 12, +49 30 000000",
    "issued_at": "2026-11-22T09:00:00+00:00",
    "language": "en",
}
_PAGE = (
    b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R /Resources "
    b"<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>"
)
_SAMPLE: dict[FieldType, Any] = {
    FieldType.LINE: "A line",
    FieldType.TEXT: "Some words.",
    FieldType.LINES: ["ana.lima"],
    FieldType.LOCATIONS: [ADDRESS],
    FieldType.COUNTRY: "FR",
    FieldType.COUNTRIES: ["FR"],
    FieldType.LANGUAGE: "en",
    FieldType.MOMENT: "2026-11-22T12:00:00+00:00",
    FieldType.DATE: "2026-11-22",
    FieldType.EMAIL: "unit@police.example",
    FieldType.BOOLEAN: True,
}


def filled(form: str) -> dict[str, Any]:
    """Return values that make a form complete: required and conditional fields."""
    found = forms.load()[form]
    return {one.name: sample(one) for one in found.fields if one.req != "optional"}


def sample(field: OrderField) -> Any:
    """Return a value that fits a field."""
    if field.options:
        code = field.options[0].code
        return [code] if field.many else code
    return _SAMPLE[field.type]


def as_xml(values: dict[str, Any], form: str = "", extra: str = "") -> bytes:
    """Write values in Vigie's own profile."""
    parts = []
    for name, value in values.items():
        for one in value if isinstance(value, list) else [value]:
            text = str(one).lower() if isinstance(one, bool) else escape(str(one))
            parts.append(f"<{name}>{text}</{name}>")
    head = f' form="{form}"' if form else ""
    body = "".join(parts) + extra
    return f'<?xml version="1.0"?><order xmlns="{NAMESPACE}"{head}>{body}</order>'.encode()


def as_json(values: dict[str, Any]) -> bytes:
    """Write values as JSON."""
    return json.dumps(values).encode()


def as_pdf(*lines: str, pages: int = 1, fields: dict[str, str] | None = None) -> bytes:
    """Draw lines of text, and fields that are filled in."""
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    for _ in range(pages):
        for number, line in enumerate(lines):
            canvas.drawString(50, 780 - 16 * number, line)
        for number, (name, value) in enumerate((fields or {}).items()):
            canvas.acroForm.textfield(name=name, value=value, x=50, y=500 - 30 * number)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def pdf_bomb(size: int) -> bytes:
    """Return a small document with a page that unpacks to so many bytes."""
    squeezer = zlib.compressobj(9)
    chunk = b"BT (a) Tj ET\n" * 80_000
    packed = b"".join(squeezer.compress(chunk) for _ in range(size // len(chunk)))
    packed += squeezer.flush()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        _PAGE,
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(packed), packed),
    ]
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    at = len(out)
    out += b"xref\n0 5\n0000000000 65535 f \n"
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer << /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % at
    return bytes(out)


def receive(
    agora: Agora,
    form: str = "tco_removal_order_annex_i",
    fields: dict[str, Any] | None = None,
    *documents: bytes,
    channel: OrderChannel = OrderChannel.FORM,
    **more: Any,
) -> OrderReceipt:
    """Receive an order as a door does."""
    papers = tuple(GivenDocument(f"paper-{n}.bin", one) for n, one in enumerate(documents))
    given = OrderGiven(form=form, channel=channel, fields=fields or {}, documents=papers, **more)
    return receive_order(agora.house, given)
