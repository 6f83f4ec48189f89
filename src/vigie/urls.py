# SPDX-License-Identifier: Apache-2.0
"""Where the people's doors stand: `/api/v1/`, `/console/` and the portal at `/`."""

from __future__ import annotations

from django.urls import include, path

from vigie.api.door import api

urlpatterns = [
    path("api/v1/", api.urls),
    path("console/", include("vigie.console.urls")),
    path("console/", include("vigie.console.identity.urls")),
    path("", include("vigie.portal.urls")),
]

handler400 = "vigie.web.errors.bad_request"
handler403 = "vigie.web.errors.refused"
handler404 = "vigie.web.errors.not_found"
handler500 = "vigie.web.errors.failed"
