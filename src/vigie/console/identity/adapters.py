# SPDX-License-Identifier: Apache-2.0
"""Where allauth asks the house: nobody signs up, sessions are ours, words are ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vigie.console import signin
from vigie.console.identity import crypt, oidc
from vigie.console.identity.required import BY_PROVIDER
from vigie.flow import house

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.http import HttpRequest, HttpResponse

    from vigie.store.models import User

SAID: Final = "sign_in_problem"
"""In a session: what went wrong, for the next look at the sign-in page."""
TIMEOUT_S: Final = 8


def _back(request: HttpRequest, words: str) -> HttpResponse:
    """Return to the sign-in page, or to the account of who is signed in, with these words."""
    request.session[SAID] = words
    here = "console:account" if request.user.is_authenticated else "console:login"
    return HttpResponseRedirect(reverse(here))


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Signing in, for allauth."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "incorrect_password": gettext_lazy("This password is not right."),
        "too_many_login_attempts": gettext_lazy(
            "Too many wrong codes. Wait five minutes, then try again."
        ),
        "rate_limited": gettext_lazy("Too many wrong codes. Wait five minutes, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's
        """Nobody makes an account for themselves."""
        return False

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """Open a session of ours."""
        signin.open_session(request, cast("User", user))

    def is_safe_url(self, url: str | None) -> bool:
        """Allow pages of the console alone as a way back."""
        return bool(url) and signin.is_ours(str(url))

    def get_login_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002 - allauth's
        """Lead to what waits."""
        return signin.way_back("")

    def respond_user_inactive(
        self,
        request: HttpRequest,
        user: AbstractBaseUser,  # noqa: ARG002 - allauth's
    ) -> HttpResponse:
        """Send somebody whose account is closed back, without saying more than a stranger reads."""
        return _back(request, _("You cannot sign in with this. Ask an administrator."))

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        *_args: Any,
        message: str | None = None,
        **_more: Any,
    ) -> None:
        """Keep what went wrong for the page; what went well, the page shows by itself."""
        if level >= messages.ERROR:
            request.session[SAID] = str(message or _("That did not work. Please try again."))


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors, for allauth."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy(
            "This is not right. A code works once and for half a minute; try the next one."
        ),
    }

    def encrypt(self, text: str) -> str:
        """Encrypt a secret for the store."""
        return crypt.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Return a secret of the store."""
        return crypt.unseal(encrypted_text)

    def get_totp_issuer(self) -> str:
        """Name the installation in the person's app."""
        operator = house.current().settings.operator
        return f"Vigie {operator}".strip()

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Any) -> str:  # noqa: A002
        """Name a new passkey by its number."""
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return _("Passkey %(number)s") % {"number": count + 1}

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Bind passkeys to the address that the operator set, where one is set."""
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        settings = house.current().settings
        if settings.public_url:
            entity["id"] = urlsplit(settings.base_url).hostname or entity["id"]
        return entity | {"name": self.get_totp_issuer()}


class ProviderAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """The operator's own sign-in, for allauth."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:  # noqa: ARG002
        """Only who has an account, and has connected it, gets in."""
        return False

    def list_apps(
        self,
        request: HttpRequest,  # noqa: ARG002 - allauth's signature
        provider: str | None = None,
        client_id: str | None = None,
    ) -> list[Any]:
        """Return the one provider that is set, read anew: its secret rests in its file."""
        app = oidc.app_of(house.current().settings)
        if app is None or provider not in {None, app.provider, app.provider_id}:
            return []
        return [app] if client_id in {None, app.client_id} else []

    def get_provider(
        self, request: HttpRequest, provider: str, client_id: str | None = None
    ) -> oidc.Provider:
        """Return our stricter provider."""
        return oidc.Provider(request, app=self.get_app(request, provider, client_id))

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Let in whom we know; forget the provider's access token, which nothing here needs."""
        sociallogin.token = None
        if sociallogin.state.get("process") == "connect":
            return
        if not sociallogin.is_existing:
            words = _("No account here is connected to this one. Ask for a link, then connect it.")
            raise ImmediateHttpResponse(_back(request, words))
        if sociallogin.account.extra_data.get("mfa"):
            request.session[BY_PROVIDER] = sociallogin.user.pk

    def on_authentication_error(self, request: HttpRequest, *_args: Any, **_more: Any) -> None:
        """Go back and say that nothing happened, whatever the provider said."""
        words = _("Signing in at the provider did not work. Nothing was changed.")
        raise ImmediateHttpResponse(_back(request, words))

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: Any) -> str:  # noqa: ARG002
        """Go back to the account."""
        return reverse("console:account")

    def get_requests_session(self) -> Any:
        """Ask the provider briefly, and follow it nowhere else."""
        session: Any = super().get_requests_session()
        request = session.request
        session.request = lambda *args, **more: request(
            *args, **({"timeout": TIMEOUT_S} | more | {"allow_redirects": False})
        )
        return session
