"""The far side stops reading, or reads fast: the probe's memory stays flat and nothing is lost."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.probe.harness import ProbeProcess

BLOCK = b"".join(b"%07d some ordinary line of a log file, neither short nor long\n" % n for n in range(16000))


def rss(pid) -> Any:
    return next(
        int(line.split()[1]) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if "VmRSS" in line
    )


def unread(probe: ProbeProcess, seconds: float) -> None:
    """Nobody reads for a while; it must not end."""
    probe.beat()
    with pytest.raises(subprocess.TimeoutExpired):
        probe.process.wait(seconds)


def test_a_reader_that_stops_costs_no_memory_and_loses_nothing(python, tmp_path):
    log = tmp_path / "big.log"
    log.write_bytes(b"")
    config = {"follow": [{"id": 1, "path": str(log), "cursor": None, "tail_bytes": 0}], "interval": 0.2}
    with ProbeProcess.start(python, config) as probe:
        probe.sample()
        pid, before = probe.hello["pid"], rss(probe.hello["pid"])
        with log.open("ab") as file:
            for _ in range(200 * 1000 * 1000 // len(BLOCK)):
                file.write(BLOCK)
        for _ in range(8):
            unread(probe, 0.5)
            assert rss(pid) - before < 6000
        got, began, size = 0, time.monotonic(), log.stat().st_size
        numbers = []
        for frame in probe.frames(60):
            if frame.kind == "L":
                assert frame.head["at"] == got
                assert frame.data == (BLOCK * 2)[got % len(BLOCK) :][: len(frame.data)]
                got += len(frame.data)
            if frame.kind == "S":
                numbers.append(frame.head["n"])
            if got == size:
                break
        assert got == size
        print(f"{size / (time.monotonic() - began) / 1e6:.0f} MB/s")
        assert rss(pid) - before < 8000
        assert numbers[0] > 1  # those made while nobody read were taken over by newer ones


def test_samples_that_replace_each_other_keep_what_had_changed(python, tmp_path):
    config = {"root": str(tmp_path), "services": ["nginx"], "interval": 0.2}
    log = tmp_path / "big.log"
    log.write_bytes(BLOCK * 3)
    config["follow"] = [{"id": 1, "path": "/big.log", "cursor": None, "tail_bytes": 1 << 30}]
    with ProbeProcess.start(python, config) as probe:
        unread(probe, 2.5)
        script = tmp_path / "etc/init.d/nginx"
        script.parent.mkdir(parents=True)
        script.write_text("#!/bin/sh\nexit 3\n")
        script.chmod(0o755)
        unread(probe, 1.5)
        for frame in probe.frames(60):
            if frame.kind == "S" and frame.head.get("services", [{}])[0].get("state") == "stopped":
                break
        else:
            raise AssertionError("the change was swallowed")
        assert not set(frame.head["same"]) & set(frame.head)
