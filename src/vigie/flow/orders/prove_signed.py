# SPDX-License-Identifier: Apache-2.0
"""Proof by signature: a document whose signer stands in the directory, and what it covers.

A sound signature proves the document, not the order around it. It proves the order only
where what the order asks for is what the signed bytes say: read from them alone by a
machine, or compared with them by a second officer. The same document a second time
proves nothing: whoever holds a copy can send it again with another address.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec
from django.utils.translation import gettext as _

from vigie.core.errors import RefusedError
from vigie.exchange.signed.check import kind_of
from vigie.exchange.signed.report import Report, Signer
from vigie.flow.house import House
from vigie.flow.orders import authorities, documents, may_prove, prove, signatures
from vigie.flow.orders.scope import named_accounts
from vigie.store.models import (
    AuthorityContact,
    ContactKind,
    Order,
    OrderDocument,
    OrderProof,
    Proof,
    User,
)
from vigie.store.permissions import Permission

REPLAYED: Final = "replayed"
UNKNOWN: Final = "unknown_signer"
NOT_COVERED: Final = "not_covered"


def by_signature(house: House, order: Order) -> OrderProof | None:
    """Check the documents of an order by machine; None where none of them proves it.

    What was found stands with each document. An order of which something was typed
    beside a document, or whose documents disagree, is for a person. Outside a
    transaction. Raises UnavailableError where nothing can be checked now.
    """
    if set(order.odd) & _unsigned():
        return None
    for document in order.documents.order_by("pk"):
        found = _checked(house, order, document)
        if found is None:
            continue
        signer, contact = found
        if not _follows(house, order, document):
            _note(document, problem=NOT_COVERED)
            continue
        return _keep(house, order, document, signer, contact)
    return None


def compared(
    house: House, user: User, order: Order, document: OrderDocument, note: str
) -> OrderProof:
    """Note that a second officer compared the order with the signed words of a document.

    For a document of running text, which a person typed off. Neither who recorded the
    order nor who works on it. What a machine can compare it compares first: every
    account, address and reference stands in the signed text, and what the document says
    as values is what the order asks. Raises RefusedError where it does not, where the
    signature does not hold, its signer is not in the directory, or the document came before.
    """
    if not user.has_perm(Permission.ORDER_PROVE):
        raise RefusedError(_("Your role may not note a proof."))
    words = prove.words(note)
    may_prove.check_caller(order, user)
    if document.order_id != order.pk:
        raise RefusedError(_("The document is another order's."), code="other_order")
    found = _checked(house, order, document)
    if found is None:
        document.refresh_from_db()
        raise RefusedError(
            _("No signature of this document proves its sender."),
            code=document.signature.get("problem") or "unsigned",
        )
    if not _says(house, order, document):
        _note(document, problem=NOT_COVERED)
        raise RefusedError(
            _("What the order asks for does not stand in the signed document."),
            code=NOT_COVERED,
            fix=_("Call the authority back, and read the scope to them."),
        )
    return _keep(house, order, document, *found, by=user, note=words)


def _checked(
    house: House, order: Order, document: OrderDocument
) -> tuple[Signer, AuthorityContact] | None:
    """Check a document and note what was found; its proven signer, if there is one."""
    if not document.file:
        return None
    data = documents.fetch(house, document)
    if not kind_of(data):
        return None
    report = signatures.check(house, data, order.received_at)
    problem, found = _known(house, order, document, report)
    _note(document, report=report, problem=problem)
    return found


def _known(
    house: House, order: Order, document: OrderDocument, report: Report
) -> tuple[str, tuple[Signer, AuthorityContact] | None]:
    """Return a problem, or a signer that holds with its contact of the directory."""
    if not report.whole:
        problems = [report.problem, *(one.problem for one in report.signers)]
        return next((one for one in problems if one), "unsigned"), None
    if came_before(order, document):
        return REPLAYED, None
    found = _signer(order, report.whole, house.now())
    return ("", found) if found is not None else (UNKNOWN, None)


def came_before(order: Order, document: OrderDocument) -> bool:
    """Say whether another order brought these very bytes; merged receipts are the same order."""
    others = OrderDocument.objects.filter(sha256=document.sha256, order__number__lt=order.number)
    return others.exclude(order=order).exclude(order__same_as=order).exists()


def _signer(
    order: Order, signers: Iterable[Signer], now: int
) -> tuple[Signer, AuthorityContact] | None:
    for signer in signers:
        for contact in authorities.find(ContactKind.CERTIFICATE, signer.certificate):
            code, _words = may_prove.contact_problem(order, contact, Proof.SIGNATURE, now)
            if not code:
                return signer, contact
    return None


def _follows(house: House, order: Order, document: OrderDocument) -> bool:
    """Say whether the signed bytes alone, read again, say all that the order asks for."""
    from vigie.flow.orders import read  # noqa: PLC0415 - reading an order checks its proof

    said = read.values_of(house, document)
    return bool(said) and said == dict(order.fields)


def _says(house: House, order: Order, document: OrderDocument) -> bool:
    """Say whether a document could be what a person typed the order off from."""
    from vigie.flow.orders import read  # noqa: PLC0415

    if set(order.odd) & {read.Odd.CONTRADICTION, read.Odd.OTHER_FORM}:
        return False
    said = read.values_of(house, document)
    if said:
        return said == dict(order.fields)
    text = _squeezed(document.text)
    places = order.locations.filter(copy=False).exclude(url="").values_list("url", flat=True)
    named = [*named_accounts(order), *places, order.reference]
    return bool(text) and all(_squeezed(one) in text for one in named if one)


def _squeezed(text: str) -> str:
    """Return text without white space, which lines of a page break anywhere."""
    return "".join(text.split()).casefold()


def _unsigned() -> frozenset[str]:
    from vigie.flow.orders import read  # noqa: PLC0415

    return frozenset(one.value for one in read.UNSIGNED)


def _keep(  # who, on which document, by which contact
    house: House,
    order: Order,
    document: OrderDocument,
    signer: Signer,
    contact: AuthorityContact,
    by: User | None = None,
    note: str = "",
) -> OrderProof:
    detail = {"document": document.pk, "sha256": document.sha256, "signer": signer.subject}
    return prove.keep(
        house,
        order,
        contact,
        Proof.SIGNATURE,
        qualified=signer.qualified,
        detail=detail,
        by=by,
        note=note,
    )


def _note(document: OrderDocument, *, problem: str, report: Report | None = None) -> None:
    """Keep what was found with the document, for people."""
    said: dict[str, Any] = dict(document.signature)
    if report is not None:
        said = msgspec.to_builtins(report)
    said["problem"] = problem
    document.signature = said
    document.save(update_fields=["signature"])
