"""What every measure stands on: a running lab, its inventory, the viewers, and where peers are found."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.figures import OURS
from tests.bench.terminal import Terminal
from tests.bench.writing import block, word
from tests.lab.lab import Lab
from tests.lab.machine import LabNode

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "aen-tui-bench"
SERVER_LOG = "/opt/wakari/wakari-server/var/log/wakari/server.log"
LOG_FOLDER = "/opt/wakari/wakari-server/var/log/bench"
"""A tmpfs: on the lab's overlay GNU tail does not trust inotify and looks once a second, as on no real node."""
NODE = "aen-server"


@dataclass(frozen=True, slots=True)
class Viewer:
    """A program that shows a node's log."""

    name: str
    argv: list[str]
    missing: str = ""
    """Why it cannot run here."""


@dataclass(slots=True)
class Stage:
    """A lab and what runs on it."""

    lab: Lab
    folder: Path
    """Of this run, removed after it."""
    inventory: Path
    tries: int = 5
    minutes: float = 10
    """Of a soak."""
    _files: int = field(default=0)

    @property
    def node(self) -> LabNode:
        """Where logs are written and read."""
        return self.lab.nodes[NODE]

    @property
    def up_text(self) -> str:
        """What the header says once all are up."""
        return f"{len(self.lab.nodes)}/{len(self.lab.nodes)} up"

    @property
    def env(self) -> dict[str, str]:
        """A home of its own, so that nobody's settings count; python's and ssh's ways stay."""
        home = str(self.folder / "home")
        kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
        return {**kept, "HOME": home, "XDG_STATE_HOME": f"{home}/state"}

    def aen_tui(self, *words: str) -> list[str]:
        """The command as users start it."""
        return [str(Path(sys.executable).with_name("aen-tui")), *words, "--inventory", str(self.inventory)]

    def open(self, argv: list[str]) -> Terminal:
        """A program under a pty of 120x40."""
        return Terminal(argv, env=self.env, folder=self.folder)

    def new_log(self, lines: int = 100) -> tuple[str, str]:
        """A log of its own on the node: its path, and the word its last line ends with."""
        self._files += 1
        path, last = f"{LOG_FOLDER}/bench-{self._files}.log", word()
        self.node.append(path, block(lines, last_word=last))
        self.node.path(path).chmod(0o644)
        return path, last

    def drop_log(self, path: str) -> None:
        """The log is no more; memory of the lab is this machine's."""
        self.node.path(path).unlink(missing_ok=True)

    def viewers(self, path: str) -> list[Viewer]:
        """Ours, and the peers over one ssh connection each, all beginning near the end of the file."""
        ssh = ["ssh", "-F", str(self.lab.jumping_ssh_config), "-o", "BatchMode=yes"]
        tail = ["tail", "-n", "100", "-F", path]
        piped = shlex.join([*ssh, NODE, *tail])
        copy = shlex.quote(str(self.folder / f"copy{path.replace('/', '-')}"))
        toolong, lnav, multitail = peer("toolong", "tl"), shutil.which("lnav"), shutil.which("multitail")
        # tl wants a file that is there and has lines; the sleep is its first line's share of waiting for ssh.
        fill = f"rm -f {copy}; {piped} > {copy} 2>/dev/null & while [ ! -s {copy} ]; do sleep 0.02; done"
        return [
            Viewer(OURS, self.aen_tui("view", f"{NODE}:{path}")),
            Viewer("ssh -t tail -F", [*ssh, "-t", NODE, *tail]),
            Viewer("ssh tail -F | lnav", ["sh", "-c", f"{piped} | lnav"], "" if lnav else "lnav is not installed"),
            Viewer(
                "ssh tail -F, multitail", ["multitail", "-l", piped], "" if multitail else "multitail is not installed"
            ),
            Viewer(
                "ssh tail -F > file, toolong",
                ["sh", "-c", f"{fill}; exec {toolong} {copy}"],
                "" if toolong else "toolong is not installable",
            ),
        ]


@contextmanager
def stage_of(lab: Lab, tries: int, become: str = "actions") -> Iterator[Stage]:
    """A folder, an inventory and a home for the run.

    Args:
        lab: the nodes.
        tries: of what is done several times.
        become: `actions`, the program's default, or `auto`: a second probe under sudo on every node of the lab.
    """
    with TemporaryDirectory(prefix="aen-tui-bench-") as name:
        folder = Path(name)
        (folder / "home").mkdir()
        stage = Stage(lab, folder, lab.write_inventory(folder / "inventory.toml", defaults={"become": become}), tries)
        mount = ["sh", "-c", f"mkdir -p {LOG_FOLDER} && mount -t tmpfs -o mode=755 none {LOG_FOLDER}"]
        done = stage.node.run(mount)
        assert done.returncode == 0, done.stderr
        yield stage


def peer(package: str, command: str) -> Path | None:
    """A Python program in a venv of its own under the cache folder, installed when first asked for; None: none."""
    program = CACHE / package / "bin" / command
    if not program.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "venv", str(CACHE / package)], check=False, capture_output=True)
        install = [str(CACHE / package / "bin/pip"), "install", "--quiet", package]
        subprocess.run(install, check=False, capture_output=True, timeout=300)
    return program if program.exists() else None
