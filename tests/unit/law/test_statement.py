# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie import law
from vigie.core.actions import ActionKind
from vigie.core.errors import InvalidInputError
from vigie.core.item import Surface
from vigie.law import Automation, Cls, Restriction, Source, TermsClause
from vigie.law.restriction import entries_of
from vigie.law.statement import months_after
from vigie.law.wording import LANGUAGES, wording

TABLE = law.load()
NOW = datetime(2026, 11, 22, 20, 41, tzinfo=UTC)
HATE_CLAUSE = TermsClause(clause="4.1", title="Respect", cls=Cls.HATE)


BASE = Restriction(
    action=ActionKind.DISABLED,
    territories=("DE", "FR"),
    offences=("fr_denial", "de_130_denial"),
    decided_at=NOW,
    applied_at=NOW,
    created_at=NOW,
    automated_detection=True,
    automated_decision=Automation.NOT,
)


def restriction(**fields) -> Restriction:
    return msgspec.structs.replace(BASE, **fields)


CHILD = restriction(
    action=ActionKind.REMOVED,
    territories=("*",),
    offences=("fr_csam", "de_184b"),
    automated_decision=Automation.FULLY,
    facts="words that a colleague left here",
)


def texts(statement) -> str:
    return msgspec.json.encode(statement).decode()


@pytest.mark.parametrize(
    ("language", "title", "where", "until"),
    [
        (
            "en",
            "Your post can no longer be seen in 2 countries",
            (
                "This applies in the following countries: France, Germany. "
                "Nothing changes in any other country."
            ),
            "You can lodge a complaint with us, free of charge, until 22 May 2027.",
        ),
        (
            "fr",
            "Votre publication n’est plus visible dans 2 pays",
            (
                "Cela vaut dans les pays suivants\u00a0: Allemagne, France. "
                "Rien ne change dans les autres pays."
            ),
            "Vous pouvez nous adresser une réclamation, gratuitement, jusqu’au 22 mai 2027.",
        ),
        (
            "de",
            "Ihr Beitrag ist in 2 Ländern nicht mehr abrufbar",
            (
                "Das gilt in den folgenden Ländern: Deutschland, Frankreich. "
                "In allen anderen Ländern ändert sich nichts."
            ),
            "Sie können bei uns kostenlos Beschwerde einlegen, bis zum 22. Mai 2027.",
        ),
    ],
)
def test_three_sentences_say_what_where_and_what_now(language, title, where, until):
    statement = law.compose(restriction(), TABLE, language)
    assert statement.title == title
    assert statement.lead[1:] == (where, until)
    assert statement.language == language


def test_the_provisions_are_named_by_country():
    legal = law.compose(restriction(), TABLE, "de").why[1]
    assert legal.points == ("Deutschland: StGB 130(3)", "Frankreich: Loi 29 July 1881 art. 24 bis")


def test_a_provision_that_does_not_act_there_is_not_named():
    statement = law.compose(
        restriction(offences=("fr_denial", "de_130_denial", "at_3h")), TABLE, "en"
    )
    assert "Verbotsgesetz" not in texts(statement)


@pytest.mark.parametrize(
    "fields",
    [
        {"territories": ("FR", "GB")},
        {"territories": ("*",)},
        {"territories": ()},
        {"offences": ()},
        {"offences": ("ca_319",), "territories": ("CA",)},
        {"offences": ("us_denial",), "territories": ("US",)},
        {"offences": ("eu_tco",), "territories": ("FR",)},
    ],
)
def test_a_territory_without_a_ground_is_refused(fields):
    with pytest.raises(InvalidInputError) as caught:
        law.compose(restriction(**fields), TABLE, "en")
    assert caught.value.code == "no_ground"


def test_a_clause_of_the_terms_is_a_ground_everywhere():
    own = restriction(offences=(), clauses=(HATE_CLAUSE,), territories=("*",))
    statement = law.compose(own, TABLE, "fr")
    assert statement.why[1].title == "Conditions générales"
    assert "4.1 («\u00a0Respect\u00a0»)" in statement.why[1].paragraphs[0]
    assert "Fondement juridique" not in texts(statement)


@pytest.mark.parametrize("language", LANGUAGES)
def test_class_child_names_category_provision_action_and_redress_only(language):
    statement = law.compose(CHILD, TABLE, language)
    words = wording(language)
    assert [part.key for part in statement.why] == ["legal", "automated"]
    assert statement.why[1].paragraphs == (words.decided[Automation.FULLY],)
    assert words.categories["STATEMENT_CATEGORY_PROTECTION_OF_MINORS"] in texts(statement)
    for unsaid in ("colleague", words.detected.automatic, words.noun(Surface.POST).subject):
        assert unsaid not in texts(statement)
    assert words.day(NOW.date()) not in " ".join(statement.lead)  # nor when it was published
    assert [remedy.key for remedy in statement.redress] == ["complaint", "body", "court"]
    other = law.compose(restriction(facts="words that a colleague left here"), TABLE, language)
    assert "colleague" in texts(other)  # the control: elsewhere the facts are told


@pytest.mark.parametrize("source", list(Source))
@pytest.mark.parametrize("decided", list(Automation))
def test_source_and_automation_are_told(source, decided):
    statement = law.compose(
        restriction(source=source, automated_decision=decided, automated_detection=False),
        TABLE,
        "en",
    )
    words = wording("en")
    assert statement.why[0].paragraphs[0] == words.sources[source]
    assert statement.why[-1].paragraphs == (words.detected.manual, words.decided[decided])


def test_a_pause_of_recommendation_says_when_it_ends():
    pause = restriction(
        action=ActionKind.DEMOTED,
        offences=(),
        clauses=(HATE_CLAUSE,),
        until=NOW + timedelta(hours=24),
        applied_at=None,
    )
    facts = {fact.key: fact.value for fact in law.compose(pause, TABLE, "en").facts}
    assert facts["duration"] == "until 23 November 2026, 20:41 (UTC), then it ends by itself"
    assert facts["since"] == "decided on 22 November 2026, 20:41 (UTC), not yet confirmed"
    assert facts["measure"] == "Demotion"


def test_the_complaint_term_runs_from_the_day_the_person_is_informed():
    late = law.compose(restriction(), TABLE, "en", informed_at=NOW + timedelta(days=9))
    assert late.complaint_until == date(2027, 6, 1)
    assert months_after(date(2026, 8, 31)) == date(2027, 2, 28)


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)))
def test_six_months_are_never_less_than_the_law_gives(day):
    after = months_after(day)
    assert 181 - 1 <= (after - day).days <= 184
    assert after.day == day.day or after.day in (28, 29, 30)


def test_times_are_told_in_utc():
    paris = datetime(2026, 11, 23, 0, 30, tzinfo=timezone(timedelta(hours=1)))
    facts = {f.key: f.value for f in law.compose(restriction(decided_at=paris), TABLE, "fr").facts}
    assert facts["decided"] == "22 novembre 2026, 23:30 (UTC)"
    assert wording("fr").day(date(2027, 5, 1)) == "1er mai 2027"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_language_lacks_a_word(language):
    words = wording(language)
    said = {
        "surfaces": {surface.value for surface in Surface} | {"content"},
        "actions": set(ActionKind),
        "sources": set(Source),
        "decided": set(Automation),
        "facts": set(Cls) - {Cls.CHILD},
        "meaning": set(Cls),
        "countries": set(wording("en").countries),
        "categories": set(law.codes.statement_codes().categories),
    }
    for name, keys in said.items():
        assert set(getattr(words, name)) == keys, name
    assert len(words.months) == 12


@given(
    st.sampled_from(sorted(TABLE.entries)),
    st.sampled_from(LANGUAGES),
    st.sampled_from(list(ActionKind)),
    st.sampled_from(list(Surface)),
    st.booleans(),
)
def test_every_ground_has_a_statement_in_every_language(
    entry_id, language, action, surface, detected
):
    entry = TABLE.get(entry_id)
    one = restriction(
        action=action,
        surface=surface,
        offences=(entry_id,),
        territories=entry.territories,
        automated_detection=detected,
    )
    if not entry.territories:
        with pytest.raises(InvalidInputError):
            law.compose(one, TABLE, language)
        return
    statement = law.compose(one, TABLE, language)
    assert entries_of(one, TABLE) == (entry,)
    assert "{" not in " ".join([statement.title, *statement.lead])
    assert entry.provision in " ".join(statement.why[-2].points).replace("\u00a0", " ")


def test_another_language_gets_english():
    assert law.compose(restriction(), TABLE, "pl").language == "en"


def test_a_title_with_braces_is_only_text():
    clause = TermsClause(clause="{0}", title="{subject.__class__}")
    told = law.compose(restriction(offences=(), clauses=(clause,)), TABLE, "en").why[1]
    assert "{subject.__class__}" in told.paragraphs[0]
