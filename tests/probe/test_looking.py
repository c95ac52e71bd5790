"""What the probe sees of a machine: load, filesystems, services, ports."""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.probe.harness import ProbeProcess, namespace


def is_near(said: int, found: int) -> bool:
    """Whether two looks, a moment apart, saw the same: others use memory and disk at the same time."""
    return abs(said - found) < 512 << 20


def test_the_figures_are_the_machine_s(every_python):
    with ProbeProcess.start(every_python, {"mounts": ["/", "/no/such/mount"], "interval": 0.5}) as probe:
        probe.until(lambda sections: sections["metrics"]["net"] is not None)
        seen = probe.until(lambda sections: is_near(sections["metrics"]["mem"][1], psutil.virtual_memory().available))
        metrics, memory = seen["metrics"], psutil.virtual_memory()
        assert 0 <= metrics["cpu"] <= 100
        assert len(metrics["load"]) == 3
        assert metrics["mem"][0] == memory.total
        assert metrics["cores"] == psutil.cpu_count()
        root, absent = seen["disks"]
        about = os.statvfs("/")
        assert root[0] == "/"
        assert root[4] == about.f_blocks * about.f_frsize
        probe.until(lambda sections: is_near(sections["disks"][0][3], os.statvfs("/").f_bavail * about.f_frsize))
        assert (root[6], root[7]) == (False, None)
        assert absent[7] == "absent"
        assert seen["cost"]["rss"] > 1 << 20


def write(root, path, content, mode=0o644) -> Any:
    place = root / path.lstrip("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(content)
    place.chmod(mode)
    return place


def test_every_path_has_the_root_before_it(python, tmp_path):
    write(
        tmp_path,
        "/proc/meminfo",
        "MemTotal: 1000 kB\nMemFree: 100 kB\nBuffers: 20 kB\nCached: 30 kB\nSwapTotal: 9 kB\n",
    )
    write(tmp_path, "/proc/loadavg", "1.50 2.50 3.50 1/2 3\n")
    write(tmp_path, "/var/log/a.log", "inside\n")
    follow = [{"id": 1, "path": "/var/log/a.log", "cursor": None, "tail_bytes": 100}]
    config = {"root": str(tmp_path), "mounts": ["/", "/projects"], "follow": follow}
    with ProbeProcess.start(python, config) as probe:
        assert probe.log(1).data == b"inside\n"
        first = probe.sample()
        assert first["metrics"]["mem"] == [1024000, 150 * 1024, 9216, 9216, False]
        assert first["metrics"]["load"] == [1.5, 2.5, 3.5]
        assert [row[0] for row in first["disks"]] == ["/", "/projects"]
        assert first["disks"][1][7] == "absent"
        assert first["logs"][0]["path"] == "/var/log/a.log"
        assert str(tmp_path) not in str(first)


def test_who_listens(python):
    with socket.socket() as listener, socket.socket() as idle, socket.socket(socket.AF_INET6) as six:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        idle.bind(("127.0.0.1", 0))
        six.bind(("::", 0))
        six.listen()
        ports = [one.getsockname()[1] for one in (listener, idle, six)]
        with ProbeProcess.start(python, {"ports": ports}) as probe:
            seen = probe.sample()["ports"]
        assert [seen[str(port)] for port in ports] == [True, False, True]


@contextmanager
def never_answering(place, owner=0) -> Any:
    """A FUSE filesystem, an account's, whose server never answers, by the kernel's own interface."""
    libc = ctypes.CDLL(None, use_errno=True)
    place.mkdir()
    try:
        fd = os.open("/dev/fuse", os.O_RDWR)
    except OSError:
        pytest.skip("no /dev/fuse here")
    options = b"fd=%d,rootmode=40000,user_id=%d,group_id=%d" % (fd, owner, owner)
    if libc.mount(b"aen", os.fsencode(place), b"fuse.silent", 0, options):
        os.close(fd)
        pytest.skip("mounting needs root")
    try:
        yield place
    finally:
        os.close(fd)  # aborts the connection: whoever waits gets ENOTCONN
        libc.umount2(os.fsencode(place), 2)


@pytest.fixture
def silent_fuse(tmp_path) -> Any:
    with never_answering(tmp_path / "hung") as place:
        yield place


def test_a_filesystem_that_never_answers_is_hung_and_stops_nothing(python, silent_fuse, tmp_path):
    log = tmp_path / "a.log"
    log.write_bytes(b"x\n")
    names = [str(log), f"{silent_fuse}/b.log"]
    follow = [{"id": n, "path": path, "cursor": None, "tail_bytes": 100} for n, path in enumerate(names)]
    config = {"mounts": ["/", str(silent_fuse)], "interval": 0.5, "follow": follow}
    with ProbeProcess.start(python, config) as probe:
        first = probe.sample()
        assert first["disks"][0][7] is None
        seen = probe.until(
            lambda sections: sections["disks"][1][7] == "hung" and sections["logs"][1]["error"] == "hung"
        )
        assert seen["disks"][1][1] == "fuse.silent"
        assert seen["logs"][0]["state"] == "following"
        children = psutil.Process(probe.hello["pid"]).children
        for _ in range(6):
            probe.sample()
            assert len(children()) <= 2


SCRIPT = "#!/bin/sh\n# pidfile: /var/run/{name}.pid\n"


def service_root(tmp_path, name, status, code=0) -> Any:
    """A root with one SysV service whose `status` says and returns what is given."""
    write(tmp_path, f"/etc/init.d/{name}", SCRIPT.format(name=name), 0o755)
    write(tmp_path, "/status", status)
    script = f'#!/bin/sh\n[ "$1 $2" = "{name} status" ] || exit 4\ncat {tmp_path}/status\nexit {code}\n'
    return write(tmp_path, "/sbin/service", script, 0o755)


def look(python, tmp_path, name, wanted=None) -> Any:
    with ProbeProcess.start(python, {"root": str(tmp_path), "services": [name], "interval": 0.3}) as probe:
        return probe.until(wanted or (lambda seen: seen["services"][0]["state"] != "unknown"))["services"][0]


SYSTEMD = """\
● nginx.service - nginx - high performance web server
   Loaded: loaded (/usr/lib/systemd/system/nginx.service; enabled; vendor preset: disabled)
   Active: {active}
 Main PID: {pid} (nginx)
"""
SYSTEMD_WRAPPED = """\
* nginx.service - SYSV: nginx
   Loaded: loaded (/etc/rc.d/init.d/nginx; bad; vendor preset: disabled)
   Active: active (running) since Mon 2026-11-16 09:00:00 CET; 4 days ago
     Docs: man:systemd-sysv-generator(8)
   CGroup: /system.slice/nginx.service
           |-{pid} nginx: master process /usr/sbin/nginx
           `-99999999 nginx: worker process

Nov 16 09:00:00 n nginx[7]: Starting nginx: [  OK  ]
"""
STATUSES = [
    ("nginx (pid  {pid} 99999999) is running...\n", 0, "running"),
    ("mongod (pid {pid}) is running...\n", 0, "running"),
    ("nginx is stopped\n", 3, "stopped"),
    ("nginx dead but pid file exists\n", 1, "dead"),
    ("nginx dead but subsys locked\n", 2, "dead"),
    ("nginx: unrecognized service\n", 1, "absent"),
    ("nginx start/running, process {pid}\n", 0, "running"),
    ("nginx stop/waiting\n", 0, "stopped"),
    (
        "Redirecting to /bin/systemctl status nginx.service\n"
        + SYSTEMD.replace("{active}", "active (running) since x"),
        0,
        "running",
    ),
    (SYSTEMD_WRAPPED, 0, "running"),
    (SYSTEMD.replace("{active}", "inactive (dead) since x"), 3, "stopped"),
    (SYSTEMD.replace("{active}", "failed (Result: exit-code)"), 3, "dead"),
    (SYSTEMD.replace("{active}", "active (exited) since x").replace(" Main PID: {pid} (nginx)\n", ""), 0, "unknown"),
    ("Unit nginx.service could not be found.\n", 4, "absent"),
    ("", 3, "stopped"),
    ("gibberish \033[31m\n", 7, "unknown"),
]


@pytest.mark.parametrize(("status", "code", "state"), STATUSES)
def test_what_status_says(python, tmp_path, status, code, state):
    service_root(tmp_path, "nginx", status.replace("{pid}", str(os.getpid())), code)

    def told(seen) -> Any:
        row = seen["services"][0]
        return row["state"] == state and (row["text"] or row["error"] or not status)

    row = look(python, tmp_path, "nginx", told)
    assert row["pid"] == (os.getpid() if state == "running" else None)
    if state == "running":
        assert abs(row["started"] - psutil.Process().create_time()) < 2
    if "Active:" in status:
        assert row["text"].startswith("Active:")
    if state == "unknown":
        assert row["error"]


def test_the_pid_file_is_enough(python, tmp_path):
    service_root(tmp_path, "nginx", "", 1)
    (tmp_path / "sbin" / "service").unlink()
    (tmp_path / "etc/init.d/nginx").chmod(0o644)
    with subprocess.Popen(["sleep", "60"]) as sleeper:
        write(tmp_path, "/var/run/nginx.pid", f"{sleeper.pid}\n")
        with ProbeProcess.start(python, {"root": str(tmp_path), "services": ["nginx"], "interval": 0.3}) as probe:
            assert (
                probe.until(lambda seen: seen["services"][0]["state"] == "running")["services"][0]["pid"] == sleeper.pid
            )
            sleeper.kill()
            sleeper.wait()
            probe.until(lambda seen: seen["services"][0]["state"] == "dead")


def test_what_status_said_of_a_process_is_not_said_of_its_end(python, tmp_path):
    with subprocess.Popen(["sleep", "60"]) as sleeper:
        service_root(tmp_path, "nginx", f"nginx (pid {sleeper.pid}) is running...\n")
        with ProbeProcess.start(python, {"root": str(tmp_path), "services": ["nginx"], "interval": 0.3}) as probe:
            probe.until(lambda seen: seen["services"][0]["pid"] == sleeper.pid)
            sleeper.kill()
            sleeper.wait()
            row = probe.until(lambda seen: seen["services"][0]["state"] == "dead")["services"][0]
            assert (row["pid"], row["text"]) == (None, "")
    newcomer = look(python, tmp_path, "nginx")
    assert (newcomer["state"], newcomer["text"]) == ("dead", ""), "whoever comes later sees the same"


def test_a_pid_taken_by_a_younger_process_is_not_the_service(python, tmp_path):
    service_root(tmp_path, "nginx", "", 1)
    (tmp_path / "sbin" / "service").unlink()
    (tmp_path / "etc/init.d/nginx").chmod(0o644)
    pid_file = write(tmp_path, "/var/run/nginx.pid", f"{os.getpid()}\n")
    os.utime(pid_file, (1000, 1000))
    assert look(python, tmp_path, "nginx")["state"] == "dead"


def test_a_status_that_hangs_stops_nothing_and_poke_asks_again(python, tmp_path):
    script = service_root(tmp_path, "nginx", "")
    script.write_text(f"#!/bin/sh\necho x >> {tmp_path}/asked\nsleep 30\n")
    with ProbeProcess.start(python, {"root": str(tmp_path), "services": ["nginx"], "interval": 0.3}) as probe:
        first = probe.sample()["services"][0]
        assert (first["state"], first["error"]) == ("unknown", None), "it was waited for"
        row = probe.until(lambda seen: seen["services"][0]["error"])["services"][0]
        assert "did not end within 10 s" in row["error"]
        script.write_text("#!/bin/sh\necho nginx is stopped\nexit 3\n")
        probe.send({"op": "poke"})
        probe.until(lambda seen: seen["services"][0]["state"] == "stopped")  # unasked it is looked at once a minute


def test_a_service_that_nobody_installed_is_absent(python, tmp_path):
    assert look(python, tmp_path, "mongod")["state"] == "absent"


def test_find_mount_touches_nothing_behind_a_remote_mount(tmp_path):
    probe = namespace()
    real = tmp_path / "data"
    real.mkdir()
    (tmp_path / "projects").symlink_to(real / "nfs" / "projects")
    table = {b"/": ("ext4", False), os.fsencode(real / "nfs"): ("nfs4", False)}
    found = probe["find_mount"](os.fsencode(tmp_path / "projects" / "alice"), table)
    assert found == os.fsencode(real / "nfs")
    assert probe["find_mount"](os.fsencode(tmp_path / "elsewhere"), table) == b"/"


def test_the_probe_changes_nothing():
    source = Path(namespace()["__path__"]).parent
    words = ("os.remove", "os.unlink", "os.rename", "os.mkdir", "O_WRONLY", "O_RDWR", "O_CREAT", "shutil", "tempfile")
    for part in source.glob("*.py"):
        if part.name != "__init__.py":
            assert not [word for word in words if word in part.read_text()], part
