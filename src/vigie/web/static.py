# SPDX-License-Identifier: Apache-2.0
"""The stylesheet, the script and the icon, served from the package itself.

A handful of small files, read once; asked for again, they are answered by
their digest. Nothing else can be named. htmx comes from the package that
carries it, so that the lock file names its version and its digest.
"""

from __future__ import annotations

import hashlib
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from django.http import HttpResponse, HttpResponseNotModified

from vigie.web.conf import STATIC_URL

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

FOLDER: Final = Path(__file__).resolve().parent / "static"
KINDS: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
}
CARRIED: Final = {"vigie/htmx.js": ("django_htmx", "static/django_htmx/htmx-2.min.js")}
"""Files of other packages, by the name under which they are served."""
FRESH_FOR: Final = "public, max-age=300"


class File(NamedTuple):
    """One file as it is answered."""

    data: bytes
    kind: str
    tag: str


def read_all() -> dict[str, File]:
    """Return every file by its path."""
    found = {}
    for path in sorted(FOLDER.rglob("*")):
        if path.suffix in KINDS:
            name = path.relative_to(FOLDER).as_posix()
            found[STATIC_URL + name] = _file(path.read_bytes(), path.suffix)
    for name, (package, inside) in CARRIED.items():
        data = files(package).joinpath(inside).read_bytes()
        found[STATIC_URL + name] = _file(data, Path(name).suffix)
    return found


def _file(data: bytes, suffix: str) -> File:
    tag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    return File(data, KINDS[suffix], tag)


class Static:
    """Answers for the files it knows; everything else goes on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.files = read_all()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a file, or that it is unchanged."""
        file = self.files.get(request.path_info)
        if file is None or request.method not in {"GET", "HEAD"}:
            return self.get_response(request)
        answer: HttpResponse
        if request.headers.get("If-None-Match") == file.tag:
            answer = HttpResponseNotModified()
        else:
            answer = HttpResponse(file.data, content_type=file.kind)
        answer["ETag"] = file.tag
        answer["Cache-Control"] = FRESH_FOR
        return answer
