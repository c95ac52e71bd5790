"""A node's `service` command and its init scripts, with the words and exit statuses of EL6's (LSB, `functions`).

A daemon's life is the demo's, so a script starts and ends none itself: it writes `start NAME`, `stop NAME` or
`reload NAME` into the node's fifo ROOT/run/services, which the forkserver reads, and waits for what comes of it.
"""

from __future__ import annotations

from pathlib import Path

from aen_tui.demo.plan import DemoNode
from aen_tui.model.command import shell_line

FIFO = "run/services"
"""Under the node's root; the forkserver makes it."""

_SERVICE = r"""case "$1" in
    "" | */*) echo "Usage: service SERVICE COMMAND" >&2; exit 1 ;;
esac
[ -x {folder}/"$1" ] || {{ echo "$1: unrecognized service" >&2; exit 1; }}
exec {folder}/"$1" "$2"
"""

_INIT = r"""# {name}: started and ended by the demo, which this script asks
# pidfile: {shown}
name={name}
pidfile={pidfile}

is_running() {{ pid=$(cat "$pidfile" 2>/dev/null) && kill -0 "$pid" 2>/dev/null; }}
is_gone() {{ ! kill -0 "$pid" 2>/dev/null; }}

# Opened for both, so that it does not wait for a reader that is gone.
ask() {{ echo "$1 $name" 1<>{fifo}; }}

wait_until() {{
    tries=0
    until "$1"; do
        tries=$((tries + 1))
        [ "$tries" -le 150 ] || return 1
        sleep 0.1
    done
}}

said() {{
    word="  OK  "
    [ "$2" = 0 ] || word=FAILED
    printf '%-60s[%s]\n' "$1 $name: " "$word"
    return "$2"
}}

configtest() {{ {test}; }}

start() {{
    is_running && return 0
    configtest || return 6
    rm -f "$pidfile"
    ask start
    wait_until is_running
    said Starting $?
}}

stop() {{
    is_running || {{ rm -f "$pidfile"; return 0; }}
    ask stop
    wait_until is_gone
    said Stopping $? || return 1
    rm -f "$pidfile"
}}

restart() {{
    configtest || return 6
    stop && start
}}

reload() {{
    configtest || return 6
    is_running || return 7
    ask reload
    said Reloading $?
}}

status() {{
    is_running && {{ echo "$name (pid  $pid) is running..."; return 0; }}
    [ -f "$pidfile" ] && {{ echo "$name dead but pid file exists"; return 1; }}
    echo "$name is stopped"
    return 3
}}

case "$1" in
    {verbs}) "$1" ;;
    *) echo "Usage: $0 {{{verbs}}}" >&2; exit 2 ;;
esac
"""


def write_init_scripts(node: DemoNode) -> None:
    """ROOT/sbin/service, and ROOT/etc/init.d/NAME for each of the node's services; only nginx can be reloaded."""
    folder = node.root / "etc/init.d"
    folder.mkdir()
    (node.root / "sbin").mkdir()
    script(node.root / "sbin/service", _SERVICE.format(folder=shell_line([str(folder)])))
    for name, shown in node.services.items():
        is_nginx = name == "nginx"
        text = _INIT.format(
            name=name,
            shown=shown,
            pidfile=shell_line([f"{node.root}{shown}"]),
            fifo=shell_line([str(node.root / FIFO)]),
            test=shell_line([str(node.root / "usr/sbin/nginx"), "-t", "-q"]) if is_nginx else ":",
            verbs="start|stop|restart|reload|status|configtest" if is_nginx else "start|stop|restart|status",
        )
        script(folder / name, text)


def script(path: Path, text: str) -> None:
    """A program of the node's own shell."""
    path.write_text(f"#!/bin/sh\n{text}")
    path.chmod(0o700)
