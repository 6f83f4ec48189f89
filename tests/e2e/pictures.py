# SPDX-License-Identifier: Apache-2.0
"""Draws the pictures of `docs/images` from pages of a made-up operator: `make pictures`.

`python -m tests.e2e.pictures`; with `serve FOLDER` it serves the seeded folder.
All words, people and numbers are invented.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.support.tree import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

IMAGES: Final = ROOT / "docs" / "images"
LARGEST: Final = 150_000
DAY: Final = 86_400_000
SAID: Final = (
    ("de", "Was hier steht, ist nie bewiesen worden, und nun wird es wieder behauptet."),
    ("fr", "On nous répète cette histoire, et personne n'a jamais rien prouvé."),
    ("en", "They repeat it every year, and it was never proved by anybody."),
    ("de", "Schon wieder diese Behauptung, und wieder ohne jeden Beleg."),
    ("fr", "Encore la même affirmation, et encore sans aucune preuve."),
    ("en", "The same claim once more, and once more without a source."),
)
DECIDED: Final = (5, 9, 7, 12, 8, 10)
"""Cases decided on each of the last days."""
PASSWORD: Final = "correct horse battery staple"


def seed(folder: Path) -> dict[str, str]:
    """Fill the folder with a week of work; return the addresses of the pages."""
    from tests.e2e.people.server import Wall
    from tests.support.people import Agora
    from vigie.flow import desk_settings, house
    from vigie.flow.disclosures import publish_disclosure
    from vigie.flow.policies import publish_starter_set
    from vigie.flow.queues.route import route
    from vigie.flow.statements import address_of
    from vigie.flow.webhooks import add_webhook
    from vigie.store.models import Statement

    agora, now = Agora(folder), Wall().now_ms()
    agora.clock.ms = now - len(DECIDED) * DAY
    house.current = lambda: agora.house  # type: ignore[assignment]
    agora.person("c.vidal", "senior", number=4)
    add_webhook(agora.house, "https://hooks.agora.example/vigie")
    roth = agora.person("m.roth", "senior", number=7)
    publish_starter_set(agora.house, "vigie init")
    desk_settings.set(agora.house, None, "capacity_per_day", value=40)
    for kind, text in TEXTS.items():
        publish_disclosure(agora.house, kind, {"en": text}, "test")
    decided = [_day(agora, roth, day, count) for day, count in enumerate(DECIDED)]
    shown = decided[-1]
    agora.clock.ms = now - 3 * 3_600_000
    waiting = _waiting(agora)
    agora.clock.ms = now - 60_000
    route(agora.house)
    _as_jobs_do(agora)
    said = {"at": now + DAY, "fold_lag_seconds": 0}
    agora.settings.run_dir.mkdir(parents=True, exist_ok=True)
    (agora.settings.run_dir / "jobs.status.json").write_text(json.dumps(said))
    object.__setattr__(agora.house, "clock", Wall())
    statement = Statement.objects.get(decision=shown)
    return {
        "review": f"/console/decisions/{waiting}/decide",
        "statement": address_of(agora.house, statement).removeprefix(agora.settings.base_url),
    }


TEXTS: Final = {
    "contact_authorities": "Authorities reach us at authorities@agora.example, in English, "
    "French and German (Art. 11 DSA).",
    "contact_recipients": "Everybody reaches a person at help@agora.example (Art. 12 DSA).",
    "terms": "What may not stand on Agora, how we decide, and how to contest it.",
}


def _day(agora: Any, user: Any, day: int, count: int) -> Any:
    """Decide some cases of one day; return the last one that was restricted."""
    from tests.support.appeals import act
    from vigie.flow.decide import Verb

    last = None
    for n in range(count):
        language, text = SAID[n % len(SAID)]
        made = agora.proposal(
            f"p-{day}{n:02d}", text, author=f"a-{day}{n}", language=language, media=()
        )
        agora.clock.advance(DAY // (count + 1))
        keeps = n % 3 == 2 and n + 1 < count
        row = act(agora, user, made, Verb.LEAVE if keeps else Verb.WITHHOLD)
        if not keeps:
            agora.confirm(row.number, "DE", "FR")
            last = row
        _as_jobs_do(agora)
    return last


def _as_jobs_do(agora: Any) -> None:
    """Send, issue, count and sign what is due."""
    from vigie.flow.search import index
    from vigie.flow.statements import due_statements, issue_statement

    agora.deliver()
    for statement in due_statements(agora.house.now()):
        issue_statement(agora.house, statement)
    while index.tag(agora.house, 200):
        pass
    agora.publish()


def _waiting(agora: Any) -> int:
    """Let cases wait that came by several ways; return the number of one."""
    from tests.support.notices import give

    made = []
    for n, (language, text) in enumerate(SAID):
        made.append(agora.proposal(f"p-9{n}", text, author=f"a-{n % 4}", language=language))
        agora.clock.advance(11 * 60_000)
    give(agora, category="denial", locations=("https://agora.example/p/p-90",), language="de",
         explanation="Es wird als eigene Behauptung verbreitet.")  # fmt: skip
    give(agora, category="threat", locations=("https://agora.example/p/4711",), language="fr",
         explanation="Une phrase qui menace une personne nommée.")  # fmt: skip
    give(agora, category="fraud", locations=("https://agora.example/shop/12",), language="en",
         explanation="The shop takes money and sends nothing.")  # fmt: skip
    give(agora, category="intimate", locations=("https://agora.example/p/4712",), language="fr",
         name="I. M.", email="i.m@mail.example", explanation="")  # fmt: skip
    return int(made[0])


@contextmanager
def served(*module: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Serve a seeded folder in a process of its own; yields address and paths."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", *module, folder]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as server:
            try:
                assert server.stdout is not None
                told = json.loads(server.stdout.readline())
                yield told["address"], told["paths"]
            finally:
                server.terminate()


def draw(browser: Browser, address: str, paths: dict[str, str]) -> dict[str, bytes]:
    """Take every picture."""
    desk = _signed_in(browser, address, "c.vidal")
    public = browser.new_context(viewport={"width": 900, "height": 1000}).new_page()
    found = {}
    for name, path in {
        "queue": "/console/queues?queue=general",
        "overview": "/console/overview?days=7",
        "review": paths["review"],
    }.items():
        desk.goto(address + path)
        found[name] = _shot(desk)
    _begin_notice(public, address)
    found["notice"] = _shot(public)
    for name, path in {"statement": paths["statement"], "transparency": "/"}.items():
        public.goto(f"{address}{path}?lang=en")
        found[name] = _shot(public)
    return found


def draw_orders(browser: Browser, address: str, paths: dict[str, str]) -> dict[str, bytes]:
    """Take the pictures of a desk with orders."""
    desk, found = _signed_in(browser, address, "l.berger"), {}
    for name, path in paths.items():
        desk.goto(address + path)
        found[name] = _shot(desk)
    return found


def _signed_in(browser: Browser, address: str, name: str) -> Page:
    page = browser.new_context(viewport={"width": 1440, "height": 960}).new_page()
    page.goto(f"{address}/console/login")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login" not in url)
    return page


def _begin_notice(page: Page, address: str) -> None:
    page.goto(f"{address}/notice/what?lang=en")
    page.locator("#c-intimate").check()
    page.locator("main form button.main").click()
    page.locator("input[name=location]").first.fill("https://agora.example/p/4712")


def _shot(page: Page) -> bytes:
    page.wait_for_load_state("networkidle")
    return small(page.screenshot(animations="disabled"))


def small(shot: bytes) -> bytes:
    """Return a picture with at most 256 colours: a fifth of the size, and as readable."""
    from PIL import Image

    out = io.BytesIO()
    with Image.open(io.BytesIO(shot)) as picture:
        few = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
        few.save(out, "PNG", optimize=True)
    return out.getvalue()


def write() -> None:
    """Draw all pictures into the folder of the docs; raise where one is too large."""
    from tests.support.browser import chromium

    IMAGES.mkdir(exist_ok=True)
    with chromium() as browser:
        with served("tests.e2e.pictures", "serve") as (address, paths):
            found = draw(browser, address, paths)
        with served("tests.e2e.pictured_desk") as (address, paths):
            found |= draw_orders(browser, address, paths)
    for name, picture in found.items():
        if len(picture) > LARGEST:
            raise SystemExit(f"{name}.png has {len(picture):,} bytes, at most {LARGEST:,}.")
        (IMAGES / f"{name}.png").write_bytes(picture)
        print(f"docs/images/{name}.png  {len(picture):,} bytes")


def main(arguments: list[str]) -> None:
    """Draw, or serve what is drawn."""
    if arguments[:1] == ["serve"]:
        from tests.e2e.people.server import main as serve

        fill: Callable[[Path], dict[str, str]] = seed
        serve(Path(arguments[1]), fill)
    else:
        write()


if __name__ == "__main__":
    main(sys.argv[1:])
