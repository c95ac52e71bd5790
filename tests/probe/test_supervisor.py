"""supervisord asked over its socket, by its tool's text, and when it is not there."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any
from xmlrpc.client import dumps

import pytest

from aen_tui.transports.payload import probe_command
from tests.probe.harness import ProbeProcess, namespace

BIN = Path(sys.executable).parent
PREFIX = "/opt/wakari/wakari-server"
SPEC = {"name": "wakari-server", "prefix": PREFIX}
CONF = """
[unix_http_server]
file = %(here)s/../var/run/supervisor.sock ; the socket
{login}
[supervisord]
logfile=%(here)s/../var/log/supervisord.log
pidfile=%(here)s/../var/run/supervisord.pid
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://%(here)s/../var/run/supervisor.sock
[include]
files = supervisord/conf.d/*.conf
"""
PROGRAMS = {
    "wk-server": "[program:wk-server]\ncommand=sleep 1000\nstdout_logfile=%(here)s/../../../var/log/wk-server.log\n",
    "worker": "[program:worker]\ncommand=sleep 1000\nnumprocs=2\nprocess_name=%(program_name)s_%(process_num)02d\n"
    "startsecs=2 ; a while\nstopwaitsecs = 90\n",
    "broken": "[program:broken]\ncommand=/no/such/command\nstartretries=0\n",
    "idle": "[program:idle]\ncommand=sleep 1\nautostart=false\n",
}
SETTLED = {
    "wk-server": "RUNNING",
    "worker:worker_00": "RUNNING",
    "worker:worker_01": "RUNNING",
    "broken": "FATAL",
    "idle": "STOPPED",
}


@pytest.fixture
def root() -> Any:
    """A node's root with one supervisord's files under it; short, because sockets' names are."""
    place = Path(tempfile.mkdtemp(prefix="p"))
    place.chmod(0o755)
    prefix = place / PREFIX.lstrip("/")
    for folder in ("etc/supervisord/conf.d", "var/run", "var/log", "bin"):
        (prefix / folder).mkdir(parents=True)
    (prefix / "etc/supervisord.conf").write_text(CONF.format(login=""))
    for name, text in PROGRAMS.items():
        (prefix / f"etc/supervisord/conf.d/{name}.conf").write_text(text)
    yield place
    shutil.rmtree(place)


@pytest.fixture
def prefix(root) -> Any:
    return root / PREFIX.lstrip("/")


@pytest.fixture
def daemon(prefix) -> Any:
    """A real supervisord."""
    with subprocess.Popen(
        [BIN / "supervisord", "-n", "-c", prefix / "etc/supervisord.conf"], stdout=subprocess.DEVNULL
    ) as process:
        yield process
        process.terminate()
        process.wait(60)


def asking(python, root, **more) -> Any:
    return ProbeProcess.start(python, {"root": str(root), "supervisors": [SPEC], "interval": 0.3, **more})


def states(seen) -> Any:
    return {row[0]: row[1] for row in seen["supervisors"][0]["programs"]}


def said(seen) -> Any:
    """The error of the one supervisord, once it is known."""
    return seen["supervisors"][0]["error"] not in (None, "no answer yet")


def test_programs_are_discovered_and_followed_through_their_states(every_python, root, prefix, daemon):
    with asking(every_python, root) as probe:
        seen = probe.until(lambda seen: states(seen) == SETTLED)
        row = seen["supervisors"][0]
        assert (row["name"], row["error"], row["via"]) == ("wakari-server", None, "rpc")
        assert abs(row["now"] - time.time()) < 30
        program = {row[0]: row for row in row["programs"]}["wk-server"]
        os.kill(program[2], 0)
        assert abs(program[3] - time.time()) < 60
        assert program[5] == PREFIX + "/var/log/wk-server.log"
        assert "uptime" not in program[4]
        assert {row[0]: row for row in row["programs"]}["idle"][4] == "Not started"
        assert program[7:] == [None, None]
        assert {row[0]: row[7:] for row in row["programs"]}["worker:worker_01"] == [2, 90]
        probe.wait(lambda frame: frame.kind == "S" and "supervisors" in frame.head["same"])
        os.kill(program[2], signal.SIGKILL)
        probe.until(
            lambda seen: any(
                row[:2] == ["wk-server", "RUNNING"] and row[2] not in (None, program[2])
                for row in seen["supervisors"][0]["programs"]
            )
        )


def test_a_supervisord_that_goes_and_comes_back(python, root, prefix):
    command = [BIN / "supervisord", "-n", "-c", prefix / "etc/supervisord.conf"]
    with asking(python, root) as probe:
        row = probe.until(said)["supervisors"][0]
        assert row["error"] == f"unix://{PREFIX}/var/run/supervisor.sock: no such file or directory"
        assert sorted(line[:2] for line in row["programs"]) == [
            ["broken", "unknown"],
            ["idle", "unknown"],
            ["wk-server", "unknown"],
            ["worker:worker_00", "unknown"],
            ["worker:worker_01", "unknown"],
        ]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            probe.until(lambda seen: states(seen) == SETTLED)
            pids = [line[2] for line in probe.sections["supervisors"][0]["programs"] if line[2]]
            process.kill()
            process.wait()
            for pid in pids:  # its orphans
                os.kill(pid, signal.SIGKILL)
            row = probe.until(said)["supervisors"][0]
            assert row["error"].endswith("connection refused")
            assert {line[1] for line in row["programs"]} == {"unknown"}
            assert {line[0]: line[7:] for line in row["programs"]}["worker:worker_00"] == [2, 90]


def test_a_user_name_and_password_in_the_file_are_used(python, root, prefix):
    (prefix / "etc/supervisord.conf").write_text(CONF.format(login="username = admin\npassword = s3=cret"))
    with subprocess.Popen(
        [BIN / "supervisord", "-n", "-c", prefix / "etc/supervisord.conf"], stdout=subprocess.DEVNULL
    ) as process:
        try:
            with asking(python, root) as probe:
                probe.until(lambda seen: states(seen).get("wk-server") == "RUNNING")
        finally:
            process.terminate()
            process.wait(60)


def test_a_socket_that_may_not_be_used_is_said(root, prefix, daemon):
    python = "/usr/bin/python3"
    if os.geteuid() or not os.access(python, os.X_OK):
        pytest.skip("needs root and a system python3")
    with asking(python, root) as waiting:
        waiting.until(lambda seen: states(seen).get("wk-server") == "RUNNING")
    line = "exec setpriv --reuid 65534 --regid 65534 --clear-groups " + probe_command(python, None, False).removeprefix(
        "exec "
    )
    with ProbeProcess.start(python, {"root": str(root), "supervisors": [SPEC]}, command=line) as probe:
        assert probe.hello["uid"] == 65534
        row = probe.until(said)["supervisors"][0]
        assert row["error"].endswith("permission denied")
        assert ["wk-server", "unknown"] in [line[:2] for line in row["programs"]]


def test_as_root_the_socket_sees_the_service_account(python, root, prefix):
    if os.geteuid():
        pytest.skip("needs root")
    path = prefix / "var/run/supervisor.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        path.chmod(0o777)
        listener.listen()
        with asking(python, root, service_account="nobody"):
            connection, _ = listener.accept()
            with connection:
                credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
    assert int.from_bytes(credentials[4:8], sys.byteorder) == 65534


HOSTILE = [
    {
        "name": 'a<b&"c',
        "group": "g\x1b[31m",
        "statename": "RUNNING",
        "pid": 7,
        "start": 9,
        "description": "pid 7, uptime 1:00:00",
        "stdout_logfile": "/x\x07y",
        "stderr_logfile": "",
        "logfile": "",
    },
    {"name": "half"},
    {"name": 7, "group": "", "statename": 3, "pid": "x", "start": -1, "description": "é" * 9000},
]


def serve(path, answers) -> Any:
    """Answers one connection after the other with the given bytes."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()

    def run() -> Any:
        with listener:
            for answer in answers:
                connection, _ = listener.accept()
                with connection:
                    connection.recv(65536)
                    try:
                        connection.sendall(answer)
                    except OSError:
                        return

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def http(body, code="200 OK") -> Any:
    return f"HTTP/1.1 {code}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def test_hostile_values_do_no_harm(python, root, prefix):
    thread = serve(prefix / "var/run/supervisor.sock", [http(dumps((HOSTILE,), methodresponse=True).encode())] * 40)
    with asking(python, root) as probe:
        programs = probe.until(lambda seen: states(seen))["supervisors"][0]["programs"]
        assert programs[0][:5] == ['g\x1b[31m:a<b&"c', "RUNNING", 7, 9, "pid 7"]
        assert programs[0][5] == "/x\x07y"
        assert programs[1][0] == "half"
        assert programs[2][2] is None
        assert len(programs[2][4]) == 500
    thread.join(0.1)


NONSENSE = [
    b"",
    b"SSH-2.0-nope\r\n",
    http(b"<html>502</html>", "502 Bad Gateway"),
    http(b"<methodResponse>"),
    http(b"</struct></value>" * 50),
    b"HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\n<value>",
]


@pytest.mark.parametrize("answer", NONSENSE)
def test_a_socket_that_talks_nonsense_is_an_error(python, root, prefix, answer):
    serve(prefix / "var/run/supervisor.sock", [answer] * 40)
    with asking(python, root) as probe:
        row = probe.until(said)["supervisors"][0]
        assert ["wk-server", "unknown"] in [line[:2] for line in row["programs"]]
        assert probe.sample()["n"] > 1


def test_a_socket_that_says_nothing_costs_three_seconds_and_no_frame(python, root, prefix):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(prefix / "var/run/supervisor.sock"))
        listener.listen()
        with asking(python, root) as probe:
            probe.sample()
            row = probe.until(lambda seen: "within 3 s" in (seen["supervisors"][0]["error"] or ""))["supervisors"][0]
            assert row["error"].endswith("no answer within 3 s")


def test_a_poke_while_supervisord_is_being_asked_ends_nothing(python, root, prefix):
    def info(state: str) -> Any:
        return http(dumps(([{"name": "x", "group": "x", "statename": state}],), methodresponse=True).encode())

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(prefix / "var/run/supervisor.sock"))
        listener.listen()
        with asking(python, root) as probe:
            for state in ("STARTING", "RUNNING", "STOPPED"):
                connection, _ = listener.accept()
                with connection:
                    connection.recv(65536)
                    if state == "RUNNING":  # asked, not answered yet
                        probe.send({"op": "poke"})
                        for _ in range(3):  # the order was read before the last of them
                            probe.sample()
                    connection.sendall(info(state))
                probe.until(lambda seen, state=state: states(seen).get("x") == state)


STATUS = """\
wk-server                        RUNNING    pid 2812, uptime 12 days, 3:04:11
worker:w2_00                     RUNNING   pid 9105, uptime 0:00:07
gone                             STOPPED    Oct 19 03:14 PM
idle                             STOPPED    Not started
bad                              FATAL      Exited too quickly (process log may have details)
odd                              BACKOFF    unknown error (try "tail odd")
soon                             STARTING
"""


def test_the_text_of_supervisorctl_where_there_is_no_socket(python, root, prefix):
    (prefix / "etc/supervisord.conf").write_text("[supervisord]\n")
    tool = prefix / "bin/supervisorctl"
    tool.write_text(f"#!/bin/sh\n[ $1 = status ] && cat {root}/status; exit 3\n")
    tool.chmod(0o755)
    (root / "status").write_text(STATUS)
    with asking(python, root, service_account="nobody") as probe:
        row = probe.until(lambda seen: states(seen))["supervisors"][0]
        assert (row["via"], row["error"]) == ("text", None)
        programs = {line[0]: line[1:5] for line in row["programs"]}
        assert programs["wk-server"][:2] == ["RUNNING", 2812]
        assert abs(time.time() - programs["wk-server"][2] - (12 * 86400 + 3 * 3600 + 4 * 60 + 11)) < 10
        assert programs["worker:w2_00"][1] == 9105
        assert programs["gone"] == ["STOPPED", None, None, "Oct 19 03:14 PM"]
        assert programs["bad"] == ["FATAL", None, None, "Exited too quickly (process log may have details)"]
        assert programs["odd"][3] == 'unknown error (try "tail odd")'
        assert programs["soon"] == ["STARTING", None, None, ""]


def test_the_text_of_a_supervisorctl_that_cannot_ask(python, root, prefix):
    (prefix / "etc/supervisord.conf").write_text("[supervisord]\n[program:x]\ncommand=x\n")
    tool = prefix / "bin/supervisorctl"
    tool.write_text("#!/bin/sh\necho unix:///x.sock refused connection\n")
    tool.chmod(0o755)
    with asking(python, root, service_account="nobody") as probe:
        row = probe.until(lambda seen: "refused" in (seen["supervisors"][0]["error"] or ""))["supervisors"][0]
        assert states({"supervisors": [row]}) == {"x": "unknown"}


def test_values_of_an_answer():
    answer = namespace()["rpc_answer"]
    nested = [{"a": [1, {"b": "x & <y>"}], "c": "", "d": True, "e": None}]
    assert answer(dumps((nested,), methodresponse=True, allow_none=True).encode()) == (
        [{"a": [1, {"b": "x & <y>"}], "c": "", "d": 1, "e": None}],
        None,
    )
    assert answer(
        b"<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>6</int></value></member>"
        b"<member><name>faultString</name><value>SHUTDOWN_STATE</value></member></struct></value></fault></methodResponse>"
    ) == (None, "supervisord answered: SHUTDOWN_STATE")
    assert answer(b"")[0] is None
