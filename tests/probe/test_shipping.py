"""The source, the bootstrap, the shell line; when the probe leaves."""

from __future__ import annotations

import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import pytest

from aen_tui.transports.payload import (
    BOOTSTRAP,
    NO_PYTHON,
    READY,
    errand_names,
    errand_source,
    probe_command,
    probe_sha256,
    probe_source,
)
from tests.probe.conftest import EVERY
from tests.probe.harness import SYNC, ProbeProcess

BUDGET = 70 * 1024
"""64 KiB of probe, and what starts errands: what these need is sent when they are wanted."""


def test_the_joined_source_keeps_its_budget_and_is_ascii():
    source = probe_source()
    assert len(source) <= BUDGET
    assert source.isascii()
    assert b'"""' not in source
    assert not [line for line in source.splitlines() if line.strip().startswith(b"#")]


def test_the_joined_source_stays_within_python_2_6(tmp_path):
    joined = tmp_path / "joined.py"
    errands = "".join(errand_source(name) for name in errand_names())
    joined.write_bytes(probe_source().replace(b"\f", b"\n") + errands.encode())
    vermin = Path(sys.executable).with_name("vermin")
    asked = [str(vermin), "-t=2.6-", "-t=3.4-", "--violations", "--no-tips", str(joined)]
    ran = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout


def test_every_shell_quotes_the_line_alike():
    for line in (probe_command(None, None, False), probe_command("/usr/bin/python3", "root", True)):
        assert not set(line) & set("\n\\!")
    assert "'" not in BOOTSTRAP
    with pytest.raises(ValueError, match="quote"):
        probe_command("/tmp/a!b", None, False)


def test_python_2_7_is_among_the_interpreters_in_ci():
    if os.environ.get("CI") != "true":
        pytest.skip("only CI must have it")
    assert any(ran_version(path) == "2.7" for path in EVERY)


def ran_version(path) -> Any:
    code = "import sys; sys.stdout.write('%d.%d' % sys.version_info[:2])"
    return subprocess.run([path, "-c", code], capture_output=True, text=True, check=True).stdout


def test_hello_and_a_whole_first_frame(every_python, tmp_path):
    log = tmp_path / "a.log"
    log.write_bytes(b"one\n\xff\xc3\xa9two\n")
    config = {
        "mounts": ["/"],
        "ports": [1],
        "services": ["no-such-service"],
        "supervisors": [{"name": "wakari-server", "prefix": "/no/such/prefix"}],
        "http": [{"id": 1, "url": "http://127.0.0.1:1", "paths": ["/"], "document": True}],
        "follow": [{"id": 7, "path": str(log), "cursor": None, "tail_bytes": 65536}],
    }
    before = time.time()
    with ProbeProcess.start(every_python, config) as probe:
        assert probe.hello["sha256"] == probe_sha256()
        assert probe.hello["python"].startswith(ran_version(every_python))
        assert probe.hello["kernel"] == os.uname().release
        assert before - 1 < probe.hello["time"] < time.time() + 1
        first = probe.sample()
        assert first["n"] == 1
        sections = {"metrics", "disks", "supervisors", "services", "http", "ports", "logs", "cost"}
        assert sections <= set(first)
        assert first["metrics"]["cpu"] is not None
        assert first["ports"] == {"1": False}
        assert first["services"][0]["state"] == "absent"
        assert first["supervisors"][0]["error"]
        second = probe.sample()
        assert second["n"] == 2
        assert "services" in second["same"]
        assert "services" not in second
        while b"".join(frame.data for frame in probe.seen if frame.kind == "L") != log.read_bytes():
            probe.sample()
        probe.until(lambda seen: seen["http"][0]["error"] == "connection refused")
    assert probe.process.returncode == 0


def test_another_source_is_refused(every_python):
    for source in (probe_source() + b"\n", b"import os; os.mkdir('/tmp/never')"):
        probe = ProbeProcess.spawn(every_python, source=source)
        assert probe.process.wait(60) == 98
        probe.close()


@pytest.mark.parametrize("head", [b"nonsense\n", b"99999999999\n", b"100\nshort"])
def test_a_bad_count_is_refused(python, head):
    line = probe_command(python, None, False)
    ran = subprocess.run(["/bin/sh", "-c", line], input=head, capture_output=True, check=False, timeout=60)
    assert ran.returncode == 98
    assert ran.stdout == b""


def test_no_interpreter_is_said(tmp_path):
    (tmp_path / "python3").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "python3").chmod(0o755)
    line = probe_command("/no/such/python", None, False)
    env = {"PATH": str(tmp_path)}
    ran = subprocess.run(["/bin/sh", "-c", line], env=env, capture_output=True, check=False, stdin=subprocess.DEVNULL)
    if Path("/usr/libexec/platform-python").exists():
        pytest.skip("this machine has a platform-python")
    assert ran.returncode == 97
    assert NO_PYTHON in ran.stdout


def test_noise_before_the_header_is_of_no_matter(python):
    line = "echo AEN-TUI-PROBE; printf 'motd \\000\\n'; " + probe_command(python, None, False)
    with ProbeProcess.start(python, {}, command=line) as probe:
        assert probe.sample()["n"] == 1


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM])
def test_signals_end_it(python, number):
    with ProbeProcess.start(python, {}) as probe:
        os.kill(probe.hello["pid"], number)
        assert probe.process.wait(60) == -number


def test_stop_ends_it(python):
    with ProbeProcess.start(python, {}) as probe:
        probe.send({"op": "stop"})
        assert probe.left() == 0


def test_silence_ends_it_within_fifteen_seconds():
    began = [(time.monotonic(), ProbeProcess.start(path, {"interval": 60})) for path in EVERY]
    ended: dict[int, float] = {}
    while len(ended) < len(began):
        for number, (start, probe) in enumerate(began):
            if number not in ended and probe.process.poll() is not None:
                ended[number] = time.monotonic() - start
        assert time.monotonic() - began[-1][0] < 60
        time.sleep(0.05)
    assert [probe.close() for _, probe in began] == [0] * len(began)
    assert min(ended.values()) > 10


def test_a_newer_probe_of_the_same_owner_ends_the_older(python):
    owner = uuid.uuid4().hex
    with ProbeProcess.start(python, {"owner": owner}) as old:
        old.sample()
        with (
            ProbeProcess.start(python, {"owner": owner + "x"}) as other,
            ProbeProcess.start(python, {"owner": owner}) as new,
        ):
            assert old.left() == 0
            with ProbeProcess.start(python, {"owner": owner}) as third:
                assert new.left() == 0
                assert third.sample()["n"] == 1
            assert other.process.poll() is None


def test_a_broken_order_comes_home_as_a_traceback(python):
    with ProbeProcess.start(python, {}) as probe:
        probe.write(b"{not json\n")
        with pytest.raises(AssertionError, match="Traceback"):
            probe.wait(lambda frame: False)
        assert probe.process.wait(60) == 1


def read_until(fd, wanted, seconds=60) -> Any:
    data, end = b"", time.monotonic() + seconds
    while wanted not in data:
        assert time.monotonic() < end, data
        if select.select([fd], [], [], 0.5)[0]:
            data += os.read(fd, 65536)
    return data


def through_pty(line) -> Any:
    """The line on a terminal as sshd would give it: READY, then the source, then frames."""
    pid, fd = pty.fork()
    if not pid:
        os.execv("/bin/sh", ["/bin/sh", "-c", line])
    try:
        assert b"AEN-TUI-PROBE" not in read_until(fd, READY)
        source = probe_source()
        rest = b"%d\n" % len(source) + source + b'{"op": "start", "mounts": ["/"]}\n'
        while rest:
            rest = rest[os.write(fd, rest[:1024]) :]
        data = read_until(fd, b"\nH")
        assert SYNC + b"H" in data
    finally:
        os.close(fd)
        end = time.monotonic() + 60
        while not os.waitpid(pid, os.WNOHANG)[0]:
            assert time.monotonic() < end
            time.sleep(0.01)


def test_through_a_raw_terminal(python):
    through_pty(probe_command(python, None, True))


def test_under_sudo_only_root_s_own_interpreter_runs(tmp_path):
    if os.geteuid() or not shutil.which("sudo"):
        pytest.skip("needs root and sudo")
    planted = tmp_path / "python3"
    planted.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    planted.chmod(0o755)
    os.chown(planted, 65534, 65534)
    line = probe_command(str(planted), "root", False)
    with ProbeProcess.start(str(planted), {}, command=line) as probe:
        assert probe.hello["uid"] == 0
        assert probe.hello["executable"].startswith("/usr/")
    assert not (tmp_path / "ran").exists()
    through_pty(probe_command(None, "root", True))
