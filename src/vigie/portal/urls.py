# SPDX-License-Identifier: Apache-2.0
"""Addresses of the portal."""

from __future__ import annotations

from django.urls import path, register_converter

from vigie.portal import pictures, verifier, views
from vigie.portal.appeal import views as appeal
from vigie.portal.notice import status
from vigie.portal.notice import views as notice
from vigie.portal.order import views as order
from vigie.portal.public import register, texts, withheld

register_converter(register.Month, "month")

app_name = "portal"
urlpatterns = [
    path("", views.start, name="start"),
    path(verifier.NAME, verifier.download, name="verifier"),
    path("notice", notice.start, name="notice"),
    path("notice/later", notice.later, name="notice-later"),
    path("notice/continue", notice.go_on, name="notice-continue"),
    path("notice/status", status.status, name="notice-status"),
    path("notice/mine", status.mine, name="notice-mine"),
    path("notice/mine/close", status.close, name="notice-close"),
    path("notice/mine/receipt.json", status.receipt, name="notice-receipt"),
    path("notice/<slug:name>", notice.step, name="notice-step"),
    path("notice/mine/appeal", appeal.notifier, name="appeal"),
    path("appeal", appeal.status, name="appeal-status"),
    path("appeal/mine", appeal.mine, name="appeal-mine"),
    path("appeal/mine/close", appeal.close, name="appeal-close"),
    path("appeal/mine/receipt.json", appeal.receipt, name="appeal-receipt"),
    path("authorities", order.choose, name="orders"),
    path("authorities/status", order.status, name="order-status"),
    path("authorities/mine", order.mine, name="order-mine"),
    path("authorities/mine/close", order.close, name="order-close"),
    path("authorities/mine/receipt.json", order.receipt, name="order-receipt"),
    path("authorities/<slug:form>", order.fill, name="order-form"),
    path("measure/<str:token>", appeal.measure, name="measure"),
    path("measure/<str:token>/appeal", appeal.contest_measure, name="measure-contest"),
    path("pictures", pictures.explain, name="pictures"),
    path("register", register.page, name="register"),
    path("register/<month:name>.csv", register.month, {"form": "csv"}, name="register-csv"),
    path("register/<month:name>.json", register.month, {"form": "json"}, name="register-json"),
    path("texts/<slug:kind>", texts.history, name="text"),
    path("policies/<str:policy_id>", texts.policy, name="policy"),
    path("withheld/<str:decision_id>", withheld.notice, name="withheld"),
    path("withheld/<str:decision_id>/data.json", withheld.data, name="withheld-data"),
    path("s/<str:token>", views.statement, name="statement"),
    path("s/<str:token>/appeal", appeal.contest_statement, name="statement-contest"),
    path("s/<str:token>/proof.json", views.statement_proof, name="statement-proof"),
]
