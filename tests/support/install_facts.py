"""What a healthy installation is made of, as the errand `installed` tells it, and what to change of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aen_tui.model.install_facts import AenProcess, InstallFacts, PackageCache, Placed
from aen_tui.model.node import NodeSpec, Role
from aen_tui.model.reading import Reading

PREFIX = "/opt/wakari"
START_PROJECT = f"{PREFIX}/wakari-compute/bin/start-project"
FOLDER = Placed("folder", 498, "wakari", 0o755, writes=True, runs=True)
PROGRAM = replace(FOLDER, kind="file")
ABSENT = Placed("absent")
_PROGRAMS = {Role.SERVER: "wk-server", Role.GATEWAY: "wk-gateway", Role.COMPUTE: "wk-compute"}


def install_facts(spec: NodeSpec, **changes: Any) -> InstallFacts:
    """Of a healthy node; `paths` changes only those that it names."""
    paths: dict[str, Placed] = {PREFIX: replace(FOLDER, uid=0, owner="root", writes=False)}
    processes: list[AenProcess] = []
    for role in spec.roles:
        if role is Role.STORE:
            continue
        name = f"wakari-{role}"
        paths[f"{PREFIX}/{name}/var/log"] = FOLDER
        folder = f"{PREFIX}/{name}/etc" if role is Role.COMPUTE else "/"
        processes.append(AenProcess(900, 1, "supervisord", "wakari", name, folder))
        processes.append(AenProcess(901, 900, _PROGRAMS[role], "wakari", name, "/"))
    if Role.SERVER in spec.roles:
        paths |= {f"{PREFIX}/wakari-server/bin/wk-server": PROGRAM, f"{PREFIX}/miniconda/bin/conda": PROGRAM}
    if Role.GATEWAY in spec.roles:
        paths[f"{PREFIX}/wakari-gateway/bin/wk-gateway-configure"] = PROGRAM
    is_compute = Role.COMPUTE in spec.roles
    if is_compute:
        paths |= {f"{PREFIX}/anaconda": FOLDER, f"{PREFIX}/anaconda/pkgs": FOLDER, f"{PREFIX}/test_default": ABSENT}
        paths |= {f"{PREFIX}/anaconda/bin/{name}": PROGRAM for name in ("conda", "anaconda")}
        paths[START_PROJECT] = PROGRAM
    known = InstallFacts(
        account_uid=498,
        paths=paths | changes.get("paths", {}),
        found={"start-project": START_PROJECT} if is_compute else {},
        listeners={"5000": ("127.0.0.1",)} if Role.SERVER in spec.roles else {},
        processes=tuple(processes),
        cache=PackageCache(f"{PREFIX}/anaconda/pkgs", 320) if is_compute else None,
    )
    return replace(known, **{name: value for name, value in changes.items() if name != "paths"})


def boot_reading(spec: NodeSpec, seen: float, **changes: bool | None) -> Reading[Mapping[str, bool | None]]:
    """What begins at boot: everything."""
    names = ("nginx", "mongod", "elasticsearch") if Role.SERVER in spec.roles else ()
    return Reading({**dict.fromkeys(names, True), **changes}, seen)
