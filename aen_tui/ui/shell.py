"""`s`: the user's own ssh client, in the terminal, while the screen is away."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

from textual.app import App, SuspendNotSupported

from aen_tui.model.inventory import SshSettings
from aen_tui.model.node import NodeSpec


def shell_argv(spec: NodeSpec, ssh: SshSettings) -> tuple[str, ...]:
    """The command that opens a shell on a node: OpenSSH as the inventory says, or a local shell."""
    if spec.is_local:
        return (os.environ.get("SHELL") or "/bin/sh",)
    options: list[str] = []
    if ssh.config and ssh.config[0] != Path("~/.ssh/config").expanduser():
        options += ["-F", str(ssh.config[0])]
    if spec.jump:
        options += ["-J", spec.jump]
    return ("ssh", *options, "--", spec.host)


async def open_shell(app: App[Any], argv: tuple[str, ...]) -> str | None:
    """Run it in the terminal until it ends; what went wrong, or None. The network goes on meanwhile."""
    try:
        with app.batch_update(), app.suspend():
            process = await asyncio.create_subprocess_exec(*argv)
            await process.wait()
    except (OSError, SuspendNotSupported) as error:
        return str(error)
    return f"{argv[0]} ended with {process.returncode}" if process.returncode == 255 else None
