"""Where the log of a mongod that is down is looked for."""

from __future__ import annotations

from typing import Any

import pytest

from aen_tui.model.command import CommandResult
from aen_tui.model.node import Role
from aen_tui.model.stores import MongoOptions
from aen_tui.runtime.stores.last_words import last_start
from tests.support.nodes import node_spec


class Ways:
    """A link that notes what is run on it."""

    def __init__(self) -> None:
        self.ran: list[list[str]] = []

    async def run(self, argv: list[str], **_more: Any) -> CommandResult:
        self.ran.append(argv)
        return CommandResult(tuple(argv), 0, "")


@pytest.mark.parametrize(
    ("said", "read"),
    [
        (None, "/var/log/mongodb/mongod.log"),
        ("/data/log/m.log", "/data/log/m.log"),
        ("--follow=name", "/var/log/mongodb/mongod.log"),
        ("m.log", "/var/log/mongodb/mongod.log"),
    ],
)
async def test_the_log_is_a_whole_path_and_no_option(said: str | None, read: str) -> None:
    link: Any = Ways()
    await last_start(link, node_spec("db", Role.STORE, None), MongoOptions(log_path=said))
    assert [argv[-1] for argv in link.ran] == [read, read]
