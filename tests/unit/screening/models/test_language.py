# SPDX-License-Identifier: Apache-2.0
"""Languages are named where they are known, and left unnamed where they are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vigie.screening.models.features import make_features
from vigie.screening.models.language import identify, shipped
from vigie.screening.normalise import normalise

SENTENCES = {
    "ar": "ذهبنا أمس إلى السوق واشترينا الخبز والفاكهة ثم عدنا إلى البيت قبل المساء",
    "de": "Gestern waren wir auf dem Markt und haben Brot und Obst für das Frühstück gekauft",
    "en": "Yesterday we went to the market and bought bread and fruit for our breakfast",
    "es": "Ayer fuimos al mercado y compramos pan y fruta para el desayuno de toda la familia",
    "fr": "Hier nous sommes allés au marché et nous avons acheté du pain et des fruits",
    "it": "Ieri siamo andati al mercato e abbiamo comprato il pane e la frutta per la colazione",
    "nl": "Gisteren zijn we naar de markt gegaan en hebben we brood en fruit gekocht voor thuis",
    "pl": "Wczoraj poszliśmy na targ i kupiliśmy chleb oraz owoce na śniadanie dla całej rodziny",
    "pt": "Ontem fomos ao mercado e compramos pão e frutas para o café da manhã da família",
    "ru": "Вчера мы пошли на рынок и купили хлеб и фрукты на завтрак для всей семьи. "
    "Потом мы вернулись домой, и бабушка рассказала нам, как она жила в деревне.",
    "zh": "昨天我们去市场买了面包和水果当早餐",
    "ja": "昨日は市場へ行って、朝食のためにパンと果物を買いました",
    "ko": "어제 우리는 시장에 가서 아침 식사로 빵과 과일을 샀습니다",
    "el": "Χθες πήγαμε στην αγορά και αγοράσαμε ψωμί και φρούτα για το πρωινό",
    "he": "אתמול הלכנו לשוק וקנינו לחם ופירות לארוחת הבוקר",
    "th": "เมื่อวานเราไปตลาดและซื้อขนมปังกับผลไม้สำหรับอาหารเช้า",
}
UNNAMED = {
    "fi": "Eilen kävimme torilla ja ostimme leipää ja hedelmiä koko perheen aamiaiseksi",
    "hu": "Tegnap elmentünk a piacra, és kenyeret meg gyümölcsöt vettünk a reggelihez",
    "tr": "Dün pazara gittik ve bütün aile için kahvaltıya ekmek ve meyve aldık",
    "sv": "Igår gick vi till torget och köpte bröd och frukt till frukosten för hela familjen",
    "cs": "Včera jsme šli na trh a koupili jsme chléb a ovoce k snídani pro celou rodinu",
    "ro": "Ieri am mers la piață și am cumpărat pâine și fructe pentru micul dejun",
    "uk": "Вчора ми пішли на ринок і купили хліб та фрукти на сніданок для всієї родини",
    "hi": "कल हम बाज़ार गए और नाश्ते के लिए रोटी और फल ख़रीदे",
}


def found(text):
    return identify(make_features([normalise(text).text]))[0]


@pytest.mark.parametrize("language", sorted(SENTENCES))
def test_a_known_language_is_named(language):
    assert found(SENTENCES[language]) == language


@pytest.mark.parametrize("language", sorted(UNNAMED))
def test_another_language_stays_unnamed(language):
    assert found(UNNAMED[language]) is None


@pytest.mark.parametrize("text", ["", " ", "12 345", "!!!", "😀😀", "a", "xqzk vbnw qqrt"])
def test_what_holds_no_language_stays_unnamed(text):
    assert found(text) is None


def test_a_text_half_in_one_script_and_half_in_another_is_not_taken_for_a_third():
    assert found(f"{SENTENCES['el']} {SENTENCES['th']}") in {None, "el", "th"}


@given(st.lists(st.sampled_from([*SENTENCES.values(), *UNNAMED.values(), "", "ok"]), max_size=9))
def test_a_name_does_not_depend_on_the_batch(texts):
    read = [normalise(text).text for text in texts]
    assert identify(make_features(read)) == [identify(make_features([one]))[0] for one in read]


@given(st.lists(st.text(max_size=30), max_size=5))
def test_no_text_makes_it_fail(texts):
    assert len(identify(make_features(texts))) == len(texts)


def test_languages_told_by_n_grams_are_those_of_the_card():
    assert shipped().languages == tuple("ar de en es fr it nl pl pt ru".split())
