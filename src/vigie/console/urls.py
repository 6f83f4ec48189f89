# SPDX-License-Identifier: Apache-2.0
"""Addresses of the console."""

from __future__ import annotations

from django.urls import path

from vigie.console.views import (
    account,
    authors,
    cases,
    decide,
    decisions,
    files,
    goto,
    pictures,
    quality,
    queue_admin,
    queues,
    rooms,
    search,
    settings,
    shift,
    subjects,
)

app_name = "console"
urlpatterns = [
    path("", rooms.start, name="start"),
    path("login", account.login, name="login"),
    path("login/once/<str:token>", account.once, name="once"),
    path("logout", account.sign_out, name="logout"),
    path("account", account.account, name="account"),
    path("account/language", account.language, name="language"),
    path("account/wishes", account.wishes, name="wishes"),
    path("account/sessions/end", account.end_sessions, name="end_sessions"),
    path("account/provider/disconnect", account.disconnect, name="disconnect"),
    path("overview", rooms.overview, name="overview"),
    path("search", search.search, name="search"),
    path("search/results.csv", search.export, name="search_csv"),
    path("search/saved", search.save, name="search_save"),
    path("search/saved/<int:number>", search.change, name="search_change"),
    path("authors/<str:pseudonym>", authors.author, name="author"),
    path("goto", goto.goto, name="goto"),
    path("policies", rooms.policies, name="policies"),
    path("log", rooms.log, name="log"),
    path("subjects", subjects.requests, name="requests"),
    path("child-safety", rooms.child, name="child"),
    path("queues", queues.queues, name="queues"),
    path("queues/manage", queue_admin.manage_queues, name="queues_manage"),
    path("queues/preferences", queues.preferences, name="preferences"),
    path("queues/<slug:slug>/leave", queues.leave, name="queue_leave"),
    path("next", queues.next_case, name="next"),
    path("cases/<int:number>/claim", cases.claim, name="case_claim"),
    path("cases/<int:number>/release", cases.release, name="case_release"),
    path("cases/<int:number>/skip", cases.skip, name="case_skip"),
    path("cases/<int:number>/escalate", cases.escalate, name="case_escalate"),
    path("cases/<int:number>/assign", cases.assign, name="case_assign"),
    path("cases/<int:number>/leave", cases.leave, name="case_leave"),
    path("cases/<int:number>/watch", cases.watch, name="case_watch"),
    path("decisions", decisions.decisions, name="decisions"),
    path("decisions/<int:number>", decisions.decision, name="decision"),
    path("decisions/<int:number>/proof.json", files.proof, name="proof"),
    path("decisions/<int:number>/record.json", files.record, name="record"),
    path("decisions/<int:number>/decide", decide.decide, name="decide"),
    path("settings", settings.settings, name="settings"),
    path("quality", quality.quality, name="quality"),
    path("shift", shift.shift, name="shift"),
    path("shift/figures", quality.own, name="own_figures"),
    path("shift/grant/<int:account>", shift.grant, name="shift_grant"),
    path("cases/<int:case>/pictures/<int:position>", pictures.veiled, name="picture"),
    path("cases/<int:case>/pictures/<int:position>/page", pictures.page, name="picture_page"),
    path("cases/<int:case>/pictures/<int:position>/look", pictures.look, name="picture_look"),
    path(
        "cases/<int:case>/pictures/<int:position>/clear/<str:token>",
        pictures.clear,
        name="picture_clear",
    ),
    *(
        path(
            f"decisions/<int:number>/{verb.value}",
            decide.further,
            {"verb": verb.value},
            name=verb.value,
        )
        for verb in decide.FURTHER
    ),
]
