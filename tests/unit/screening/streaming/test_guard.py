# SPDX-License-Identifier: Apache-2.0
"""What a channel's guard releases, in each mode, and which windows it asks to be judged."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.door import LEXICON, publish
from tests.support.streams import PLAIN, document
from vigie.core.gateway import Mode
from vigie.screening.snapshot import load
from vigie.screening.streaming import ChannelGuard, LazyTerms, StreamTerms, Window
from vigie.screening.streaming.windows import LEAST, WHOLE

PATTERN = {"name": "near", "near": [["gammaquill"], ["delta"]], "within": 3, "without": ["museum"]}
BARE = {"name": "bare", "near": [["iotaquill"], ["delta"]], "within": 3}
TERMS = StreamTerms.of([document(PLAIN, [PATTERN, BARE])])
SENTENCE = "A first sentence of more than forty characters. "


def windows(guard: ChannelGuard, now_ms: int = 0, *, end: bool = False) -> list[Window]:
    found = []
    while window := guard.due(now_ms, end=end):
        found.append(window)
    return found


def judged(guard: ChannelGuard, now_ms: int = 0, *, end: bool = False) -> str:
    """Approve all that is due and return what goes out."""
    for window in windows(guard, now_ms, end=end):
        guard.approve(window)
    return guard.take()


def test_strict_releases_nothing_before_it_was_judged() -> None:
    guard = ChannelGuard(TERMS, Mode.STRICT)
    guard.feed(SENTENCE)
    assert guard.take() == ""
    (window,) = windows(guard)
    assert guard.take() == ""
    guard.approve(window)
    assert guard.take() == SENTENCE


def test_paced_runs_ahead_by_its_lead_and_no_further() -> None:
    guard = ChannelGuard(TERMS, Mode.PACED, lead=100)
    guard.feed("word " * 30)
    assert guard.take() == ("word " * 30)[:100]
    first, second = windows(guard)
    assert guard.take() == ""
    guard.approve(first)
    assert guard.take() == "word " * 10
    guard.approve(second)
    assert guard.released == first.end + 85


def test_paced_asks_before_its_lead_is_used_up() -> None:
    guard = ChannelGuard(TERMS, Mode.PACED, lead=150, window=400)
    guard.feed("word " * 20)
    (window,) = windows(guard)
    assert window.end == 100


def test_observe_releases_at_once_and_asks_all_the_same() -> None:
    guard = ChannelGuard(TERMS, Mode.OBSERVE)
    guard.feed("Here is alphaquill, ")
    assert guard.take() == "Here is alphaquill, "
    (window,) = windows(guard)
    assert window.hit
    guard.approve(window)
    guard.feed("and more")
    assert guard.take() == "and more"
    assert judged(guard, end=True) == ""
    assert guard.done


def test_only_what_can_still_become_a_term_waits() -> None:
    guard = ChannelGuard(TERMS)
    for part, out in (("The alp", "The "), ("ha", ""), ("bet. Al", "alphabet. "), ("so", "Also")):
        guard.feed(part)
        assert guard.take() == out


def test_plain_words_are_not_taken_for_spread_letters() -> None:
    guard = ChannelGuard(TERMS)
    for part, out in (("Al", ""), ("l ", "All "), ("al pho", "al pho"), (" a l", " "), (" p", "")):
        guard.feed(part)
        assert guard.take() == out


def test_a_whole_word_waits_for_one_more_character() -> None:
    guard = ChannelGuard(TERMS)
    guard.feed("alphaquill")
    assert (guard.take(), windows(guard)) == ("", [])
    guard.feed("s ")
    assert guard.take() == "alphaquills "
    guard.feed("alphaquill.")
    assert guard.take() == ""
    (window,) = windows(guard)
    assert (window.hit, window.text) == (True, "alphaquills alphaquill.")


def test_what_a_judge_approved_goes_out_though_it_is_named() -> None:
    guard = ChannelGuard(TERMS, Mode.STRICT)
    guard.feed("They said alphaquill, and left. ")
    assert judged(guard) == "They said alphaquill, and left. "


def test_a_pattern_waits_for_the_words_that_may_excuse_it() -> None:
    guard = ChannelGuard(TERMS)
    guard.feed("so gammaquill delta ")
    assert (guard.take(), windows(guard)) == ("so ", [])
    guard.feed("museum ")
    assert guard.take() == ""
    guard.feed("and so on, and on, and on")
    assert guard.take() == "gammaquill delta museum and so on, and on, and on"


def test_a_pattern_that_nothing_excuses_is_judged_as_soon_as_it_is_met() -> None:
    guard = ChannelGuard(TERMS)
    guard.feed("so iotaquill and delta, then")
    (window,) = windows(guard)
    assert window.hit
    assert window.text.startswith("so iotaquill and delta")
    assert guard.take() == "so "


def test_a_key_word_alone_goes_out_when_its_words_have_passed() -> None:
    guard = ChannelGuard(TERMS)
    guard.feed("iotaquill ")
    assert guard.take() == ""
    guard.feed("one two three four five six seven eight")
    assert guard.take() == "iotaquill one two three four five six seven eight"


def test_windows_end_with_sentences_and_show_again_what_stood_before() -> None:
    guard = ChannelGuard(TERMS, Mode.STRICT, overlap=20)
    guard.feed(SENTENCE * 2 + "And")
    first, *rest = windows(guard)
    assert (first.text, rest) == (SENTENCE * 2, [])
    guard.feed(SENTENCE)
    (second,) = windows(guard)
    assert (second.fresh, second.end) == (first.end, 3 * len(SENTENCE) + 3)
    assert second.text == "than forty characters. And" + SENTENCE


@pytest.mark.parametrize(
    "stop", ["end. ", "end! ", "fin… ", "Ende?« ", "fin ! ", "end\n", "终。", "end.) "]
)
def test_each_of_these_ends_a_sentence(stop) -> None:
    guard = ChannelGuard(TERMS, Mode.STRICT)
    text = "x" * LEAST + " " + stop
    guard.feed(text + "and on")
    assert [w.text for w in windows(guard)] == [text]


def test_short_sentences_are_judged_together() -> None:
    guard = ChannelGuard(TERMS, Mode.STRICT)
    guard.feed("Yes. No. Yes. ")
    assert windows(guard) == []
    guard.feed("A longer sentence follows them all. ")
    assert len(windows(guard)) == 1


def test_a_pause_lets_what_arrived_be_judged_but_cuts_no_word() -> None:
    guard = ChannelGuard(TERMS, Mode.STRICT, idle_ms=250)
    guard.feed("Some words and hal")
    assert windows(guard, 1_000) == []
    assert windows(guard, 1_249) == []
    assert guard.waits
    assert judged(guard, 1_250) == "Some words and "
    guard.feed("f")
    assert windows(guard, 1_251) == []


def test_a_long_text_is_judged_in_windows_of_the_size_that_was_set() -> None:
    guard = ChannelGuard(TERMS, Mode.STRICT, window=100, overlap=30)
    guard.feed("word " * 200)
    found = windows(guard)
    assert len(found) >= 9
    assert max(len(w.text) for w in found) <= 100 + 30 + 4
    assert all(a.end == b.fresh for a, b in pairwise(found))


def test_the_last_window_shows_the_whole_answer_or_its_last_part() -> None:
    for size in (1_000, 3 * WHOLE):
        guard = ChannelGuard(TERMS)
        text = (SENTENCE * size)[:size]
        guard.feed(text)
        for window in windows(guard):
            guard.approve(window)
        guard.take()
        *_, last = windows(guard, end=True)
        assert last.final
        assert text.endswith(last.text)
        assert min(size, WHOLE) <= len(last.text) <= WHOLE + 64
        assert windows(guard, end=True) == []


def test_approvals_may_come_in_any_order_and_count_without_a_gap() -> None:
    guard = ChannelGuard(TERMS, Mode.STRICT, window=50, overlap=0)
    guard.feed("word " * 30)
    first, second, *_ = windows(guard)
    guard.approve(second)
    assert guard.judged == 0
    guard.approve(first)
    assert guard.judged == second.end


def test_only_a_window_that_waits_can_be_approved() -> None:
    guard = ChannelGuard(TERMS)
    guard.feed(SENTENCE)
    (window,) = windows(guard)
    guard.approve(window)
    with pytest.raises(ValueError, match="waits"):
        guard.approve(window)


def test_after_a_cut_nothing_goes_out() -> None:
    guard = ChannelGuard(TERMS, Mode.PACED, lead=10)
    guard.feed("Some words and more words. ")
    out = guard.take()
    assert guard.cut() == len(out) == 10
    guard.feed("more")
    assert (guard.take(), guard.due(9_999), guard.due(0, end=True)) == ("", None, None)
    assert (guard.done, guard.waits) == (False, False)


def test_nothing_arrives_after_the_end() -> None:
    guard = ChannelGuard(TERMS)
    assert guard.due(0, end=True) is None
    assert guard.done
    with pytest.raises(ValueError, match="ended"):
        guard.feed("more")


def test_halves_of_a_character_are_joined_and_a_lone_one_is_replaced() -> None:
    guard = ChannelGuard(TERMS)
    for part in ("a\ud83d", "\ude00b", "", "\ud83d", "c\ude00", "\ud83d"):
        guard.feed(part)
    assert judged(guard, end=True) == "a😀b\ufffdc\ufffd\ufffd"


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(max_size=12), max_size=30), st.sampled_from(list(Mode)))
def test_what_goes_out_is_what_came_in(parts, mode) -> None:
    guard = ChannelGuard(TERMS, mode, lead=20, window=50, overlap=10)
    text = "".join(parts)
    out = ""
    for part in parts:
        guard.feed(part)
        out += judged(guard)
        assert text.startswith(out)
        assert guard.released == len(out) <= guard.received
    out += judged(guard, end=True)
    assert out == text
    assert guard.done


def test_terms_are_built_once() -> None:
    terms = LazyTerms([document(PLAIN)])
    assert terms.get() is terms.get()
    assert len(terms.get().groups) == len(PLAIN)


def test_a_snapshot_carries_the_terms_of_its_lists(tmp_path) -> None:
    publish(tmp_path, lexicons=[LEXICON, document(PLAIN)])
    guard = ChannelGuard(load(tmp_path).terms.get())
    guard.feed("so alphaquill ")
    assert guard.take() == "so "


def test_lists_that_only_mark_the_context_hold_nothing() -> None:
    marks = {**document(["alphaquill"]), "mark": "satire"}
    del marks["label"]
    guard = ChannelGuard(StreamTerms.of([marks]))
    guard.feed("alphaquill")
    assert guard.take() == "alphaquill"
