"""`/etc/aen-tui/policy.toml`: what root lets nobody do with this program on this machine.

    read_only = true                         # nothing is carried out
    arming = "required"                      # changes are locked until `:arm 15m REASON`
    actions = ["restart", "start"]           # only these
    nodes = ["@compute", "gateway[1-2]"]     # only there
    shell = false                            # no `s`
    places = ["/var/log", "/opt/wakari"]     # logs beside those of the roles are read only there

It can only tighten: a key that is missing, `false` or `"optional"` lifts nothing. It keeps honest people from
slips; the boundary is the ssh account and sudoers (a link on a node may lead out of a place).
"""

from __future__ import annotations

import os
import posixpath
import stat
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import msgspec

from aen_tui.config.nodesets import expand
from aen_tui.config.targets import parse_targets
from aen_tui.errors import AenError
from aen_tui.model.inventory import Inventory
from aen_tui.model.node import NodeName
from aen_tui.model.plans import ActionName
from aen_tui.model.text import visible_line

POLICY_FILE = Path("/etc/aen-tui/policy.toml")


class _PolicyFile(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    read_only: bool = False
    arming: Literal["optional", "required"] = "optional"
    actions: list[ActionName] | None = None
    nodes: list[str] | None = None
    shell: bool = True
    places: list[str] | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """What is not allowed."""

    file: Path = POLICY_FILE
    error: str | None = None
    """Why the file cannot be followed: then nothing is carried out."""
    read_only: bool = False
    arming_required: bool = False
    actions: frozenset[ActionName] | None = None
    """Those that are allowed; None: all."""
    nodes: tuple[str, ...] | None = None
    """Node sets and `@groups` where they are allowed; None: everywhere."""
    shell: bool = True
    places: tuple[str, ...] | None = None
    """Folders and files under which logs may be read beside those of the roles; None: everywhere."""

    def within(self, inventory: Inventory) -> Inventory:
        """The inventory without what may not be read: its own extra logs are somebody's word too."""
        places = () if self.error is not None else self.places
        if places is None:
            return inventory
        nodes = {
            name: replace(spec, extra_logs=tuple(path for path in spec.extra_logs if is_within(path, places)))
            for name, spec in inventory.nodes.items()
        }
        return replace(inventory, nodes=nodes, places=places)

    def refusal(self, inventory: Inventory, action: ActionName, nodes: list[NodeName]) -> str | None:
        """Why an action may not be carried out there; None where it may."""
        if self.error is not None:
            return f"{self.error}: nothing is carried out"
        if self.read_only:
            return f"{self.file} says read_only: nothing is carried out"
        if self.actions is not None and action not in self.actions:
            return f"{self.file} does not allow {action.value}"
        if self.nodes is not None:
            allowed = self._allowed(inventory)
            for node in nodes:
                if node not in allowed:
                    return f"{self.file} allows nothing on {visible_line(node, 100)}"
        return None

    def _allowed(self, inventory: Inventory) -> set[str]:
        """The names that are allowed; some of the file's may be another installation's."""
        found: set[str] = set()
        for text in self.nodes or ():
            try:
                found |= (
                    {target.node for target in parse_targets([text], inventory)} if "@" in text else set(expand(text))
                )
            except AenError:
                continue
        return found


def is_within(path: str, places: Sequence[str]) -> bool:
    """Whether an absolute path lies in one of some places, once `..` and doubled slashes are taken out."""
    plain = posixpath.normpath(path)
    return path.startswith("/") and any(
        plain == place or plain.startswith(place.rstrip("/") + "/") for place in map(posixpath.normpath, places)
    )


def load_policy(file: Path = POLICY_FILE, *, owner: int = 0) -> Policy:
    """Read the policy; one that cannot be followed forbids everything, and says why.

    Args:
        file: where it is.
        owner: the uid that it and its folder must belong to.
    """
    try:
        return _read(file, owner)
    except FileNotFoundError:
        return Policy(file)
    except NotADirectoryError:
        return Policy(file, error=f"{file.parent} is not a folder")
    except OSError as error:
        return Policy(file, error=f"{file} cannot be read: {error.strerror or error}")
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return Policy(file, error=f"{file} is not TOML: {visible_line(str(error), 200)}")
    except (msgspec.ValidationError, AenError) as error:
        return Policy(file, error=f"{file}: {visible_line(str(error), 200)}")


def _read(file: Path, owner: int) -> Policy:
    handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as opened:
        for info, name in ((os.fstat(handle), file), (file.parent.stat(), file.parent)):
            if info.st_uid != owner:
                raise AenError(f"{name} belongs to uid {info.st_uid}, not to {'root' if owner == 0 else owner}")
            if info.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
                raise AenError(f"{name} is writable by others")
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise AenError("it is not a file")
        text = opened.read().decode("utf-8")
    written = msgspec.convert(tomllib.loads(text), _PolicyFile)
    for one in written.nodes or ():
        if not one.startswith("@"):
            expand(one)
    for place in written.places or ():
        if not place.startswith("/"):
            raise AenError(f"the place `{visible_line(place, 100)}` is no absolute path")
    return Policy(
        file,
        read_only=written.read_only,
        arming_required=written.arming == "required",
        actions=None if written.actions is None else frozenset(written.actions),
        nodes=None if written.nodes is None else tuple(written.nodes),
        shell=written.shell,
        places=None if written.places is None else tuple(written.places),
    )
