# SPDX-License-Identifier: Apache-2.0
"""Pictures are looked at elsewhere: every frame, with limits, and nothing is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from PIL import Image

from tests.support.image_detectors import BLUE, GREEN, RED, colours, tinted, tinted_file
from tests.support.pictures import encode, gif_bomb, pattern, picture, png_bomb
from tests.support.traces import find_traces
from vigie.core.errors import UnavailableError
from vigie.screening.detectors.image import NUDITY, PERSON, installed
from vigie.screening.media.facts import facts_of
from vigie.screening.media.frames import MAX_FRAMES
from vigie.screening.media.looks import LookPool

WAIT = 60
ORIENTATION = 0x0112


@pytest.fixture(scope="module", autouse=True)
def detector(tmp_path_factory):
    with colours(tmp_path_factory.mktemp("colours")):
        yield


@pytest.fixture(scope="module")
def pool(detector):
    with LookPool() as running:
        yield running


def values(frame, name="colours"):
    return {one.label: one.value for one in frame.seen if one.detector == name}


def look(pool, data, mime=None):
    return pool.look(data, mime).result(WAIT).frames


def test_what_a_detector_saw_stands_beside_the_hashes(pool):
    (frame,) = look(pool, tinted_file(RED))
    assert values(frame) == {
        NUDITY: pytest.approx(0.9, abs=0.02),
        PERSON: pytest.approx(0, abs=0.05),
    }
    plain = facts_of(tinted_file(RED))
    assert (frame.sha256, frame.md5, frame.pdq) == (plain.sha256, plain.md5, plain.pdq)


def test_every_installed_detector_speaks_for_each_label(pool):
    (frame,) = look(pool, picture(1))
    said = {(one.detector, one.label) for one in frame.seen}
    assert said == {(kind.name, label) for kind in installed() for label in kind.labels}
    assert {one.status for one in frame.seen} == {"ok"}


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param("GIF", marks=pytest.mark.whole),
        "WEBP",
        pytest.param("PNG", marks=pytest.mark.whole),
    ],
)
def test_the_last_frame_of_an_animation_is_looked_at_like_the_first(pool, kind):
    frames = [pattern(n) for n in range(4)]
    data = encode(frames[0], kind, save_all=True, append_images=[*frames[1:], tinted(RED)])
    found = look(pool, data)
    assert len(found) == 5
    assert len({one.pdq for one in found}) == 5
    assert [values(one)[NUDITY] > 0.5 for one in found] == [False] * 4 + [True]
    assert {one.sha256 for one in found} == {facts_of(data).sha256}


def test_an_animation_of_too_many_frames_is_refused(pool):
    small = [pattern(n, 64, 64) for n in range(MAX_FRAMES + 1)]
    data = encode(small[0], "GIF", save_all=True, append_images=small[1:])
    (frame,) = look(pool, data)
    assert (frame.status, frame.problem) == ("failed", "too_many_frames")
    assert {one.status for one in frame.seen} == {"failed"}


def test_a_turned_photo_is_shown_the_right_way_up(tmp_path):
    from vigie.screening.media.frames import look as look_here

    class Sides:
        name, version = "sides", "1"
        labels: tuple[str, ...] = ("wide",)

        @classmethod
        def available(cls):
            return True

        @classmethod
        def load(cls):
            return cls()

        def detect(self, pixels):
            return {"wide": float(pixels.shape[1] > pixels.shape[0])}

    exif = Image.Exif()
    exif[ORIENTATION] = 6
    data = encode(pattern(1), "JPEG", exif=exif)
    (frame,) = look_here(data, None, [Sides()]).frames
    assert "orientation:6" in frame.notes
    assert frame.seen[0].value == 0.0
    assert look_here(encode(pattern(1)), None, [Sides()]).frames[0].seen[0].value == 1.0


def test_what_is_transparent_is_looked_at_with_its_hidden_pixels(pool):
    hidden = tinted(RED).convert("RGBA")
    hidden.putalpha(0)
    (frame,) = look(pool, encode(hidden, "PNG"))
    assert values(frame)[NUDITY] > 0.5


def test_large_pictures_are_made_smaller_for_the_detector(pool):
    (frame,) = look(pool, encode(tinted(GREEN).resize((3000, 2000)), "JPEG"))
    assert values(frame)[PERSON] > 0.5


def test_a_detector_that_raises_leaves_failed_signals_of_its_own_only(pool):
    (frame,) = look(pool, tinted_file(BLUE, share=1.0))
    failed = {one.label for one in frame.seen if one.status == "failed"}
    assert failed == {NUDITY, PERSON}
    assert {one.problem for one in frame.seen if one.status == "failed"} == {"detector_failed"}
    assert {one.detector for one in frame.seen if one.status == "failed"} == {"colours"}


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unsupported"),
        (picture(1)[:2000], "truncated"),
        (png_bomb(), "too_many_pixels"),
        (gif_bomb(), "too_many_pixels"),
    ],
    ids=["empty", "svg", "cut", "bomb", "frames"],
)
def test_what_cannot_be_read_is_failed_for_every_label(pool, data, problem):
    (frame,) = look(pool, data)
    assert (frame.status, frame.problem) == ("failed", problem)
    assert {one.status for one in frame.seen} == {"failed"}
    assert {one.label for one in frame.seen} >= {NUDITY, PERSON}


def test_a_killed_looker_leaves_failed_signals_and_is_replaced():
    with LookPool() as pool:
        look(pool, picture(1))
        (pid,) = pool.pids
        os.kill(pid, signal.SIGSTOP)
        future = pool.look(picture(2))
        os.kill(pid, signal.SIGKILL)
        (frame,) = future.result(WAIT).frames
        assert frame.problem == "worker_died"
        assert {one.status for one in frame.seen} == {"failed"}
        assert look(pool, picture(2))[0].status == "ok"


@pytest.mark.whole
def test_a_looker_that_hangs_is_ended_after_its_time():
    with LookPool(seconds=0.5) as pool:
        look(pool, picture(1))
        os.kill(pool.pids[0], signal.SIGSTOP)
        (frame,) = look(pool, picture(2))
        assert frame.problem == "timeout"
        assert {one.status for one in frame.seen} == {"failed"}


@pytest.mark.whole
def test_a_full_queue_refuses_at_once():
    with LookPool(waiting=1) as pool:
        look(pool, picture(1))
        os.kill(pool.pids[0], signal.SIGSTOP)
        try:
            with pytest.raises(UnavailableError, match="waiting"):
                [pool.look(picture(2)) for _ in range(4)]
        finally:
            os.kill(pool.pids[0], signal.SIGKILL)


def test_a_looker_has_limits_and_writes_nothing(tmp_path, monkeypatch):
    secrets = [picture(31), picture(32, "PNG")]
    for name in ("TMPDIR", "HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    with LookPool() as pool:
        for data in secrets:
            look(pool, data)
        limits = Path(f"/proc/{pool.pids[0]}/limits").read_text()
        opened = [str(one.readlink()) for one in Path(f"/proc/{pool.pids[0]}/fd").iterdir()]
    lines = {line[:26].strip(): line[26:].split()[0] for line in limits.splitlines()[1:]}
    assert (lines["Max open files"], lines["Max file size"]) == ("3", "0")
    assert int(lines["Max address space"]) == 1024 << 20
    assert [one for one in opened if not one.startswith(("pipe:", "/dev/null", "socket:"))] == []
    assert find_traces(tmp_path, secrets) == []
    assert list(tmp_path.iterdir()) == []


def test_the_process_that_asks_loads_no_library_of_detectors():
    code = """
        import resource, sys
        from tests.support.pictures import picture
        from vigie.screening.media.looks import LookPool
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with LookPool() as pool:
            assert pool.loaded
            assert pool.look(picture(1)).result(60).frames[0].status == "ok"
        heavy = {"onnxruntime", "cv2", "nudenet", "c2pa"} & set(sys.modules)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        print(sorted(heavy), grown < 20_000)
    """
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[4],
        check=True,
    )
    assert ran.stdout.strip() == "[] True"
