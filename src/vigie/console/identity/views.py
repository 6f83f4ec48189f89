# SPDX-License-Identifier: Apache-2.0
"""Second factors, passkeys and the operator's provider: allauth's steps behind our doorkeeper."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any, Final

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import views as passkeys
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.http import Http404, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from requests import RequestException

from vigie.console import brake, signin
from vigie.console.desk import needs, person, show
from vigie.console.identity import oidc, required
from vigie.console.identity.adapters import SAID
from vigie.console.identity.again import check_came_lately
from vigie.flow import house

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

PROVIDER_AWAY: Final = (RequestException, OAuth2Error, ValueError, KeyError)


def own(view: Callable[..., Any]) -> Callable[..., HttpResponse]:
    """Put one of allauth's pages, which ask for password or factor, behind the doorkeeper."""

    @needs(None, before_factor=True)
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        check_came_lately(request)
        required.forget(request)
        answer: HttpResponse = view(request, *args, **kwargs)
        return answer

    return guarded


@needs(None, before_factor=True)
@require_safe
def factors(request: HttpRequest) -> HttpResponse:
    """Show one's second factors, and what each is good for."""
    user = person(request)
    found = list(Authenticator.objects.filter(user=user).order_by("created_at", "pk"))
    codes = next((one for one in found if one.type == Authenticator.Type.RECOVERY_CODES), None)
    context: dict[str, object] = {
        "required": required.is_required(user),
        "missing": required.is_missing(request),
        "app": next((one for one in found if one.type == Authenticator.Type.TOTP), None),
        "passkeys": [one.wrap() for one in found if one.type == Authenticator.Type.WEBAUTHN],
        "codes": codes,
        "codes_left": len(codes.wrap().get_unused_codes()) if codes else 0,
        "problem": request.session.pop(SAID, ""),
    }
    return show(request, "factors.html", context)


@require_http_methods(["GET", "POST"])
def passkey(request: HttpRequest) -> HttpResponse:
    """Sign in with a passkey alone: give the challenge, then take the answer."""
    if request.method == "GET":
        _begin(request)
    answer: HttpResponse = passkeys.login_webauthn(request)
    return answer


@require_POST
def begin_provider(request: HttpRequest) -> HttpResponse:
    """Lead to the operator's provider, to sign in there or to connect one's account.

    A page leads there and not the answer to the form: browsers hold a form to
    `form-action 'self'` through every redirect.
    """
    connect = request.POST.get("connect") == "1" and request.user.is_authenticated
    _begin(request)
    asked = reverse("console:account") if connect else signin.way_back(request.POST.get("next", ""))
    provider = _provider(request)
    try:
        leads = provider.redirect(request, "connect" if connect else "login", next_url=asked)
    except PROVIDER_AWAY:
        return _away(request)
    context: dict[str, object] = {"address": leads["Location"], "name": provider.app.name}
    return show(request, "provider.html", context)


@require_safe
def provider_answered(request: HttpRequest) -> HttpResponse:
    """Take the provider's answer."""
    provider = _provider(request)
    adapter = provider.get_oauth2_adapter(request)
    try:
        answer: HttpResponse = OAuth2CallbackView.adapter_view(adapter)(request)
    except PROVIDER_AWAY:
        return _away(request)
    return answer


def _begin(request: HttpRequest) -> None:
    """Count a beginning against its network."""
    now = signin.clock.now_ms()
    brake.BEGINNINGS.check(request, now)
    brake.BEGINNINGS.count(request, now)


def _provider(request: HttpRequest) -> Any:
    settings = house.current().settings
    if not settings.oidc_issuer:
        raise Http404
    return get_adapter(request).get_provider(request, oidc.provider_id(settings.oidc_issuer))


def _away(request: HttpRequest) -> HttpResponse:
    """Say that the provider does not answer as it should; other ways stay open."""
    request.session[SAID] = _("The provider does not answer as it should. Nothing was changed.")
    where = "console:account" if request.user.is_authenticated else "console:login"
    return HttpResponseRedirect(reverse(where))
