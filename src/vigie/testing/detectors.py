# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: S101 - a contract is made of assertions
"""What every detector keeps, built-in or brought by another package.

Derive from `DetectorContract` in a pytest module and give `detector`:

    class TestMine(DetectorContract):
        def detector(self) -> Detector:
            return MyDetector.from_parts(Parts())

`items` may be widened with items that the detector finds something in: a
contract that never sees a signal proves little (`test_it_reports_something`).
"""

from __future__ import annotations

from collections.abc import Sequence

from vigie.core.decision import Signal
from vigie.core.item import Author, Item, Subject, Surface
from vigie.screening.batch import Batch, Prepared
from vigie.screening.detectors.base import Detector
from vigie.screening.judge import prepare

TEXTS = ("", "An ordinary sentence.", "Ünïcode 😀 \u202eabc", "word " * 500, "x" * 10_000)


def subject(text: str | None, *, name: str = "item", links: Sequence[str] = ()) -> Subject:
    """Return an item with a text, or without one, as a detector's test needs it."""
    return Subject(
        Item(
            id=name,
            surface=Surface.POST,
            author=Author(id="author"),
            text=text,
            language="en",
            links=list(links),
        )
    )


class DetectorContract:
    """Tests that hold for every detector; the names say what is promised."""

    def detector(self) -> Detector:
        """Return the detector under test, made from its parts."""
        raise NotImplementedError

    def items(self) -> list[Subject]:
        """Return items of which at least one yields a signal."""
        raise NotImplementedError

    def _subjects(self) -> list[Subject]:
        plain = [subject(text or None, name=f"plain-{n}") for n, text in enumerate(TEXTS)]
        return [*plain, *self.items()]

    def _found(self, subjects: Sequence[Subject]) -> list[list[Signal]]:
        return self.detector().detect(prepare(subjects))

    def test_it_has_a_name_and_a_version(self) -> None:
        """Decisions record both."""
        detector = self.detector()
        assert detector.name
        assert detector.version
        assert detector.name == detector.name.strip().lower()

    def test_its_labels_are_distinct_words(self) -> None:
        """Policies read `score.<label>`."""
        labels = self.detector().labels
        assert isinstance(labels, tuple)
        assert len(set(labels)) == len(labels)
        assert all(label and label == label.strip() for label in labels)

    def test_it_reports_something(self) -> None:
        """The control: without a signal the other tests would prove nothing."""
        assert any(self._found(self.items()))

    def test_an_empty_batch_has_no_signals(self) -> None:
        """A slice of a batch may hold nothing."""
        assert self.detector().detect(Batch([])) == []

    def test_there_is_one_list_for_each_item(self) -> None:
        """Items without text, links or media included."""
        subjects = self._subjects()
        assert len(self._found(subjects)) == len(subjects)

    def test_every_signal_is_its_own(self) -> None:
        """Name, version and label are the detector's; values lie between 0 and 1."""
        detector = self.detector()
        for signal in _all(self._found(self._subjects())):
            assert (signal.detector, signal.version) == (detector.name, detector.version)
            assert signal.label in detector.labels
            assert 0.0 <= signal.value <= 1.0

    def test_spans_lie_in_the_original_text(self) -> None:
        """Code points of what the author wrote."""
        subjects = self._subjects()
        for one, signals in zip(subjects, self._found(subjects), strict=True):
            size = len(one.item.text or "")
            for signal in signals:
                assert signal.span is None or 0 <= signal.span[0] <= signal.span[1] <= size

    def test_the_same_items_give_the_same_signals(self) -> None:
        """Decisions can be repeated."""
        subjects = self._subjects()
        detector = self.detector()
        first = detector.detect(prepare(subjects))
        assert detector.detect(prepare(subjects)) == first
        assert self._found(subjects) == first

    def test_an_item_is_seen_alike_alone_and_among_others(self) -> None:
        """What stands beside an item in a batch is chance."""
        subjects = self._subjects()
        together = self._found(subjects)
        assert together == [found for one in subjects for found in self._found([one])]
        assert self._found(subjects[::-1]) == together[::-1]

    def test_it_works_without_shared_features(self) -> None:
        """A batch without any text carries none."""
        subjects = self._subjects()
        bare = Batch([Prepared(one, None, None) for one in subjects])
        assert len(self.detector().detect(bare)) == len(subjects)


def _all(found: Sequence[Sequence[Signal]]) -> list[Signal]:
    return [signal for signals in found for signal in signals]
