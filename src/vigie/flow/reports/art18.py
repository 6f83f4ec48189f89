# SPDX-License-Identifier: Apache-2.0
"""Suspicion of a threat to life or safety (Art. 18 DSA): to whom, and the document.

The Member States concerned are those where the offence is suspected, where the
suspect lives, or where the victim lives; where none can be named with certainty,
the notification goes to the State of establishment or to Europol (Art. 18(2)).
There is no official form; the fields are Vigie's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext_noop as _

from vigie.core import territory
from vigie.core.clock import iso
from vigie.core.errors import InvalidInputError
from vigie.evidence import pdf
from vigie.flow.house import House
from vigie.flow.orders.authorities import stands
from vigie.store.models import Authority, AuthorityContact, AuthorityKind, AuthorityReport

EUROPOL: Final = "EU"
NEEDED: Final = ("suspected_offence", "facts")
KNOWN: Final = (
    *NEEDED,
    "threatened_person",
    "urls",
    "hashes",
    "account",
    "network_addresses",
    "states_concerned",
    "preserved",
)
MAX_FIELD: Final = 10_000
_RECEIVERS: Final = (AuthorityKind.POLICE, AuthorityKind.PROSECUTOR, AuthorityKind.COURT)


def check(fields: Mapping[str, Any], country: str) -> None:
    """Raise InvalidInputError with the field where a notification is not complete."""
    for name in sorted(set(fields) - set(KNOWN)):
        raise _wrong(name, _("This form has no such field."))
    for name in NEEDED:
        if not str(fields.get(name, "")).strip():
            raise _wrong(name, _("Write what is known, in a sentence at least."))
    for name, value in fields.items():
        if len(str(value)) > MAX_FIELD:
            raise _wrong(name, _("Write at most 10,000 characters."))
    if country and country not in territory.EU:
        raise _wrong("country", _("Name a Member State, or leave it empty for Europol."))


def receivers(country: str) -> QuerySet[Authority]:
    """Return whom the directory knows for a Member State; for none or an unknown one Europol."""
    rows = Authority.objects.filter(closed_at=None, kind__in=[one.value for one in _RECEIVERS])
    there = rows.filter(country=country or EUROPOL).order_by("kind", "name")
    return there if there.exists() else rows.filter(country=EUROPOL).order_by("name")


def contacts(house: House, report: AuthorityReport) -> list[AuthorityContact]:
    """Return the checked contacts to whom this one may go, in the order of the directory."""
    rows = AuthorityContact.objects.filter(authority__in=receivers(report.country))
    now = house.now()
    found = rows.select_related("authority").order_by("authority__name", "kind")
    return [one for one in found if stands(one, now)]


def document(house: House, report: AuthorityReport, language: str = "en") -> bytes:
    """Return the notification as PDF, the same bytes each time."""
    words = _WORDS.get(language, _WORDS["en"])
    fields = report.fields
    rows = [(words[name], str(fields[name])) for name in KNOWN if fields.get(name)]
    head = [
        (words["operator"], house.settings.operator or "—"),
        (words["number"], f"R-{report.number}"),
        (words["aware"], iso(report.awareness_at)),
        (words["country"], report.country or "—"),
    ]
    blocks: list[pdf.Block] = [pdf.Fields(head)]
    for title, text in rows:
        blocks += [pdf.Heading(title), pdf.Text(text)]
    blocks.append(pdf.Text(words["basis"], small=True))
    return pdf.make(words["title"], blocks, language=language, footer=f"R-{report.number}")


def _wrong(field: str, fix: str) -> InvalidInputError:
    return InvalidInputError(
        _("The notification is not complete."), code="bad_report", field=field, fix=fix
    )


_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "title": "Notification of a suspected criminal offence "
        "(Article 18, Regulation (EU) 2022/2065)",
        "operator": "Provider",
        "number": "Our number",
        "aware": "Known to us since",
        "country": "Member State concerned",
        "suspected_offence": "Suspected offence",
        "facts": "What is known",
        "threatened_person": "Person threatened, if known",
        "urls": "Addresses",
        "hashes": "Digests of the content",
        "account": "Account",
        "network_addresses": "Network addresses and times",
        "states_concerned": "Member States concerned, and why",
        "preserved": "Evidence kept",
        "basis": "Sent under Article 18 of Regulation (EU) 2022/2065. Please confirm receipt, "
        "with your reference.",
    },
    "fr": {
        "title": "Notification d’une infraction pénale soupçonnée "
        "(article 18, règlement (UE) 2022/2065)",
        "operator": "Fournisseur",
        "number": "Notre numéro",
        "aware": "Connue de nous depuis",
        "country": "État membre concerné",
        "suspected_offence": "Infraction soupçonnée",
        "facts": "Ce qui est connu",
        "threatened_person": "Personne menacée, si elle est connue",
        "urls": "Adresses",
        "hashes": "Empreintes du contenu",
        "account": "Compte",
        "network_addresses": "Adresses réseau et heures",
        "states_concerned": "États membres concernés, et pourquoi",
        "preserved": "Preuves conservées",
        "basis": "Envoyée au titre de l’article 18 du règlement (UE) 2022/2065. Merci d’accuser "
        "réception, avec votre référence.",
    },
    "de": {
        "title": "Meldung des Verdachts einer Straftat (Artikel 18, Verordnung (EU) 2022/2065)",
        "operator": "Anbieter",
        "number": "Unsere Nummer",
        "aware": "Uns bekannt seit",
        "country": "Betroffener Mitgliedstaat",
        "suspected_offence": "Vermutete Straftat",
        "facts": "Was bekannt ist",
        "threatened_person": "Bedrohte Person, falls bekannt",
        "urls": "Adressen",
        "hashes": "Prüfsummen des Inhalts",
        "account": "Konto",
        "network_addresses": "Netzadressen und Zeiten",
        "states_concerned": "Betroffene Mitgliedstaaten, und warum",
        "preserved": "Gesicherte Beweise",
        "basis": "Gesendet nach Artikel 18 der Verordnung (EU) 2022/2065. Bitte bestätigen Sie den "
        "Eingang mit Ihrem Aktenzeichen.",
    },
}
