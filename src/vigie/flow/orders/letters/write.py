# SPDX-License-Identifier: Apache-2.0
"""Writing a letter: text, form and record in one transaction; nothing is sent by it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _

from vigie.core.errors import InvalidInputError, RefusedError
from vigie.flow import records
from vigie.flow.house import House
from vigie.flow.letters import wording
from vigie.flow.orders.letters import document, filled
from vigie.flow.orders.letters.known import BOOK, FOLDER, KINDS, Kind
from vigie.flow.orders.scope import names_account
from vigie.flow.statement_text import moment
from vigie.flow.transaction import writing
from vigie.law import answers, orders
from vigie.law.order_form import OrderForm
from vigie.law.wording import wording as words_of
from vigie.store.models import Order, OrderLetter

WRITTEN: Final = "letter.written"
DISCLOSURE: Final = "disclosure"
MOST: Final = 10_000
"""Characters of one value."""
MOST_ROWS: Final = 5_000
_GAP: Final = "—"


def write(
    house: House,
    order: Order,
    kind: str,
    *,
    data: Mapping[str, Any] | None = None,
    language: str | None = None,
    by: str,
) -> OrderLetter:
    """Write a letter of an order; returns its row. Nothing leaves by it.

    Args:
        house: settings, law and time.
        order: what it answers.
        kind: a name of `known.KINDS`.
        data: values of its text by name; `missing` may be a list of field names of the
            order's form; `form` holds values of our form, by its field names; `rows` is a
            table, its head first.
        language: `en`, `fr` or `de`; without one the order's, else English.
        by: role number of the person, or `vigie`.

    Raises InvalidInputError for a value that is missing or too long, RefusedError
    where the letter speaks of content and the sender is not proven, ValueError for a
    kind or value that does not exist: a defect.
    """
    known = KINDS[kind]
    spoken = wording.known_language(language) if language else language_of(order)
    form = answers.load()[known.form] if known.form else None
    given = dict(data or {})
    check_values(kind, known, form, given)
    _check_proven(order, kind, known, given)
    now = house.now()
    kept = _kept(house, order, kind, form, given, spoken, by, now)
    with writing():
        return _written(order, kind, kept, spoken, by, now)


def language_of(order: Order) -> str:
    """Return the language in which an authority is answered: its own, else English."""
    return wording.known_language(order.language or "en")


def check_values(kind: str, known: Kind, form: OrderForm | None, given: Mapping[str, Any]) -> None:
    """Raise where a value is strange, missing or too long."""
    fields = {field.name for field in (form.fields if form else ())}
    strange = sorted(set(given) - known.text.names - {"rows", "form"})
    strange += sorted(set(given.get("form", ())) - fields)
    if strange:
        raise ValueError(f"the letter {kind!r} knows no {strange}")
    for name in sorted(known.text.needs - {"number"}):
        if not given.get(name):
            raise InvalidInputError(
                "The letter lacks something.", code="letter_incomplete", field=name
            )
    for name, value in given.items():
        if name != "rows" and len(str(value)) > MOST:
            raise InvalidInputError(f"At most {MOST} characters.", code="text_too_long", field=name)


def _check_proven(order: Order, kind: str, known: Kind, given: Mapping[str, Any]) -> None:
    """Raise RefusedError where a letter says more than its reader has proven to be owed."""
    from vigie.flow.orders import prove  # noqa: PLC0415 - it writes letters itself

    if known.names_content:
        if order.executed_at is None or kind == DISCLOSURE:
            prove.check_suffices(order, discloses=True if kind == DISCLOSURE else None)
    elif names_account(order, str(given)) and not prove.suffices(order, discloses=True):
        raise RefusedError(
            _("This letter names an account, and its reader is not proven."),
            code="names_account",
            field="reason",
            fix=_("Say it without any account."),
        )


def _kept(
    house: House,
    order: Order,
    kind: str,
    form: OrderForm | None,
    given: dict[str, Any],
    spoken: str,
    by: str,
    now: int,
) -> dict[str, Any]:
    """Return everything of which the letter is made, now and for ever."""
    answered = orders.load().get(order.form)
    missing = given.get("missing", ())
    if not isinstance(missing, str):
        given["missing"] = listed(labels_of(answered, missing, spoken))
    values = _values(house, order, answered, given, spoken)
    folder = house.settings.letters_dir / FOLDER
    made = wording.render(folder, kind, spoken, values, BOOK)
    entered = filled.values(house, order, form, given, by, now) if form else {}
    rows = [list(map(str, row)) for row in given.get("rows", ())][:MOST_ROWS]
    return {
        "label": label(order),
        "title": made.subject,
        "body": made.body,
        "form": form.id if form else "",
        "form_title": form.title(spoken) if form else "",
        "law": form.law if form else (answered.law if answered else ""),
        "values": entered,
        "fields": document.fields_of(form, entered, spoken) if form else [],
        "table": rows,
        "at": now,
    }


def _values(
    house: House,
    order: Order,
    answered: OrderForm | None,
    given: Mapping[str, Any],
    spoken: str,
) -> dict[str, str]:
    """Return what the text may name; of the order no more than its head."""
    authority = order.authority.name if order.authority else order.sender
    return {
        "operator": house.settings.operator or "Vigie",
        "site": house.settings.base_url,
        "number": label(order),
        "reference": order.reference or _GAP,
        "authority": authority or _GAP,
        "received": words_of(spoken).at(moment(order.received_at)),
        "form": answered.title(spoken) if answered else order.form,
        **{name: str(value) for name, value in given.items() if name not in ("rows", "form")},
    }


def label(order: Order) -> str:
    """Return the short number as people say it; a referral is never called an order."""
    return f"O-{order.number}"


def labels_of(form: OrderForm | None, names: Iterable[str], spoken: str) -> list[str]:
    """Return the words of a form's fields; what is no field stays as it is."""
    found = []
    for name in names:
        field = form.field(name) if form else None
        found.append(field.label(spoken) if field else str(name))
    return found


def listed(lines: Sequence[str]) -> str:
    """Return lines as a list in plain text."""
    return "\n".join(f"– {one}" for one in lines)


def _written(
    order: Order, kind: str, kept: dict[str, Any], spoken: str, by: str, now: int
) -> OrderLetter:
    digest = hashlib.sha256(document.of_kept(kept, spoken)).hexdigest()
    plain = {"order": order.number, "letter": kind, "language": spoken, "pdf_sha256": digest}
    draft = records.draft(WRITTEN, now, plain, {"by": by})
    records.append_one(draft)
    return OrderLetter.objects.create(
        order=order,
        kind=kind,
        language=spoken,
        data=kept,
        pdf_sha256=digest,
        written_by=by,
        at=now,
        record_id=draft.record_id,
    )
