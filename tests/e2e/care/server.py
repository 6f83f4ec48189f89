# SPDX-License-Identifier: Apache-2.0
"""Serves the console over a folder with a picture case, and the platform that has the picture."""

from __future__ import annotations

import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from tests.e2e.people.server import Wall, main
from tests.support.pictures import encode, pattern

PICTURE = encode(pattern(11, 800, 600))


class Platform(BaseHTTPRequestHandler):
    """Hands out the one picture."""

    def do_GET(self) -> None:
        """Answer with the picture, whatever is asked for."""
        self.send_response(200)
        self.send_header("Content-Type", "image/jpeg")
        self.send_header("Content-Length", str(len(PICTURE)))
        self.end_headers()
        self.wfile.write(PICTURE)

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


def seed(folder: Path) -> dict[str, str]:
    """Fill the folder with a case that has a picture, a film and a picture elsewhere."""
    from tests.support import picture_case
    from tests.support.people import Agora
    from tests.support.queues import notice
    from vigie.flow import desk_settings, house, sealed

    platform = HTTPServer(("127.0.0.1", 0), Platform)
    threading.Thread(target=platform.serve_forever, daemon=True).start()
    at = f"http://127.0.0.1:{platform.server_port}"
    agora = Agora(folder)
    agora.clock.ms = Wall().now_ms() - 60_000
    house.current = lambda: agora.house  # type: ignore[assignment]
    agora.person("m.roth", role="moderator", number=7, own_figures=True)
    agora.person("s.lang", role="senior", number=8)
    agora.person("lead", role="quality", number=9)
    agora.person("root", role="admin", number=10)
    desk_settings.set(agora.house, None, "personal_figures", value=True)
    picture_case.allow(agora, "127.0.0.1")
    case = picture_case.with_pictures(
        agora, f"{at}/a.jpg", f"{at}/film.mp4", "https://cdn.example/b.jpg"
    )
    about = notice(agora, case)
    picture = sealed.seal(agora.house, PICTURE, "a.jpg", "image/jpeg", about)
    letter = sealed.seal(agora.house, b"a letter", "a.pdf", "application/pdf", about)
    object.__setattr__(agora.house, "clock", Wall())
    return {
        "desk": f"/console/decisions/{case.decision_id}/decide",
        "picture": f"/console/cases/{case.pk}/pictures/0/page",
        "sealed picture": f"/console/files/{picture.pk}",
        "sealed letter": f"/console/files/{letter.pk}",
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), seed)
