# SPDX-License-Identifier: Apache-2.0
"""Headers that hold browsers to the rules, and the reader's language and theme.

The content security policy knows no inline script and no inline style at all:
content that slipped through escaping could still do nothing (OWASP ASVS 5.0,
3.4.1 to 3.4.6). Preferences are set by plain links (`?lang=de`, `?theme=dark`,
`?keys=off`), so that they work without script and without a form.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.http import Http404
from django.utils import translation
from django.utils.cache import patch_vary_headers

from vigie.web.conf import STATIC_URL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from django.http import HttpRequest, HttpResponse, QueryDict

NUL: Final = "\0"
YEAR: Final = 365 * 24 * 3600
THEMES: Final = ("light", "dark", "auto")
CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'none'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "X-Frame-Options": "DENY",
}
PRIVATE: Final = "no-store"


class SecurityHeaders:
    """Puts the headers on every answer; pages are never kept in a cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer under our own names only, then add what is missing."""
        request.get_host()
        response = self.get_response(request)
        for header, value in HEADERS.items():
            response.headers.setdefault(header, value)
        if request.is_secure():
            response.headers.setdefault(
                "Strict-Transport-Security", f"max-age={YEAR}; includeSubDomains"
            )
        if not request.path.startswith(STATIC_URL):
            response.headers.setdefault("Cache-Control", PRIVATE)
        return response


class PlainText:
    """Takes NUL out of queries and forms: no text has one, and PostgreSQL keeps none.

    No address has one either: such a path leads nowhere.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer to what can be text."""
        if NUL in request.path_info:
            raise Http404
        if "%00" in request.META.get("QUERY_STRING", ""):
            request.GET = _plain(request.GET)
        if any(NUL in value for values in _lists(request.POST) for value in values):
            request.POST = _plain(request.POST)
        return self.get_response(request)


def _lists(given: QueryDict) -> Iterable[list[str]]:
    return (values for _name, values in given.lists())


def _plain(given: QueryDict) -> Any:
    """Return the same names and values without NUL."""
    made = given.copy()
    for name, values in given.lists():
        made.setlist(name, [value.replace(NUL, "") for value in values])
    return made


class Preferences:
    """Finds the reader's language, theme and keys; remembers what a link chose."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the reader's language; keep a choice for a year."""
        chosen = _choices(request)
        language = chosen.get("lang") or translation.get_language_from_request(request)
        translation.activate(language)
        request.LANGUAGE_CODE = language
        theme = chosen.get("theme") or request.COOKIES.get(_cookie("theme"), "auto")
        request.theme = theme if theme in THEMES else "auto"  # type: ignore[attr-defined]
        keys = chosen.get("keys") or request.COOKIES.get(_cookie("keys"), "on")
        request.keys_on = keys != "off"  # type: ignore[attr-defined]
        response = self.get_response(request)
        response.headers.setdefault("Content-Language", translation.get_language() or language)
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
        for name, value in chosen.items():
            _remember(request, response, _cookie(name), value)
        return response


def _choices(request: HttpRequest) -> dict[str, str]:
    """Return what the address chooses, allowed values only."""
    allowed = {
        "lang": tuple(code for code, _ in settings.LANGUAGES),
        "theme": THEMES,
        "keys": ("on", "off"),
    }
    asked = {name: request.GET.get(name, "") for name in allowed}
    return {name: value for name, value in asked.items() if value in allowed[name]}


def _cookie(name: str) -> str:
    """Return the cookie's name; the language has the one that Django reads."""
    language = settings.LANGUAGE_COOKIE_NAME
    return language if name == "lang" else language.replace("language", name)


def _remember(request: HttpRequest, response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=YEAR,
        secure=settings.SESSION_COOKIE_SECURE or request.is_secure(),
        httponly=True,
        samesite="Lax",
        path="/",
    )
