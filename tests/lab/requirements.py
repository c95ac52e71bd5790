"""What the lab needs from this machine, by name."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

SEARCH_PATH = "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"
"""sbin is not on every PATH."""
NODE_PYTHON = Path("/usr/bin/python3")
"""The nodes' interpreter: the distribution's, because the service account can read it."""
PACKAGES_FILE = Path(__file__).with_name("packages.txt")
PACKAGE_OF = {
    "sshd": "openssh-server",
    "ssh": "openssh-client",
    "sudo": "sudo",
    "nginx": "nginx-light",
    "ip": "iproute2",
    "unshare": "util-linux",
    "nsenter": "util-linux",
    "setpriv": "util-linux",
    "pivot_root": "util-linux",
    "pidof": "procps or sysvinit-utils",
    "service": "init-system-helpers",
}
"""Command → the Debian package that has it."""


def find(command: str) -> str | None:
    """Absolute path of a command, sbin included."""
    return shutil.which(command, path=SEARCH_PATH)


def missing() -> list[str]:
    """Names of what the lab needs and this machine does not offer; empty when it can run."""
    if not sys.platform.startswith("linux"):
        return ["Linux"]
    names = [] if os.geteuid() == 0 else ["root"]
    names += [f"{command} (package {package})" for command, package in PACKAGE_OF.items() if find(command) is None]
    if not NODE_PYTHON.exists():
        names.append(f"{NODE_PYTHON} (package python3)")
    if not names:
        names += _missing_from_kernel()
    return names


def _missing_from_kernel() -> list[str]:
    names = []
    if "overlay" not in Path("/proc/filesystems").read_text().split():
        subprocess.run(["modprobe", "overlay"], capture_output=True, check=False)
        if "overlay" not in Path("/proc/filesystems").read_text().split():
            names.append("overlayfs (kernel)")
    trial = ["unshare", "--mount", "--net", "--uts", "--ipc", "--pid", "--fork", "mount", "-t", "tmpfs", "none", "/mnt"]
    done = subprocess.run(trial, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        names.append(f"the right to make namespaces and mounts ({done.stderr.strip()})")
    return names


def skip_reason() -> str:
    """Why a test that wants the lab cannot run here, or an empty text."""
    names = missing()
    return f"the lab needs {', '.join(names)}" if names else ""
