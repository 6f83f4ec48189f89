# SPDX-License-Identifier: Apache-2.0
"""Who may open and send what: one table, written by hand, that says how it must be.

The tests walk the addresses of the program and hold every one of them against
this table; an address that is missing here fails. The page
docs/reference/permissions.md is made from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, Final, NamedTuple

from vigie.store.models import ApiScope
from vigie.store.permissions import Permission

P = Permission


class Who(StrEnum):
    """What is asked for where no permission is."""

    ANYONE = "anyone"
    SIGNED_IN = "signed in"
    NOBODY = "—"
    """The method is not served."""


Asks = Permission | Who
ANYONE, SIGNED_IN, NOBODY = Who.ANYONE, Who.SIGNED_IN, Who.NOBODY


class Page(NamedTuple):
    """What an address asks for, to be looked at and to be sent to."""

    look: Asks
    send: Asks = NOBODY


def _post(asks: Asks) -> Page:
    return Page(NOBODY, asks)


def _both(asks: Asks) -> Page:
    return Page(asks, asks)


CONSOLE: Final[dict[str, Page]] = {
    "console:start": Page(P.DECISION_READ),
    "console:login": _both(ANYONE),
    "console:once": _both(ANYONE),
    "console:logout": _post(ANYONE),
    "console:account": _both(SIGNED_IN),
    "console:language": _post(SIGNED_IN),
    "console:wishes": _post(SIGNED_IN),
    "console:end_sessions": _post(SIGNED_IN),
    "console:disconnect": _post(SIGNED_IN),
    "console:authorities": Page(P.ORDER_READ, P.AUTHORITY_EDIT),
    "console:authority": Page(P.ORDER_READ, P.AUTHORITY_EDIT),
    "console:order_who": Page(P.ORDER_READ, P.ORDER_PROVE),
    "console:order_data": Page(P.ORDER_READ, P.ORDER_EXECUTE),
    "console:order_supply": _post(P.ORDER_EXECUTE),
    "console:order": Page(P.ORDER_READ, P.ORDER_EXECUTE),
    "console:order_pdf": Page(P.ORDER_READ),
    "console:order_json": Page(P.ORDER_READ),
    "console:order_letter_pdf": Page(P.ORDER_READ),
    "console:order_letter_json": Page(P.ORDER_READ),
    "console:reports": Page(P.REPORT_SEND),
    "console:report_new": _both(P.REPORT_SEND),
    "console:report": Page(P.REPORT_SEND),
    "console:report_act": _post(P.REPORT_SEND),
    "console:report_document": Page(P.REPORT_SEND),
    "console:appeals": Page(P.APPEAL_DECIDE),
    "console:appeal": Page(P.CASE_READ, P.APPEAL_DECIDE),
    "console:appeal_reopen": _post(P.APPEAL_DECIDE),
    "console:disputes": _both(P.DISPUTE_EDIT),
    "console:dead_letters": _both(P.TASK_RETRY),
    "console:strikes": Page(P.CASE_READ),
    "console:strikes_weight": _post(P.SETTING_MANAGE),
    "console:strikes_ladder": _post(P.SETTING_MANAGE),
    "console:strikes_unfounded": _post(P.MEASURE_DECIDE),
    "console:measure": Page(P.CASE_READ, P.MEASURE_DECIDE),
    "console:team": Page(P.CASE_ASSIGN, P.USER_MANAGE),
    "console:member": Page(P.USER_MANAGE),
    "console:member_change": _post(P.USER_MANAGE),
    "console:second": Page(P.CASE_READ),
    "console:second_decide": _post(P.CASE_READ),
    "console:order_record": Page(P.ORDER_RECORD),
    "console:order_record_form": _both(P.ORDER_RECORD),
    "console:order_recorded": Page(P.ORDER_RECORD),
    "console:order_fields": _both(P.ORDER_RECORD),
    "console:order_document": _post(P.ORDER_READ),
    "console:orders": Page(P.ORDER_READ),
    "console:clocks": Page(P.ORDER_READ),
    "console:order_take": _post(P.ORDER_EXECUTE),
    "console:clock_go_on": _post(P.ORDER_EXECUTE),
    "console:silence": Page(P.ORDER_READ, P.ORDER_EXECUTE),
    "console:overview": Page(P.OVERVIEW_READ),
    "console:overview_days": Page(P.OVERVIEW_READ),
    "console:search": Page(P.SEARCH_USE),
    "console:search_csv": Page(P.SEARCH_USE),
    "console:search_save": _post(P.SEARCH_USE),
    "console:search_change": _post(P.SEARCH_USE),
    "console:author": Page(P.SEARCH_USE),
    "console:gateway": Page(P.GATEWAY_READ),
    "console:gateway_alarm": _post(P.GATEWAY_STOP),
    "console:gateway_stop": _both(P.GATEWAY_STOP),
    "console:gateway_brake": Page(P.GATEWAY_READ),
    "console:gateway_note": _post(P.GATEWAY_STOP),
    "console:gateway_ask": _post(P.GATEWAY_START),
    "console:gateway_release": _post(P.GATEWAY_START),
    "console:gateway_digest": Page(P.GATEWAY_READ),
    "console:gateway_digest_csv": Page(P.GATEWAY_READ),
    "console:gateway_cases": Page(P.GATEWAY_READ),
    "console:gateway_case": Page(P.GATEWAY_READ),
    "console:gateway_excerpt": _post(P.GATEWAY_EXCERPT),
    "console:gateway_case_close": _post(P.GATEWAY_STOP),
    "console:gateway_changes": Page(P.GATEWAY_READ),
    "console:gateway_setup": Page(P.GATEWAY_READ),
    "console:goto": Page(P.DECISION_READ),
    "console:policies": Page(P.POLICY_READ),
    "console:policy": Page(P.POLICY_READ),
    "console:policy_difference": Page(P.POLICY_READ),
    "console:policy_new": _both(P.POLICY_PUBLISH),
    "console:policy_edit": _both(P.POLICY_PUBLISH),
    "console:banks": _both(P.BANK_READ),
    "console:bank": Page(P.BANK_READ, P.BANK_EDIT),
    "console:log": Page(P.PROOF_READ),
    "console:notices": Page(P.CASE_READ),
    "console:notice": Page(P.CASE_READ),
    "console:notice_who": _post(P.NOTIFIER_READ),
    "console:notice_unfounded": _post(P.CASE_DECIDE),
    "console:public": _both(P.DISCLOSURE_EDIT),
    "console:requests": _both(P.SUBJECT_ANSWER),
    "console:child": Page(P.CHILD_READ),
    "console:queues": Page(P.CASE_READ),
    "console:queues_manage": _both(P.QUEUE_MANAGE),
    "console:preferences": _post(P.CASE_DECIDE),
    "console:queue_leave": _post(P.CASE_DECIDE),
    "console:next": _both(P.CASE_DECIDE),
    "console:beside": Page(P.CASE_READ),
    "console:case_claim": _post(P.CASE_DECIDE),
    "console:case_release": _post(P.CASE_DECIDE),
    "console:case_skip": _post(P.CASE_DECIDE),
    "console:case_escalate": _post(P.CASE_DECIDE),
    "console:case_assign": _post(P.CASE_ASSIGN),
    "console:case_leave": _post(P.CASE_DECIDE),
    "console:case_watch": _post(P.CASE_READ),
    "console:decisions": Page(P.DECISION_READ),
    "console:decision": Page(P.DECISION_READ),
    "console:proof": Page(P.PROOF_READ),
    "console:record": Page(P.PROOF_READ),
    "console:decide": _both(P.CASE_DECIDE),
    "console:lift": _both(P.CASE_DECIDE),
    "console:confirm": _both(P.CASE_DECIDE),
    "console:undo": _both(P.CASE_DECIDE),
    "console:intimate": _both(P.CASE_DECIDE),
    "console:sealed_file": Page(P.CONTENT_LOOK),
    "console:sealed_open": _post(P.CONTENT_LOOK),
    "console:settings": _both(P.SETTING_MANAGE),
    "console:quality": Page(P.QUALITY_READ),
    "console:shift": _both(P.CASE_DECIDE),
    "console:own_figures": Page(P.CASE_DECIDE),
    "console:shift_grant": _post(P.CASE_ASSIGN),
    "console:picture": Page(P.CONTENT_READ),
    "console:picture_page": Page(P.CONTENT_READ),
    "console:picture_look": _post(P.CONTENT_LOOK),
    "console:picture_clear": Page(P.CONTENT_LOOK),
    "console:evidence": Page(P.EVIDENCE_READ),
    "console:evidence_one": Page(P.EVIDENCE_READ),
    "console:evidence_act": _post(P.EVIDENCE_OPEN),
    "console:evidence_open": _post(P.EVIDENCE_OPEN),
    "console:evidence_confirm": _post(P.EVIDENCE_OPEN),
    "console:packages": Page(P.EVIDENCE_READ),
    "console:package_new": Page(P.EVIDENCE_PACKAGE),
    "console:package_make": _post(P.EVIDENCE_PACKAGE),
    "console:package_file": Page(P.EVIDENCE_PACKAGE),
    "console:package_handed": _post(P.EVIDENCE_PACKAGE),
    "console:custody": _both(P.CUSTODY_RECORD),
    "console:evidence_child": Page(P.CHILD_READ),
    "console:matters": Page(P.MATTER_READ, P.MATTER_EDIT),
    "console:matter": Page(P.MATTER_READ, P.MATTER_EDIT),
    "console:matter_export": _post(P.MATTER_READ),
    "console:matter_documents": _post(P.MATTER_EDIT),
    "console:matter_document": _post(P.MATTER_READ),
    "console:privileged": _both(P.MATTER_PRIVILEGED),
    "console:privileged_file": _post(P.MATTER_PRIVILEGED),
    "console:searches": _both(P.SEARCH_MANAGE),
    "console:search_checklist": Page(P.OVERVIEW_READ),
    "console:search_day": _both(P.SEARCH_MANAGE),
    "console:search_record": Page(P.SEARCH_MANAGE),
    "console:scope": Page(P.OFFICER_READ),
    "console:scope_decision": Page(P.OFFICER_READ),
    "console:scope_order": Page(P.OFFICER_READ),
    "console:scope_notice": Page(P.OFFICER_READ),
    "account_login": _both(ANYONE),
    "mfa_authenticate": _both(ANYONE),
    "mfa_login_webauthn": _both(ANYONE),
    "oidc_begin": _post(ANYONE),
    "oidc_callback": Page(ANYONE),
    "account_reauthenticate": _both(SIGNED_IN),
    "mfa_reauthenticate": _both(SIGNED_IN),
    "mfa_reauthenticate_webauthn": _both(SIGNED_IN),
    "mfa_index": Page(SIGNED_IN),
    "mfa_activate_totp": _both(SIGNED_IN),
    "mfa_deactivate_totp": _both(SIGNED_IN),
    "mfa_list_webauthn": Page(SIGNED_IN),
    "mfa_add_webauthn": _both(SIGNED_IN),
    "mfa_remove_webauthn": _both(SIGNED_IN),
    "mfa_edit_webauthn": _both(SIGNED_IN),
    "mfa_view_recovery_codes": Page(SIGNED_IN),
    "mfa_generate_recovery_codes": _both(SIGNED_IN),
}
"""Pages of the console by the name of their address."""

PORTAL: Final[dict[str, Page]] = {
    "portal:start": Page(ANYONE),
    "portal:verifier": Page(ANYONE),
    "portal:notice": _both(ANYONE),
    "portal:notice-later": _both(ANYONE),
    "portal:notice-continue": _both(ANYONE),
    "portal:notice-status": _both(ANYONE),
    "portal:notice-mine": Page(ANYONE),
    "portal:notice-close": _post(ANYONE),
    "portal:notice-receipt": Page(ANYONE),
    "portal:notice-step": _both(ANYONE),
    "portal:appeal": _both(ANYONE),
    "portal:appeal-status": _both(ANYONE),
    "portal:appeal-mine": Page(ANYONE),
    "portal:appeal-close": _post(ANYONE),
    "portal:appeal-receipt": Page(ANYONE),
    "portal:measure": Page(ANYONE),
    "portal:measure-contest": _post(ANYONE),
    "portal:orders": Page(ANYONE),
    "portal:order-status": _both(ANYONE),
    "portal:order-mine": Page(ANYONE),
    "portal:order-close": _post(ANYONE),
    "portal:order-receipt": Page(ANYONE),
    "portal:order-form": _both(ANYONE),
    "portal:register": Page(ANYONE),
    "portal:register-csv": Page(ANYONE),
    "portal:register-json": Page(ANYONE),
    "portal:text": Page(ANYONE),
    "portal:policy": Page(ANYONE),
    "portal:pictures": Page(ANYONE),
    "portal:withheld": Page(ANYONE),
    "portal:withheld-data": Page(ANYONE),
    "portal:statement": Page(ANYONE),
    "portal:statement-contest": _post(ANYONE),
    "portal:statement-proof": Page(ANYONE),
}
"""Pages of the portal: open, each thing behind an address or a code that nobody can guess."""

RECORDS: Final = frozenset({ApiScope.RECORDS})
REPORTS: Final = frozenset({ApiScope.REPORTS, ApiScope.FLAGGER})
ORDERS: Final = frozenset({ApiScope.ORDERS})
EITHER: Final = frozenset({ApiScope.REPORTS, ApiScope.RECORDS})


class Operation(NamedTuple):
    """What an operation of the API asks of a key."""

    scopes: frozenset[ApiScope]
    """One of them is enough."""
    service_key: bool = True
    """True: a key of one service may call it, for that service."""


API: Final[dict[str, Operation]] = {
    "list_decisions": Operation(RECORDS),
    "get_decision": Operation(RECORDS),
    "get_statement": Operation(RECORDS),
    "get_proof": Operation(RECORDS),
    "get_checkpoint": Operation(RECORDS),
    "erase_item": Operation(RECORDS),
    "erase_author": Operation(RECORDS),
    "list_policies": Operation(RECORDS),
    "get_policy": Operation(RECORDS),
    "publish_policies": Operation(RECORDS, service_key=False),
    "list_banks": Operation(RECORDS, service_key=False),
    "create_bank": Operation(RECORDS, service_key=False),
    "import_entries": Operation(RECORDS, service_key=False),
    "match_hashes": Operation(RECORDS, service_key=False),
    "list_webhooks": Operation(RECORDS, service_key=False),
    "add_webhook": Operation(RECORDS, service_key=False),
    "test_webhook": Operation(RECORDS, service_key=False),
    "remove_webhook": Operation(RECORDS, service_key=False),
    "give_notice": Operation(REPORTS),
    "get_notice": Operation(REPORTS),
    "contest": Operation(EITHER),
    "get_appeal": Operation(EITHER),
    "give_order": Operation(ORDERS),
    "get_order": Operation(ORDERS),
    "register_change": Operation(RECORDS),
    "list_changes": Operation(RECORDS),
}
"""Operations of `/api/v1/` by their id."""


class Address(NamedTuple):
    """One address as the program routes it."""

    name: str
    pattern: Any
    prefix: str


def walk(
    patterns: list[Any] | None = None, space: str = "", prefix: str = "/"
) -> Iterator[Address]:
    """Yield every address of the people's doors, the API's too."""
    from django.urls import URLPattern, get_resolver

    for one in get_resolver().url_patterns if patterns is None else patterns:
        where = prefix + str(one.pattern)
        if isinstance(one, URLPattern):
            yield Address(f"{space}{one.name}", one, where)
        else:
            inner = f"{one.namespace}:" if one.namespace else ""
            yield from walk(one.url_patterns, space + inner, where)


def pages() -> list[Address]:
    """Return the addresses of console and portal."""
    return [one for one in walk() if not one.name.startswith("api:")]
