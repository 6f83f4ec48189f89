# SPDX-License-Identifier: Apache-2.0
"""A local CyberTipline that enforces access, schema, order and sizes, and counts reports."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from email.parser import BytesParser
from typing import Any
from urllib.parse import parse_qs

import httpx2
from lxml import etree

from vigie.exchange.cybertip.client import Client

USER, PASSWORD = "esp-test", "not a real password"
MAX_FILE = 1_000_000


@dataclass
class Held:
    """A report as the other side holds it."""

    xml: bytes
    files: dict[str, bytes] = field(default_factory=dict)
    described: dict[str, bytes] = field(default_factory=dict)
    finished: bool = False


class RefusalError(Exception):
    """Answered with a code."""


class Peer(httpx2.BaseTransport):
    """Answers as the interface does; `down` and `spoil` make it misbehave."""

    def __init__(self, xsd: bytes) -> None:
        self.xsd = xsd
        self.rules = etree.XMLSchema(etree.fromstring(xsd))
        self.reports: dict[str, Held] = {}
        self.calls: list[str] = []
        self.down = False
        self.answer_with: dict[str, tuple[int, bytes]] = {}
        self.wrong_md5 = False
        self.crash_after = ""

    def client(self) -> Client:
        """Return a client that talks to this peer."""
        return Client("https://report.example/ispws", USER, PASSWORD, transport=self)

    @property
    def finished(self) -> list[Held]:
        """The reports that count."""
        return [one for one in self.reports.values() if one.finished]

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer one call; die right after it where a test says so."""
        if self.down:
            raise httpx2.ConnectError("down")
        name = request.url.path.rpartition("/")[2]
        self.calls.append(name)
        if name in self.answer_with:
            status, body = self.answer_with[name]
            return httpx2.Response(status, content=body)
        answer = self._answer(name, request)
        if name == self.crash_after:
            self.crash_after = ""
            raise KeyboardInterrupt
        return answer

    def _answer(self, name: str, request: httpx2.Request) -> httpx2.Response:
        given = request.headers.get("authorization", "")
        if given != "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode():
            return httpx2.Response(401)
        body = request.read()
        if name == "xsd":
            return httpx2.Response(200, content=self.xsd)
        try:
            return _said("0", **getattr(self, f"_{name}")(request, body))
        except RefusalError as refusal:
            return _said(str(refusal))

    def _status(self, _request: Any, _body: bytes) -> dict[str, Any]:
        return {}

    def _submit(self, request: httpx2.Request, body: bytes) -> dict[str, Any]:
        self._check(request, body)
        number = str(4_564_654 + len(self.reports))
        self.reports[number] = Held(body)
        return {"reportId": number}

    def _upload(self, request: httpx2.Request, body: bytes) -> dict[str, Any]:
        parts = _multipart(request, body)
        held = self._open(parts["id"].decode())
        data = parts["file"]
        if len(data) > MAX_FILE:
            raise RefusalError("4100")
        file_id = hashlib.sha256(data + bytes([len(held.files)])).hexdigest()[:20]
        held.files[file_id] = data
        md5 = hashlib.md5(data).hexdigest()
        return {
            "reportId": parts["id"].decode(),
            "fileId": file_id,
            "hash": "0" * 32 if self.wrong_md5 else md5,
        }

    def _fileinfo(self, request: httpx2.Request, body: bytes) -> dict[str, Any]:
        self._check(request, body)
        root = etree.fromstring(body)
        held = self._open(root.findtext("reportId") or "")
        file_id = root.findtext("fileId") or ""
        if file_id not in held.files:
            raise RefusalError("5001")
        held.described[file_id] = body
        return {"reportId": root.findtext("reportId")}

    def _finish(self, _request: Any, body: bytes) -> dict[str, Any]:
        number = parse_qs(body.decode())["id"][0]
        held = self._open(number)
        if set(held.files) != set(held.described):
            raise RefusalError("4100")
        held.finished = True
        return {"reportId": number, "files": list(held.files)}

    def _retract(self, _request: Any, body: bytes) -> dict[str, Any]:
        number = parse_qs(body.decode())["id"][0]
        self._open(number)
        del self.reports[number]
        return {"reportId": number}

    def _open(self, number: str) -> Held:
        held = self.reports.get(number)
        if held is None:
            raise RefusalError("5001")
        if held.finished:
            raise RefusalError("5102")
        return held

    def _check(self, request: httpx2.Request, body: bytes) -> None:
        if request.headers.get("content-type") != "text/xml; charset=utf-8":
            raise RefusalError("4100")
        if not self.rules.validate(etree.fromstring(body)):
            raise RefusalError("4100")


def _said(code: str, **values: Any) -> httpx2.Response:
    done = "files" in values
    root = etree.Element("reportDoneResponse" if done else "reportResponse")
    etree.SubElement(root, "responseCode").text = code
    if not done:
        etree.SubElement(root, "responseDescription").text = "Success" if code == "0" else "No"
    for name, value in values.items():
        if name == "files":
            files = etree.SubElement(root, "files")
            for one in value:
                etree.SubElement(files, "fileId").text = one
        else:
            etree.SubElement(root, name).text = value
    return httpx2.Response(200, content=etree.tostring(root))


def _multipart(request: httpx2.Request, body: bytes) -> dict[str, bytes]:
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    message = BytesParser().parsebytes(head + body)
    found = {}
    for part in message.get_payload():
        name = part.get_param("name", header="content-disposition")  # type: ignore[union-attr]
        found[str(name)] = part.get_payload(decode=True)  # type: ignore[union-attr]
    return found  # type: ignore[return-value]
