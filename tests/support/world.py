# SPDX-License-Identifier: Apache-2.0
"""One of everything that a page of console or portal can be about, and its addresses."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from django.test import Client
from django.urls import reverse

from tests.support import gateway_world, packing, proceedings
from tests.support.appeals import lodged, restricted
from tests.support.gateway_world import GatewayWorld
from tests.support.notices import give
from tests.support.people import Agora
from tests.support.pictures import encode, pattern
from tests.support.proceedings import Proceeding
from tests.support.rights import Address
from tests.support.vaults import Asked, asked_for
from vigie.flow import sealed, second_person, statements
from vigie.flow.appeals.disputes import BodyForm, add_body
from vigie.flow.banks import create_bank, import_entries
from vigie.flow.orders import clocks
from vigie.flow.orders import documents as order_documents
from vigie.flow.orders.given import GivenDocument
from vigie.flow.policies import publish_policy
from vigie.flow.queues.route import route
from vigie.flow.reports import draft
from vigie.flow.reports.draft import ReportForm
from vigie.flow.search import saved
from vigie.flow.strikes import told, weights
from vigie.flow.strikes.measures import ASSESSED, MeasureDecision, decide_measure
from vigie.flow.strikes.weights import Step
from vigie.flow.webhooks import add_webhook
from vigie.screening.matching.bank import entry_of
from vigie.store.models import (
    Appeal,
    Authority,
    AuthorityReport,
    Bank,
    BankEntry,
    Case,
    DecisionRecord,
    ItemContent,
    Measure,
    MeasureKind,
    Notice,
    ReportKind,
    SavedSearch,
    SealedFile,
    SecondPersonRequest,
    Statement,
    SubjectKind,
    User,
)
from vigie.store.permissions import Role

OF_ONE: Final = (
    "console:evidence_",
    "console:gateway_",
    "console:matter",
    "console:privileged",
    "console:search_",
)
"""Addresses about the first of what there is."""
PASSWORD: Final = "correct horse battery staple"
POLICY: Final = """
id: insult
version: 1
title: {en: Insults, fr: Injures, de: Beleidigungen}
description: Words of the operator's own list; proposes a label.
terms: {clause: "4", title: {en: No insults, fr: Pas d'injures, de: Keine Beleidigungen}}
surfaces: [post]
when: {words: "'lexicon:insult' in matched"}
action: label
fail: review
state: draft
author: Agora
sources: [The operator's own terms]
tests:
  - {name: fires on the list, given: {matched: ["lexicon:insult"]}, expect: fires}
"""
SENTENCE: Final = "said in a sentence"


def threat(agora: Agora) -> AuthorityReport:
    """Return a notification under Art. 18, written and not approved."""
    writer = agora.person("r.writer", Role.LEGAL, number=990)
    fields = {"suspected_offence": "threat", "facts": SENTENCE}
    return draft.draft(agora.house, writer, ReportForm(kind=ReportKind.ART18, fields=fields))


@dataclass
class World:
    """What there is to look at. Everything is somebody else's than the one who looks."""

    agora: Agora
    other: User = field(init=False)
    """A senior moderator who decided, asked, saved and shared what is here."""
    case: Case = field(init=False)
    """Waits in the general queue, with a picture."""
    child: Case = field(init=False)
    intimate: Case = field(init=False)
    decided: DecisionRecord = field(init=False)
    appeal: Appeal = field(init=False)
    measure: Measure = field(init=False)
    proposed: Measure = field(init=False)
    notice: Notice = field(init=False)
    """Decided and not followed."""
    waiting: Notice = field(init=False)
    request: SecondPersonRequest = field(init=False)
    search: SavedSearch = field(init=False)
    file: SealedFile = field(init=False)
    bank: Bank = field(init=False)
    entry: BankEntry = field(init=False)
    proceeding: Proceeding = field(init=False)
    """A matter file and a search that is over."""
    evidence: Asked = field(init=False)
    """Sealed, and somebody asks to open it with a second person."""
    report: AuthorityReport = field(init=False)
    """Of a threat to life, not approved yet."""
    gateway: GatewayWorld = field(init=False)

    def __post_init__(self) -> None:
        """Make it by the product's own verbs."""
        house = self.agora.house
        self.report = threat(self.agora)
        self.other = self.agora.person("m.olsen", Role.SENIOR, number=11)
        add_webhook(house, "https://hooks.example/vigie", [])
        self._ladder()
        self._notices()
        self.decided = restricted(self.agora, self.other, "p-500")
        self.appeal = lodged(self.agora, self.decided, email="author@example.org").appeal
        for item in ("p-501", "p-502"):
            restricted(self.agora, self.other, item)
        self._measures()
        publish_policy(house, POLICY, "test", state="shadow")
        add_body(house, None, BodyForm(name="Certified Body", url="https://body.example"))
        self.search = saved.save(house, self.other, "mine", "decisions", "at >= -7d", shared=False)
        self.request = second_person.ask(
            house,
            self.other,
            "account.role",
            {"account": self.other.pk, "role": "admin"},
            "Make M. Olsen an administrator.",
            "The old one leaves.",
        )
        waits = self.agora.proposal("p-600")
        media = ["https://cdn.agora.example/m/1.jpg"]
        ItemContent.objects.filter(item_id="p-600").update(media_urls=media)
        self.agora.removal("p-700")
        route(house)
        self.case = Case.objects.get(decision_id=waits)
        self.child = Case.objects.get(decision__item_id="p-700")
        self.intimate = Case.objects.get(queue="intimate")
        self.bank = create_bank(house, "terror-list", "terrorist", "test", "", "test")
        rows = [entry_of({"algorithm": "sha256", "value": "cd" * 32})]
        import_entries(house, "terror-list", rows, "test")
        self.entry = BankEntry.objects.get(bank=self.bank)
        picture = encode(pattern(3, 64, 64))
        self.file = sealed.seal(house, picture, "a.jpg", "image/jpeg", self.waiting)
        self.proceeding = proceedings.of(self.agora, self.other, self.decided)
        self._papers()
        self.evidence = asked_for(self.agora)
        self.gateway = gateway_world.made(self.agora, self.other)
        packing.waiting(self.agora, self.proceeding.order)
        told_order = self.proceeding.order
        self.clock = clocks.start(
            house, duty="dsa_order_ack", subject="order", number=told_order.number,
            at=house.now(), order=told_order,
        )  # fmt: skip
        self.agora.publish()

    def _ladder(self) -> None:
        admin = self.agora.person("the.admin", Role.ADMIN)
        steps = [Step(1, MeasureKind.WARNING, 0), Step(3, MeasureKind.SUSPENSION, 30)]
        weights.set_ladder(self.agora.house, admin, SubjectKind.AUTHOR, steps)

    def _notices(self) -> None:
        """One that waits, one of a victim, one that was not followed."""
        from tests.support.notices import case_of, settle
        from vigie.flow.decide import Verb

        refused = give(self.agora, locations=("https://agora.example/p/p-900",))
        route(self.agora.house)
        settle(self.agora, case_of(refused), Verb.LEAVE, self.other.username)
        self.notice = refused.notice
        self.notice.refresh_from_db()
        self.waiting = give(self.agora, locations=("https://agora.example/p/p-901",)).notice
        give(
            self.agora,
            category="intimate",
            locations=("https://agora.example/p/p-902",),
            name="R. Lind",
            email="r.lind@example.org",
        )

    def _measures(self) -> None:
        """A warning in force; a suspension that is proposed."""
        self.measure = Measure.objects.get()
        asked = MeasureDecision(
            measure=self.measure.pk,
            user=self.other,
            confirm=True,
            reason="clear",
            assessment=dict.fromkeys(ASSESSED, SENTENCE),
        )
        decide_measure(self.agora.house, asked)
        self.measure.refresh_from_db()
        restricted(self.agora, self.other, "p-503")
        self.proposed = Measure.objects.exclude(pk=self.measure.pk).get()

    def args(self, name: str) -> dict[str, Any]:
        """Return the arguments of an address, by the name of each."""
        house = self.agora.house
        if name.startswith("portal:statement"):
            statement = Statement.objects.get(decision=self.decided)
            return {"token": statements.address_of(house, statement).rsplit("/", 1)[-1]}
        if name.startswith("portal:measure"):
            return {"token": told.token_of(house, self.measure)}
        if name == "console:authority":
            named = {"name": "Example Court", "country": "DE", "kind": "court"}
            row, _made = Authority.objects.get_or_create(**named, defaults={"created_at": 1})
            return {"number": row.pk}
        if name == "console:order_document":
            return {"number": self.proceeding.order.number, "pk": self._paper()}
        special: dict[str, dict[str, Any]] = {
            "console:once": {"token": "x.y-z"},
            "console:order_record": {},
            "console:order_record_form": {"form": "referral"},
            "portal:order-form": {"form": "referral"},
            "console:appeal": {"number": self.appeal.number},
            "console:appeal_reopen": {"number": self.appeal.number},
            "console:measure": {"number": self.proposed.pk},
            "console:second_decide": {"number": self.request.pk},
            "console:search_change": {"number": self.search.pk},
            "console:notice": {"number": self.waiting.number},
            "console:notice_who": {"number": self.waiting.number},
            "console:notice_unfounded": {"number": self.notice.number},
            "console:decide": {"number": self.case.decision_id},
            "console:author": {"pseudonym": self.decided.author},
            "console:queue_leave": {"slug": "general"},
            "console:bank": {"number": self.bank.pk},
            "console:intimate": {"number": self.intimate.pk},
            "console:sealed_file": {"file": self.file.pk},
            "console:sealed_open": {"file": self.file.pk},
            "console:report_new": {"kind": "art18"},
            "console:report": {"number": self.report.number},
            "console:report_act": {"number": self.report.number},
            "console:report_document": {"number": self.report.number},
            "console:gateway_alarm": {"number": self.gateway.alarm.pk},
            "console:evidence_confirm": {"number": self.evidence.request.pk},
            "console:clock_go_on": {"number": self.clock.pk},
            "console:matter_document": {"number": self.proceeding.document.pk},
            "console:privileged_file": {"number": self.proceeding.note.pk},
            "console:scope_order": {"number": self.proceeding.order.number},
            "console:scope_notice": {"number": self.waiting.number},
            "portal:notice-step": {"name": "what"},
            "portal:text": {"kind": "terms"},
            "portal:withheld": {"decision_id": self.decided.decision_id},
            "portal:withheld-data": {"decision_id": self.decided.decision_id},
        }
        return special[name] if name in special else self._usual(name)

    def _papers(self) -> None:
        """Seal a document of the order that came."""
        papers = [GivenDocument("order.xml", b"<order/>")]
        kept = order_documents.put(self.agora.house, papers)
        order_documents.bind(self.proceeding.order, kept, 1)

    def _paper(self) -> int:
        order = self.proceeding.order
        return int(order.documents.order_by("pk").values_list("pk", flat=True)[0])

    def _usual(self, name: str) -> dict[str, Any]:
        if name in {"console:order", "console:silence"} or name.startswith("console:order_"):
            letter = self.proceeding.order.letters.first()
            return {"number": self.proceeding.order.number, "pk": letter.pk if letter else 1}
        if name.startswith(OF_ONE):
            return {"number": 1}
        if name.startswith("console:package_"):
            packing.file_waits(self.agora)
            number = self.proceeding.search.number
            return {"about": "search", "number": number, "package_id": packing.PACKAGE}
        if name.startswith("console:case_") or name == "console:beside":
            return {"number": self.case.pk}
        if name.startswith("console:picture"):
            where = {"case": self.case.pk, "position": 0}
            return where | ({"token": "x"} if name.endswith("clear") else {})
        return {
            "number": self.decided.number,
            "account": self.other.pk,
            "policy_id": "insult",
            "name": "2026-11",
            "pk": 1,
        }

    def path(self, address: Address) -> str:
        """Return the path of an address, about what is here."""
        known = address.pattern.pattern.converters
        asked = {key: value for key, value in self.args(address.name).items() if key in known}
        query = "?old=1&new=1" if address.name.endswith("difference") else ""
        query += "?country=DE" if "withheld" in address.name else ""
        query += "?q=at+>%3D+-7d" if address.name.endswith("search_csv") else ""
        return reverse(address.name, kwargs=asked) + query

    def sign_in(self, role: Role, name: str = "", **more: Any) -> Client:
        """Return a browser in which somebody of a role is signed in."""
        name = name or f"p.{role}"
        user = User.objects.filter(username=name).first() or self.agora.person(name, role, **more)
        if role == Role.OFFICER:
            proceedings.let_in(self.agora, user, self.decided, self.waiting, self.proceeding.order)
        client = Client()
        sent = client.post("/console/login", {"name": user.username, "password": PASSWORD})
        assert sent.status_code == 302
        return client
