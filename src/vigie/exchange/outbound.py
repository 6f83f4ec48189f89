# SPDX-License-Identifier: Apache-2.0
"""Calling an address that somebody else gave us, without reaching our own network.

The name is resolved once, every address must be public, and the connection goes
to that very address with the name in SNI and `Host`. No redirects, no proxies
of the environment, one time limit over all, a cap on the answer. Source: OWASP
ASVS 5.0 13.2.4, 13.2.5, 15.3.2.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final, NamedTuple, Self
from urllib.parse import SplitResult, urlsplit

import httpx2

from vigie.core.errors import InvalidInputError, OutsideError

TIMEOUT_S: Final = 10.0
MAX_ANSWER: Final = 64 * 1024
OK: Final = 200
_PORTS: Final = {"https": 443, "http": 80}
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], Sequence[str]]


class Target(NamedTuple):
    """An address that may be called, resolved."""

    url: str
    """With the resolved address in place of the name."""
    host: str
    """The `Host` header."""
    name: str
    """The name for SNI and the certificate."""


class Answer(NamedTuple):
    """What the other side said."""

    status: int
    body: bytes
    content_type: str = ""


class Fetched(NamedTuple):
    """What stood at an address."""

    status: int
    content_type: str
    body: bytes


def resolve(host: str, port: int) -> Sequence[str]:
    """Ask the system's resolver for all addresses of a name."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as problem:
        raise OutsideError(
            "The name of the address does not resolve.", code="no_address", diagnostics=host
        ) from problem
    return [str(entry[4][0]) for entry in found]


def check_url(url: str, *, allow_private: bool = False) -> SplitResult:
    """Refuse an address that may never be called, before any name is resolved.

    Raises InvalidInputError with the rule that it breaks.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as problem:
        raise _refused("It is not an address.") from problem
    allowed = ("https", "http") if allow_private else ("https",)
    if parts.scheme not in allowed or not parts.hostname:
        raise _refused("It begins with https:// and names a host.")
    if parts.username or parts.password:
        raise _refused("It holds no user name or password.")
    if parts.fragment:
        raise _refused("It holds no fragment.")
    if not allow_private and port not in (None, 443):
        raise _refused("Its port is 443.")
    if not allow_private and leads_inside(parts.hostname):
        raise _refused(
            "It names a host of the open internet; for a platform inside your own network set "
            "VIGIE_WEBHOOK_PRIVATE=yes."
        )
    return parts


def leads_inside(host: str) -> bool:
    """Say whether a host needs no resolver to be known as one of an inner network.

    The short forms of IPv4 (`127.1`, `2130706433`, `0x7f000001`) count too:
    resolvers take them for addresses.
    """
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        literal = name if ":" in name else socket.inet_ntoa(socket.inet_aton(name))
    except OSError:
        return False
    return not is_public(literal)


def _refused(rule: str) -> InvalidInputError:
    return InvalidInputError(
        "This address cannot be called.", code="bad_address", field="url", fix=rule
    )


def is_public(text: str) -> bool:
    """Say whether an address is one of the open internet.

    What is wrapped into IPv6 (mapped, NAT64, 6to4, Teredo) is unwrapped first.
    """
    try:
        address: Address = ipaddress.ip_address(text.split("%", 1)[0])
    except ValueError:
        return False
    inner = _unwrapped(address)
    return inner.is_global and not inner.is_multicast and not inner.is_reserved


def _unwrapped(address: Address) -> Address:
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    return address


def target(url: str, *, allow_private: bool = False, resolver: Resolver = resolve) -> Target:
    """Resolve an address once; every answer of the resolver must be public.

    Raises InvalidInputError for what may not be called, OutsideError where the
    name has no address.
    """
    parts = check_url(url, allow_private=allow_private)
    name = parts.hostname or ""
    port = parts.port or _PORTS[parts.scheme]
    found = list(resolver(name, port))
    if not found:
        raise OutsideError("The name of the address does not resolve.", code="no_address")
    if not allow_private and not all(is_public(one) for one in found):
        raise _refused("Its name leads to the open internet only.")
    literal = f"[{found[0]}]" if ":" in found[0] else found[0]
    path = parts.path or "/"
    query = f"?{parts.query}" if parts.query else ""
    host = name if port == _PORTS[parts.scheme] else f"{name}:{port}"
    return Target(f"{parts.scheme}://{literal}:{port}{path}{query}", host, name)


def post(to: Target, body: bytes, headers: Mapping[str, str], timeout: float = TIMEOUT_S) -> Answer:
    """Send a request; any answer is an answer, no answer is an OutsideError."""
    sent = {**headers, "Content-Length": str(len(body))}
    with _called("POST", to, sent, body, timeout) as answer:
        kind = answer.headers.get("Content-Type", "")
        return Answer(answer.status_code, _taken(answer, MAX_ANSWER), kind)


def get(
    to: Target,
    headers: Mapping[str, str],
    *,
    most: int,
    wanted: Callable[[str], bool],
    timeout: float = TIMEOUT_S,
) -> Fetched:
    """Fetch what stands at an address; no answer is an OutsideError.

    One byte more than `most` is read, so that the caller sees what is too
    long. The body is left unread, and empty here, where `wanted` says no to
    the content type or the status is not 200.
    """
    with _called("GET", to, headers, b"", timeout) as answer:
        kind = answer.headers.get("Content-Type", "")
        if answer.status_code != OK or not wanted(kind):
            return Fetched(answer.status_code, kind, b"")
        return Fetched(answer.status_code, kind, _taken(answer, most + 1))


@contextmanager
def _called(
    method: str, to: Target, headers: Mapping[str, str], body: bytes, timeout: float
) -> Iterator[httpx2.Response]:
    """Call an address; the whole exchange ends after `timeout` seconds, however it drips."""
    with _Deadline(timeout) as deadline:
        try:
            with (
                httpx2.Client(
                    trust_env=False,
                    follow_redirects=False,
                    timeout=httpx2.Timeout(timeout),
                    http2=False,
                ) as client,
                client.stream(
                    method,
                    to.url,
                    content=body or None,
                    headers={**headers, "Host": to.host},
                    extensions={"sni_hostname": to.name, "trace": deadline.watch},
                ) as answer,
            ):
                yield answer
                deadline.check()
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as problem:
            raise OutsideError(
                "The other side did not answer.",
                code="no_answer",
                diagnostics=type(problem).__name__,
            ) from problem


class _Deadline:
    """Shuts the sockets of one exchange when its time is over.

    A time limit of the client holds for one read: who sends a byte now and
    then would keep it for ever.
    """

    def __init__(self, seconds: float) -> None:
        self._sockets: list[socket.socket] = []
        self._over = False
        self._timer = threading.Timer(seconds, self._shut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def watch(self, event: str, info: Mapping[str, Any]) -> None:
        """Learn of every socket that the client opens, TLS or not."""
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            self._sockets.append(info["return_value"].get_extra_info("socket"))

    def check(self) -> None:
        """Raise TimeoutError where time was over: a body that ended then is not whole."""
        if self._over:
            raise TimeoutError

    def _shut(self) -> None:
        self._over = True
        for one in list(self._sockets):
            with suppress(OSError):
                # Below TLS: another thread may be reading through it just now.
                socket.socket.shutdown(one, socket.SHUT_RDWR)


def _taken(answer: httpx2.Response, most: int) -> bytes:
    """Read no more of an answer than its cap."""
    taken = bytearray()
    for part in answer.iter_raw():
        taken += part[: most - len(taken)]
        if len(taken) >= most:
            break
    return bytes(taken)
