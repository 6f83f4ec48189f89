# SPDX-License-Identifier: Apache-2.0
"""A time-stamp authority on this machine, by openssl: for tests, offline."""

from __future__ import annotations

import subprocess
from pathlib import Path

_CONFIG = """\
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
_KEY = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -config tsa.cnf"


class OpensslAuthority:
    """Stamps bytes; `root` is what a reader who believes it is given."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "tsa.cnf").write_text(_CONFIG)
        (folder / "serial").write_text("01\n")
        self._run(f"req -x509 {_KEY} -keyout ca.key -out ca.pem -subj /CN=Root -extensions ca")
        self._run(f"req -new {_KEY} -keyout tsa.key -out tsa.csr -subj /CN=TSA")
        self._run(
            "x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out tsa.pem "
            "-days 3650 -extfile tsa.cnf -extensions tsa_ext"
        )
        self.root = (folder / "ca.pem").read_bytes()

    def stamp(self, data: bytes) -> bytes:
        """Return a response over bytes, at this machine's time."""
        (self.folder / "m").write_bytes(data)
        self._run("ts -query -data m -sha256 -cert -out q.tsq")
        self._run("ts -reply -config tsa.cnf -section t -queryfile q.tsq -out r.tsr")
        return (self.folder / "r.tsr").read_bytes()

    def _run(self, line: str) -> None:
        command = ["openssl", *line.split()]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True)
