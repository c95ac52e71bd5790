"""aen-tui: every node of an Anaconda Enterprise Notebooks installation, live, in a terminal.

The rooms, upper ones import lower ones and never the other way round (import-linter keeps it):

    cli          argv -> one command; imports what a command needs only when it runs
    ui           the dashboard; the only room that knows Textual, Rich and plotext
    headless     status, logs, do, audit, info: the same facts and plans as text and JSON
    demo         an AEN installation on this machine: ssh servers, supervisords, stand-ins
    runtime      machine: one task group that keeps the state true and carries plans out
    actions      shelf: state + target -> plan; pure, one action a file
    checks       shelf: facts -> severity and findings; pure, one check a file
    sources      shelf: what to ask of the probe, and its answer -> state; pure, one source a file
    services     shelf: what runs on which role: programs' prefix, SysV name, logs, ports
    transports   bytes to and from a node: ssh, local processes, shipping of the probe
    state        what is known now: one writer, immutable snapshots, rings, log books
    config       what the user wrote: inventory, paths
    diagnostics  the program's own log, rotating, without secrets
    probe        what runs ON a node: standard library, Python 2.6 to 3.14; imports nothing of ours
    model        what a cluster is: frozen dataclasses, enums, sanitising, quoting, secrets
    errors       the exception tree

The flow of facts: node -> transports -> runtime -> sources (decode) -> state -> snapshot, at most
ten a second -> ui. Log bytes go past all of it: transports -> state.logbook, which wakes the
open log view itself.

The flow of actions: key or command -> runtime.plan (actions, pure) -> card or --dry-run ->
runtime.execute -> audit intent -> command on a channel of its own -> claimed -> seen -> verified
-> audit outcome.
"""

from __future__ import annotations

__version__ = "0.1.0"
