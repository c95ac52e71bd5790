"""The errands about projects on every Python at hand: real processes, real folders, real hard links."""

from __future__ import annotations

import errno
import json
import os
import pwd
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aen_tui.model.project_why import WhyHost
from aen_tui.model.projects import ProjectFolders, ProjectsLook
from aen_tui.model.usage import DeletedFile, PartUse, WalkTotal
from aen_tui.sources import project_folders, project_why, projects, requirements_apps, usage
from aen_tui.transports.payload import errand_source
from tests.probe.harness import namespace
from tests.probe.test_preflight_errands import errand

ME = pwd.getpwuid(os.geteuid()).pw_name
SECRET = "hunter2-is-secret"
PAUSE = "import time; time.sleep(300)"


@pytest.fixture
def root() -> Iterator[Path]:
    """Two projects in a folder that everybody may pass: the errands give root up."""
    with tempfile.TemporaryDirectory(prefix="aen-projects-") as folder:
        Path(folder).chmod(0o755)
        found = Path(folder) / "projects"
        for name in ("alice/churn", "bob/fraud"):
            (found / name).mkdir(parents=True)
        for path in (found, *found.iterdir()):
            path.chmod(0o755)
        yield found


@pytest.fixture
def running(root: Path) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """A notebook with a kernel, a viewer with a secret, a shell: by folder and by arguments."""
    argv = {
        "notebook": [sys.executable, "-c", PAUSE, "-m", "notebook", "--port=41000"],
        "viewer": [
            sys.executable,
            "-c",
            PAUSE,
            "wk-app-viewer",
            f"--project-dir={root}/bob/fraud",
            f"--token={SECRET}",
        ],
        "kernel": [sys.executable, "-c", PAUSE, "-m", "ipykernel_launcher"],
    }
    argv["viewer"] += ["--password", SECRET, f"http://u:{SECRET}@h/x?code={SECRET}"]
    places = {"notebook": root / "alice/churn", "kernel": root / "alice/churn", "viewer": root.parent}
    made = {name: subprocess.Popen(words, cwd=places[name]) for name, words in argv.items()}
    yield made
    for process in made.values():
        process.kill()
        process.wait()


def look(python: str, root: Path, **more: Any) -> ProjectsLook:
    order = {"do": "groups", "projects_root": str(root), "window": 0.3, "rows": 300, **more}
    rows = projects.Loads()
    for row in errand(python, projects.ERRAND, order).splitlines():
        rows.take(row)
    assert rows.look is not None
    return rows.look


def test_processes_are_grouped_and_say_no_argument(
    every_python: str, root: Path, running: dict[str, subprocess.Popen[bytes]]
) -> None:
    order = {"do": "groups", "projects_root": str(root), "window": 0.3, "rows": 300}
    raw = errand(every_python, projects.ERRAND, order)
    assert SECRET.encode() not in raw
    assert b"41000" not in raw
    found = {load.project: load for load in look(every_python, root).loads}
    assert set(found) == {"alice/churn", "bob/fraud"}
    assert {group.kind: (group.apps, group.processes) for group in found["alice/churn"].groups} == {
        "notebook": (1, 1),
        "kernel": (0, 1),
    }
    (viewer,) = found["bob/fraud"].groups
    assert (viewer.kind, viewer.apps, viewer.user, viewer.pids) == ("viewer", 1, ME, (running["viewer"].pid,))
    assert viewer.rss_bytes > 0
    assert viewer.cpu_percent is not None


def test_what_a_start_does_with_files_is_of_a_kind_of_its_own(every_python: str, root: Path) -> None:
    for name, kind in (("/usr/bin/setfacl", "files"), ("cp", "files"), ("git", "git"), ("whatever", "other")):
        with subprocess.Popen([name, "300"], executable="/bin/sleep", cwd=root / "alice/churn") as process:
            try:
                (load,) = look(every_python, root).loads
                assert [group.kind for group in load.groups] == [kind]
            finally:
                process.kill()


BEGINS = """import os, subprocess, sys
for name in sys.argv[2:]:
    if name == "app":
        words = [sys.executable, os.path.dirname(sys.argv[0]) + "/wk-app-terminal", sys.argv[1], "node"]
        subprocess.Popen(words, cwd=sys.argv[1], stdout=subprocess.PIPE).stdout.readline()
    else:
        subprocess.Popen([name, "300"], executable="/bin/sleep", cwd=sys.argv[1])
print("ready", flush=True)
sys.stdin.read() if "start-project" in sys.argv[0] else __import__("time").sleep(300)
"""


@pytest.fixture
def starting(root: Path) -> Iterator[None]:
    """start-project at work, and an app that it began, in which a user runs Node.js."""
    names = [root.parent / name for name in ("start-project", "wk-app-terminal")]
    for name in names:
        name.write_text(BEGINS)
    words = [sys.executable, *map(str, (names[0], root / "alice/churn")), "cp", "conda", "node", "app"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None and process.stdout.readline() == b"ready\n"
        try:
            yield
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def test_work_of_a_start_is_told_from_what_runs_in_an_app(every_python: str, root: Path, starting: None) -> None:
    (load,) = look(every_python, root).loads
    known = {group.kind: (group.processes, group.starting) for group in load.groups}
    assert known == {"python": (1, 1), "files": (1, 1), "conda": (1, 1), "node": (2, 1), "terminal": (1, 0)}
    order = {"projects_root": str(root), "service_account": ME}
    facts = requirements_apps.decode(errand(every_python, requirements_apps.ERRAND, order))
    assert sorted(one.is_start for one in facts.projects) == [False, False, True, True, True, True]


def test_a_start_that_takes_half_an_hour_is_none(root: Path, starting: None) -> None:
    names = namespace()
    exec(errand_source(projects.ERRAND), names)
    starts = names["Starts"](b"/proc", lambda args: False)
    (pid,) = (group.pids[0] for group in look(sys.executable, root).loads[0].groups if group.kind == "files")
    began = names["process"](pid)[1]
    assert [starts.is_one(pid, began - seconds) for seconds in (0, 1700, 1800)] == [True, True, False]


def test_counts_are_of_all_where_rows_are_cut(
    python: str, root: Path, running: dict[str, subprocess.Popen[bytes]]
) -> None:
    cut = look(python, root, rows=1)
    assert (len(cut.loads), cut.projects, cut.apps, cut.in_projects) == (1, 2, 2, len(running))
    assert len(look(python, root, rows=1, service_account=ME).loads) == 2  # what may run nothing there is never cut


def test_one_process_in_full_is_masked_on_the_node(
    every_python: str, root: Path, running: dict[str, subprocess.Popen[bytes]]
) -> None:
    order = {"do": "list", "project": "bob/fraud", "projects_root": str(root), "window": 0.1}
    (process,) = filter(None, map(projects.decode_process, errand(every_python, "projects", order).splitlines()))
    assert process.pid == running["viewer"].pid
    row = errand(every_python, projects.ERRAND, projects.request_text(process.pid, process.started))
    assert SECRET.encode() not in row
    words = projects.decode_text(row).words
    assert "--token=***" in words
    assert words[words.index("--password") + 1] == "***"
    assert words[-1] == "http://***@h/x?code=***"
    assert f"--project-dir={root}/bob/fraud" in words


def test_a_pid_that_another_process_has_is_not_shown(python: str, running: dict[str, subprocess.Popen[bytes]]) -> None:
    from aen_tui.errors import ProbeError

    with pytest.raises(ProbeError, match="has ended"):
        projects.decode_text(errand(python, "projects", projects.request_text(running["viewer"].pid, 12345.0)))


def folders(python: str, root: Path, account: str = "nobody-here", **start: Any) -> ProjectFolders:
    order = {"projects_root": str(root), "service_account": account}
    return project_folders.decode(errand(python, project_folders.ERRAND, order, **start))


def test_folders_against_the_scheme(every_python: str, root: Path) -> None:
    (root / ME / "fine").mkdir(parents=True)
    (root / ME / "fine").chmod(0o771)
    for name, mode in {"open": 0o777, "shut": 0o770, "alone": 0o701}.items():
        (root / ME / name).mkdir()
        (root / ME / name).chmod(mode)
    (root / ME / "file").touch()
    (root / ME).chmod(0o755)
    found = folders(every_python, root)
    assert (found.projects, found.error) == (7, None)
    said = {word: set(part.projects) for word, part in found.departures.items()}
    assert said["others-more"] >= {f"{ME}/open"}
    assert said["others-less"] == {f"{ME}/shut"}
    assert said["group-mode"] >= {f"{ME}/alone"}
    assert said["no-folder"] == {f"{ME}/file"}
    assert not any(f"{ME}/fine" in names for names in said.values())
    wrong = "service-owner" if os.geteuid() == 0 else "other-owner"
    assert {"alice/churn", "bob/fraud"} <= said[wrong]


def test_public_folders_and_what_is_beside_them(every_python: str, root: Path) -> None:
    uid = os.geteuid() or 54321  # what belongs to root may be hard-linked, and is not judged
    made = {"shut": 0o770, "fine": 0o775, "inside": 0o775, "none": None, "open": None}
    for name, mode in made.items():
        project = root / "alice" / name
        project.mkdir()
        for path, bits in (("public", mode), ("public/page.html", 0o644 if name == "fine" else 0o640)):
            if mode is not None:
                (project / path).mkdir() if path == "public" else (project / path).touch()
                (project / path).chmod(bits or 0)
        (project / "data.csv").touch()
        (project / "data.csv").chmod(0o666 if name == "open" else 0o640)
        (project / "link").symlink_to("data.csv")
        for one in (project, *project.rglob("*")):
            os.chown(one, uid, -1, follow_symlinks=False)
        project.chmod(0o775)
    order = {"projects_root": str(root), "service_account": "nobody"}
    row = errand(every_python, project_folders.ERRAND, order)
    found = project_folders.decode(row)
    said = {word: part.projects for word, part in found.departures.items()}
    assert said["public-closed"] == ("alice/shut",)
    assert said["public-inside"] == ("alice/inside",)
    assert said["inside-open"] == ("alice/open",)
    assert found.insides == 7
    assert not any("alice/none" in part for word, part in said.items() if "side" in word)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give folders away")
def test_root_gives_itself_up_before_it_reads_projects(every_python: str, root: Path) -> None:
    os.chown(root / "alice/churn", 54321, 54321)
    (root / "bob").chmod(0o700)
    found = folders(every_python, root)
    assert (found.user, found.closed, found.closed_count) == ("nobody", ("bob",), 1)
    assert found.departures["no-owner"].projects == ("alice/churn",)


def test_a_root_that_is_not_there_is_said(python: str, root: Path) -> None:
    assert folders(python, root.parent / "none").error == "absent"


def walk(python: str, root: Path, **more: Any) -> list[usage.Row]:
    order = {"do": "walk", "path": str(root), "depth": 2, "big_bytes": 4096, "instant_seconds": 0.5, **more}
    return [usage.decode(row) for row in errand(python, usage.ERRAND, order).splitlines()]


def test_each_inode_is_counted_once(every_python: str, root: Path) -> None:
    package = root.parent / "package"
    package.write_bytes(b"x" * 65536)
    for name in ("alice/churn/one", "alice/churn/two", "bob/fraud/three"):
        os.link(package, root / name)
    both = root / "bob/fraud/both"
    both.write_bytes(b"y" * 32768)
    os.link(both, root / "alice/churn/both")
    (root / "bob/fraud/own").write_bytes(b"z" * 16384)
    for path in ("alice/churn", "bob/fraud"):
        (root / path).chmod(0o755)
    rows = walk(every_python, root)
    (total,) = (row for row in rows if isinstance(row, WalkTotal))
    parts = {row.part: row for row in rows if isinstance(row, PartUse)}
    assert set(parts) == {"alice/churn", "bob/fraud"}
    assert total.linked_bytes == 65536 + 32768
    assert total.outside_bytes == 65536
    assert total.bytes == total.linked_bytes + sum(part.bytes for part in parts.values())
    assert parts["alice/churn"].linked_bytes == 2 * 65536 + 32768
    assert parts["bob/fraud"].bytes >= 16384
    new = [row[1].path for row in rows if isinstance(row, tuple) and row[0] == "new"]
    assert str(root / "bob/fraud/own") in new
    assert len(new) == len(set(new))


def test_deleted_files_that_are_open_are_found(every_python: str, root: Path) -> None:
    path = root / "alice/churn/gone"
    with path.open("wb") as file:
        file.write(b"x" * 65536)
        file.flush()
        path.unlink()
        order = usage.request_instant(str(root), ())
        rows = [usage.decode(row) for row in errand(every_python, usage.ERRAND, order).splitlines()]
        (found,) = (row for row in rows if isinstance(row, DeletedFile))
        assert (found.pid, found.bytes, found.path) == (os.getpid(), 65536, str(path))


@pytest.fixture
def link(root: Path) -> Iterator[Path]:
    """A link to the projects, on another filesystem where there is one."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else root.parent) as folder:
        Path(folder).chmod(0o755)
        found = Path(folder) / "projects"
        found.symlink_to(root, target_is_directory=True)
        yield found


def test_projects_behind_a_link_are_those_where_it_leads(
    every_python: str, root: Path, link: Path, running: dict[str, subprocess.Popen[bytes]]
) -> None:
    with (root / "alice/churn/gone").open("wb") as file:
        file.write(b"x" * 4096)
        file.flush()
        Path(file.name).unlink()
        (root / "alice/churn/own").write_bytes(b"z" * 16384)
        words = subprocess.Popen([sys.executable, "-c", PAUSE, f"--dir={link}/carol/words"], cwd="/")
        try:
            found = look(every_python, link)
            assert {load.project for load in found.loads} == {"alice/churn", "bob/fraud", "carol/words"}
            assert (found.in_projects, found.apps) == (len(running) + 1, 2)
            order = {"projects_root": str(link), "service_account": ME}
            facts = requirements_apps.decode(errand(every_python, requirements_apps.ERRAND, order))
            assert {one.project for one in facts.projects} == {"alice/churn", "bob/fraud", "carol/words"}
            rows = errand(every_python, usage.ERRAND, usage.request_instant(str(link), ())).splitlines()
            (gone,) = (row for row in map(usage.decode, rows) if isinstance(row, DeletedFile))
            assert gone.path == str(root / "alice/churn/gone")
        finally:
            words.kill()
            words.wait()
    parts = {row.part: row for row in walk(every_python, link) if isinstance(row, PartUse)}
    assert set(parts) == {"alice/churn", "bob/fraud"}
    assert parts["alice/churn"].bytes >= 16384


def host(python: str, **order: Any) -> WhyHost:
    order = {"do": "host", "project": "alice/churn", "projects_root": "/projects", **order}
    return project_why.decode_host(errand(python, project_why.ERRAND, order))


def test_what_the_node_says_of_a_project(every_python: str, tmp_path: Path) -> None:
    log = tmp_path / "compute-launcher.log"
    lines = ["alice/churn: EACCES token=" + SECRET, "alice/churn2: other", "alice/churn started", "x bob/fraud"]
    log.write_text("\n".join(lines) + "\n")
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"ANON_USER": "nobody-at-all"}))
    found = host(every_python, uid=os.getuid(), logs=[str(log), str(tmp_path / "no")], configs=[str(config)])
    assert [line for _, line in found.lines] == ["alice/churn: EACCES token=***", "alice/churn started"]
    assert [why for _, why in found.log_errors] == ["absent"]
    assert (found.anon_user, found.anon_exists) == ("nobody-at-all", False)
    assert (found.tasks or 0) > 0


@pytest.mark.parametrize(
    ("number", "told"),
    [(errno.ESRCH, None), (errno.EPERM, "only root may ask"), (errno.ENOTBLK, "no quota is told of nas:/p")],
)
def test_quotas_that_are_not_switched_on_are_nothing_to_tell(number: int, told: str | None) -> None:
    names = namespace()
    exec(errand_source(project_why.ERRAND), names)
    names.update(quota_of=lambda source, uid: (None, number), mount_of=lambda path: ("/projects", "nas:/p", "nfs"))
    assert names["quota"]("/projects", 500) == (None, told)


def test_what_the_folder_says(every_python: str, root: Path) -> None:
    home = root / "alice/churn"
    home.chmod(0o771)
    for name in ("bin/python", "bin/activate"):
        (home / "envs/default" / name).parent.mkdir(parents=True, exist_ok=True)
        (home / "envs/default" / name).touch()
    (home / "envs/default/.conda_lock-999999999").mkdir()
    (home / "envs/default" / f".conda_lock-{os.getpid()}").mkdir()
    (home / "envs/default/numpy-1.11.1-py27_0.tar.bz2.pid999999998.conda_lock").touch()
    for folder in (home / "envs", home / "envs/default", home / "envs/default/bin"):
        folder.chmod(0o755)
    order = {"do": "folder", "project": "alice/churn", "projects_root": str(root), "prefix": str(root.parent / "opt")}
    found = project_why.decode_folder(errand(every_python, project_why.ERRAND, order))
    assert (found.state, found.owner_state, found.mode) == ("folder", "folder", 0o771)
    assert (found.env, found.missing) == ("incomplete", ("conda-meta/history",))
    assert found.account is None
    locks = {(999999999, False), (999999998, False), (os.getpid(), True)}
    assert {(lock.pid, lock.alive) for lock in found.locks} == locks
    assert {disk.what for disk in found.disks} == {"projects", "tmp"}
    order["project"] = "alice/none"
    assert project_why.decode_folder(errand(every_python, project_why.ERRAND, order)).state == "absent"


@pytest.mark.parametrize("row", [b"\xff", b"[]", b"3", b'{"quota": 3}', b'{"new": [1]}', b'{"pid": "x", "words": 3}'])
def test_nonsense_is_an_error_of_its_own_kind(row: bytes) -> None:
    from aen_tui.errors import ProbeError

    decoders = (projects.Loads().take, projects.decode_text, usage.decode, usage.decode_place)
    for decode in (*decoders, project_folders.decode, project_why.decode_folder):
        with pytest.raises(ProbeError):
            decode(row)
