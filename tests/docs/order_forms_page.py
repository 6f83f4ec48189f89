# SPDX-License-Identifier: Apache-2.0
"""The page of order forms: every field, clock, proof and letter, made from the law's data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from vigie.exchange.papers.xml import NAMESPACE
from vigie.law import orders

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vigie.law.orders import OrderField, OrderForm

TEXT: Final = f"""
# Order forms

Made from the program by `make docs`, out of `law/orders.yaml` and `law/order_fields.yaml`. No \
legal advice. How orders come in: [Receive orders](../how-to/receive-orders.md). Times: \
[Clocks](clocks.md).

- A form of confidence *low* drives no automatic step; of *medium* no letter is written by itself.
- **Referrals** and other forms that bind nobody have no clock of the law.
- **Proof**: what shows enough who sent it. What lets data out is never proven by a contact alone.
- **Covers**: data that a legal basis covers, given these values. The rest cannot be granted.
- The annexes of the regulations may be amended; later changes are not checked here.

## How a document names the fields

Fields have the same names everywhere. **JSON**: `{{"form": "...", "fields": {{...}}}}` or the \
fields alone. **XML**: one element a field, repeated for lists, sections as you like:

```xml
<order xmlns="{NAMESPACE}" form="tco_removal_order_annex_i">
  <section id="A"><issuing_state>FR</issuing_state><reference>FR-2026-0007</reference></section>
  <content_locations>https://agora.example/p/1</content_locations>
  <content_locations>https://agora.example/p/2</content_locations>
</order>
```

The same within a delivery or document object of ETSI TS 103 120 (read against V1.12.1; no \
conformance to TS 104 144 is claimed): sender, reference, period and identifiers of the envelope \
fill what the document leaves open. **PDF**: filled form fields by these names, and enclosed XML \
or JSON. Running text becomes no value: a person fills in the form beside it. A document type or \
entities in XML, a key given twice in JSON, a password, more than 300 pages: not read, received \
all the same.

Times are ISO 8601; without an offset they are UTC. Countries and languages have two letters.
"""


def order_forms() -> str:
    """Return the page."""
    parts = [TEXT.strip("\n")]
    for form in orders.received_here():
        parts += _form(form)
    return "\n".join(parts) + "\n"


def _form(form: OrderForm) -> Iterator[str]:
    yield from ("", f"## {form.title('en')}", "", f"`{form.id}` · {form.law}", "")
    yield f"- aim: {form.aim}; confidence: {form.confidence}; source: {form.src}"
    if not form.binding:
        yield "- binds nobody; no clock of the law"
    if form.note:
        yield f"- {form.note}"
    if form.proofs:
        yield f"- proof: {', '.join(form.proofs)}"
    if form.territory != "none":
        yield f"- territory: {form.territory}"
    for clock in form.clocks:
        yield f"- clock `{clock.duty}` at {clock.at}{_when(clock.when)}"
    for cover in form.covers:
        needs = f", with {', '.join(cover.needs)}" if cover.needs else ""
        yield f"- covers {', '.join(cover.categories)}{_when(cover.when)}{needs} ({cover.law})"
    if form.silence is not None:
        always = "always" if form.silence.always else "where it is asked"
        yield f"- silence: {always}, {form.silence.span} at most ({form.silence.law})"
    yield f"- letters: {_letters(form)}"
    yield from ("", "| field | | type | |", "|---|---|---|---|", *map(_field, form.fields))


def _letters(form: OrderForm) -> str:
    named = {
        "incomplete": form.letters.incomplete,
        "refused": form.letters.refusal,
        "impossible": form.letters.impossible,
        "done": form.letters.effect,
        "narrowed": form.letters.narrowing,
    }
    return ", ".join(f"{why} `{kind}`" for why, kind in named.items() if kind)


def _field(one: OrderField) -> str:
    section = f"{one.section} · " if one.section else ""
    kinds = f": {', '.join(each.code for each in one.options)}" if one.options else ""
    return f"| `{one.name}` | {section}{one.label('en')} | {one.type}{kinds} | {_needed(one)} |"


def _needed(one: OrderField) -> str:
    return f"{one.req}{_when(one.when)}" if one.req != "optional" else ""


def _when(when: Mapping[str, tuple[str, ...]]) -> str:
    said = [
        f"`{name}` is {' or '.join(one or 'empty' for one in codes)}"
        for name, codes in when.items()
    ]
    return f" where {' and '.join(said)}" if said else ""
