"""What runs ON a node. Python 2.6 to 3.14, standard library only; imports nothing of ours.

The files of this folder are joined in the order of `PARTS` into one source, comments and docstrings
stripped, and sent over the ssh channel's standard input to the node's own interpreter. They share
one namespace there: no file imports another. This file is not shipped.

Wire, jump host -> probe, after the bootstrap has read the source (see transports/shipping.py):
lines of JSON, each ended by a newline; an empty line is the heartbeat that comes every few seconds.

    {"op": "start", ...}          first line, once: the configuration, see below
    {"op": "follow", "id": 3, "path": "/…", "cursor": {…} | null, "tail_bytes": 65536}
    {"op": "unfollow", "id": 3}
    {"op": "read", "rid": 1, "id": 3, "before": {"dev", "ino", "off", "head", "head_n"} | null,
     "bytes": 262144, "since": epoch | null}
                                  # older bytes of a followed file, before a place or its present end; answered by R
    {"op": "errand", "rid": 2, "name": "search", "source": "…", "order": {…}, "seconds": 60.0, "bytes": 4194304}
                                  # see below; answered by A
    {"op": "cancel", "rid": 1}    # give a read or an errand up; their numbers are of one row
    {"op": "poke"}                sample now, services' `status` command included (after an action)
    {"op": "stop"}                leave

    start = {
      "session": "hex",           # id of this probe; an older one of the same owner and `owner` key ends
      "owner": "text",            # jump host, user and inventory: a reconnect ends the probe left before
      "root": "",                 # put before every path
      "interval": 2.0,            # seconds between frames
      "http_interval": 10.0, "status_interval": 60.0,
      "user_agent": "aen-tui/0.1.0",
      "supervisors": [{"name": "wakari-server", "prefix": "/opt/wakari/wakari-server"}],
      "services": ["nginx", "mongod", "elasticsearch", "wakari-server"],
      "http": [{"id": 1, "url": "http://127.0.0.1:80", "paths": ["/status", "/"], "document": true}],
      "ports": [5000],            # 127.0.0.1, whether something listens
      "mounts": ["/", "/opt/wakari", "/projects", "/var/log"],
      "follow": [{"id": 1, "path": "/…", "cursor": null, "tail_bytes": 65536}],
      "service_account": "wakari" # as root: the uid that speaks to supervisor's socket
    }
    A probe that runs under sudo has the word `sudo` after its hash in argv: it follows no link but root's own.
    `owner` counts together with `root` and the uid. An older probe leaves, a younger one stays.
    Under a root, a file that its /proc lacks is read from the machine's own /proc.

    cursor = {"dev": 1, "ino": 2, "off": 3, "head": "hex16", "head_n": 256, "tail": "hex16", "tail_n": 256}
    and "time": epoch when it was made: where its file is gone, rotated files written since are read

Wire, probe -> jump host: the sync header `\\0\\0AEN-TUI-PROBE 1\\n` (a noisy login shell may have
written anything before it), then frames: one type byte, four bytes big-endian length, payload.
A frame is at most 1 MiB.

    H  hello, JSON: {"version", "sha256", "python": "2.7.5", "executable", "pid", "uid", "user", "host",
       "time": epoch seconds, "zone": "+0100", "boot_id", "cores", "kernel", "inotify": true}
    S  sample, JSON, one an interval: {"n": 1, "time": epoch, sections…, "same": ["services", …]}
       A section stands in a frame when it changed; when it was looked at and is as before, its name
       stands in "same"; when it was not looked at in this interval, neither. Every section is in the
       first frame ("n": 1, sent as soon as all are there, HTTP excepted: at most 2 s late).
         "metrics": {"cpu": percent | null, "load": [1, 5, 15], "mem": [total, available, swap_used, swap,
                     whether the kernel said what is available] bytes, "net": [rx, tx] bytes a second (of devices, so
                     that no packet counts twice; without any, of what is no bridge, bond, VLAN or veth),
                     "cores": n, "wait": iowait percent, "steal": percent, "per": [percent of each core],
                     "swap": [in, out] bytes a second, "nets": [[interface, rx, tx]] the busiest}; what cannot be
                     read is null or empty
         "disks":   [[mount, fstype, used, available, total, inodes_used_percent | null, read_only, error | null]]
         "supervisors": [{"name", "error": null | text, "via": "rpc" | "text", "now": epoch,
                     "programs": [[name, state, pid | null, started epoch | null, description,
                                   stdout_logfile | null, stderr_logfile | null,
                                   startsecs | null, stopwaitsecs | null as the files say them]]}]
         "services": [{"name", "state": "running" | "stopped" | "dead" | "absent" | "unknown",
                     "pid": n | null, "started": epoch | null, "text": first line of `status`, "error": null | text}]
         "http":    [{"id", "url": with the path that answered, "code": n | null, "ms": f | null,
                     "document": {"status", "messages"} | null, "error": null | text}]
         "ports":   {"5000": true}
         "logs":    [{"id", "path", "state": "following" | "waiting" | "unknown", "size": n | null,
                     "error": null | text}]
         "others":  n, other sessions that have a probe here (under the same root); from two on this one
                    looks half as often
         "cost":    {"cpu_ms": milliseconds of cpu since the last frame, "rss": bytes}
    L  log bytes: one line of JSON, a newline, then the bytes:
         {"id": 3, "cursor": cursor after these bytes, "at": offset in that file of the first byte,
          "seam": null | {"reason", "message", "lost": n | null}, "eof": true when nothing more is there now,
          "mtime": when the file was written last, by the time these bytes were read}
       Bytes are the file's, unchanged, not cut at lines. A frame with a seam may have no bytes.
    R  answer to a `read`: one line of JSON, a newline, then bytes that end where `before` is (or where a rotated
       file ends) and begin with a line, at most 896 KiB:
         {"rid": 1, "at": offset of the first byte, "file": {"dev", "ino", "off", "head", "head_n"} to ask on with,
          "name": file name, "end": true where there is nothing older, "error": null | text}
       Files last written before `since` are not opened.
    A  rows of an errand, as they come: one line of JSON, a newline, then rows, each one line of JSON:
         {"rid": 2, "end": true in the last one, "error": null | text}
    E  error, JSON: {"message", "traceback"}; the probe leaves after it.

Errands are what is wanted seldom: sources in the folder `errands`, stripped like the parts, sent with an order.
The joined source has the SHA-256 of each (`ERRANDS`, made when it is joined), so that the hash in argv pins these
too; another source is refused. It runs in a forked child, in the probe's namespace, and defines

    def run(order, say)           # `say(row)`: one row of the answer; `say()`: what has waited goes out

The child is as nice as the probe, after a second nice 19 and of the idle class where there is an ionice; it has
`seconds` of time and of cpu, and no descriptor of the probe's. It ends with the probe (looked at once a
second). Two run at a time, a third is refused. It is not read
while the wire is full, and is killed with its process group when the answer has more than `bytes`.

It leaves on end of input, 15 s after the last byte, on SIGHUP and SIGTERM, and by SIGALRM when it is
stuck. Writes never block it: while the other side does not take, samples replace each other and log
files are not read (the file is the buffer).
"""

from __future__ import annotations

PARTS: tuple[str, ...] = (
    "compat.py",
    "wire.py",
    "loop.py",
    "proc.py",
    "disks.py",
    "exchange.py",
    "http.py",
    "rpc.py",
    "supervisor.py",
    "sysv.py",
    "inotify.py",
    "bytes_of.py",
    "rotated.py",
    "history.py",
    "follow.py",
    "errand.py",
    "identity.py",
    "agent.py",
)
"""The files that are joined, in order."""
