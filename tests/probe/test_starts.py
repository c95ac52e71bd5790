"""What is a start's own work, and what an app: neither by what a project is called, nor by who reads a log."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from aen_tui.transports.payload import errand_source
from tests.probe.harness import namespace

NAMED = ["jupyter-notebook", "workbench", "ipykernel", "cloud9", "jupyterlab"]
"""What projects may be called, and apps are."""
ENVIRONMENT = "/projects/alice/churn/envs/default/bin"


@pytest.fixture(scope="module", params=["apps", "projects"])
def names(request: pytest.FixtureRequest) -> dict[str, Any]:
    """The names of an errand that tells starts from apps."""
    found = namespace()
    exec(errand_source(request.param), found)
    return found


def is_app(names: dict[str, Any], *words: str) -> bool:
    args, projects = "\0".join(words) + "\0", names["below"](["/projects"])
    if "kind_of" in names:
        return bool(names["is_app"](names["kind_of"](names["nameless"](args, projects))))
    return bool(names["is_app"](args, projects))


@pytest.mark.parametrize("name", NAMED)
def test_a_project_s_name_makes_no_app_of_a_start(names: dict[str, Any], name: str) -> None:
    assert not is_app(names, "cp", "-r", "/opt/wakari/skeleton", f"/projects/alice/{name}")
    assert not is_app(names, "node", "/opt/wakari/wakari-compute/bin/start", f"/projects/{name}/{name}")
    assert not is_app(names, "sh", "-c", f"chown -R alice /projects/alice/{name}/x")


@pytest.mark.parametrize(
    "words",
    [
        (f"{ENVIRONMENT}/python", f"{ENVIRONMENT}/jupyter-notebook", "--port=41000"),
        (f"{ENVIRONMENT}/python", "-m", "notebook"),
        ("node", "/opt/wakari/wakari-compute/lib/node_modules/cloud9/bin/x"),
        ("/opt/wakari/wakari-compute/bin/python", "/opt/wakari/wakari-compute/bin/wk-app-viewer", "--port=41000"),
    ],
)
def test_an_app_is_one_wherever_its_program_lies(names: dict[str, Any], words: tuple[str, ...]) -> None:
    assert is_app(names, *words)


@pytest.mark.parametrize("log", ["compute-launcher.log", "compute-launcher.application.log", "compute-launcher.log.1"])
def test_who_reads_the_launcher_s_log_is_no_start(names: dict[str, Any], tmp_path: Path, log: str) -> None:
    (tmp_path / log).touch()
    with subprocess.Popen(["tail", "-f", tmp_path / log]) as reading:
        try:
            starts = names["Starts"](b"/proc", lambda args: False)
            assert not starts.is_one(reading.pid, time.time())
        finally:
            reading.kill()


@pytest.mark.parametrize(
    "program", ["start-project", "wk-compute", "lib/wakari-compute-launcher/x.js", "compute-launcher.js"]
)
def test_what_the_launcher_began_is_of_a_start_while_it_is_young(names: dict[str, Any], program: str) -> None:
    assert names["LAUNCHER"].search(f"node\0/opt/wakari/wakari-compute/{program}\0")
    here = names["Starts"](b"/proc", lambda args: False)
    here.known[os.getpid()] = (1, False, True)
    assert here.is_one(os.getpid(), time.time())
    assert not here.is_one(os.getpid(), time.time() - 1800)
