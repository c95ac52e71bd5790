"""demo: an AEN installation on this machine, without root and without anything outside PyPI.

    launch         the outside: makes the folder, starts the demo's process, waits, ends it
    server         that process: everything below lives in it or under it
    plan           names, roles, addresses, ports
    node_tree      a node's root folder: programs, configuration, projects
    proc_tree      its /proc
    ssh_server     an sshd a node; node_shell is a session in it
    forkserver     the daemons: supervisords and what the server has beside its own; init_scripts ask it
    stand_ins      what they run
    day            what happens: users, notebooks, load, a gateway that turns bad
    client_files   inventory, ssh config, known hosts, key

It is a cluster, not a fake inside the program: everything reaches it through the same transports and
probe as in production. Keys are made per run, folders and sockets are the user's alone (0700), and
all of it goes with the process that started it.
"""

from __future__ import annotations

from aen_tui.demo.launch import DemoError, installation, serve
from aen_tui.demo.options import DemoOptions

__all__ = ["DemoError", "DemoOptions", "installation", "serve"]
