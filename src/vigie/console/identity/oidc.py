# SPDX-License-Identifier: Apache-2.0
"""Sign-in at the operator's own provider (OpenID Connect Core 1.0), stricter than allauth's.

Code flow with PKCE; the ID token's signature is checked by the provider's keys
even though it came over TLS; issuer, audience, time and nonce must fit (OWASP
ASVS 5.0, 6.8.2, 10.2.1, 10.5.1 to 10.5.4). Who somebody is follows from issuer
and `sub` alone; nothing else of the token is kept.
"""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import jwt
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.utils import generate_code_challenge
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.urls import reverse

from vigie.core.errors import UnavailableError

if TYPE_CHECKING:
    from django.http import HttpRequest

    from vigie.settings import Settings

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "EdDSA")
"""Signatures by a key pair; a shared secret or none is refused."""
REQUIRED: Final = ("iss", "sub", "aud", "exp", "iat", "nonce")
LEEWAY_S: Final = 60
SUBJECT: Final = 255


def app_of(settings: Settings) -> SocialApp | None:
    """Return the provider that the operator set, or None.

    Raises UnavailableError where the file of its secret cannot be read.
    """
    if not settings.oidc_issuer:
        return None
    return SocialApp(
        provider="openid_connect",
        provider_id=provider_id(settings.oidc_issuer),
        name=name_of(settings)[:40],
        client_id=settings.oidc_client_id,
        secret=_secret(settings.oidc_secret_file),
        settings={"server_url": settings.oidc_issuer.rstrip("/"), "fetch_userinfo": False},
    )


def provider_id(issuer: str) -> str:
    """Name an issuer: accounts of another one are never mixed up with its own."""
    return f"oidc-{hashlib.sha256(issuer.encode()).hexdigest()}"


def name_of(settings: Settings) -> str:
    """Return what stands on the button; empty where there is no provider."""
    return settings.oidc_name or urlsplit(settings.oidc_issuer).hostname or ""


def _secret(file: str) -> str:
    if not file:
        return ""
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as problem:
        raise UnavailableError(
            "The provider's secret cannot be read.",
            code="no_secret",
            fix="Look at VIGIE_OIDC_SECRET_FILE.",
        ) from problem


class Adapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """Talks to the provider."""

    verifier = ""

    @property
    def openid_config(self) -> dict[str, Any]:
        """Return the provider's metadata. Raises OAuth2Error where it speaks for another."""
        found: dict[str, Any] = super().openid_config
        issuer = self.get_provider().app.settings["server_url"]
        if str(found.get("issuer", "")).rstrip("/") != issuer:
            raise OAuth2Error("the metadata name another issuer")
        return found

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:  # noqa: ARG002 - allauth's
        """Return the address that is registered at the provider."""
        from vigie.flow import house  # noqa: PLC0415 - tests put their own in its place

        return house.current().settings.base_url + reverse("oidc_callback")

    def get_access_token_data(
        self, request: HttpRequest, app: Any, client: Any, pkce_code_verifier: Any = None
    ) -> Any:
        """Change the code for tokens; the nonce follows from the verifier."""
        self.verifier = pkce_code_verifier or ""
        return super().get_access_token_data(request, app, client, pkce_code_verifier)

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **more: Any) -> Any:  # noqa: ARG002
        """Return whom the ID token names. Raises OAuth2Error where it does not hold."""
        claims = self._claims(app, more["response"].get("id_token") or "")
        amr = claims.get("amr")
        told = {
            "uid": uid_of(claims["iss"], claims["sub"]),
            "mfa": isinstance(amr, list) and "mfa" in amr,
        }
        return self.get_provider().sociallogin_from_response(request, told)

    def _claims(self, app: Any, token: str) -> dict[str, Any]:
        config = self.openid_config
        try:
            key = self._key(config["jwks_uri"], jwt.get_unverified_header(token).get("kid"))
            claims: dict[str, Any] = jwt.decode(
                token,
                key=key,
                algorithms=list(ALGORITHMS),
                audience=app.client_id,
                issuer=config["issuer"],
                leeway=LEEWAY_S,
                options={"require": list(REQUIRED)},
            )
        except (jwt.PyJWTError, KeyError) as problem:
            raise OAuth2Error("the ID token does not hold") from problem
        _check_claims(claims, app.client_id, nonce_of(self.verifier))
        return claims

    def _key(self, address: str, kid: str | None) -> Any:
        """Return the provider's key of this name, or its only one."""
        with get_adapter().get_requests_session() as session:
            answer = session.get(address)
            answer.raise_for_status()
        known = jwt.PyJWKSet.from_dict(answer.json()).keys
        keys = [one for one in known if kid in {None, one.key_id}]
        if len(keys) != 1:
            raise OAuth2Error("the provider has no such key")
        return keys[0]


def _check_claims(claims: dict[str, Any], client: str, nonce: str) -> None:
    """Raise OAuth2Error where a token is meant for another sign-in or another client."""
    if not hmac.compare_digest(str(claims["nonce"]).encode(), nonce.encode()):
        raise OAuth2Error("the ID token belongs to another sign-in")
    if claims.get("azp", client) != client:
        raise OAuth2Error("the ID token belongs to another client")
    if not 0 < len(str(claims["sub"])) <= SUBJECT:
        raise OAuth2Error("the ID token names nobody")


def uid_of(issuer: str, subject: str) -> str:
    """Return how somebody is known here: a digest of issuer and `sub`, and nothing more."""
    return hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()


def nonce_of(verifier: str) -> str:
    """Return the nonce of one sign-in: from its PKCE verifier, which the session keeps."""
    return hashlib.sha256(b"vigie/nonce/" + verifier.encode()).hexdigest()


class Provider(OpenIDConnectProvider):  # type: ignore[misc]
    """The operator's provider: always with PKCE and nonce, `openid` and nothing more."""

    oauth2_adapter_class = Adapter

    def get_default_scope(self) -> list[str]:
        """Ask for who it is; not for name or mail."""
        return ["openid"]

    def extract_uid(self, data: dict[str, Any]) -> str:
        """Return how the person is known here."""
        return str(data["uid"])

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """Keep whether the provider asked for two factors this time."""
        return {"mfa": data["mfa"]}

    def get_pkce_params(self) -> dict[str, str]:
        """Return challenge, verifier and nonce of one sign-in."""
        params: dict[str, str] = generate_code_challenge()
        return params | {"nonce": nonce_of(params["code_verifier"])}
