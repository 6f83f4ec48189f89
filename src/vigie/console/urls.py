# SPDX-License-Identifier: Apache-2.0
"""Addresses of the console."""

from __future__ import annotations

from django.urls import path

from vigie.console.views import account, decide, decisions, files, rooms, subjects

app_name = "console"
urlpatterns = [
    path("", rooms.start, name="start"),
    path("login", account.login, name="login"),
    path("login/once/<str:token>", account.once, name="once"),
    path("logout", account.sign_out, name="logout"),
    path("account", account.account, name="account"),
    path("overview", rooms.overview, name="overview"),
    path("policies", rooms.policies, name="policies"),
    path("log", rooms.log, name="log"),
    path("subjects", subjects.requests, name="requests"),
    path("child-safety", rooms.child, name="child"),
    path("decisions", decisions.decisions, name="decisions"),
    path("decisions/<int:number>", decisions.decision, name="decision"),
    path("decisions/<int:number>/proof.json", files.proof, name="proof"),
    path("decisions/<int:number>/record.json", files.record, name="record"),
    path("decisions/<int:number>/decide", decide.decide, name="decide"),
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
