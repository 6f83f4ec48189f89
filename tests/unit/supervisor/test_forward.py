# SPDX-License-Identifier: Apache-2.0
"""Requests for pages, passed on over a private socket and back."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from vigie.supervisor.forward import Forward, Peer
from vigie.supervisor.parent import private_sockets


async def _echo(request: Request) -> Response:
    return JSONResponse(
        {
            "method": request.method,
            "path": request.scope["raw_path"].decode(),
            "query": request.url.query,
            "body": (await request.body()).decode(),
            "client": request.client.host if request.client else "",
            "host": request.headers["host"],
            "scheme": request.url.scheme,
            "told": request.headers.get("x-vigie-peer", ""),
            "cookie": request.headers.get("cookie", ""),
        },
        headers={"set-cookie": "a=1"},
    )


async def _pieces(_request: Request) -> Response:
    async def pieces():
        for number in range(1000):
            yield f"{number}\n"

    return StreamingResponse(pieces(), media_type="text/plain")


async def _moved(_request: Request) -> Response:
    return Response(status_code=302, headers={"location": "/elsewhere"})


def _alive(app):
    """Return the application with a life of its own, as the dispatcher gives it."""

    @contextlib.asynccontextmanager
    async def lifespan(_app):
        yield
        await app.close()

    return Starlette(routes=[Mount("/", app)], lifespan=lifespan)


class _Quiet(uvicorn.Server):
    def install_signal_handlers(self) -> None:
        """The test's thread takes no signals."""


@pytest.fixture
def pages(socket_enabled):
    app = Starlette(
        routes=[
            Route("/pieces", _pieces),
            Route("/moved", _moved),
            Route("/{rest:path}", _echo, methods=["GET", "POST", "PUT", "HEAD"]),
        ]
    )
    with private_sockets(2) as lines:
        # The library's own setting of logs would outlive this test in its process.
        servers = [
            _Quiet(uvicorn.Config(Peer(app), lifespan="off", ws="none", log_config=None))
            for _ in lines
        ]
        threads = [
            threading.Thread(target=asyncio.run, args=(server.serve(sockets=[line]),))
            for server, line in zip(servers, lines, strict=True)
        ]
        for thread in threads:
            thread.start()
        try:
            with TestClient(_alive(Forward([line.getsockname() for line in lines]))) as client:
                yield client
        finally:
            for server, thread in zip(servers, threads, strict=True):
                server.should_exit = True
                thread.join()


def test_method_address_query_and_body_arrive_as_they_came(pages):
    told = pages.post("/a%2Fb/%C3%A9?q=%20x&q=2", content="words").json()
    assert told["method"] == "POST"
    assert told["path"] == "/a%2Fb/%C3%A9"
    assert told["query"] == "q=%20x&q=2"
    assert told["body"] == "words"


def test_who_asked_is_known_and_cannot_be_claimed(pages):
    told = pages.get("/", headers={"x-vigie-peer": "6.6.6.6 evil 1 https"}).json()
    assert told["client"] == "testclient"
    assert told["host"] == "testserver"
    assert told["scheme"] == "http"
    assert told["told"] == ""


def test_a_large_body_and_a_long_answer_pass_in_pieces(pages):
    assert len(pages.post("/x", content=b"x" * 3_000_000).json()["body"]) == 3_000_000
    assert len(pages.get("/pieces").text.splitlines()) == 1000


def test_a_redirect_is_the_clients_to_follow_and_no_cookie_is_kept(pages):
    answer = pages.get("/moved", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (302, "/elsewhere")
    pages.get("/")
    pages.cookies.clear()
    assert pages.get("/").json()["cookie"] == ""


def test_two_date_lines_never_reach_the_client(pages):
    assert len(pages.get("/").headers.get_list("date")) == 0


def test_a_process_that_is_not_there_is_said_to_be_starting(socket_enabled, tmp_path):
    with TestClient(_alive(Forward([str(tmp_path / "none")]))) as client:
        answer = client.get("/console/")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"


def test_a_private_socket_is_reached_by_this_user_alone(socket_enabled):
    with private_sockets(1) as lines:
        folder = lines[0].getsockname().rpartition("/")[0]
        assert Path(folder).stat().st_mode & 0o077 == 0
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(lines[0].getsockname())
    assert not Path(folder).exists()


def test_a_header_of_a_stranger_on_an_open_port_is_left_alone():
    seen = {}

    async def app(scope, _receive, send):
        seen.update(scope)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    client = TestClient(Peer(app))
    client.get("/", headers={"x-vigie-peer": "6.6.6.6 evil 1 https"})
    assert seen["client"][0] == "testclient"
    assert seen["scheme"] == "http"
