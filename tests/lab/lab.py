"""Starts and ends a lab."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.lab import network, slot, sshfiles
from tests.lab.boot import BootingNode
from tests.lab.errors import LabError
from tests.lab.inventory import inventory_text
from tests.lab.layers import build_base
from tests.lab.machine import LabNode
from tests.lab.requirements import missing
from tests.lab.specs import LayerShelf, node_spec
from tests.lab.topology import Topology, plan, plan_single_box
from tests.lab.variants import ORDINARY, Variant


@dataclass(slots=True)
class Lab:
    """A running installation; a context manager that ends it. Made by `start`."""

    folder: Path
    """A tmpfs of this lab; gone with it."""
    topology: Topology
    nodes: dict[str, LabNode] = field(default_factory=dict)
    identity: Path = Path()
    """Private key (Ed25519) of operator and wakari."""
    identity_rsa: Path | None = None
    """An RSA key of both, where a node takes no other."""
    known_hosts: Path = Path()
    _slot: slot.Slot | None = None
    _booting: list[BootingNode] = field(default_factory=list)

    @classmethod
    def start(
        cls,
        *,
        gateways: int = 2,
        computes: int = 4,
        variants: Mapping[str, Variant] | None = None,
        single_box: bool = False,
        store: bool = False,
    ) -> Self:
        """Starts a lab and returns when every node's ports listen and its programs run.

        Args:
            gateways: how many, each with a data center.
            computes: how many in all, dealt out in turn.
            variants: node name → how it differs.
            single_box: one node `aen` with all roles instead.
            store: a node `aen-db` besides, without AEN; its variant says what it carries.

        Raises:
            LabError: something is missing here, or a node did not come up; nothing is left behind.
        """
        names = missing()
        if names:
            raise LabError(f"the lab needs {', '.join(names)}")
        place = slot.take()
        topology = (
            plan_single_box(place.number)
            if single_box
            else plan(place.number, gateways=gateways, computes=computes, store=store)
        )
        lab = cls(folder=place.folder, topology=topology, _slot=place)
        try:
            lab._boot(dict(variants or {}))
        except BaseException:
            lab.stop()
            raise
        return lab

    @property
    def ssh_config(self) -> Path:
        """For the product: names and addresses, login operator, no ProxyJump."""
        return self.folder / "ssh_config"

    @property
    def jumping_ssh_config(self) -> Path:
        """For OpenSSH's own client and clush: ProxyJump for computes, old algorithms where a node needs them."""
        return self.folder / "ssh_config.jump"

    def write_ssh_config(self, path: Path, *, user: str = "operator", proxy_jump: bool = False) -> Path:
        """Writes an ssh_config for another login, or with ProxyJump; returns the path."""
        identities = [self.identity, *([self.identity_rsa] if self.identity_rsa else [])]
        old = frozenset(name for name, node in self.nodes.items() if node.variant.openssh_53)
        text = sshfiles.config(
            self.topology.places,
            user=user,
            identities=identities,
            known=self.known_hosts,
            proxy_jump=proxy_jump,
            old=old,
        )
        path.touch(mode=0o600)
        path.write_text(text)
        return path

    def write_inventory(self, path: Path, **overrides: Any) -> Path:
        """Writes an inventory of the whole lab; `overrides` are top keys, tables merged key by key."""
        text = inventory_text(self.topology, self.ssh_config, overrides)
        path.touch(mode=0o600)
        path.write_text(text)
        return path

    def ssh(self, *argv: str, timeout_seconds: float = 60) -> subprocess.CompletedProcess[str]:
        """Runs OpenSSH's `ssh` from the jump host with ProxyJump: lab.ssh("compute1-1", "true")."""
        command = ["ssh", "-F", str(self.jumping_ssh_config), "-o", "BatchMode=yes", *argv]
        return subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout_seconds,
            check=False,
        )

    def stop(self) -> None:
        """Ends every node and clears names, mounts and the folder; may be called again."""
        for booting in self._booting:
            booting.end()
        for booting in self._booting:
            booting.wait_for_end()
        self._booting.clear()
        if self._slot is not None:
            self._slot.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _boot(self, variants: dict[str, Variant]) -> None:
        unknown = sorted(set(variants) - {place.name for place in self.topology.places})
        if unknown:
            raise LabError(f"variants name no node of this lab: {', '.join(unknown)}")
        mounts = self.folder / "node"
        mounts.mkdir()
        (self.folder / "output").mkdir()
        for place in self.topology.places:
            output = self.folder / "output" / place.name
            self._booting.append(BootingNode.launch(place, variants.get(place.name, ORDINARY), output))
        host_keys = self._make_keys(variants)
        base = build_base(self.folder / "base", self._public_keys())
        shelf = LayerShelf(self.folder)
        for booting in self._booting:
            spec = node_spec(booting.place, booting.variant, self.topology, host_keys[booting.place.name])
            spec["layers"] = [*shelf.layers_of(booting.place, booting.variant), str(base)]
            spec["mount_folder"] = str(mounts)
            booting.send(json.dumps(spec))
        self._wire()
        for booting in self._booting:
            booting.wait_until_ready()
        self.write_ssh_config(self.ssh_config)
        self.write_ssh_config(self.jumping_ssh_config, proxy_jump=True)

    def _make_keys(self, variants: dict[str, Variant]) -> dict[str, sshfiles.KeyPair]:
        self.identity = sshfiles.write_private(self.folder / "id_ed25519", sshfiles.make_key())
        if any(variant.openssh_53 for variant in variants.values()):
            self.identity_rsa = sshfiles.write_private(self.folder / "id_rsa", sshfiles.make_key("ssh-rsa"))
        host_keys = {}
        for place in self.topology.places:
            old = variants.get(place.name, ORDINARY).openssh_53
            host_keys[place.name] = sshfiles.make_key("ssh-rsa" if old else "ssh-ed25519")
        self.known_hosts = self.folder / "known_hosts"
        self.known_hosts.touch(mode=0o600)
        self.known_hosts.write_text(sshfiles.known_hosts(self.topology.places, host_keys))
        return host_keys

    def _public_keys(self) -> list[str]:
        paths = [self.identity, *([self.identity_rsa] if self.identity_rsa else [])]
        return [path.with_name(f"{path.name}.pub").read_text().strip() for path in paths]

    def _wire(self) -> None:
        """Connects the nodes' networks, lets them go on, and makes them known."""
        assert self._slot is not None
        pids = {booting.place.name: booting.read_pid() for booting in self._booting}
        network.run_ip(network.jump_lines(self.topology, pids, self._slot.group))
        for place in self.topology.places:
            if place.inner_address is not None:
                network.run_ip(network.gateway_lines(self.topology, place, pids), inside=pids[place.name])
        for booting in self._booting:
            booting.send("network")
            gateway = self.nodes[booting.place.gateway] if booting.place.gateway else None
            node = LabNode(booting.place, booting.variant, pids[booting.place.name], self.topology, gateway)
            self.nodes[node.name] = node
