# SPDX-License-Identifier: Apache-2.0
"""Serves one of everything, with the path of every address of console and portal.

`python -m tests.e2e.pages.server FOLDER` prints one line of JSON and runs until it is stopped.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.e2e.people.server import Wall, main


def seed(folder: Path) -> dict[str, str]:
    """Fill the folder; return the path of every address by its name, and some codes."""
    from tests.support import proceedings
    from tests.support.order_papers import filled, receive
    from tests.support.people import Agora
    from tests.support.rights import pages
    from tests.support.world import World
    from vigie.flow import house
    from vigie.flow.appeals.lodge import code_of as code_of_complaint
    from vigie.flow.notices.receive import code_of
    from vigie.store.models import Appeal
    from vigie.store.permissions import Role

    agora = Agora(folder)
    agora.clock.ms = Wall().now_ms() - 3_600_000
    house.current = lambda: agora.house  # type: ignore[assignment]
    world = World(agora)
    agora.person("root", Role.ADMIN)
    agora.person("lead", Role.QUALITY)
    agora.person("with.app", Role.SENIOR)
    agora.person("new", must_change_password=True)
    officer, order = agora.person("officer", Role.OFFICER), world.proceeding.order
    proceedings.let_in(agora, officer, world.decided, world.waiting, order)
    recovery = _with_app("with.app")
    object.__setattr__(agora.house, "clock", Wall())
    codes = {
        "code of the notice": code_of(agora.house, world.notice),
        "code of the complaint": code_of_complaint(agora.house, Appeal.objects.get()),
        "code of the order": receive(agora, "referral", filled("referral")).code,
        "recovery code": recovery,
    }
    return {one.name: world.path(one) for one in pages()} | codes


def _with_app(name: str) -> str:
    """Give somebody an app with codes and a passkey; return a recovery code."""
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import TOTP
    from allauth.mfa.webauthn.internal.auth import WebAuthn

    from tests.support.authenticator import Passkey, text
    from vigie.store.models import User

    user = User.objects.get(username=name)
    public = {"user": {"id": text(b"u")}, "rp": {"id": "localhost"}, "challenge": text(b"c" * 32)}
    made = json.loads(Passkey().register({"publicKey": public}))
    WebAuthn.add(user, "Phone", made)  # the first, of which the addresses speak
    TOTP.activate(user, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    codes = RecoveryCodes.activate(user)
    return str(codes.get_unused_codes()[0])


if __name__ == "__main__":
    main(Path(sys.argv[1]), seed)
