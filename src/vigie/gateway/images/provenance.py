# SPDX-License-Identifier: Apache-2.0
"""Says in a generated picture that a program made it: IPTC mark and C2PA signature.

Done in one thread of its own, in memory; nothing is fetched and no file is written.
A signature proves who signed and that nothing changed since; a picture without one
proves nothing, as any re-encoding takes it away. Sources: C2PA specification 2.2;
Regulation (EU) 2024/1689 Art. 50(2).
"""

from __future__ import annotations

import asyncio
import io
import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final, NamedTuple

from vigie.core.errors import UnavailableError
from vigie.gateway.images.credentials import Credentials
from vigie.gateway.images.xmp import EDITED, GENERATED, marked

ACTIONS: Final = "c2pa.actions.v2"
DAY_SECONDS: Final = 86_400
AGENT: Final = {"name": "Vigie", "version": "1"}
_SETTINGS: Final = {
    "version_major": 1,
    "version_minor": 0,
    # A thumbnail would be a second picture of 400 kB that nobody judged.
    "builder": {"thumbnail": {"enabled": False}},
    "verify": {
        "verify_after_sign": False,
        "remote_manifest_fetch": False,
        "ocsp_fetch": False,
    },
}


class Made(NamedTuple):
    """A picture as bytes and type."""

    data: bytes
    mime: str


class NotMarkedError(UnavailableError):
    """A result could not be marked and signed: it is not handed out."""

    code = "image_not_marked"


class Provenance:
    """Marks and signs, one picture after the other, off the event loop."""

    def __init__(self, find: Callable[[], Credentials]) -> None:
        """Take what finds certificate and key; asked at the first picture, then once a day."""
        self._find = find
        self._thread = ThreadPoolExecutor(1, "provenance")
        self._ready: tuple[Any, Any, Any] | None = None
        self._until = 0.0

    @staticmethod
    def available() -> bool:
        """Say whether the library that signs is installed, without loading it."""
        return find_spec("c2pa") is not None

    async def of(self, made: Made, sources: Sequence[Made] = ()) -> Made:
        """Return a result marked and signed; `sources`: what an edit began with, first the photo.

        Raises NotMarkedError.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self.sign, made, sources)

    def sign(self, made: Made, sources: Sequence[Made] = ()) -> Made:
        """As `of`, in the caller's thread: one at a time."""
        kind = EDITED if sources else GENERATED
        try:
            plain = marked(made.data, made.mime, kind)
            library, context, signer = self._prepared()
            builder = library.Builder(
                json.dumps(manifest(made.mime, kind, len(sources))), context=context
            )
            for number, one in enumerate(sources):
                _add(builder, one, number, "inputTo" if number else "parentOf")
            if _is_signed(library, context, made):
                _add(builder, made, len(sources), "componentOf")
            out = io.BytesIO()
            builder.sign(signer, made.mime, io.BytesIO(plain), out)
        except Exception as problem:  # the library raises its own kinds, and ctypes'
            raise NotMarkedError(
                "The picture could not be marked as made by a program.",
                diagnostics=type(problem).__name__,
            ) from problem
        return Made(out.getvalue(), made.mime)

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown()

    def _prepared(self) -> tuple[Any, Any, Any]:
        if self._ready is None or time.monotonic() > self._until:
            library: Any = import_module("c2pa")
            context = library.Context(library.Settings.from_dict(_SETTINGS))
            found = self._find()
            signer = library.Signer.from_info(
                library.C2paSignerInfo(found.algorithm, found.chain, found.key, None)
            )
            self._ready = (library, context, signer)
            self._until = time.monotonic() + DAY_SECONDS
        return self._ready


def _is_signed(library: Any, context: Any, made: Made) -> bool:
    """Say whether the upstream signed: its manifest then goes along as an ingredient.

    One that lies elsewhere or does not read counts as none: nothing is fetched.
    """
    try:
        found = library.Reader.try_create(made.mime, io.BytesIO(made.data), context=context)
    except library.C2paError:
        return False
    return found is not None


def manifest(mime: str, kind: str, sources: int) -> dict[str, Any]:
    """Return what is said of a result: generated, or edited from a source picture."""
    said: dict[str, Any] = {"digitalSourceType": kind, "softwareAgent": AGENT}
    actions = [{"action": "c2pa.created", **said}]
    if sources:
        opened = {"action": "c2pa.opened", "parameters": {"ingredientIds": [_label(0)]}}
        actions = [opened, {"action": "c2pa.edited", **said}]
    return {
        "claim_generator_info": [AGENT],
        "title": "generated",
        "format": mime,
        "assertions": [{"label": ACTIONS, "data": {"actions": actions}}],
    }


def _add(builder: Any, source: Made, number: int, relationship: str) -> None:
    about = {
        "title": _label(number),
        "relationship": relationship,
        "label": _label(number),
        "instance_id": _label(number),
    }
    builder.add_ingredient_from_stream(json.dumps(about), source.mime, io.BytesIO(source.data))


def _label(number: int) -> str:
    return f"source-{number + 1}"
