"""Runs the probe here as sshd would there: the shell line, the bootstrap, the joined source, frames.

    with ProbeProcess.start("/usr/bin/python2.7", {"mounts": ["/"]}) as probe:
        print(probe.hello["python"], probe.sample()["metrics"])

Also from a shell: `python -m tests.probe.harness [PYTHON] [LOGFILE…]` prints what comes.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from aen_tui import probe
from aen_tui.transports.payload import probe_command, probe_source

SYNC = b"\0\0AEN-TUI-PROBE 1\n"
DEADLINE_SECONDS = 60.0


def interpreters() -> list[str]:
    """Every Python at hand: on PATH, under ~/.pyenv/versions, in $AEN_TUI_PYTHONS; one a version."""
    names = [f"python{major}.{minor}" for major, minors in ((2, (6, 7)), (3, range(4, 15))) for minor in minors]
    folders = [Path(word) for word in os.environ.get("PATH", "").split(":") if word and "shims" not in word]
    found = [str(folder / name) for folder in folders for name in names]
    found += [str(path) for path in sorted(Path.home().glob(".pyenv/versions/*/bin/python"))]
    found += [word for word in os.environ.get("AEN_TUI_PYTHONS", "").split(":") if word]
    versions: dict[str, str] = {}
    for path in found:
        if os.access(path, os.X_OK):
            code = "import sys; sys.stdout.write('%d.%d' % sys.version_info[:2])"
            asked = subprocess.run([path, "-E", "-s", "-S", "-c", code], capture_output=True, text=True, check=False)
            if asked.returncode == 0:
                versions.setdefault(asked.stdout, path)
    return [versions[key] for key in sorted(versions, key=lambda word: [int(part) for part in word.split(".")])]


def namespace() -> dict[str, Any]:
    """The names of the joined source, not run, in this interpreter: for its pure functions."""
    names: dict[str, Any] = {"__name__": "probe", "__path__": probe.__file__}
    exec(compile(probe_source().rpartition(b"\nmain()")[0].replace(b"\f", b"\n"), "probe", "exec"), names)
    return names


@dataclass
class Frame:
    """One frame as it came."""

    kind: str
    """H, S, L, R, A or E."""
    head: dict[str, Any]
    """Its JSON."""
    data: bytes = b""
    """What follows the JSON in an L, R or A frame."""
    at: float = field(default_factory=time.monotonic)


class ProbeProcess:
    """A running probe. Every wait has a deadline; a traceback from the probe is an AssertionError here."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.buffer = bytearray()
        self.synced = False
        self.hello: dict[str, Any] = {}
        self.seen: list[Frame] = []
        self.early: list[Frame] = []
        """Samples that came before the hello: they go first, where a busy machine has made both at once."""
        self.sections: dict[str, Any] = {}

    @classmethod
    def start(
        cls,
        python: str,
        config: dict[str, Any],
        *,
        source: bytes | None = None,
        command: str | None = None,
        env: dict[str, str] | None = None,
    ) -> Self:
        """Start it, send the source and the start line (with an owner of its own), wait for its hello."""
        running = cls.spawn(python, source=source, command=command, env=env)
        running.send({"op": "start", "session": uuid.uuid4().hex, "owner": uuid.uuid4().hex, **config})
        running.hello = running.wait(lambda frame: frame.kind == "H").head
        running.early = [frame for frame in running.seen if frame.kind == "S"]
        return running

    @classmethod
    def spawn(
        cls, python: str, *, source: bytes | None = None, command: str | None = None, env: dict[str, str] | None = None
    ) -> Self:
        """Start it and send the source only."""
        line = command or probe_command(python, None, raw_pty=False)
        process = subprocess.Popen(
            ["/bin/sh", "-c", line],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if os.environ.get("PROBE_QUIET") else None,
            bufsize=0,
            env=env,
        )
        running = cls(process)
        body = probe_source() if source is None else source
        running.write(b"%d\n" % len(body) + body)
        return running

    def write(self, data: bytes) -> None:
        """All of it to its standard input."""
        assert self.process.stdin is not None
        self.process.stdin.write(data)

    def send(self, order: dict[str, Any]) -> None:
        """One operation."""
        self.write(json.dumps(order).encode() + b"\n")

    def beat(self) -> None:
        """The heartbeat."""
        self.write(b"\n")

    def frames(self, seconds: float = DEADLINE_SECONDS) -> Iterator[Frame]:
        """Frames as they come, until `seconds` have passed or the probe is gone; beats once a second."""
        assert self.process.stdout is not None
        end, beat = time.monotonic() + seconds, 0.0
        while True:
            if self.early:
                yield self.early.pop(0)
                continue
            frame = self._cut()
            if frame:
                self._take(frame)
                yield frame
                continue
            left = end - time.monotonic()
            if left <= 0:
                return
            if time.monotonic() - beat > 1.0:
                beat = time.monotonic()
                with contextlib.suppress(BrokenPipeError):
                    self.beat()
            if select.select([self.process.stdout], [], [], min(left, 0.5))[0]:
                data = os.read(self.process.stdout.fileno(), 1 << 20)
                if not data:
                    return
                self.buffer += data

    def wait(self, wanted: Any, seconds: float = DEADLINE_SECONDS) -> Frame:
        """The next frame for which `wanted(frame)` is true; AssertionError at the deadline."""
        for frame in self.frames(seconds):
            if wanted(frame):
                return frame
        raise AssertionError(f"not seen within {seconds} s; exit {self.process.poll()}; sections {self.sections}")

    def sample(self, seconds: float = DEADLINE_SECONDS) -> dict[str, Any]:
        """The next S frame's JSON."""
        return self.wait(lambda frame: frame.kind == "S", seconds).head

    def until(self, wanted: Any, seconds: float = DEADLINE_SECONDS) -> dict[str, Any]:
        """Wait until `wanted(sections)` is true of the newest of every section; those sections."""
        if self.sections and wanted(self.sections):
            return self.sections
        self.wait(lambda frame: frame.kind == "S" and wanted(self.sections), seconds)
        return self.sections

    def log(self, number: int, seconds: float = DEADLINE_SECONDS) -> Frame:
        """The next L frame of a followed file."""
        return self.wait(lambda frame: frame.kind == "L" and frame.head["id"] == number, seconds)

    def log_bytes(self, number: int, wanted: bytes, seconds: float = DEADLINE_SECONDS) -> list[Frame]:
        """L frames of a file until their bytes are `wanted`; AssertionError as soon as they differ."""
        got, found = bytearray(), []
        while True:
            frame = self.log(number, seconds)
            found.append(frame)
            got += frame.data
            assert wanted.startswith(got), (bytes(got[-200:]), wanted[-200:])
            if len(got) == len(wanted):
                return found

    def left(self) -> int:
        """Its exit status once it has left; heartbeats go on, so it is not for silence that it leaves."""
        end = time.monotonic() + DEADLINE_SECONDS
        while (status := self.process.poll()) is None:
            assert time.monotonic() < end, "it did not leave"
            for _ in self.frames(0.1):
                pass
        return status

    def close(self) -> int:
        """End of input; its exit status. It must leave."""
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()
        try:
            return self.process.wait(DEADLINE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
            raise AssertionError("the probe did not leave at the end of its input") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self.close()

    def _cut(self) -> Frame | None:
        if not self.synced:
            place = self.buffer.find(SYNC)
            if place < 0:
                return None
            del self.buffer[: place + len(SYNC)]
            self.synced = True
        if len(self.buffer) < 5:
            return None
        length = int.from_bytes(self.buffer[1:5], "big")
        assert length <= 1 << 20, length
        if len(self.buffer) < 5 + length:
            return None
        kind, payload = chr(self.buffer[0]), bytes(self.buffer[5 : 5 + length])
        del self.buffer[: 5 + length]
        head, _, data = payload.partition(b"\n") if kind in "LRA" else (payload, b"", b"")
        return Frame(kind, json.loads(head), data)

    def _take(self, frame: Frame) -> None:
        assert frame.kind in "HSLRAE", frame
        assert frame.kind != "E", frame.head["traceback"]
        self.seen.append(frame)
        if frame.kind == "S":
            self.sections.update({key: value for key, value in frame.head.items() if key not in ("n", "time", "same")})


def main() -> None:
    """Print what a probe with the given interpreter and log files says."""
    python, paths = [*sys.argv, sys.executable][1], sys.argv[2:]
    follow = [{"id": n, "path": path, "cursor": None, "tail_bytes": 65536} for n, path in enumerate(paths, 1)]
    config = {"mounts": ["/", "/projects"], "services": ["nginx", "ssh"], "follow": follow}
    with ProbeProcess.start(python, config) as running:
        print(running.hello)
        for frame in running.frames(3600):
            print(frame.kind, frame.head, frame.data[:200])


if __name__ == "__main__":
    main()
