# SPDX-License-Identifier: Apache-2.0
"""The steps of the form, going on later, and sending it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from vigie.core.errors import InvalidInputError, RefusedError, VigieError
from vigie.flow import house
from vigie.flow.notices.receive import receive_notice
from vigie.portal.notice import draft as drafts
from vigie.portal.notice import fields, files, render
from vigie.portal.notice.problems import field_of, words
from vigie.portal.seen import NOTICES
from vigie.web import errors as pages
from vigie.web.limits import allow

if TYPE_CHECKING:
    from django.http import HttpRequest

    from vigie.portal.notice.draft import Draft

MOST: Final = 512 * 1024
"""Bytes of one page of the form; a whole notice has a tenth of it."""
_CHOICES: Final = {"lang": ("en", "fr", "de"), "theme": ("light", "dark", "auto")}


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Lead to the first question, or to where somebody stopped."""
    draft = drafts.of(request)
    return _to(draft.first_open if draft.code else "what")


@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, name: str) -> HttpResponse:
    """Show one question and take its answer."""
    if _too_large(request):
        return pages.page(
            request,
            413,
            _("This is too much for one form. Nothing was recorded."),
            _("Go back: your browser still has what you typed. Keep what matters most."),
            "too_large",
        )
    if name not in drafts.STEPS:
        raise Http404
    draft = drafts.of(request)
    if request.method == "POST" and not draft.code:
        draft = drafts.again(request) or draft
    if not draft.is_open(name):
        if name == "send" and NOTICES.of(request) is not None:
            return HttpResponseRedirect(reverse("portal:notice-mine"))
        return _to(draft.first_open)
    if request.method != "POST":
        return render.step(request, name, draft)
    fields.read(name, request.POST, draft.data)
    refused = files.take(request, draft) if name == "why" else {}
    return _answer(request, name, draft, refused)


def _answer(request: HttpRequest, name: str, draft: Draft, refused: dict[str, str]) -> HttpResponse:
    """Keep what was typed; then go where the pressed button leads."""
    problems = fields.check(name, draft) | refused
    draft.mark(name, done=not problems)
    drafts.keep(request, draft)
    aside = _aside(request, name, draft)
    if aside is not None:
        return aside
    if problems:
        return render.step(request, name, draft, problems)
    if name == "send":
        return _send(request, draft)
    return _to(draft.steps[draft.steps.index(name) + 1])


def _aside(request: HttpRequest, name: str, draft: Draft) -> HttpResponse | None:
    """Answer the buttons that do not go on: another language, a row, back, later."""
    for preference, allowed in _CHOICES.items():
        if request.POST.get(preference) in allowed:
            return _to(name, f"?{preference}={request.POST[preference]}")
    if request.POST.get("add"):
        return _to(name, "#last")
    if request.POST.get("drop"):
        return _to(name, "#f-file")
    if request.POST.get("later"):
        return HttpResponseRedirect(reverse("portal:notice-later"))
    back = request.POST.get("back", "")
    return _to(back) if back in draft.steps else None


def _send(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Send the notice; what does not fit leads back to its page."""
    current = house.current()
    allow(current, request, "notice")
    try:
        given = receive_notice(current, fields.form_of(draft, render.language()))
    except (InvalidInputError, RefusedError) as problem:
        return render.step(request, "send", draft, _told(problem))
    drafts.forget(request)
    NOTICES.remember(request, given.notice, fresh=True)
    return HttpResponseRedirect(reverse("portal:notice-mine"))


def _told(problem: VigieError) -> dict[str, str]:
    return {field_of(problem) or "good_faith": f"{words(problem)} {problem.fix or ''}".strip()}


def _too_large(request: HttpRequest) -> bool:
    """Say whether a request is more than its page takes; attachments have room of their own."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) <= MOST:
        return not length.isdigit()
    why = request.path == reverse("portal:notice-step", args=["why"])
    if not why or int(length) > MOST + files.ROOM:
        return True
    return sum(len(one) for _name, given in request.POST.lists() for one in given) > MOST


def _to(name: str, after: str = "") -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("portal:notice-step", args=[name]) + after)


@require_http_methods(["GET", "HEAD", "POST"])
def later(request: HttpRequest) -> HttpResponse:
    """Show the code with which somebody goes on later; take the words away if asked."""
    draft = drafts.of(request)
    if not draft.code:
        return HttpResponseRedirect(reverse("portal:notice-continue"))
    if request.method == "POST" and request.POST.get("discard"):
        drafts.forget(request)
        return render.page(request, "discarded.html", {})
    code = draft.code.replace("-", "")
    shown = "-".join(code[n : n + 4] for n in range(0, len(code), 4))
    return render.page(request, "later.html", {"code": shown, "step": draft.first_open})


@require_http_methods(["GET", "HEAD", "POST"])
def go_on(request: HttpRequest) -> HttpResponse:
    """Take a code and go on where it was left."""
    if request.method != "POST":
        return render.page(request, "continue.html", {})
    allow(house.current(), request, "code")
    given = request.POST.get("code", "")[:100]
    draft = drafts.take_up(request, given)
    if draft is None:
        problem = {"code": _("No form is kept under this code. It may be older than a week.")}
        return render.page(request, "continue.html", {"given": given, "errors": problem}, 422)
    return _to(draft.first_open)
