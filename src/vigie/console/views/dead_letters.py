# SPDX-License-Identifier: Apache-2.0
"""What could not be delivered: why, how often it was tried, and trying again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from vigie.console import clocks
from vigie.console.desk import needs, person, show
from vigie.core.errors import VigieError
from vigie.flow import house, outbox
from vigie.store.models import TaskKind
from vigie.store.permissions import Permission

if TYPE_CHECKING:
    from django.http import HttpRequest

    from vigie.store.models import OutgoingTask

SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Row:
    """One message that did not arrive."""

    task: OutgoingTask
    what: str
    to: str
    why: str
    age: str
    can_retry: bool
    about: str
    """The decision it tells of; never one of class `child`."""


@needs(Permission.TASK_RETRY)
@require_http_methods(["GET", "HEAD", "POST"])
def dead_letters(request: HttpRequest) -> HttpResponse:
    """List dead webhooks and mails; send again or give up."""
    if request.method != "POST":
        return _page(request)
    user, current = person(request), house.current()
    do, named = request.POST.get("do", ""), _numbers(request.POST.getlist("task"))
    try:
        if do == "all":
            count = outbox.retry(current, user)
        elif do == "give_up":
            count = outbox.give_up(current, user, named)
        else:
            count = outbox.retry(current, user, named)
    except VigieError as problem:
        return _page(request, problem, status=problem.http_status)
    again = "0" if do == "give_up" else "1"
    return HttpResponseRedirect(f"{reverse('console:dead_letters')}?done={count}&again={again}")


def _page(
    request: HttpRequest, problem: VigieError | None = None, status: int = 200
) -> HttpResponse:
    current = house.current()
    found = outbox.dead()
    context: dict[str, object] = {
        "room": "dead_letters",
        "rows": [_row(one, current.now()) for one in found[:SHOWN]],
        "count": found.count(),
        "standing": outbox.standing(current),
        "said": _said(request),
        "problem": problem,
    }
    return show(request, "dead_letters.html", context, status=status)


def _said(request: HttpRequest) -> str:
    numbers = _numbers([request.GET.get("done", "")])
    if not numbers:
        return ""
    count = numbers[0]
    if request.GET.get("again") == "0":
        return ngettext(
            "%(count)s message was given up.", "%(count)s messages were given up.", count
        ) % {"count": count}
    return ngettext(
        "%(count)s message is on its way again.",
        "%(count)s messages are on their way again.",
        count,
    ) % {"count": count}


def _row(task: OutgoingTask, now: int) -> Row:
    webhook = task.kind == TaskKind.WEBHOOK
    letter = getattr(task, "letter", None)
    if webhook:
        to = task.endpoint.url if task.endpoint else ""
    else:
        to = _masked(letter.to if letter is not None else "")
    shown = task.decision is not None and task.decision.cls != outbox.CHILD
    return Row(
        task=task,
        what=task.event.removeprefix("mail.").replace("_", " ") if not webhook else task.event,
        to=to or _("nobody any more"),
        why=_why(task),
        age=clocks.span(now - task.created_at),
        can_retry=outbox.can_retry(task),
        about=task.decision.label if shown and task.decision is not None else "",
    )


def _masked(address: str) -> str:
    """Show enough of an address to recognise a typing error, not whom it is."""
    name, at, host = address.partition("@")
    return f"{name[:1]}…{at}{host}" if at else address[:1]


def _why(task: OutgoingTask) -> str:
    code = outbox.problem_of(task)
    status = task.receipt.get("status") or 0
    known = {
        "off": _("the endpoint is switched off"),
        "bad_address": _("the address cannot be used"),
        "erased": _("the address was erased"),
        "unreachable": _("the mail server did not answer"),
        "gone": _("the other side refused it for good"),
        "refused": _("the other side refused it"),
        "disabled": _("the endpoint is switched off"),
    }
    words = known.get(code, _("no answer"))
    return f"{words} ({status})" if status else words


def _numbers(given: list[str]) -> list[int]:
    plain = [one for one in given if one.isascii() and one.isdigit() and len(one) < 16]
    return [int(one) for one in plain[: outbox.MOST]]
