"""`aen-tui logs` as a process among others: readers that go, that stop taking, and ^C."""

from __future__ import annotations

import hashlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.lab.lab import Lab
from tests.lab.machine import LabNode

NODE = "compute2-2"
LOG = "/var/log/output.log"
INTERRUPTED = 130
GROWTH_BYTES = 24 * 1024 * 1024
"""Beside the 64 MiB of books nothing may grow by more; reached when 1 MiB is unread."""


@pytest.fixture
def node(lab: Lab) -> Iterator[LabNode]:
    """A node with an empty log."""
    found = lab.nodes[NODE]
    found.path(LOG).write_bytes(b"")
    yield found
    found.path(LOG).unlink()


@contextmanager
def logs(inventory: Path, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """`logs -f` of the log, from when it says that it follows."""
    command = [sys.executable, "-m", "aen_tui", "--inventory", str(inventory), "logs", "-f", f"{NODE}:{LOG}", *words]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)
    assert process.stdout is not None and process.stderr is not None
    try:
        assert process.stderr.readline() == f"following {NODE}:{LOG}\n".encode()
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.stdout.close()
        process.stderr.close()
        process.wait()


def until(condition: Callable[[], object], what: str, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, what
        select.select([], [], [], 0.05)


def test_a_reader_that_goes_ends_it_quietly(node: LabNode, inventory_file: Path) -> None:
    with logs(inventory_file) as process:
        assert process.stdout is not None and process.stderr is not None
        node.append(LOG, b"one\n")
        assert process.stdout.readline() == f"{NODE}:{LOG}| one\n".encode()
        process.stdout.close()
        node.append(LOG, b"two\n")
        assert process.wait(60) == 0
        assert process.stderr.read().strip() == b""


def test_interrupted_it_says_nothing(node: LabNode, inventory_file: Path) -> None:
    with logs(inventory_file, "--json") as process:
        assert process.stderr is not None
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == INTERRUPTED
        assert process.stderr.read().strip() == b""


def blocked(node: LabNode, inventory_file: Path, megabytes: int, *words: str) -> None:
    """Write while nobody takes what is printed: memory stays flat, and then all of it comes."""
    line = b"a line of a hundred bytes, as logs have them, of which there are many more than anybody can read now ..\n"
    block = line * (1024 * 1024 // len(line))
    with logs(inventory_file, *words) as process:
        assert process.stdout is not None
        about = psutil.Process(process.pid)
        before = about.memory_info().rss
        want = hashlib.sha256()
        for _ in range(megabytes):
            node.append(LOG, block)
            want.update(block)
        total, taken, got = megabytes * len(block), 0, hashlib.sha256()
        marks: list[int] = []
        while len(marks) < 10:  # of the same size ten times in a row: it has come to rest
            size = about.memory_info().rss
            marks = [*marks, size] if not marks or abs(size - marks[0]) < 65_536 else [size]
            select.select([], [], [], 0.1)
        assert marks[-1] - before < GROWTH_BYTES
        prefix = b"" if "--raw" in words else f"{NODE}:{LOG}| ".encode()
        lines = total // len(line)
        total += lines * len(prefix)
        rest = b""
        while taken < total:
            assert select.select([process.stdout], [], [], 30)[0], f"{taken:,} of {total:,} bytes"
            data = os.read(process.stdout.fileno(), 1 << 20)
            taken += len(data)
            if prefix:
                data = rest + data
                cut = data.rfind(b"\n") + 1
                data, rest = data[:cut], data[cut:]
                data = data.replace(prefix, b"")
            got.update(data)
        assert got.digest() == want.digest()
        assert about.memory_info().rss - before < 64 * 1024 * 1024 + GROWTH_BYTES


def test_a_reader_that_takes_nothing_costs_no_memory_and_loses_nothing(node: LabNode, inventory_file: Path) -> None:
    blocked(node, inventory_file, 30, "--raw")


@pytest.mark.long
@pytest.mark.parametrize("words", [("--raw",), ()])
def test_two_hundred_megabytes_while_nobody_reads(node: LabNode, inventory_file: Path, words: tuple[str, ...]) -> None:
    blocked(node, inventory_file, 200, *words)
