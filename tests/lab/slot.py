"""A place on this machine for one lab, and the janitor that clears it.

The janitor is a process of its own session that waits for the end of its standard input: it clears the slot when the
lab asks for it, and just so when the tests were ended by ^C, SIGTERM or SIGKILL. It shares the slot's lock, so that a
slot is free only when it is clean.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.lab.errors import LabError
from tests.lab.topology import SLOTS, plan

LABS_FOLDER = Path("/run/aen-tui-lab")
CLEAR_SECONDS = 60
CLEAR = """
cd /
for try in 1 2 3 4 5; do
    ip link delete group {group} 2>/dev/null
    ls /sys/class/net | grep -q '^{bridge}' || break
    sleep 0.1
done
ip route flush exact {network} 2>/dev/null
while umount -l {folder} 2>/dev/null; do :; done
rmdir {folder} 2>/dev/null
exit 0
"""


@dataclass(slots=True)
class Slot:
    """A taken slot: its folder is an empty tmpfs, its names are free."""

    number: int
    folder: Path
    janitor: subprocess.Popen[bytes]

    @property
    def group(self) -> int:
        """The group of every link in the root namespace, by which they are deleted at one stroke."""
        return _group(self.number)

    def clear(self) -> None:
        """Removes links, routes and the folder; returns when they are gone."""
        if self.janitor.stdin is None or self.janitor.stdin.closed:
            return
        self.janitor.stdin.close()
        if self.janitor.wait(CLEAR_SECONDS) != 0:
            raise LabError(f"slot {self.number}: clearing ended with {self.janitor.returncode}")


def take() -> Slot:
    """Takes the first free slot, and clears what killed runs left in this and in other free ones."""
    LABS_FOLDER.mkdir(mode=0o700, exist_ok=True)
    taken: Slot | None = None
    for number in range(SLOTS):
        lock = os.open(LABS_FOLDER / f"{number}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            continue
        else:
            if taken is None or _folder(number).exists():
                subprocess.run(
                    ["sh", "-c", _clear_script(number)], check=True, capture_output=True, timeout=CLEAR_SECONDS
                )
            if taken is None:
                taken = _occupy(number, lock)
        finally:
            os.close(lock)  # the janitor holds its own copy of a taken one
    if taken is None:
        raise LabError(f"all {SLOTS} slots of {LABS_FOLDER} are taken by running labs")
    return taken


def _occupy(number: int, lock: int) -> Slot:
    script = f"cat >/dev/null\n{_clear_script(number)}"
    janitor = subprocess.Popen(
        ["sh", "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=[lock],
        start_new_session=True,
    )
    folder = _folder(number)
    folder.mkdir(mode=0o700)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0700", "aen-lab", str(folder)], check=True)
    return Slot(number, folder, janitor)


def _folder(number: int) -> Path:
    return LABS_FOLDER / str(number)


def _group(number: int) -> int:
    return 7700 + number


def _clear_script(number: int) -> str:
    topology = plan(number, gateways=0, computes=0)
    return CLEAR.format(
        group=_group(number), bridge=topology.bridge, network=topology.inner_network, folder=_folder(number)
    )
