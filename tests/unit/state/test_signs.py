"""Signs of trouble in lines of kernels from 2.6.32 on, and none in what only looks like one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from aen_tui.model.facts import LogPath
from aen_tui.model.logs import LogKey
from aen_tui.model.node import NodeName
from aen_tui.model.trends import SignKind
from aen_tui.state.logbook import LogBooks
from aen_tui.state.signs import BUDGET_BYTES, KEPT_SECONDS, NodeSigns, Seen, SignScan, classify

MESSAGES = LogKey(NodeName("compute1-1"), LogPath("/var/log/messages"))
KERNEL = "Oct 19 14:03:22 compute1-1 kernel: "


@pytest.mark.parametrize(
    ("line", "kind", "subject"),
    [
        ("Killed process 2345, UID 500, (python) total-vm:906436kB, anon-rss:1kB", SignKind.OOM_KILL, "python"),
        ("[5123.1] Killed process 2345 (jupyter-noteboo) total-vm:9kB", SignKind.OOM_KILL, "jupyter-noteboo"),
        ("Out of memory: Killed process 9 (R) total-vm:1kB, anon-rss:2kB, UID:1", SignKind.OOM_KILL, "R"),
        ("Memory cgroup out of memory: Killed process 77 (node) total-vm:2kB", SignKind.OOM_KILL, "node"),
        ("end_request: I/O error, dev sda, sector 1234", SignKind.IO_ERROR, "sda"),
        ("blk_update_request: I/O error, dev dm-3, sector 0", SignKind.IO_ERROR, "dm-3"),
        ("Buffer I/O error on device sdb1, logical block 0", SignKind.IO_ERROR, "sdb1"),
        ('XFS (dm-0): metadata I/O error: block 0x1 ("xlog_iodone")', SignKind.IO_ERROR, "dm-0"),
        ("sd 2:0:0:0: rejecting I/O to offline device", SignKind.IO_ERROR, ""),
        ("EXT4-fs (sda1): Remounting filesystem read-only", SignKind.READ_ONLY, "sda1"),
        ("EXT4-fs (sda1): error: remounting filesystem read-only", SignKind.READ_ONLY, "sda1"),
        ("Remounting filesystem read-only", SignKind.READ_ONLY, ""),
        (
            "XFS (dm-2): Log I/O Error Detected. Shutting down; Filesystem has been shut down",
            SignKind.READ_ONLY,
            "dm-2",
        ),
        ("nfs: server filer.example.com not responding, still trying", SignKind.NFS, "filer.example.com"),
        ("nf_conntrack: table full, dropping packet", SignKind.CONNTRACK, ""),
        ("ip_conntrack: table full, dropping packet.", SignKind.CONNTRACK, ""),
    ],
)
def test_what_kernels_say(line: str, kind: SignKind, subject: str) -> None:
    seen = classify((KERNEL + line).encode(), is_system=True)
    assert seen is not None
    assert (seen.kind, seen.subject, seen.is_over) == (kind, subject, False)
    assert "kernel:" not in seen.text
    # in a log of an application the same words are a quotation
    assert classify((KERNEL + line).encode(), is_system=False) is None


@pytest.mark.parametrize(
    "head",
    [
        "kernel: ",
        "Oct  9 04:03:22 compute1-1.example.com kernel: ",
        "Oct 19 2016 14:03:22 10.0.0.7 kernel: [  512.123456] ",
        "Oct 19 14:03:22 kernel: ",
        "2016-10-19T14:03:22.123456+02:00 compute1-1 kernel: ",
        "2016-10-19 14:03:22.123 fe80::1 kernel: ",
    ],
)
def test_heads_of_kernel_lines(head: str) -> None:
    seen = classify(f"{head}Killed process 7 (java)".encode(), is_system=True)
    assert seen is not None
    assert seen.text == "Killed process 7 (java)"


@pytest.mark.parametrize(
    "line",
    [
        "Oct 19 14:03:22 compute1-1 sshd[99]: Killed process 2345 (python)",
        KERNEL + "Out of memory: Kill process 2345 (python) score 905 or sacrifice child",
        "Oct 19 14:03:22 compute1-1 alice: kernel: Out of memory: Killed process 1 (mongod) total-vm:2kB",
        "Oct 19 14:03:22 compute1-1 alice[77]: kernel: Killed process 1 (mongod) total-vm:2kB",
        "Oct 19 14:03:22 compute1-1 sudo:   ops : COMMAND=/bin/grep kernel: Killed process 77 (java) /var/log/messages",
        KERNEL + "usb 1-1: new device",
        KERNEL + "nfs: server filer is fine",
        KERNEL + "end_request: I/O error, dev fd0, sector 0",
        KERNEL + "blk_update_request: I/O error, dev sr0, sector 0",
        KERNEL + "Buffer I/O error on device sr1, logical block 0",
        "",
    ],
)
def test_what_is_none(line: str) -> None:
    assert classify(line.encode(), is_system=True) is None


def test_a_quota_counts_wherever_it_is_said_and_hostile_text_is_made_visible() -> None:
    for line in ("cp: error writing 'x\x1b[2J': Disk quota exceeded", "{ Error: EDQUOT: disk quota exceeded, write }"):
        seen = classify(line.encode(), is_system=False)
        assert seen is not None
        assert seen.kind is SignKind.QUOTA
        assert "\x1b" not in seen.text


@pytest.fixture
def books() -> LogBooks:
    return LogBooks(limit_bytes=8 << 20)


def add(books: LogBooks, text: str, at: float = 0.0) -> None:
    books.append(MESSAGES, text.encode(), at=0, cursor=None, seam=None, monotonic=at, wall=at, eof=True)


def found(scan: SignScan, books: LogBooks) -> Iterator[int]:
    return (number for number, _ in scan.look(books.book(MESSAGES).chunks))


def test_only_what_is_new_is_looked_at_and_lines_are_numbered(books: LogBooks) -> None:
    scan = SignScan(is_system=True)
    add(books, f"one\n{KERNEL}end_request: I/O error, dev sda\nthree\n")
    assert list(found(scan, books)) == [1]
    assert list(found(scan, books)) == []
    add(books, f"four\n{KERNEL}Killed process 1 (x)\n{KERNEL}Killed process 2 (y)\n", 1.0)
    assert list(found(scan, books)) == [4, 5]


def test_a_burst_is_looked_at_bit_by_bit(books: LogBooks) -> None:
    scan = SignScan(is_system=True)
    for number in range(40):
        add(books, ("x" * 99 + "\n") * 600 + f"{KERNEL}Killed process {number} (x)\n", float(number))
    first = list(found(scan, books))
    assert 0 < len(first) <= 2 * BUDGET_BYTES // 60_000 + 1
    rest = [number for _ in range(40) for number in found(scan, books)]
    assert len(first) + len(rest) == 40


def seen(kind: SignKind, text: str, **more: object) -> Seen:
    return Seen(kind, text, str(more.pop("subject", "")), **more)  # type: ignore[arg-type]


def test_they_are_counted_folded_and_forgotten_after_an_hour() -> None:
    signs = NodeSigns()
    signs.add(seen(SignKind.OOM_KILL, "a"), 1000.0, "/var/log/messages")
    signs.add(seen(SignKind.OOM_KILL, "a"), 1003.0, "kernel")  # the same message, from the ring
    signs.add(seen(SignKind.OOM_KILL, "b"), 2000.0, "kernel")
    (shown,) = signs.shown(2000.0)
    assert (shown.text, shown.count, shown.at) == ("b", 2, 2000.0)
    assert signs.shown(2001.0) is signs.shown(2002.0)
    assert signs.shown(1000.0 + KEPT_SECONDS + 1)[0].count == 1
    assert signs.shown(2000.0 + KEPT_SECONDS + 1) == ()


def test_a_ring_that_is_read_again_is_counted_once_and_what_it_repeats_as_often_as_it_does() -> None:
    signs = NodeSigns()
    full = seen(SignKind.CONNTRACK, "table full")
    for drift in (0.0, 0.7, -1.5):
        signs.add_ring([(1000.0 + drift, full), (1001.0 + drift, full)], "kernel")
    assert signs.shown(1002.0)[0].count == 2
    signs.add_ring([(1000.0, full), (1001.0, full), (1002.0, full)], "kernel")
    assert signs.shown(1002.0)[0].count == 3


def test_an_nfs_server_that_is_back_is_no_sign() -> None:
    signs = NodeSigns()
    lost = classify(f"{KERNEL}nfs: server a not responding, still trying".encode(), is_system=True)
    back = classify(f"{KERNEL}nfs: server a OK".encode(), is_system=True)
    other = classify(f"{KERNEL}nfs: server b not responding, timed out".encode(), is_system=True)
    assert lost is not None
    assert back is not None
    assert other is not None
    signs.add(lost, 10.0, "m")
    signs.add(back, 20.0, "m")
    assert signs.shown(21.0) == ()
    signs.add(other, 22.0, "m")
    assert [one.subject for one in signs.shown(23.0)] == ["b"]
    signs.add(lost, 30.0, "m")
    assert signs.shown(31.0)[0].count == 2
