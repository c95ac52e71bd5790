"""A MongoDB of mockupdb's, which says what a test tells it to."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from mockupdb import MockupDB

HELLO_26 = {"ismaster": True, "maxWireVersion": 2, "minWireVersion": 0, "maxBsonObjectSize": 16777216, "ok": 1}
WELL: dict[str, Any] = {
    "ping": {"ok": 1},
    "buildInfo": {"version": "2.6.9", "ok": 1},
    "buildinfo": {"version": "2.6.9", "ok": 1},
    "inprog": {"inprog": []},
    "serverStatus": {"ok": 1, "uptimeMillis": 5000, "connections": {"current": 3, "available": 7}},
    "getCmdLineOpts": {"ok": 1, "parsed": {}},
}


def name_of(request: Any) -> str:
    """The command that was asked; `inprog` for `$cmd.sys.inprog`."""
    return "inprog" if "inprog" in getattr(request, "namespace", "") else str(next(iter(request.doc), ""))


@contextmanager
def mock(answers: dict[str, Any], hello: dict[str, Any] | None = None) -> Iterator[int]:
    """A server that answers commands as told, `$cmd.sys.inprog` as `inprog`; a callable decides for itself."""
    server = MockupDB()
    answers = {"ismaster": hello or HELLO_26, **answers}

    def answer(request: Any) -> bool:
        name = name_of(request)
        found = answers.get(name)
        if callable(found):
            found(request)
        elif found is None:
            request.replies({"ok": 0, "errmsg": f"no such cmd: {name}", "code": 59})
        else:
            request.replies(found)
        return True

    server.autoresponds(answer)
    server.run()
    try:
        yield server.port
    finally:
        server.stop()
