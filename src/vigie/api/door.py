# SPDX-License-Identifier: Apache-2.0
"""The API put together: key check, error shape, operations by subject."""

from __future__ import annotations

from ninja import NinjaAPI

from vigie import __version__
from vigie.api import (
    appeals,
    banks,
    changes,
    decisions,
    erase,
    notices,
    orders,
    policies,
    webhooks,
)
from vigie.api.access import BearerKey
from vigie.api.errors import install

api = NinjaAPI(
    title="Vigie records",
    version=__version__,
    description=(
        "What became of decisions, with proofs and statements; deletion; policies, banks "
        "and webhooks: keys need the scope `records`. Notices: `reports` or `flagger`. "
        "Complaints: `reports` or `records`. Orders of authorities: `orders`."
    ),
    auth=BearerKey(),
    docs_url=None,
    urls_namespace="api",
)
install(api)
for subject in (decisions, erase, policies, banks, webhooks, notices, appeals, changes, orders):
    api.add_router("", subject.router)
