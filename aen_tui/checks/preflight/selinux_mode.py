"""SELinux permissive or disabled, as it runs and as it will be after the next boot."""

from __future__ import annotations

from collections.abc import Iterable

from aen_tui.checks.preflight import Look, Requirement, Verdict, critical, ok, unknown, warning

_REMEDY = "set SELINUX=permissive (or disabled) in /etc/sysconfig/selinux and reboot; `setenforce 0` until then"


def _evaluate(look: Look) -> Iterable[Verdict]:
    if look.host is None:
        yield unknown("SELinux could not be looked at")
        return
    selinux = look.host.selinux
    enforcing = [path for path, mode in selinux.files.items() if mode == "enforcing"]
    if selinux.running == "enforcing":
        yield critical("SELinux is enforcing", _REMEDY)
    elif enforcing:
        yield warning(f"{enforcing[0]} says enforcing: it will be after the next boot (now {selinux.running})", _REMEDY)
    elif selinux.running is None:
        yield unknown("the kernel does not say whether SELinux is enforcing", "`getenforce` as root says it")
    else:
        yield ok(f"SELinux is {selinux.running}")


REQUIREMENT = Requirement(
    "selinux-mode",
    "SELinux",
    "000",
    _evaluate,
    covers=("requirement:selinux", "004 requirement:selinux", "file:/etc/sysconfig/selinux"),
)
