# SPDX-License-Identifier: Apache-2.0
"""Addresses of the portal."""

from __future__ import annotations

from django.urls import path

from vigie.portal import verifier, views

app_name = "portal"
urlpatterns = [
    path("", views.start, name="start"),
    path(verifier.NAME, verifier.download, name="verifier"),
    path("s/<str:token>", views.statement, name="statement"),
    path("s/<str:token>/proof.json", views.statement_proof, name="statement-proof"),
]
