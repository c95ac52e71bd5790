"""Cursors under any history of a log: what was written comes out byte for byte, whenever the reader goes and comes.

The probe's own follower, stepped by hand on real files with a clock that the test moves.
"""

from __future__ import annotations

import json
import random
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.probe.harness import namespace
from tests.whole.rotating import RotatingLog

SETTLED_STEPS = 12
"""So often in a row nothing came, a third of a second apart: whatever waits has been waited for."""


class Agent:
    """What a follower needs of the probe: no inotify, every filesystem answers, frames are kept."""

    def __init__(self) -> None:
        self.inotify = self.disks = self.wire = self
        self.read = bytearray()
        self.cursor: dict[str, Any] | None = None
        self.seams: list[dict[str, Any]] = []

    def add(self, *_words: object) -> None:
        return None

    def remove(self, *_words: object) -> None:
        return None

    def hung(self, _path: bytes) -> None:
        return None

    def send(self, _kind: bytes, payload: bytes) -> None:
        head, _, data = payload.partition(b"\n")
        entry = json.loads(head)
        self.read += data
        self.cursor = entry["cursor"]
        if entry["seam"]:
            self.seams.append(entry["seam"])


class Reader:
    """A follower that goes and comes back with the cursor of the last frame."""

    def __init__(self, path: Path) -> None:
        self.names = namespace()
        self.now = 1000.0
        self.names["monotonic"] = lambda: self.now
        self.agent = Agent()
        self.path = path
        self.follow = self.open()

    def open(self) -> Any:
        spec = {"id": 1, "path": str(self.path), "cursor": self.agent.cursor, "tail_bytes": 1 << 30}
        return self.names["Follow"](self.agent, spec)

    def reconnect(self) -> None:
        self.follow.close()
        self.follow = self.open()

    def step(self) -> bool:
        more = bool(self.follow.step())
        if not more:
            self.now += 0.34
        return more

    def settle(self) -> None:
        quiet = 0
        while quiet < SETTLED_STEPS:
            before = len(self.agent.read)
            quiet = 0 if self.step() or len(self.agent.read) > before else quiet + 1


EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(3, 60)),
        st.tuples(st.just("write"), st.integers(600, 3000)),  # more than one block
        st.tuples(st.sampled_from(["rename", "date", "copy", "remove", "settle", "reconnect"]), st.just(0)),
        st.tuples(st.just("steps"), st.integers(1, 4)),
    ),
    max_size=25,
)


@settings(max_examples=100)
@given(EVENTS, st.integers(0, 1000))
@example([("rename", 0), ("write", 3), ("steps", 2), ("copy", 0)], 0)  # copied and cut between opened and read
@example([("copy", 0), ("write", 3), ("steps", 1), ("copy", 0)], 0)  # cut again between seen to be cut and read
@example([("copy", 0), ("write", 3), ("rename", 0), ("rename", 0)], 0)  # what is held is packed under its next name
@example([("copy", 0), ("write", 3), ("rename", 0), ("write", 3), ("rename", 0)], 0)  # and another one after it
@example(  # the same, found empty before
    [("copy", 0), ("settle", 0), ("write", 3), ("rename", 0), ("write", 3), ("rename", 0)], 0
)
@example(  # renamed, and the next one too, between opened and read
    [("rename", 0), ("write", 3), ("steps", 2), ("rename", 0), ("write", 3), ("rename", 0)], 0
)
def test_every_byte_once_in_its_order(events: list[tuple[str, int]], seed: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log = RotatingLog(folder / "some.log", folder / "copy", random.Random(seed))
        log.write(3)
        reader = Reader(folder / "some.log")
        reader.settle()
        for what, count in events:
            match what:
                case "write":
                    log.write(count)
                case "rename":
                    log.rename()
                case "date":
                    log.rename_by_date()
                case "copy":
                    log.copy_and_truncate()
                case "remove":  # what nobody has read is gone with the file
                    reader.settle()
                    log.remove()
                case "settle":
                    reader.settle()
                case "reconnect":
                    reader.reconnect()
                case "steps":
                    for _ in range(count):
                        reader.step()
        log.write(3)
        reader.settle()
        log.close()
        want = (folder / "copy").read_bytes()
        got = bytes(reader.agent.read)
        assert got == want, (len(got), len(want), reader.agent.seams)
        assert not [seam for seam in reader.agent.seams if seam["lost"]]
        reader.follow.close()
