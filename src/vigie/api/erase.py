# SPDX-License-Identifier: Apache-2.0
"""Deleting an item's or an author's content; proofs stay valid, openings end."""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Path, Query, Router

from vigie.api import access
from vigie.api.errors import CHANGES
from vigie.api.schemas import SOME, ErasureOut
from vigie.core.clock import iso
from vigie.flow import erase as verbs
from vigie.flow import house
from vigie.flow.deletion import Counts

router = Router(tags=["deletion"])
Service = Annotated[str, Path(max_length=64, pattern=SOME)]
ItemId = Annotated[str, Path(max_length=256, pattern=SOME)]
AuthorId = Annotated[str, Path(max_length=256, pattern=SOME)]
OfService = Annotated[str, Query(max_length=64, pattern=SOME)]
BASIS = "request by API"


@router.delete(
    "/items/{service}/{path:item_id}",
    response=CHANGES | {200: ErasureOut},
    operation_id="erase_item",
)
def erase_item(request: HttpRequest, service: Service, item_id: ItemId) -> ErasureOut:
    """Erase the content of all versions of an item, unless a duty to keep covers it."""
    key = access.key_of(request)
    access.check_service(key, service)
    counts = verbs.erase_item(
        house.current(), item_id, f"key {key.name}", service=service, basis=BASIS
    )
    return _receipt("item", service, counts)


@router.delete(
    "/authors/{path:author_id}",
    response=CHANGES | {200: ErasureOut},
    operation_id="erase_author",
)
def erase_author(
    request: HttpRequest, author_id: AuthorId, service: OfService = verbs.DEFAULT_SERVICE
) -> ErasureOut:
    """Erase the content of an author's items; the id is the platform's own."""
    key = access.key_of(request, "service")
    wanted = key.service or service
    counts = verbs.erase_author(
        house.current(), author_id, f"key {key.name}", service=wanted, basis=BASIS
    )
    return _receipt("author", wanted, counts)


def _receipt(subject: Literal["item", "author"], service: str, counts: Counts) -> ErasureOut:
    return ErasureOut(
        subject=subject,
        service=service,
        contents=counts.contents,
        keys=counts.keys,
        decisions=counts.decisions,
        log_indexes=sorted(counts.indexes),
        at=iso(house.current().now()),
    )
