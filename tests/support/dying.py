"""A program that dies at once, in a manner that every supervisord sees in time."""

from __future__ import annotations

DIES = """\
(for _ in 1 2 3 4 5 6 7 8 9; do sleep 0.1; echo; done) &
exit 1
"""
"""A shell script's lines.

supervisord 4 on Python 3 is not woken by SIGCHLD (PEP 475), only by the end of the program's output, and that comes a
moment before the program can be reaped. Where it looks between the two it looks again a second later, when
`startsecs=1` has passed: the program counts as RUNNING then, its retries begin anew, and FATAL may be minutes away. So
something of the program's goes on writing until it was noticed.
"""
