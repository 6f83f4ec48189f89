# SPDX-License-Identifier: Apache-2.0
"""A provider of OpenID Connect on this machine, as far as a sign-in needs one."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT = "vigie"
SECRET = "a client secret"


@dataclass
class Provider:
    """What it knows, and what it will say next; tests change it."""

    address: str = ""
    key: rsa.RSAPrivateKey = field(
        default_factory=lambda: rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    )
    claims: dict[str, Any] = field(default_factory=dict)
    """What the ID token says besides or instead of the usual."""
    metadata: dict[str, Any] = field(default_factory=dict)
    sign_with: rsa.RSAPrivateKey | None = None
    algorithm: str = "RS256"
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    """What was posted for tokens."""
    away: bool = False

    def sign_in(self, address: str, subject: str) -> dict[str, str]:
        """Be the person who signs in at the authorization address; return what is sent back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked | {"sub": subject}
        return {"code": code, "state": asked["state"]}

    def answer(self, path: str, posted: dict[str, str] | None) -> tuple[int, dict[str, Any]]:
        """Answer one request."""
        if self.away:
            return 503, {}
        if path == "/.well-known/openid-configuration":
            return 200, self._metadata()
        if path == "/keys":
            public = jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
            return 200, {"keys": [public | {"kid": "1", "use": "sig", "alg": "RS256"}]}
        if path == "/token" and posted is not None:
            return self._token(posted)
        return 404, {}

    def _metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            **self.metadata,
        }

    def _token(self, posted: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self.asked.append(posted)
        code = self.codes.pop(posted.get("code", ""), None)
        if code is None or posted.get("client_secret") != SECRET or not _proves(code, posted):
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": self.address,
            "sub": code["sub"],
            "aud": CLIENT,
            "iat": now,
            "exp": now + 60,
            "nonce": code["nonce"],
            "email": "somebody@agora.example",
            **self.claims,
        }
        key: Any = self.sign_with or self.key
        if self.algorithm.startswith("HS"):
            key = "a shared secret that the client would know, long enough"
        token = jwt.encode(claims, key, algorithm=self.algorithm, headers={"kid": "1"})
        return 200, {"access_token": "an access token", "token_type": "Bearer", "id_token": token}


def _proves(code: dict[str, str], posted: dict[str, str]) -> bool:
    """PKCE (RFC 7636): the verifier belongs to the challenge."""
    digest = hashlib.sha256(posted.get("code_verifier", "").encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == code["code_challenge"]


@contextmanager
def provider() -> Iterator[Provider]:
    """Run one on a free port."""
    known = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(*known.answer(self.path, None))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            posted = {name: values[0] for name, values in parse_qs(body).items()}
            self._send(*known.answer(self.path, posted))

        def _send(self, status: int, body: dict[str, Any]) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_args: Any) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    known.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield known
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
