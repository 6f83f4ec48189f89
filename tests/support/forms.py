# SPDX-License-Identifier: Apache-2.0
"""What a browser would send to each page that takes a form, filled in as it should be."""

from __future__ import annotations

from typing import Any

from tests.support.world import PASSWORD, POLICY, SENTENCE, World
from vigie.store.models import DisputeBody

REASON = "clear, on the second look"


def forms(world: World) -> dict[str, dict[str, Any]]:
    """Return the fields of every form of the console by the name of its address."""
    return {**_of_cases(world), **_of_people(world), **_of_rules(world), **_of_gateway(world)}


def _of_cases(world: World) -> dict[str, dict[str, Any]]:
    again = {"reason": REASON, "once": "a-token-of-the-form"}
    return {
        "console:decide": again | {"action": "leave", "expected": str(world.case.decision_id)},
        "console:lift": again,
        "console:confirm": again,
        "console:undo": again,
        "console:appeal": again | {"outcome": "granted", "answer": SENTENCE, "heard": "by mail"},
        "console:appeal_reopen": {},
        "console:measure": {"do": "refuse", "reason": REASON},
        "console:notice_who": {"reason": "notice"},
        "console:notice_unfounded": {"reason": REASON, "mark": "on"},
        "console:strikes_unfounded": {"notice": world.notice.label, "reason": REASON},
        "console:intimate": again | {"do": "reject"},
        "console:case_claim": {},
        "console:case_release": {},
        "console:case_skip": {},
        "console:case_escalate": {"queue": "intimate", "note": REASON},
        "console:case_assign": {"to": world.other.username},
        "console:case_leave": {"hours": "2"},
        "console:case_watch": {},
        "console:queue_leave": {"hours": "2"},
        "console:next": {},
        "console:shift": {"do": "pause"},
        "console:shift_grant": {"reason": REASON},
        "console:sealed_open": {"look_reason": "notice", "look_clarity": "half"},
        "console:picture_look": {"look_reason": "notice", "look_clarity": "half"},
    }


def _of_people(world: World) -> dict[str, dict[str, Any]]:
    return {
        "console:account": {"old": PASSWORD, "new": PASSWORD + " 2", "again": PASSWORD + " 2"},
        "console:language": {"language": "de"},
        "console:wishes": {"language": "fr", "mask_words": "1"},
        "console:end_sessions": {"session": "others"},
        "console:disconnect": {},
        "console:preferences": {"languages": "de fr", "barred": ["goods"]},
        "console:team": {"name": "new.one", "role": "moderator", "language": "en"},
        "console:member_change": {"do": "barred", "barred": ["goods"]},
        "console:second_decide": {"do": "confirm"},
        "console:search_save": {"name": "weekly", "target": "decisions", "q": "at >= -7d"},
        "console:search_change": {"verb": "delete"},
        "console:evidence_act": {"do": "ask", "reason": REASON},
        "console:evidence_open": {"reason": REASON},
        "console:evidence_confirm": {"do": "refuse"},
        # A real one is made in tests/functional/console/test_packages.py: what is taken
        # back afterwards would leave a log on disk that is longer than the store.
        "console:package_make": {"recipient": "no key"},
        "console:package_handed": {"note": REASON},
        "console:custody": {
            "do": "record",
            "basis": SENTENCE,
            "holder": "L. Anders",
            "country": "FR",
            "ends_at": "2027-05-01",
        },
        "console:order": {"do": "refuse", "reason": REASON},
        "console:clock_go_on": {},
        "console:order_take": {},
        "console:silence": {"do": "renew", "basis": REASON},
        "console:order_record_form": {"f-issuing_authority": "A unit", "f-reasons": SENTENCE},
        "console:order_fields": {"f-reference": "1/26"},
        "console:order_document": {},
        "console:order_who": {"do": "call", "contact": "1", "note": SENTENCE},
        "console:order_data": {"do": "take_back", "reason": REASON},
        "console:order_supply": {"row": "1"},
        "console:authorities": {"name": "Another Court", "country": "FR", "kind": "court"},
        "console:authority": {"do": "close", "reason": REASON},
        "console:report_new": {"suspected_offence": "threat", "facts": SENTENCE},
        "console:report_act": {"do": "approve"},
        "console:matters": {"title": "Preliminary inquiry"},
        "console:matter": {"do": "entry", "kind": "note", "title": SENTENCE},
        "console:matter_export": {},
        "console:matter_documents": {},
        "console:matter_document": {},
        "console:privileged": {"do": "write", "counsel_words": SENTENCE},
        "console:privileged_file": {},
        "console:searches": {"authority_name": "Court", "warrant": "1/26", "scope_text": "all"},
        "console:search_day": {"do": "entry", "kind": "event", "label": SENTENCE},
        "console:requests": {"do": "erase", "id": "a-9", "service": "agora", "again": "a-9"},
    }


def _of_rules(world: World) -> dict[str, dict[str, Any]]:
    body = str(DisputeBody.objects.get().pk)
    queue = {"slug": "spam", "title": "Spam", "hardness": "0", "aim_minutes": "60"}
    return {
        "console:queues_manage": queue | {"do": "queue", "position": "50", "active": "1"},
        "console:banks": {"hash": "cd" * 32},
        "console:bank": {"entry": str(world.entry.pk), "reason": REASON},
        "console:settings": {"capacity_per_day": "300"},
        "console:public": {"kind": "terms", "en": "Be kind.", "once": "a-token"},
        "console:policy_new": {
            "source": POLICY.replace("insult\n", "insult2\n", 1),
            "state": "draft",
        },
        "console:policy_edit": {
            "source": POLICY.replace("version: 1", "version: 2"),
            "state": "draft",
        },
        "console:strikes_weight": {"policy": "denial", "weight": "2", "days": "90"},
        "console:strikes_ladder": {"kind": "author", "points": "2", "what": "warning", "days": ""},
        "console:disputes": {"do": "open", "about": world.decided.label, "body": body},
        "console:dead_letters": {"do": "all"},
    }


def _of_gateway(world: World) -> dict[str, dict[str, Any]]:
    place = {"where": "some", "country": ["FR"]}
    return {
        "console:gateway_alarm": {"note": SENTENCE},
        "console:gateway_stop": place | {"feature": "chat", "reason": SENTENCE, "do": "stop"},
        "console:gateway_note": {"note": SENTENCE},
        "console:gateway_ask": {"reason": REASON},
        "console:gateway_release": {},
        # What is kept needs a vault; it is opened in tests/functional/console.
        "console:gateway_excerpt": {"decision": world.gateway.decision, "reason": ""},
        "console:gateway_case_close": {"note": SENTENCE},
    }
