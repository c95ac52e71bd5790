"""What the day tells the stand-ins: datagrams to ROOT/run/NAME (stand_ins/program.py says which)."""

from __future__ import annotations

import contextlib
import json
import socket

from aen_tui.demo.plan import DemoNode

_PROGRAM_OF_LOG = {
    "server": "wk-server", "woc": "nginx", "woc-error": "nginx", "worker": "worker",
    "gateway": "wk-gateway", "launcher": "wk-compute",
}  # fmt: skip


class Orders:
    """Sends; what a stopped program is told is lost, as its log lines would be."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)

    def close(self) -> None:
        """Be done."""
        self._socket.close()

    def log(self, node: DemoNode, log: str, level: str, text: str) -> None:
        """Have a line written to one of a node's logs; `application` is that of its only program."""
        self._send(node, _PROGRAM_OF_LOG.get(log, node.programs[0]), f"log\t{log}\t{level}\t{text}")

    def raw(self, node: DemoNode, log: str, text: str) -> None:
        """The same with the line's own format; {clf} and {ngx} become nginx's two times."""
        self._send(node, _PROGRAM_OF_LOG.get(log, node.programs[0]), f"raw\t{log}\t{text}")

    def status(self, gateway: DemoNode, *messages: str) -> None:
        """Turn a gateway's status document bad until its program is restarted."""
        document = {"status": "error" if messages else "ok", "messages": list(messages)}
        self._send(gateway, gateway.programs[0], "status\t" + json.dumps(document))

    def _send(self, node: DemoNode, program: str, text: str) -> None:
        with contextlib.suppress(FileNotFoundError, ConnectionRefusedError, BlockingIOError):
            self._socket.sendto(text.encode(), str(node.root / "run" / program))
