# SPDX-License-Identifier: Apache-2.0
"""Somebody reports a deepfake by its hash alone; one blurred look, then copies stop."""

from __future__ import annotations

import base64
from typing import Any

from demo import pictures, voice
from demo.browser import words
from demo.day import Day, expect, number_of
from demo.platform import until
from demo.visitor import Hers, Visitor

TITLE = "A deepfake is reported, and the picture is never sent"
SEED = 23
HERS = Hers("Inès Morel", "ines.morel@mail.example", "Le foulard jaune. C'est un montage.")
REASON = "A blurred copy was enough: it fits what the notice says."
NEAR = 10


def play(day: Day) -> None:
    """Report by hash, post, look once, post again, read the answer."""
    picture = pictures.waves(SEED)
    with Visitor(day.base, "fr") as ines:
        code = ines.report_picture([pictures.hash_of(picture)], HERS)
        expect("Nous avons reçu votre notification" in words(ines.page), True, "The receipt")
    day.prepared()
    voice.say(
        "Inès learns that a sexual picture made of her by a program goes round; for the demo an "
        "abstract pattern stands for it. She opens Agora's portal, in French, without an account. "
        "Her own device computes the picture's hash (the demo calls the server's function for "
        "it); the picture stays with her. She gets a receipt and a code, and Agora follows the "
        "hash, which decides nothing by itself."
    )
    first, case = _published(day, picture)
    confirmed = _confirmed(day, first)
    _answered(day, code, confirmed)
    copy = _stopped(day, picture)
    day.story["deepfake"] = {
        "code": code,
        "first": first,
        "case": case,
        "decision": confirmed,
        "copy": copy,
        "identifying": list(HERS),
    }


def _published(day: Day, picture: bytes) -> tuple[dict[str, Any], int]:
    """Let somebody publish it; it stays up and waits for a person. Return the case."""
    made = day.platform.post(_post(day, "picture-31", "a-600", picture, "image/png"))["decision"]
    expect(made["outcome"], "allow", "What a notifier's hash alone does")
    number = day.mara.next_case("intimate")
    page = words(day.mara.page)
    expect("48 h" in page or "47 h 59 min" in page, True, "The clock of 48 hours")
    return day.platform.record(made["decision_id"]), number


def _confirmed(day: Day, first: dict[str, Any]) -> dict[str, Any]:
    """Let Mara look at the blurred copy and confirm; return the decision."""
    mara = day.mara
    mara.to_victims_path()
    seen = mara.look_blurred()
    expect(max(pictures.size_of(seen)) <= 64, True, "That she sees 64 pixels at most")
    mara.confirm_picture(REASON)
    decided = day.after(day.after(first["decision_id"])["decision_id"])
    expect(decided["outcome"], "withhold", "The outcome for the picture")
    voice.say(
        "A user of Agora publishes it. The post stays up for now and goes before a person, with a "
        "clock of 48 hours. Mara reads what is known, sees one copy that the server drew grey and "
        "blurred, 64 pixels wide, and confirms: the picture is intimate, and it fits. Now the hash "
        "of Agora's own copy, not that of Inès, enters the list intimate/notified."
    )
    day.receiver.told(decided["decision_id"])
    done = day.platform.applied(decided["decision_id"])
    statement = day.platform.statement(decided["decision_id"])
    _names_nobody(day, statement["url"])
    voice.links(
        [
            ("decision", day.page(done)),
            ("the author's page", statement["url"]),
        ]
    )
    return {**done, "statement_url": statement["url"]}


def _names_nobody(day: Day, statement: str) -> None:
    for language in ("en", "fr", "de"):
        with Visitor(day.base, language) as author:
            said = words(author.open(statement))
        for one in (*HERS.name.split(), HERS.email, "foulard", "montage"):
            expect(one in said, False, f"That {one!r} stands in the author's statement")


def _answered(day: Day, code: str, confirmed: dict[str, Any]) -> None:
    """Let Inès read the answer by her code; her mails say nothing of it."""
    with Visitor(day.base, "fr") as ines:
        until(lambda: "Notre décision" in ines.read_notice(code), "The answer to Inès")
        expect('class="state" data-is="done"' in ines.page, True, "That it is restricted")
    for mail in sorted(day.mails.glob("*")):
        text = mail.read_text(encoding="utf-8", errors="replace")
        expect("image intime" in text or confirmed["label"] in text, False, "That a mail tells")
    voice.say(
        "The author reads why, and nothing by which Inès could be known. She reads the answer with "
        "her code; her mails have a neutral subject and say nothing of it."
    )
    voice.links([("her answer", f"{day.base}/notice/status"), ("her code", code)])


def _stopped(day: Day, picture: bytes) -> dict[str, Any]:
    """Let somebody publish it again, smaller and saved anew: nobody needs to look."""
    again = pictures.saved_anew(picture)
    apart = pictures.bits_apart(picture, again)
    expect(0 < apart <= NEAR, True, f"That {apart} bits lie between the two files")
    day.prepared()
    made = day.platform.post(_post(day, "picture-32", "a-610", again, "image/jpeg"))["decision"]
    expect(made["outcome"], "withhold", "The outcome for the copy")
    expect(made["actions"][0]["by"], "rule b", "What acted")
    done = day.platform.applied(made["decision_id"])
    voice.say(
        f"Somebody else publishes it anew, smaller and saved as JPEG: {apart} of 256 bits differ. "
        "It is withheld at once by rule (b), on what a person decided; nobody has to look again."
    )
    voice.links([("the copy", day.page(done))])
    return {**done, "bits": apart, "number": number_of(done)}


def _post(day: Day, name: str, author: str, data: bytes, mime: str) -> dict[str, object]:
    url = day.gallery.put(name, data, mime)
    media = {"base64": base64.b64encode(data).decode(), "mime": mime, "url": url}
    return {
        "id": name,
        "surface": "post",
        "author": {"id": author, "country": "FR"},
        "url": f"https://agora.example/p/{name}",
        "media": [media],
    }
