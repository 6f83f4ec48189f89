# SPDX-License-Identifier: Apache-2.0
"""A time-stamp authority for tests: OpenSSL behind a small HTTP server."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

_CONFIG: Final = """
[req]
distinguished_name=dn
[dn]
[ca]
basicConstraints=critical,CA:TRUE
keyUsage=critical,keyCertSign,cRLSign
[tsa_ext]
basicConstraints=critical,CA:FALSE
keyUsage=critical,digitalSignature
extendedKeyUsage=critical,timeStamping
[tsa]
default_tsa=t
[t]
dir=.
serial=./serial
crypto_device=builtin
signer_cert=./tsa.pem
signer_key=./tsa.key
signer_digest=sha256
default_policy=1.2.3.4.1
digests=sha256,sha384,sha512
accuracy=secs:1
ordering=yes
tsa_name=yes
ess_cert_id_chain=no
ess_cert_id_alg=sha256
"""
_NEW: Final = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


class LocalAuthority:
    """A root, a signer below it, and replies to queries. Keys are made for the test run."""

    def __init__(self, folder: Path, name: str = "Test") -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "tsa.cnf").write_text(_CONFIG)
        (folder / "serial").write_text("01\n")
        self._openssl(
            "req", "-x509", *_NEW, "-keyout", "ca.key", "-out", "ca.pem", "-subj",
            f"/CN={name} Root", "-days", "3650", "-config", "tsa.cnf", "-extensions", "ca",
        )  # fmt: skip
        self._openssl(
            "req", "-new", *_NEW, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj",
            f"/CN={name} TSA", "-config", "tsa.cnf",
        )  # fmt: skip
        self._openssl(
            "x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
            "-CAcreateserial", "-days", "3650", "-extfile", "tsa.cnf", "-extensions", "tsa_ext",
            "-out", "tsa.pem",
        )  # fmt: skip
        self.root = folder / "ca.pem"
        self.asked = 0
        self.chained = False
        """Embed the root beside the signer: OpenSSL then writes lenient DER."""
        self._lock = threading.Lock()

    def _openssl(self, *words: str) -> None:
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True)

    def reply(self, query: bytes) -> bytes:
        """Answer a time-stamp query."""
        with self._lock:
            self.asked += 1
            (self.folder / "q.tsq").write_bytes(query)
            more = ["-chain", "ca.pem"] if self.chained else []
            self._openssl(
                "ts", "-reply", "-config", "tsa.cnf", "-section", "t", "-queryfile", "q.tsq",
                "-out", "r.tsr", *more,
            )  # fmt: skip
            return (self.folder / "r.tsr").read_bytes()

    def stamp(self, data: bytes) -> bytes:
        """Return a reply over bytes, as somebody who asks for the certificate gets it."""
        (self.folder / "m").write_bytes(data)
        self._openssl("ts", "-query", "-data", "m", "-sha256", "-cert", "-out", "asked.tsq")
        return self.reply((self.folder / "asked.tsq").read_bytes())

    @contextmanager
    def serving(self, port: int = 0) -> Iterator[str]:
        """Serve replies on 127.0.0.1; yield the address."""
        authority = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                answer = authority.reply(body)
                self.send_response(200)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                return

        server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/tsa"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
