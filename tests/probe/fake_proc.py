"""A /proc of our own making under a probe's root: processes that nobody has to start."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

PASSWD = "root:x:0:0::/root:/bin/sh\nnginx:x:495:495::/:/bin/false\n"


def machine(root: Path, passwd: str = PASSWD) -> Path:
    """A root with accounts, a boot time and a first process."""
    (root / "etc").mkdir(parents=True)
    (root / "etc/passwd").write_text(passwd)
    (root / "proc").mkdir()
    (root / "proc/stat").write_text("cpu  1 0 1 1 0 0 0 0 0\ncpu0 1 0 1 1 0 0 0 0 0\nbtime 1478000000\n")
    process(root, 1, "init", 0, ["/sbin/init"])
    return root


def process(root: Path, pid: int, name: str, uid: int, argv: Sequence[str], parent: int = 1) -> None:
    """One process, as kernel 2.6.32 shows it; the root is put before its first word."""
    here = root / "proc" / str(pid)
    here.mkdir()
    words = "S", str(parent), *["0"] * 9, "7", "3", *["0"] * 6, "12345", "0", "0"
    (here / "stat").write_text(f"{pid} ({name[:15]}) {' '.join(words)}\n")
    (here / "status").write_text(f"Name:\t{name[:15]}\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\nVmRSS:\t    2048 kB\n")
    (here / "cmdline").write_bytes(b"\0".join(word.encode() for word in (f"{root}{argv[0]}", *argv[1:])) + b"\0")
