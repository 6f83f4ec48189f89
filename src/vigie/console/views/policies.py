# SPDX-License-Identifier: Apache-2.0
"""Policies: which are evaluated, their versions, tests, shadow results, publishing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from vigie.console import differences, drafts, once, present
from vigie.console.desk import needs, person, show
from vigie.core.clock import DAY_MS, iso
from vigie.core.errors import VigieError
from vigie.flow import house, publishing, shadow
from vigie.screening.policy import TestResult, load_policy, run_tests
from vigie.store.models import PolicyDay, PolicyRecord, PolicyState, PolicyVersion, User
from vigie.store.permissions import Permission
from vigie.web.titles import title_of

if TYPE_CHECKING:
    from vigie.flow.house import House

WEEK: Final = 7
TYPED: Final = ("source", "plan", "second")
STATES: Final = {
    "live": ("withheld", gettext_lazy("live: may act or propose")),
    "shadow": ("proposed", gettext_lazy("shadow: recorded, never acts")),
    "draft": ("", gettext_lazy("draft")),
    "retired": ("done", gettext_lazy("retired")),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One policy with what it did lately."""

    policy: PolicyRecord
    title: str
    version: PolicyVersion | None
    state: present.State
    fired: int


@needs(Permission.POLICY_READ)
@require_safe
def policies(request: HttpRequest) -> HttpResponse:
    """Show all policies, those in force first."""
    found = PolicyRecord.objects.select_related("current").order_by("policy_id")
    since = house.current().now() // DAY_MS - WEEK + 1
    fired: dict[tuple[str, int], int] = {}
    for day in PolicyDay.objects.filter(day__gte=since):
        key = (day.policy, day.version)
        fired[key] = fired.get(key, 0) + day.fired
    rows = [_row(record, fired) for record in found]
    rows.sort(key=lambda row: (row.version is None, row.policy.policy_id))
    context: dict[str, object] = {"room": "policies", "rows": rows, "days": WEEK}
    context["may_publish"] = person(request).has_perm(Permission.POLICY_PUBLISH)
    return show(request, "policies.html", context)


def _row(record: PolicyRecord, fired: dict[tuple[str, int], int]) -> Row:
    current = record.current
    if current is None:
        return Row(record, record.title, None, present.State("", _("not in force")), 0)
    count = fired.get((record.policy_id, current.version), 0)
    return Row(record, title_of(current.document), current, _state(current.state), count)


def _state(code: str) -> present.State:
    shape, words = STATES.get(code, ("", code))
    return present.State(shape, str(words))


def _find(policy_id: str) -> PolicyRecord:
    found = PolicyRecord.objects.select_related("current").filter(policy_id=policy_id).first()
    if found is None:
        raise Http404
    return found


@needs(Permission.POLICY_READ)
@require_safe
def policy(request: HttpRequest, policy_id: str) -> HttpResponse:
    """Show one policy: versions, its tests as they run now, shadow results."""
    record = _find(policy_id)
    versions = list(record.versions.order_by("-version")[:50])
    shown = record.current or versions[0]
    context: dict[str, object] = {
        "room": "policies",
        "policy": record,
        "title": title_of(shown.document),
        "shown": shown,
        "state": _state(shown.state),
        "versions": [
            (one, _state(one.state), before)
            for one, before in zip(versions, [*versions[1:], None], strict=True)
        ],
        "tests": _tests(shown.source),
        "days": _days(shown),
        "prediction": shadow.predict(shown, house.current().now()),
        "may_publish": person(request).has_perm(Permission.POLICY_PUBLISH),
    }
    return show(request, "policy.html", context)


def _tests(source: str) -> list[TestResult]:
    """Run the tests that a policy carries, here and now."""
    return run_tests(load_policy(source, "policy"))


def _days(version: PolicyVersion) -> list[tuple[str, shadow.Day]]:
    """Return what the version did by day in the state that it is or was in."""
    state = version.state
    if state == PolicyState.RETIRED:
        state = version.document["state"]
    found = shadow.days(version, state, house.current().now())
    return [(iso(day.day * DAY_MS)[:10], day) for day in found]


@needs(Permission.POLICY_READ)
@require_safe
def difference(request: HttpRequest, policy_id: str) -> HttpResponse:
    """Show what changed between two versions, by line."""
    record = _find(policy_id)
    old, new = _version(record, request, "old"), _version(record, request, "new")
    context: dict[str, object] = {
        "room": "policies",
        "policy": record,
        "old": old,
        "new": new,
        "lines": differences.lines(old.source, new.source),
    }
    return show(request, "policy_difference.html", context)


def _version(record: PolicyRecord, request: HttpRequest, name: str) -> PolicyVersion:
    asked = request.GET.get(name, "")
    if not (asked.isascii() and asked.isdigit() and len(asked) < 7):
        raise Http404
    found = record.versions.filter(version=int(asked)).first()
    if found is None:
        raise Http404
    return found


@needs(Permission.POLICY_PUBLISH)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, policy_id: str = "") -> HttpResponse:
    """Write a policy, run its tests in the page, see what it would bring, publish it."""
    record = _find(policy_id) if policy_id else None
    if request.method != "POST":
        words = drafts.take(request) or {"source": _first_text(record)}
        return _editor(request, record, {name: words.get(name, "") for name in TYPED})
    typed = {name: request.POST.get(name, "") for name in (*TYPED, "state", "once")}
    led = once.answer(request, typed["once"])
    if led is not None:
        return HttpResponseRedirect(led)
    # A browser sends line ends of its own; the digest is over the text as written.
    typed["source"] = typed["source"].replace("\r\n", "\n")
    try:
        more = _checked(house.current(), typed["source"])
        if typed["state"]:
            return _publish(request, typed)
    except VigieError as refused:
        more = {"problem": refused}
        return _editor(request, record, typed | more, status=refused.http_status)
    return _editor(request, record, typed | more)


def _first_text(record: PolicyRecord | None) -> str:
    if record is None:
        return ""
    newest = record.current or record.versions.order_by("-version").first()
    return newest.source if newest is not None else ""


def _checked(current: House, source: str) -> dict[str, Any]:
    """Return what the tests say and what the text would bring."""
    return {
        "tests": _tests(source),
        "checked": True,
        "prediction": publishing.predict_source(current, source),
    }


def _publish(request: HttpRequest, typed: dict[str, str]) -> HttpResponse:
    asked = publishing.Publication(
        source=typed["source"],
        state=typed["state"],
        user=person(request),
        plan=typed["plan"],
        second=typed["second"],
    )
    done = publishing.publish(house.current(), asked)
    if done.version is not None:
        where = reverse("console:policy", args=[done.version.policy.policy_id])
    else:
        where = reverse("console:second")
    once.keep(request, typed["once"], where)
    return HttpResponseRedirect(where)


def _editor(
    request: HttpRequest,
    record: PolicyRecord | None,
    more: dict[str, Any],
    status: int = 200,
) -> HttpResponse:
    seconds = [
        user
        for user in User.objects.filter(is_active=True).order_by("username")
        if user.pk != person(request).pk and user.has_perm(Permission.POLICY_PUBLISH)
    ]
    context: dict[str, object] = {
        "room": "policies",
        "policy": record,
        "seconds": seconds,
        "token": once.token(),
    }
    return show(request, "policy_edit.html", context | more, status=status)
