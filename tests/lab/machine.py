"""A running node as tests handle it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import xmlrpc.client
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from supervisor.xmlrpc import SupervisorTransport

from tests.lab import network
from tests.lab.errors import LabError
from tests.lab.topology import SERVICE_OF, Place, Topology
from tests.lab.tree import prefix_of
from tests.lab.variants import Variant

NODE_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SSHD_NAMES = ("sshd", "sshd-session", "sshd-auth")
"""OpenSSH splits its server since 9.8."""
SshdPart = Literal["all", "listener", "sessions"]


@dataclass(frozen=True, slots=True)
class LabNode:
    """One machine of the lab."""

    place: Place
    variant: Variant
    pid: int
    """Its pid 1, as numbered outside."""
    topology: Topology
    gateway: LabNode | None
    """The gateway of a compute."""

    @property
    def name(self) -> str:
        """Its host name and its name in ssh_config and inventory."""
        return self.place.name

    @property
    def role(self) -> str:
        """Its first role: server, store, gateway or compute."""
        return self.place.roles[0]

    @property
    def address(self) -> str:
        """Where its sshd is reached: by the jump host, of a compute by its gateway alone."""
        return self.place.address

    @property
    def prefix(self) -> str:
        """/opt/wakari/wakari-ROLE of its first role; a store has none."""
        return prefix_of(self.role)

    def path(self, path: str) -> Path:
        """The node's file as this process can read and write it; absolute links in it lead astray."""
        return Path(f"/proc/{self.pid}/root{path}")

    def append(self, path: str, content: bytes) -> None:
        """Adds bytes to the end of a file that may not be there yet."""
        with self.path(path).open("ab") as file:
            file.write(content)

    def written(self) -> set[str]:
        """Paths of all files that were made or changed on the node's disk since it was built."""
        upper = self.path("/run/lab/upper")
        return {f"/{Path(folder, name).relative_to(upper)}" for folder, _, names in os.walk(upper) for name in names}

    def run(
        self, argv: Sequence[str], *, user: str = "root", text: str | None = None, timeout_seconds: float = 60
    ) -> subprocess.CompletedProcess[str]:
        """Runs a command inside the node, without ssh; `text` is its standard input; its exit code never raises."""
        enter = ["nsenter", f"--target={self.pid}", "--mount", "--net", "--uts", "--ipc", "--pid"]
        become = [] if user == "root" else ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups"]
        command = [*enter, "env", "-i", NODE_PATH, "LANG=C", f"USER={user}", *become, *argv]
        return subprocess.run(
            command,
            input=text,
            stdin=subprocess.DEVNULL if text is None else None,
            capture_output=True,
            text=True,
            timeout=timeout_seconds,
            check=False,
        )

    def listen(self, port: int) -> socket.socket:
        """Listens inside the node, on its 127.0.0.1; what serves there is this process."""
        return network.listen_inside(self.pid, port)

    def processes(self) -> dict[int, str]:
        """Outer pid → command name of every process of the node."""
        mine = Path(f"/proc/{self.pid}/ns/pid").stat().st_ino
        found = {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                if (entry / "ns/pid").stat().st_ino == mine:
                    found[int(entry.name)] = (entry / "comm").read_text().strip()
            except OSError:
                continue  # it ended meanwhile
        return found

    def sshd_pids(self, part: SshdPart = "all") -> list[int]:
        """Outer pids of the node's sshd processes; the listener is the one that calls itself so."""
        found = [pid for pid, name in self.processes().items() if name in SSHD_NAMES]
        if part == "all":
            return found
        return [pid for pid in found if _is_listener(pid) == (part == "listener")]

    def kill_sshd(self, part: SshdPart = "all") -> int:
        """SIGKILL to sshd processes until none is left; what they started goes on as orphans. Returns how many."""
        killed: set[int] = set()
        # Again and again: one may fork while it is being killed (a login forks twice).
        while pids := self.sshd_pids(part):
            for pid in set(pids) - killed:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                killed.add(pid)
        return len(killed)

    def start_sshd(self) -> None:
        """Starts the listener again."""
        _checked(self.run(["/usr/sbin/sshd", "-E", "/var/log/secure"]), f"{self.name}: sshd")

    def service(self, name: str, verb: str) -> subprocess.CompletedProcess[str]:
        """`service NAME VERB` as root."""
        return self.run(["service", name, verb])

    def supervisor(self, role: str | None = None) -> AbstractContextManager[xmlrpc.client.ServerProxy]:
        """The XML-RPC interface of a role's supervisord, over its socket."""
        return _supervisor(str(self.path(f"/opt/wakari/{SERVICE_OF[role or self.role]}/var/run/supervisor.sock")))

    def program(self, name: str, role: str | None = None) -> dict[str, Any]:
        """supervisord's getProcessInfo of a program (`group:name` where they differ)."""
        with self.supervisor(role) as server:
            info: Any = server.supervisor.getProcessInfo(name)
            return dict(info)

    def supervisor_pid(self, program: str, role: str | None = None) -> int:
        """A program's pid inside the node; 0 when it does not run."""
        return int(self.program(program, role)["pid"])

    def cut_link(self) -> None:
        """From here on every packet from and to the node is lost without an answer."""
        network.cut(self.place, self.topology, node_pid=self.pid, gateway=self._gateway_place, gateway_pid=self._outer)

    def unplug_link(self) -> None:
        """The cable is out: the node itself notices."""
        network.unplug(self.place, gateway_pid=self._outer)

    def restore_link(self) -> None:
        """Undoes `cut_link` and `unplug_link`."""
        network.restore(self.place, self.topology, gateway_pid=self._outer)

    @property
    def _outer(self) -> int | None:
        return self.gateway.pid if self.gateway is not None else None

    @property
    def _gateway_place(self) -> Place | None:
        return self.gateway.place if self.gateway is not None else None


@contextmanager
def _supervisor(socket_path: str) -> Iterator[xmlrpc.client.ServerProxy]:
    server = xmlrpc.client.ServerProxy(
        "http://127.0.0.1", transport=SupervisorTransport(serverurl=f"unix://{socket_path}")
    )
    try:
        yield server
    finally:
        server("close")()


def _is_listener(pid: int) -> bool:
    # Not by its parent: what outlives a killed session belongs to pid 1 too.
    try:
        return b"[listener]" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _checked(done: subprocess.CompletedProcess[str], what: str) -> None:
    if done.returncode != 0:
        raise LabError(f"{what}: exit {done.returncode}: {done.stdout}{done.stderr}")
