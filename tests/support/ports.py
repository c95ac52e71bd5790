"""Ports for daemons that are told theirs."""

from __future__ import annotations

import secrets
import socket
from contextlib import suppress
from pathlib import Path


def free_port(address: str = "127.0.0.1") -> int:
    """A TCP port that nobody listens on, below those that the kernel gives away: so it is free a moment later too."""
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    while True:
        port = lowest // 2 + secrets.randbelow(lowest // 2)
        with socket.socket() as sock, suppress(OSError):
            sock.bind((address, port))
            return port
