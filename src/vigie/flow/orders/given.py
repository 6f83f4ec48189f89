# SPDX-License-Identifier: Apache-2.0
"""An order as it is given at a door, and what is checked before it is logged: form and size.

What it says is not looked at here: a document that no reader survives is received
like any other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from unicodedata import category as sign_class
from unicodedata import normalize

from django.utils.translation import gettext as _

from vigie.core import canonical
from vigie.core.errors import InvalidInputError, RefusedError
from vigie.law import orders as forms
from vigie.law.orders import Door, OrderForm
from vigie.screening.media.formats import sniff
from vigie.store.models import ApiKey, OrderChannel, User
from vigie.store.permissions import Permission

MAX_DOCUMENTS: Final = 5
MAX_DOCUMENT: Final = 10_000_000
MAX_FIELDS: Final = 1_000_000
"""Bytes of all typed fields together."""
MAX_SENDER: Final = 300
MAX_MAIL: Final = 254
MAX_NAME: Final = 100
TYPED: Final = "form.json"
"""Name under which typed fields are kept: a document like the others."""
_PATH: Final = re.compile(r"[\\/:]")
_MAIL: Final = re.compile(r"[^@\s]{1,64}@[^@\s]{1,189}\Z")


@dataclass(frozen=True, slots=True)
class GivenDocument:
    """One document, byte for byte."""

    name: str
    data: bytes = field(repr=False)

    @property
    def mime(self) -> str:
        """What its first bytes say; never its name, never what was declared."""
        return kind_of(self.data)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderGiven:
    """What is given; `check_given` returns it cleaned."""

    form: str
    channel: OrderChannel
    fields: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Typed values by field name; what the form does not know is kept aside and told."""
    documents: tuple[GivenDocument, ...] = ()
    sender: str = ""
    reply_to: str = ""
    key: ApiKey | None = None
    """Of the API."""
    user: User | None = None
    """Who records it at the desk."""
    came_at: int | None = None
    """When it came by post, mail or telephone: clocks start then. Desk alone."""

    @property
    def about(self) -> OrderForm:
        """The form's rules; InvalidInputError for one that is not taken here."""
        return form_of(self.form)


def form_of(code: str) -> OrderForm:
    """Return a form that the door for orders takes. Raises InvalidInputError, naming them."""
    found = forms.load().get(code)
    if found is None or found.door is not Door.ORDERS:
        known = ", ".join(one.id for one in forms.received_here())
        raise InvalidInputError(
            _("Choose the form."),
            code="no_form",
            field="form",
            fix=_("Choose from: %(forms)s.") % {"forms": known},
        )
    return found


def check_given(given: OrderGiven, now: int) -> OrderGiven:
    """Return it cleaned; raises InvalidInputError for what cannot be received at all.

    That is: an unknown form, nothing in it, too many or too large documents, a
    picture instead of a document, a time in the future.
    """
    _check_person(given, now)
    documents = tuple(_document(one) for one in given.documents)
    if len(documents) > MAX_DOCUMENTS:
        raise _refused("too_many_documents", _("At most %(most)s documents.") % _most_documents())
    if given.fields:
        documents = (GivenDocument(TYPED, _typed(given)), *documents)
    if not documents:
        raise InvalidInputError(
            _("There is nothing in it."),
            code="empty",
            field="documents",
            fix=_("Fill in the form, add the document, or both."),
        )
    return replace(
        given,
        form=given.about.id,
        documents=documents,
        sender=_line(given.sender, MAX_SENDER, "sender"),
        reply_to=_mail(given.reply_to),
    )


def _check_person(given: OrderGiven, now: int) -> None:
    if given.channel is OrderChannel.DESK and (
        given.user is None or not given.user.has_perm(Permission.ORDER_RECORD)
    ):
        raise RefusedError(_("Your role may not record orders."))
    if given.came_at is None:
        return
    if given.channel is not OrderChannel.DESK or given.came_at > now or given.came_at < 0:
        raise InvalidInputError(_("This time lies in the future."), code="future", field="came_at")


def _document(given: GivenDocument) -> GivenDocument:
    size = len(given.data)
    if not 0 < size <= MAX_DOCUMENT:
        words = _("A document has 1 byte to %(most)s MB; this one has %(size)s MB.")
        most = {"most": MAX_DOCUMENT // 1_000_000, "size": -(-size // 1_000_000)}
        raise _refused("document_size", words % most)
    if sniff(given.data) is not None:
        raise _refused("document_kind", _("A picture is no document: send a scan as PDF."))
    name = clean_name(given.name)
    # What a stranger calls a file must not pass for what was typed here.
    return GivenDocument("document.json" if name == TYPED else name, given.data)


def _typed(given: OrderGiven) -> bytes:
    """Return typed fields as the document that they are kept as: RFC 8785 bytes."""
    try:
        data = canonical.encode(_storable(dict(given.fields)))
    except ValueError as problem:
        raise InvalidInputError(
            _("A value is neither text, number, list nor yes or no."),
            code="no_json",
            field="fields",
        ) from problem
    if len(data) > MAX_FIELDS:
        words = _("All fields together have at most %(most)s kB; these have %(size)s kB.")
        sizes = {"most": MAX_FIELDS // 1000, "size": len(data) // 1000}
        raise InvalidInputError(
            words % sizes,
            code="text_too_long",
            field="fields",
            fix=_("Send the long part as a document."),
        )
    return data


def _storable(value: Any) -> Any:
    """Drop halves of surrogate pairs and NUL, which no store keeps; floats become text."""
    if isinstance(value, str):
        return value.encode("utf-8", "ignore").decode().replace("\0", "")
    if isinstance(value, Mapping):
        return {_storable(str(key)): _storable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(inner) for inner in value]
    return str(value) if isinstance(value, float) else value


def kind_of(data: bytes) -> str:
    """Return the kind of a document by its first bytes; `application/octet-stream` if unknown."""
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    if head.startswith((b"<", b"\xff\xfe<", b"\xfe\xff\x00<")):
        return "application/xml"
    return "application/json" if head.startswith(b"{") else "application/octet-stream"


def clean_name(name: str) -> str:
    """Return a file name without path, control signs or direction marks."""
    last = _PATH.split(normalize("NFC", name.encode("utf-8", "ignore").decode()))[-1]
    plain = "".join(one for one in last if sign_class(one)[0] in "LMNPZ" or sign_class(one) == "So")
    return plain.strip(". ")[-MAX_NAME:] or "document"


def line_of(text: str) -> str:
    """Return text on one line: control signs and direction marks are spaces."""
    kept = text.encode("utf-8", "ignore").decode()
    plain = "".join(" " if sign_class(one) in {"Cc", "Cf"} else one for one in kept)
    return " ".join(plain.split())


def _line(text: str, most: int, name: str) -> str:
    cleaned = line_of(text)
    if len(cleaned) > most:
        words = _("At most %(most)s characters; these are %(size)s.")
        raise InvalidInputError(
            words % {"most": most, "size": len(cleaned)}, code="text_too_long", field=name
        )
    return cleaned


def _mail(text: str) -> str:
    cleaned = _line(text, MAX_MAIL, "reply_to")
    if cleaned and not _MAIL.match(cleaned):
        raise InvalidInputError(_("This is no mail address."), code="no_address", field="reply_to")
    return cleaned


def _most_documents() -> dict[str, int]:
    return {"most": MAX_DOCUMENTS}


def _refused(code: str, words: str) -> InvalidInputError:
    fix = _("Send the rest as a second document, or by post or mail to the contact point.")
    return InvalidInputError(words, code=code, field="documents", fix=fix)
