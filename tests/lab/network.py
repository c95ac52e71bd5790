"""Wires: the lines for `ip -batch`, and links cut so that packets vanish without an answer."""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path

from tests.lab.errors import LabError
from tests.lab.topology import Place, Topology

JUMP_MAC = "02:ae:{slot:02x}:00:00:01"
INNER_BRIDGE = "dc0"
CLONE_NEWNET = 0x40000000
"""setns(2)."""


def run_ip(lines: Sequence[str], *, inside: int | None = None) -> None:
    """Runs lines of `ip -batch` here, or in the network of the process `inside`.

    Raises:
        LabError: with what `ip` printed.
    """
    enter = ["nsenter", f"--net=/proc/{inside}/ns/net"] if inside is not None else []
    done = subprocess.run(
        [*enter, "ip", "-batch", "-"], input="\n".join(lines), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise LabError(f"ip: {done.stderr.strip()} in {list(lines)}")


def jump_lines(topology: Topology, pids: dict[str, int], group: int) -> list[str]:
    """The management bridge with the jump host's address, and a wire to every node on it."""
    bridge = topology.bridge
    lines = [
        f"link add {bridge} address {JUMP_MAC.format(slot=topology.slot)} group {group} type bridge",
        f"addr add {topology.jump_address}/24 dev {bridge}",
        f"link set {bridge} up",
        # Refused at once; without this the data centers' addresses would leave by the default route.
        f"route add unreachable {topology.inner_network}",
    ]
    for place in topology.places:
        if place.gateway is None:
            lines += _wire(place, bridge, pids[place.name], f" group {group}")
    return lines


def gateway_lines(topology: Topology, gateway: Place, pids: dict[str, int]) -> list[str]:
    """The data center's bridge in the gateway's network, and a wire to each of its computes."""
    lines = [
        f"link add {INNER_BRIDGE} address {gateway_inner_mac(gateway)} type bridge",
        f"addr add {gateway.inner_address}/24 dev {INNER_BRIDGE}",
        f"link set {INNER_BRIDGE} up",
    ]
    for place in topology.computes_of(gateway.name):
        lines += _wire(place, INNER_BRIDGE, pids[place.name])
    return lines


def node_lines(place: Place) -> list[str]:
    """Run by the node itself."""
    return ["link set lo up", f"addr add {place.address}/24 dev eth0", "link set eth0 up"]


def gateway_inner_mac(gateway: Place) -> str:
    """Hardware address of a gateway's data center side."""
    return gateway.mac.replace("02:ae", "02:af", 1)


def listen_inside(pid: int, port: int) -> socket.socket:
    """A socket of this process that listens on 127.0.0.1 in the network of the process `pid`.

    Raises:
        LabError: the network cannot be entered, or the port is taken there.
    """
    opened: list[socket.socket | OSError] = []

    def listen() -> None:
        # A network is entered by one thread alone, and a socket stays in the one that it was made in.
        libc = ctypes.CDLL(None, use_errno=True)
        with Path(f"/proc/{pid}/ns/net").open("rb") as network:
            if libc.setns(network.fileno(), CLONE_NEWNET) != 0:
                number = ctypes.get_errno()
                opened.append(OSError(number, os.strerror(number)))
                return
        try:
            opened.append(socket.create_server(("127.0.0.1", port)))
        except OSError as error:
            opened.append(error)

    thread = threading.Thread(target=listen)
    thread.start()
    thread.join()
    (found,) = opened
    if isinstance(found, OSError):
        raise LabError(f"port {port} in the network of {pid}: {found}")
    return found


def _wire(place: Place, bridge: str, pid: int, options: str = "") -> list[str]:
    return [
        f"link add {place.link}{options} type veth peer name eth0 address {place.mac} netns {pid}",
        f"link set {place.link} master {bridge} up",
    ]


def cut(place: Place, topology: Topology, *, node_pid: int, gateway: Place | None, gateway_pid: int | None) -> None:
    """Takes the node's wire off its bridge: both ends stay up, every packet is lost in silence.

    Neighbour entries are made permanent first, or the kernel would soon answer "no route to host".
    """
    if gateway is None:
        peer, peer_mac, device = topology.jump_address, JUMP_MAC.format(slot=topology.slot), topology.bridge
    else:
        peer, peer_mac, device = str(gateway.inner_address), gateway_inner_mac(gateway), INNER_BRIDGE
    run_ip([f"neigh replace {peer} lladdr {peer_mac} dev eth0 nud permanent"], inside=node_pid)
    run_ip(
        [
            f"neigh replace {place.address} lladdr {place.mac} dev {device} nud permanent",
            f"link set {place.link} nomaster",
        ],
        inside=gateway_pid,
    )


def restore(place: Place, topology: Topology, *, gateway_pid: int | None) -> None:
    """Puts the wire back on its bridge and up."""
    bridge = INNER_BRIDGE if gateway_pid is not None else topology.bridge
    run_ip([f"link set {place.link} master {bridge} up"], inside=gateway_pid)


def unplug(place: Place, *, gateway_pid: int | None) -> None:
    """Takes the wire's outer end down: the node sees no carrier."""
    run_ip([f"link set {place.link} down"], inside=gateway_pid)
