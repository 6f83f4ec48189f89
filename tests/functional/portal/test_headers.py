# SPDX-License-Identifier: Apache-2.0
"""Headers and cookies on every answer (OWASP ASVS 5.0, 3.3 to 3.5, 4.1.1)."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.support.people import Agora
from vigie.settings import Settings
from vigie.web.conf import people

PATHS = (
    "/",
    "/console/login",
    "/console/decisions",
    "/nothing",
    "/api/v1/decisions",
    "/api/nothing",
    "/static/vigie/vigie.css",
    "/s/" + "x" * 32,
)


@pytest.mark.parametrize("path", PATHS)
def test_asvs_3_4_every_answer_carries_the_headers(agora: Agora, desk: Client, path: str) -> None:
    answer = desk.get(path)
    policy = answer["Content-Security-Policy"]
    for part in (
        "default-src 'none'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    ):
        assert part in policy
    assert "unsafe" not in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in answer
    answer.close()


@pytest.mark.parametrize("path", ["/", "/console/decisions", "/api/v1/decisions"])
def test_asvs_3_4_1_hsts_stands_where_the_connection_is_secure(
    agora: Agora, desk: Client, path: str
) -> None:
    secure = desk.get(path, secure=True)
    assert secure["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert "Strict-Transport-Security" not in desk.get(path)


def test_asvs_4_1_3_a_client_cannot_claim_a_secure_connection(agora: Agora, client: Client) -> None:
    answer = client.get("/", headers={"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil"})
    assert "Strict-Transport-Security" not in answer


def test_asvs_3_3_cookies_are_bound_to_the_host_where_there_is_tls() -> None:
    made = people(Settings(public_url="https://vigie.example"))
    for kind in ("SESSION", "CSRF", "LANGUAGE"):
        assert made[f"{kind}_COOKIE_NAME"].startswith("__Host-")
        assert made[f"{kind}_COOKIE_SECURE"] is True
        assert made[f"{kind}_COOKIE_HTTPONLY"] is True
        assert made[f"{kind}_COOKIE_SAMESITE"] == "Lax"
        assert made[f"{kind}_COOKIE_PATH"] == "/"
    assert made["CSRF_TRUSTED_ORIGINS"] == ["https://vigie.example"]
    assert made["ALLOWED_HOSTS"] == ["127.0.0.1", "[::1]", "localhost", "vigie.example"]


def test_asvs_3_3_4_cookies_are_out_of_reach_of_scripts(agora: Agora, desk: Client) -> None:
    desk.get("/console/overview?lang=de&theme=dark&keys=off")
    assert len(desk.cookies) >= 5
    for morsel in desk.cookies.values():
        assert morsel["httponly"], morsel.key
        assert morsel["samesite"] == "Lax"
        assert morsel["path"] == "/"
        assert not morsel["domain"]


def test_asvs_14_3_2_no_page_is_kept_in_a_cache(agora: Agora, desk: Client) -> None:
    for path in ("/", "/console/decisions", "/api/v1/decisions"):
        assert desk.get(path)["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", PATHS)
def test_asvs_4_1_1_text_names_its_charset(agora: Agora, desk: Client, path: str) -> None:
    answer = desk.get(path)
    kind = answer["Content-Type"]
    assert kind.startswith(("application/json",)) or "charset=utf-8" in kind.lower()
    answer.close()


def test_no_page_holds_a_script_or_style_of_its_own(agora: Agora, desk: Client) -> None:
    number = agora.proposal()
    agora.publish()
    paths = [
        "/",
        "/console/decisions",
        f"/console/decisions/{number}",
        f"/console/decisions/{number}/decide",
        "/console/account",
        "/console/overview",
        "/console/log",
        "/console/policies",
        "/console/child-safety",
    ]
    for path in paths:
        page = desk.get(path).content.decode()
        assert not re.search(r"<script(?! src=)", page), path
        assert not re.search(r"<style|\sstyle=|\son\w+=", page), path
        assert "javascript:" not in page


def test_an_unknown_host_is_refused(agora: Agora, client: Client) -> None:
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 400


def test_methods_that_change_nothing_are_the_only_ones_without_a_token(agora: Agora) -> None:
    agora.person()
    number = agora.proposal()
    strict = Client(enforce_csrf_checks=True)
    for path in (
        "/console/login",
        "/console/logout",
        "/console/account",
        f"/console/decisions/{number}/decide",
        f"/console/decisions/{number}/undo",
    ):
        assert strict.post(path, {"reason": "x"}).status_code == 403
