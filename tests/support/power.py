# SPDX-License-Identifier: Apache-2.0
"""Power loss below a real process: its writes and syncs, replayed up to a cut.

strace records what a process wrote, renamed and synced. A cut keeps what was
synced before it; of later writes each sector of 512 bytes is kept or forgotten
by chance, or all are forgotten. A new name lasts once its folder was synced.
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

CALLS: Final = (
    "openat,write,pwrite64,pwritev,writev,ftruncate,fsync,fdatasync,rename,renameat,renameat2,"
    "unlink,unlinkat,close,dup,dup2,dup3,fcntl,lseek,mkdir"
)
SECTOR: Final = 512
_LINE: Final = re.compile(r"^(\d+)\s+(.*)$")
_RESUMED: Final = re.compile(r"^<\.\.\. (\w+) resumed>(.*)$")
_CALL: Final = re.compile(r"^(\w+)\((.*)\)\s+= (-?\d+)")
_FD: Final = re.compile(r"^(\d+)<([^>]*)>")
_TEXT: Final = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


class Event(NamedTuple):
    """One thing that happened to a file, or a word to the outside (`said`)."""

    what: str
    path: str
    at: int = 0
    data: bytes = b""
    to: str = ""


def record(command: Sequence[str], folder: Path, trace: Path, **env: str) -> list[Event]:
    """Run a command under strace; return what it did below the folder and said on stdout."""
    subprocess.run(
        ["strace", "-f", "-y", "-xx", "-s", "16777216", "-e", f"trace={CALLS}", "-o", str(trace),
         *command],
        env=env, check=True, stdout=subprocess.DEVNULL, timeout=600,
    )  # fmt: skip
    return list(_Reader(folder).read(trace))


class _Reader:
    """Turns strace's lines into events; calls of several threads are put together."""

    def __init__(self, folder: Path) -> None:
        self._root = f"{folder}/"
        self._begun: dict[str, str] = {}
        self._offsets: dict[str, int] = {}

    def read(self, trace: Path) -> list[Event]:
        found = []
        with trace.open(encoding="ascii", errors="replace") as lines:
            for line in lines:
                event = self._event(line.rstrip("\n"))
                if event is not None:
                    found.append(event)
        return found

    def _event(self, line: str) -> Event | None:
        matched = _LINE.match(line)
        if matched is None:
            return None
        process, text = matched[1], matched[2]
        if text.endswith("<unfinished ...>"):
            self._begun[process] = text.removesuffix("<unfinished ...>")
            return None
        resumed = _RESUMED.match(text)
        if resumed is not None:
            text = self._begun.pop(process, "") + resumed[2]
        call = _CALL.match(text)
        if call is None or int(call[3]) < 0:
            return None
        return self._of(call[1], call[2], int(call[3]))

    def _of(self, name: str, rest: str, result: int) -> Event | None:
        if name in ("rename", "renameat", "renameat2"):
            one, other = (_decode(part).decode() for part in _TEXT.findall(rest)[:2])
            return Event("rename", one, to=other) if one.startswith(self._root) else None
        if name in ("unlink", "unlinkat"):
            gone = _decode(_TEXT.findall(rest)[0]).decode()
            return Event("unlink", gone) if gone.startswith(self._root) else None
        if name == "openat":
            return self._opened(rest)
        return self._on_file(name, rest, result)

    def _opened(self, rest: str) -> Event | None:
        path = _decode(_TEXT.findall(rest)[0]).decode()
        if "O_CREAT" not in rest or not path.startswith(self._root):
            return None
        self._offsets[path] = 0
        return Event("truncate" if "O_TRUNC" in rest else "create", path)

    def _on_file(self, name: str, rest: str, result: int) -> Event | None:
        matched = _FD.match(rest)
        if matched is None:
            return None
        number, path = matched[1], _unescaped(matched[2])
        data = b"".join(_decode(part) for part in _TEXT.findall(rest))
        if name in ("write", "writev") and number == "1":
            return Event("said", "", data=data)
        if not f"{path}/".startswith(self._root) or path.endswith("-shm"):
            return None
        if name in ("write", "writev"):
            at = self._offsets.get(path, 0)
            self._offsets[path] = at + result
            return Event("write", path, at, data[:result])
        if name in ("pwrite64", "ftruncate"):
            at = int(rest.rsplit(", ", 1)[1])
            return Event("write" if data else "cut", path, at, data[:result])
        return Event("sync", path) if name in ("fsync", "fdatasync") else None


def _decode(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def _unescaped(text: str) -> str:
    return _decode(text).decode() if text.startswith("\\x") else text


@dataclass
class _File:
    """Content as the disk holds it, and the writes that it may still forget."""

    disk: bytearray = field(default_factory=bytearray)
    pending: list[Event] = field(default_factory=list)

    def sync(self) -> None:
        for event in self.pending:
            _apply(self.disk, event)
        self.pending.clear()

    def after_power_loss(self, dice: random.Random, keep: float) -> bytes:
        found = bytearray(self.disk)
        for event in self.pending:
            if event.what != "write":
                if dice.random() < keep:
                    _apply(found, event)
                continue
            for start in range(0, len(event.data), SECTOR):
                if dice.random() < keep:
                    part = event.data[start : start + SECTOR]
                    _apply(found, event._replace(at=event.at + start, data=part))
        return bytes(found)


def _apply(content: bytearray, event: Event) -> None:
    if event.what in ("cut", "truncate"):
        size = event.at if event.what == "cut" else 0
        del content[size:]
        content.extend(bytes(size - len(content)))
        return
    content.extend(bytes(max(0, event.at - len(content))))
    content[event.at : event.at + len(event.data)] = event.data


class Disk:
    """The folder as a disk would hold it, moved forward event by event."""

    def __init__(self, before: Path, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, _File] = {}
        for path in before.rglob("*"):
            if path.is_file() and not path.name.endswith("-shm"):
                name = str(folder / path.relative_to(before))
                self._files[name] = _File(bytearray(path.read_bytes()))
        self._durable: dict[str, _File] = dict(self._files)
        self.said = b""

    def take(self, event: Event) -> None:
        """Let one event happen."""
        if event.what == "said":
            self.said += event.data
        elif event.what == "rename":
            self._files[event.to] = self._files.pop(event.path)
        elif event.what == "unlink":
            self._files.pop(event.path, None)
        elif event.what == "sync":
            self._sync(event.path)
        else:
            file = self._files.setdefault(event.path, _File())
            if event.what != "create":
                file.pending.append(event)

    def _sync(self, path: str) -> None:
        file = self._files.get(path)
        if file is not None:
            file.sync()
            return
        # A folder: its names last now, those that went are gone.
        inside = {
            name for name in {*self._files, *self._durable} if name.rpartition("/")[0] == path
        }
        for name in inside:
            if name in self._files:
                self._durable[name] = self._files[name]
            else:
                self._durable.pop(name, None)

    def lose_power(self, target: Path, dice: random.Random, keep: float) -> None:
        """Write what a reader finds after the cut into a fresh folder."""
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for name, file in self._durable.items():
            path = target / Path(name).relative_to(self._folder)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.after_power_loss(dice, keep))


class Cut(NamedTuple):
    """One power loss: what had been said before it, and what a reader finds."""

    said: list[list[str]]
    folder: Path


def cut_often(
    events: Sequence[Event], before: Path, folder: Path, target: Path, count: int
) -> Iterator[Cut]:
    """Yield `count` power losses, spread by chance over all that followed the first word.

    Every third one forgets all that was not synced, the others forget a part.
    """
    dice = random.Random(count)
    disk = Disk(before, folder)
    first = next(n for n, event in enumerate(events) if event.what == "said")
    places = Counter(dice.choices(range(first + 1, len(events)), k=count))
    for number, event in enumerate(events):
        disk.take(event)
        for _ in range(places[number]):
            disk.lose_power(target, dice, dice.choice((0.0, 0.5, 0.9)))
            yield Cut([line.split() for line in disk.said.decode().splitlines()], target)
