# SPDX-License-Identifier: Apache-2.0
"""Sealing what the platform looked up for a granted order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from vigie.console.desk import needs, person
from vigie.console.views.order_proof import data_page
from vigie.core.errors import InvalidInputError, NotFoundError, VigieError
from vigie.flow import house
from vigie.flow.orders import supply as verb
from vigie.store.models import Order, OrderData
from vigie.store.permissions import Permission
from vigie.web.numbers import whole_number

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@needs(Permission.ORDER_EXECUTE)
@require_POST
def supply(request: HttpRequest, number: int) -> HttpResponse:
    """Seal one file for one granted row."""
    order = Order.objects.select_related("authority").filter(pk=number).first()
    if order is None:
        raise NotFoundError(_("There is no such order."), code="no_order")
    try:
        _seal(request, order)
    except VigieError as problem:
        return data_page(request, order, problem)
    return HttpResponseRedirect(reverse("console:order", args=[number]))


def _seal(request: HttpRequest, order: Order) -> None:
    key = whole_number(request.POST.get("row", ""))
    row = OrderData.objects.filter(order=order, pk=key).first() if key is not None else None
    if row is None:
        raise InvalidInputError(_("Choose a row of this order."), code="no_row", field="row")
    given = request.FILES.get("file")
    if given is None or (given.size or 0) > verb.MAX_BYTES:
        raise InvalidInputError(
            _("A file has 1 byte to 20 MB."), code="document_size", field="file"
        )
    verb.supply(house.current(), person(request), order, row, given.read(), given.name or "")
