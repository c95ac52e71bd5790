"""What the service account runs in the projects' folder, and in no project, on every Python at hand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from aen_tui.sources import requirements_apps
from tests.probe.test_preflight_errands import errand
from tests.probe.test_project_errands import ME, PAUSE, root

__all__ = ["root"]


def test_what_runs_beside_projects_is_told_too_and_services_own_programs_are_not(every_python: str, root: Path) -> None:
    own = root.parent / "wakari-compute/bin/wk-compute"
    own.parent.mkdir(parents=True)
    own.write_text(f"print('ready', flush=True); {PAUSE}")
    begun = {name: [sys.executable, "-c", own.read_text()] for name in ("", "alice", "alice/churn")}
    begun["bob"] = [sys.executable, str(own)]
    made = [subprocess.Popen(words, cwd=root / name, stdout=subprocess.PIPE) for name, words in begun.items()]
    try:
        for process in made:
            assert process.stdout is not None and process.stdout.readline() == b"ready\n"
        order = {"projects_root": str(root), "service_account": ME}
        facts = requirements_apps.decode(errand(every_python, requirements_apps.ERRAND, order))
        assert {one.pid: one.project for one in facts.projects} == {
            process.pid: name for process, name in zip(made, begun, strict=True) if name != "bob"
        }
    finally:
        for process in made:
            process.kill()
            process.communicate()
