# SPDX-License-Identifier: Apache-2.0
"""Forms of orders as data: in three languages, bound to clocks that exist, read strictly."""

from __future__ import annotations

import pytest

from vigie.law import deadlines, orders
from vigie.law.loader import LawPackError
from vigie.law.orders import Aim, Door, Means, OrderForm, Req

PROOFS = "proofs: [signature]"
FIELD = "{name: reference, req: required}"
SHARED = """
as_of: "2026-11"
fields:
  reference: {type: line, means: reference, labels: {en: Ref, fr: Réf, de: Az}}
"""
FORM = """
as_of: "2026-11"
forms:
  - id: a_form
    direction: in
    door: orders
    aim: removal
    law: an act
    confidence: high
    src: text
    titles: {en: A, fr: B, de: C}
    proofs: [signature]
    fields: [{name: reference, req: required}]
"""


def read(text: str = FORM, shared: str = SHARED) -> dict[str, OrderForm]:
    """Read a document of one form."""
    return dict(orders.read("orders.yaml", text, shared))


def test_every_incoming_order_request_and_referral_has_its_form() -> None:
    wanted = {
        "tco_removal_order_annex_i", "dsa_art9_order", "dsa_art10_order", "epoc_annex_i",
        "epocpr_annex_ii", "eevidence_annex_v", "eevidence_annex_vi", "fr_lcen_6_1_request",
        "fr_judicial_requisition", "preservation_request", "court_removal_order",
        "court_disclosure_order", "data_protection_information_order",
        "data_protection_corrective_order", "referral", "researcher_request_art40_12",
    }  # fmt: skip
    assert {one.id for one in orders.received_here()} == wanted
    assert all(one.door is Door.ORDERS for one in orders.received_here())


@pytest.mark.parametrize("form", orders.received_here(), ids=lambda one: one.id)
def test_every_form_speaks_three_languages_and_names_its_source(form: OrderForm) -> None:
    words = [form.titles, *(one.labels for one in form.fields)]
    words += [each.labels for one in form.fields for each in one.options]
    words += [one.hints for one in form.fields if one.hints]
    assert all(set(one) == set(orders.LANGUAGES) for one in words)
    assert form.law
    assert form.src
    assert {one.duty for one in form.clocks} <= set(deadlines.load())
    assert form.means(Means.LANGUAGE) is not None
    assert form.means(Means.AUTHORITY) is not None


@pytest.mark.parametrize("form", orders.received_here(), ids=lambda one: one.id)
def test_nothing_that_discloses_is_proven_by_a_contact_or_without_a_basis(form: OrderForm) -> None:
    if form.discloses:
        assert set(form.proofs) <= {"signature", "call_back", "eevidence"}
        assert form.proofs
        assert form.covers
        assert form.covered({}) == frozenset(), "an empty order covers nothing"
    if form.aim is Aim.REFERRAL:
        assert not form.clocks
        assert not form.proofs
        assert form.letters.incomplete == ""


def test_the_hour_and_the_eight_hours_start_on_receipt() -> None:
    forms = orders.load()
    started = {
        (form.id, one.duty)
        for form in forms.values()
        for one in form.clocks
        if one.at == "received"
    }
    assert {
        ("tco_removal_order_annex_i", "tco_removal"),
        ("fr_lcen_6_1_request", "fr_admin_removal"),
        ("epoc_annex_i", "eevidence_epoc"),
        ("epoc_annex_i", "eevidence_epoc_emergency"),
        ("epocpr_annex_ii", "eevidence_epocpr"),
    } <= started


@pytest.mark.parametrize(
    ("said", "categories"),
    [
        ({"offence": "x"}, {"subscriber", "identification"}),
        (
            {"offence": "x", "traffic_content_condition": "three_years"},
            {"subscriber", "identification"},
        ),
        (
            {
                "offence": "x",
                "traffic_content_condition": "listed",
                "issuing_authority_type": "court",
            },
            {"subscriber", "identification", "traffic", "content"},
        ),
        (
            {
                "offence": "x",
                "traffic_content_condition": "listed",
                "issuing_authority_type": "prosecutor",
                "validated_by": "court",
            },
            {"subscriber", "identification"},
        ),
        (
            {
                "offence": "x",
                "traffic_content_condition": "listed",
                "issuing_authority_type": "prosecutor",
                "validated_by": "court",
                "validating_authority": "Amtsgericht",
            },
            {"subscriber", "identification", "traffic", "content"},
        ),
        ({"traffic_content_condition": "listed", "issuing_authority_type": "court"}, set()),
    ],
)
def test_what_a_production_order_covers_follows_article_5(
    said: dict[str, str], categories: set[str]
) -> None:
    assert orders.load()["epoc_annex_i"].covered(said) == categories


def test_a_condition_holds_for_words_lists_and_ticks() -> None:
    assert orders.holds({"a": ("true",)}, {"a": True})
    assert not orders.holds({"a": ("true",)}, {"a": "true story"})
    assert orders.holds({"a": ("false",)}, {})
    assert orders.holds({"a": ("x", "y")}, {"a": ["y", "z"]})
    assert not orders.holds({"a": ("x",), "b": ("x",)}, {"a": "x"})


def test_a_field_is_needed_as_its_form_says() -> None:
    form = orders.load()["dsa_art10_order"]
    reasons = form.field("reasons")
    assert reasons is not None
    assert reasons.req is Req.CONDITIONAL
    assert reasons.needed({})
    assert not reasons.needed({"reasons_withheld": True})


def test_a_form_takes_its_fields_from_the_shared_words() -> None:
    field = read()["a_form"].fields[0]
    assert (field.label("fr"), field.label("es"), field.req) == ("Réf", "Ref", "required")
    assert field.hint("fr") == ""


@pytest.mark.parametrize(
    ("was", "becomes", "field"),
    [
        ("id: a_form", "id: A-Form", "forms[0].id"),
        ("de: C", 'de: ""', "forms[0].titles"),
        ("direction: in", "direction: out", "forms[0].door"),
        ("aim: removal", "aim: referral", "forms[0].clocks"),
        ("aim: removal", "aim: nothing", "forms[0].aim"),
        (
            "    proofs: [signature]",
            "    proofs: [signature]\n    clocks: [{duty: no_such}]",
            "forms[0].clocks[0].duty",
        ),
        (
            "    proofs: [signature]",
            "    proofs: [signature]\n    covers: [{basis: a, law: b, categories: [all]}]",
            "forms[0].covers[0].categories",
        ),
        (
            "    proofs: [signature]",
            "    proofs: [signature]\n    clocks: [{duty: tco_removal, when: {x: [y]}}]",
            "forms[0].fields",
        ),
        (
            "    proofs: [signature]",
            "    proofs: [signature]\n    follows: no_form",
            "forms[0].follows",
        ),
        (FIELD, "{name: reference}, reference", "forms[0].fields"),
        (FIELD, "{req: required}", "forms[0].fields[0]"),
        (
            "{name: reference, req: required}",
            "{name: reference, type: choice}",
            "forms[0].fields[0]",
        ),
        (FIELD, "{name: reference, size: 3}", "forms[0].fields[0]"),
        (
            "{name: reference, req: required}",
            "{name: other, type: line, labels: {en: A}}",
            "forms[0].fields[0]",
        ),
        ("confidence: high", "confidence: sure", "forms[0].confidence"),
        ("    law: an act\n", "", "forms[0]"),
    ],
)
def test_what_is_amiss_is_refused_by_file_and_field(was: str, becomes: str, field: str) -> None:
    assert was in FORM
    with pytest.raises(LawPackError) as caught:
        read(FORM.replace(was, becomes))
    assert str(caught.value.field).startswith(f"orders.yaml: {field}"), caught.value.field


def test_a_contact_alone_never_suffices_for_data() -> None:
    text = FORM.replace("aim: removal", "aim: disclosure").replace(
        "[signature]", "[signature, declared_contact]"
    )
    with pytest.raises(LawPackError, match="never suffices"):
        read(text)


def test_an_id_stands_once() -> None:
    twice = FORM + FORM.split("forms:\n")[1]
    with pytest.raises(LawPackError, match="twice"):
        read(twice)
