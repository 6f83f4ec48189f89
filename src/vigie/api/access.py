# SPDX-License-Identifier: Apache-2.0
"""Who may call: keys with scope `records`; `trusted` besides sees what detectors saw.

A key that belongs to one service sees and changes that service only; to it,
everything else does not exist.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ninja.security import HttpBearer

from vigie.core.errors import InvalidInputError, NotFoundError, RefusedError, VigieError
from vigie.screening.access import digest_of
from vigie.store.models import ApiKey, ApiScope, DecisionRecord

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest


class UnknownKeyError(VigieError):
    """The request carries no key that is in force."""

    code = "unauthorized"
    http_status = 401


class BearerKey(HttpBearer):
    """`Authorization: Bearer vg_...`; the store holds only the key's digest."""

    openapi_bearer_format = "vg_"

    def __init__(self, *scopes: ApiScope) -> None:
        super().__init__()
        self._scopes = scopes or (ApiScope.RECORDS,)

    def __call__(self, request: HttpRequest) -> ApiKey:
        """Return the key; UnknownKeyError without one, RefusedError without the scope."""
        scheme, _blank, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise UnknownKeyError("A key is needed.", fix="Send Authorization: Bearer vg_...")
        return self.authenticate(request, token)

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey:  # noqa: ARG002
        """Find the key by its digest."""
        key = ApiKey.objects.filter(digest=digest_of(token), revoked_at=None).first()
        if key is None:
            raise UnknownKeyError("This key is not in force.", fix="Make one: vigie key create.")
        if not set(self._scopes) & set(key.scopes):
            wanted = " or ".join(f"`{one}`" for one in self._scopes)
            raise RefusedError(f"This key has no scope {wanted}.", code="scope")
        return key


def key_of(request: HttpRequest, *parameters: str) -> ApiKey:
    """Return the key of this request; the door has checked it.

    Raises InvalidInputError for query parameters that the operation does not
    know, and for one given twice (ASVS 15.3.7).
    """
    for name in request.GET:
        if name not in parameters:
            raise InvalidInputError("There is no such parameter.", field=name[:100])
        if len(request.GET.getlist(name)) > 1:
            raise InvalidInputError("The parameter is given twice.", field=name)
    return cast("ApiKey", request.auth)  # type: ignore[attr-defined]


def is_trusted(key: ApiKey) -> bool:
    """Say whether the key may see scores and spans."""
    return ApiScope.TRUSTED in key.scopes


def visible(key: ApiKey) -> QuerySet[DecisionRecord]:
    """Return the decisions that a key may see."""
    found = DecisionRecord.objects.all()
    return found.filter(service=key.service) if key.service else found


def decision(key: ApiKey, decision_id: str) -> DecisionRecord:
    """Return a decision by its name; NotFoundError for others' ones too."""
    found = visible(key).filter(decision_id=decision_id).first()
    if found is None:
        raise NotFoundError(
            "There is no recorded decision of this name.",
            code="no_decision",
            fix="Harmless decisions stand in the archive: GET /v1/decisions/{id}.",
        )
    return found


def check_service(key: ApiKey, service: str) -> None:
    """Refuse what belongs to another service than the key's."""
    if key.service and key.service != service:
        raise NotFoundError("There is no such item.", code="no_item")


def check_whole_house(key: ApiKey) -> None:
    """Refuse a key of one service where the whole operator is concerned."""
    if key.service:
        raise RefusedError("This key belongs to one service only.", code="service_key")
