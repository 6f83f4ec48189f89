# SPDX-License-Identifier: Apache-2.0
"""Letters leave to a checked contact of the directory, or a person notes how they were handed over.

Never to the address that an order gives for itself: who forges an order would get
the answer to it. A letter is sent when a mail server took it, or when somebody says
how it went; before that it is written.
"""

from __future__ import annotations

from typing import Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from vigie.core.errors import ConflictError, InvalidInputError, RefusedError
from vigie.flow import records
from vigie.flow.decided import by_number
from vigie.flow.house import House
from vigie.flow.letters.mail import MailFile
from vigie.flow.letters.wording import Mail
from vigie.flow.letters.write import write_letter
from vigie.flow.orders import authorities, stops
from vigie.flow.orders.letters import document
from vigie.flow.transaction import writing
from vigie.store.models import (
    AuthorityContact,
    ContactKind,
    Order,
    OrderLetter,
    OutgoingTask,
    TaskState,
    User,
)
from vigie.store.permissions import Permission

SENT: Final = "letter.sent"
TEMPLATE: Final = "authority_letter"
"""The mail that carries a letter; its text is the letter's own."""
WRITTEN: Final = "written"
FAILED: Final = "failed"
SENT_STATE: Final = "sent"
MAX_NOTE: Final = 300


def send(
    house: House, user: User | None, letter: OrderLetter, contact: AuthorityContact
) -> OutgoingTask:
    """Put a letter on its way to a contact of the directory, by mail with the PDF in it.

    Without a user it is Vigie itself. Raises RefusedError for a contact that is not a
    checked mail address of this order's own authority, or that only the order itself
    named, and without the permission; ConflictError where the letter is on its way.
    """
    with writing():
        row = _held(letter)
        check_send(house, user, row, contact)
        task = write_letter(
            house, template=TEMPLATE, to=contact.value, language=row.language, context={}
        )
        row.task, row.contact, row.state = task, contact, WRITTEN
        row.save(update_fields=["task", "contact", "state"])
    return task


def check_send(
    house: House, user: User | None, letter: OrderLetter, contact: AuthorityContact
) -> None:
    """Raise what `send` would raise."""
    _check_may(user)
    if letter.state == SENT_STATE or (letter.task_id is not None and letter.state == WRITTEN):
        raise ConflictError(_("This letter is on its way already."), code="letter_sent")
    if contact.pk not in set(contacts_of(house, letter.order).values_list("pk", flat=True)):
        raise RefusedError(
            _("This is no checked mail address of this authority in the directory."),
            code="no_contact",
            fix=_("Enter it from a public source and let a second person check it."),
        )
    if letter.order.number in contact.seen_in:
        raise RefusedError(
            _("The order itself named this address before it stood in the directory."),
            code="planted_contact",
            fix=_("Hand the letter over in another way, and note how."),
        )


def contacts_of(house: House, order: Order) -> QuerySet[AuthorityContact]:
    """Return the mail addresses to which letters of an order may leave, the oldest first."""
    rows = AuthorityContact.objects.select_related("authority").filter(
        authority=order.authority_id, kind=ContactKind.MAIL, withdrawn_at=None
    )
    now = house.now()
    fit = [one.pk for one in rows if authorities.stands(one, now)]
    return rows.filter(pk__in=fit if order.authority_id is not None else []).order_by("pk")


def send_if_known(house: House, letter: OrderLetter) -> OutgoingTask | None:
    """Send a letter by itself where the directory has an address; else it waits for a person."""
    for contact in contacts_of(house, letter.order):
        if letter.order.number not in contact.seen_in:
            return send(house, None, letter, contact)
    return None


def sent_by_hand(house: House, user: User, letter: OrderLetter, note: str) -> OrderLetter:
    """Note how a person handed a letter over: by the e-Evidence system, by post, by hand.

    Raises InvalidInputError without a note, ConflictError where it was sent, RefusedError
    without the permission.
    """
    words = " ".join(note.split())
    if not words or len(words) > MAX_NOTE:
        raise InvalidInputError(
            _("Say in 1 to %(most)s characters how it was handed over.") % {"most": MAX_NOTE},
            code="no_note",
            field="note",
        )
    with writing():
        row = _held(letter)
        _check_may(user)
        if row.state == SENT_STATE:
            raise ConflictError(_("This letter is on its way already."), code="letter_sent")
        row.sent_note = words
        row.save(update_fields=["sent_note"])
        _sent(house, row, by=by_number(user), way="hand")
    return row


def note_task(house: House, task: OutgoingTask, *, delivered: bool) -> None:
    """Take over what became of the mail of a letter, in the end; inside `transaction.writing`."""
    row = OrderLetter.objects.filter(task=task).select_related("order").first()
    if row is None or row.state == SENT_STATE:
        return
    if delivered:
        _sent(house, row, by="vigie", way="mail")
    else:
        row.state = FAILED
        row.save(update_fields=["state"])


def carried(task: OutgoingTask) -> tuple[Mail, MailFile] | None:
    """Return the mail and the attachment of a task that carries a letter; None for others."""
    row = OrderLetter.objects.filter(task=task).first()
    if row is None:
        return None
    name = f"{row.data['label']}-{row.kind}-{row.pk}.pdf"
    file = MailFile(name, document.pdf(row), "application/pdf")
    return Mail(row.data["title"], row.data["body"]), file


def _check_may(user: User | None) -> None:
    if user is not None and not user.has_perm(Permission.ORDER_EXECUTE):
        raise RefusedError(_("Your role may not answer orders."), code="no_permission")


def _held(letter: OrderLetter) -> OrderLetter:
    rows = OrderLetter.objects.select_for_update(of=("self",)).select_related("order")
    return rows.get(pk=letter.pk)


def _sent(house: House, row: OrderLetter, *, by: str, way: str) -> None:
    now = house.now()
    row.state, row.sent_at = SENT_STATE, now
    row.save(update_fields=["state", "sent_at"])
    plain = {"order": row.order_id, "letter": row.kind, "way": way, "pdf_sha256": row.pdf_sha256}
    personal = {"by": by, "note": row.sent_note} if row.sent_note else {"by": by}
    records.append_one(records.draft(SENT, now, plain, personal))
    stops.after_letter(house, row)


def waits(letter: OrderLetter) -> bool:
    """Say whether a letter still waits to be handed over by somebody."""
    if letter.state == SENT_STATE:
        return False
    gone = {TaskState.DEAD, TaskState.CANCELLED}
    return letter.task is None or letter.task.state in gone
