# SPDX-License-Identifier: Apache-2.0
"""Fetches the platform's own copy of a picture for a person who must look.

Only from hosts that the operator names, by the rules of `outbound`: resolved
once, open internet only, the connection to that very address, no redirects,
no proxies, 10 s over all. Video and sound are never read. Nothing is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import urlsplit

from vigie.core.errors import OutsideError, RefusedError
from vigie.exchange import outbound
from vigie.exchange.outbound import Resolver, resolve

MAX_BYTES: Final = 40_000_000
TIMEOUT_S: Final = 10.0
HEADERS: Final = {
    "Accept": "image/webp,image/png,image/jpeg,image/gif;q=0.9",
    "Accept-Encoding": "identity",
    "User-Agent": "Vigie-Fetch/1",
}
FILMS: Final = frozenset(
    ".3gp .aac .avi .flac .flv .m3u8 .m4a .m4v .mkv .mov .mp3 .mp4 .mpd .mpeg .mpg .oga .ogg .ogv "
    ".opus .ts .wav .webm .wma .wmv".split()
)
"""Endings of video and sound: not even asked for."""
GONE: Final = frozenset({404, 410})


def is_film(url: str) -> bool:
    """Say whether an address names video or sound by its ending."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return False
    return PurePosixPath(path).suffix.lower() in FILMS


def host_of(url: str) -> str:
    """Return the host that an address names, empty where it names none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".").lower()
    except ValueError:
        return ""


def is_allowed(url: str, hosts: Sequence[str]) -> bool:
    """Say whether the operator lets pictures be fetched from there.

    `cdn.example` is that host alone, `.cdn.example` every host below it.
    """
    host = host_of(url)
    return any(
        host.endswith(one) if one.startswith(".") else host == one
        for one in (allowed.strip().rstrip(".").lower() for allowed in hosts)
        if host and one
    )


def fetch_picture(
    url: str, *, hosts: Sequence[str], allow_private: bool = False, resolver: Resolver = resolve
) -> bytes:
    """Return the bytes that stand at an address now.

    Raises RefusedError `film` or `host_not_allowed`, InvalidInputError where
    the address may never be called, OutsideError `no_address`, `no_answer`,
    `gone`, `too_large` or `refused` (any other answer, a redirect too).
    """
    if is_film(url):
        raise _film()
    if not is_allowed(url, hosts):
        raise RefusedError(
            "Pictures are not fetched from this host.",
            code="host_not_allowed",
            fix="The operator allows hosts with VIGIE_MEDIA_HOSTS.",
        )
    to = outbound.target(url, allow_private=allow_private, resolver=resolver)
    answer = outbound.get(to, HEADERS, most=MAX_BYTES, wanted=_wanted, timeout=TIMEOUT_S)
    if not _wanted(answer.content_type):
        raise _film()
    if answer.status != outbound.OK:
        code = "gone" if answer.status in GONE else "refused"
        raise OutsideError("The picture is not to be had.", code=code)
    if len(answer.body) > MAX_BYTES:
        raise OutsideError("The picture is too large to be fetched.", code="too_large")
    return answer.body


def _wanted(content_type: str) -> bool:
    return not content_type.strip().lower().startswith(("video/", "audio/"))


def _film() -> RefusedError:
    return RefusedError("Video and sound are not fetched.", code="film")
