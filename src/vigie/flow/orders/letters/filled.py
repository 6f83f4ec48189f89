# SPDX-License-Identifier: Apache-2.0
"""The official forms filled in: what the order and the house know, then what a person gave."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parseaddr
from typing import Any, Final

from vigie.core.clock import iso
from vigie.core.errors import InvalidInputError
from vigie.flow.house import House
from vigie.law import orders
from vigie.law.order_form import FieldType, Means, OrderForm, Req
from vigie.store.models import Order

PRESERVING: Final = "epocpr_annex_ii"


def values(
    house: House,
    order: Order,
    form: OrderForm,
    given: Mapping[str, Any],
    by: str,
    now: int,
) -> dict[str, Any]:
    """Return every field of a form of ours with its value; empty where nobody knows one.

    Raises InvalidInputError for a required field that is empty and for a choice that
    the form does not have.
    """
    known = _known(house, order, by, now)
    _infer(known, given)
    said: Mapping[str, Any] = given.get("form") or {}
    found = {field.name: said.get(field.name, known.get(field.name, "")) for field in form.fields}
    for field in form.fields:
        value = found[field.name]
        if field.req is Req.REQUIRED and value in ("", [], None):
            raise InvalidInputError(
                "The form lacks something.", code="form_incomplete", field=field.name
            )
        if field.type in (FieldType.CHOICE, FieldType.CHOICES) and value:
            _check_choice(field.name, value, {one.code for one in field.options})
    return found


def _known(house: House, order: Order, by: str, now: int) -> dict[str, Any]:
    """Return what needs no person; names are those of the forms."""
    settings = house.settings
    answered = orders.load().get(order.form)
    issued = answered.means(Means.ISSUED) if answered else None
    authority = order.authority.name if order.authority else order.sender
    validating = str(order.fields.get("validating_authority", ""))
    operator = settings.operator or "Vigie"
    return {
        "addressee": order.fields.get("addressee") or operator,
        "addressee_details": order.fields.get("addressee") or operator,
        "issuing_authority": authority or order.fields.get("issuing_authority", ""),
        "authorities": "\n".join(one for one in (authority, validating) if one) or "—",
        "authority_file_ref": order.reference,
        "addressee_file_ref": f"O-{order.number}",
        "issued_at": order.fields.get(issued.name, "") if issued else "",
        "received_at": iso(order.received_at),
        "provider_or_legal_representative": operator,
        "member_state": settings.established_in,
        "authorised_person": f"{operator}, {by}",
        "contact": settings.base_url,
        "contact_email": parseaddr(settings.mail_from)[1],
        "date": iso(now)[:10],
        "signed_at": iso(now),
        "certificate_type": "epoc_pr" if order.form == PRESERVING else "epoc",
    }


def _infer(known: dict[str, Any], given: Mapping[str, Any]) -> None:
    """Fill what follows from the words of the letter."""
    reason = str(given.get("reason") or "").strip()
    missing = str(given.get("missing") or "").strip()
    ground = "insufficient_information" if missing else ""
    known["ground"] = ground
    known["reason"] = ["incomplete"] if missing else []
    known["further_reasons"] = reason
    known["explanation"] = reason
    known["errors_and_clarification_needed"] = missing
    known["clarification_needed"] = missing


def _check_choice(name: str, value: Any, codes: set[str]) -> None:
    chosen = set(value) if isinstance(value, list | tuple) else {value}
    if not chosen <= codes:
        raise InvalidInputError(
            "There is no such choice.",
            code="no_choice",
            field=name,
            fix=f"Choose from: {', '.join(sorted(codes))}.",
        )
