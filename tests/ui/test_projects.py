"""Projects on the screen: the node page's part, the list, one project, `:why`, `:usage`."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from aen_tui.model.facts import LinkState
from aen_tui.model.node import NodeName
from aen_tui.model.projects import AppGroup, ProjectLoad, ProjectsLook
from aen_tui.model.reading import Reading
from aen_tui.ui.commands import run_line
from aen_tui.ui.screens.project import ProjectScreen
from aen_tui.ui.screens.projects import ProjectsScreen
from aen_tui.ui.screens.usage import UsageScreen
from aen_tui.ui.screens.why import WhyScreen
from tests.support.screen import screen_text, until
from tests.support.states import NOW_MONOTONIC, NOW_WALL, FakeRuntime
from tests.ui.test_node_page import Host, open_page

NAME = "compute1-1"
LONG = "a_user_with_a_name_of_forty_characters__"


def group(kind: str, user: str, cpu: float, apps: int = 1) -> AppGroup:
    return AppGroup(kind, user, max(1, apps), apps, 512 << 20, NOW_WALL - 3600, cpu, (71,))


def runtime(projects: int = 3) -> FakeRuntime:
    made = FakeRuntime(problems=False)
    loads = [
        ProjectLoad("alice/churn", (group("notebook", "alice", 181.0), group("kernel", "alice", 3.0, 0))),
        ProjectLoad("bob/\x1b[31mred\u202e", (group("viewer", "wakari", 1.0),)),
        *(ProjectLoad(f"u{number}/p", (group("lab", LONG, 0.0),)) for number in range(projects - 2)),
    ]
    look = ProjectsLook(tuple(loads), 10_000, 5_000, projects, projects + 1, unread=7)
    made.change(NAME, projects=Reading(look, NOW_MONOTONIC - 4))
    return made


SIZES = [(80, 24), (200, 50), (60, 16)]


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_the_node_page_names_the_heaviest(size: tuple[int, int]) -> None:
    app = Host(runtime())
    async with app.run_test(size=size) as pilot:
        await open_page(pilot, NAME)
        await pilot.pause()
        text = "\n".join(
            "".join(part for part, _ in row)
            for rows in app.screen.query("ProjectsPart Rows")
            for row in rows.rows  # type: ignore[attr-defined]
        )
        assert "alice/churn" in text
        assert "184%" in text
        assert "\x1b" not in text
        assert "\u202e" not in text


async def test_the_list_is_ordered_and_leads_to_processes() -> None:
    made = runtime(40)

    async def rows(_node: NodeName, order: Mapping[str, Any]) -> AsyncIterator[bytes]:
        if order["do"] == "list":
            one = {"pid": 71, "parent": 1, "kind": "notebook", "user": LONG, "rss_bytes": 1 << 30, "started": NOW_WALL}
            yield json.dumps({**one, "cpu_percent": 3.0}).encode()
            yield b'{"processes": 9}'
        elif order["do"] == "text":
            assert (order["pid"], order["started"]) == (71, NOW_WALL)
            yield json.dumps({"pid": 71, "user": LONG, "folder": "/x", "words": ["jupyter", "--token=***"]}).encode()

    made.errands = rows
    app = Host(made)
    async with app.run_test(size=(120, 40)) as pilot:
        run_line(app, "projects")
        await until(pilot, lambda: isinstance(app.screen, ProjectsScreen))
        await until(pilot, lambda: "alice/churn" in screen_text(app))
        assert "40 apps in 5000 projects on 1 of 6 nodes" in screen_text(app)
        await pilot.press("o", "o", "o")
        assert "by name" in screen_text(app)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ProjectScreen) and LONG in screen_text(app))
        await pilot.press("enter")
        await until(pilot, lambda: "--token=***" in screen_text(app))
        await pilot.press("escape", "escape")
        await until(pilot, lambda: isinstance(app.screen, ProjectsScreen))


async def test_ages_are_of_the_node_s_own_clock() -> None:
    made, other, day = FakeRuntime(problems=False), "compute1-2", 86_400.0
    for name, ahead in ((NAME, day), (other, -day)):
        link = replace(made.store.node(NodeName(name)).connection, skew_seconds=ahead)
        age = 7200 if name == NAME else 60
        one = AppGroup("lab", "alice", 1, 1, 1 << 20, NOW_WALL + ahead - age, 1.0, (71,))
        look = ProjectsLook((ProjectLoad(f"alice/{name}", (one,)),), 1, 1, 1, 1, unread=0)
        made.change(name, connection=link, projects=Reading(look, NOW_MONOTONIC))

    async def rows(node: NodeName, order: Mapping[str, Any]) -> AsyncIterator[bytes]:
        there = NOW_WALL + (day if node == NAME else -day)
        if order["do"] == "place":
            place = {"path": "/projects", "mount": "/", "source": f"/dev/{node}", "filesystem": "xfs", "device": 1}
            yield json.dumps(place).encode()
        elif order["do"] == "walk":
            yield json.dumps({"new": [1 << 30, there - 120, "/projects/a/x"]}).encode()

    made.errands = rows
    app = Host(made)
    async with app.run_test(size=(120, 40)) as pilot:
        run_line(app, "projects")
        await until(pilot, lambda: isinstance(app.screen, ProjectsScreen))
        await pilot.press("o", "o")
        await until(pilot, lambda: "by age" in screen_text(app))
        text = screen_text(app)
        assert text.index(f"alice/{NAME}") < text.index(f"alice/{other}")
        await pilot.press("escape")
        run_line(app, f"usage {NAME} {other}")
        await until(pilot, lambda: isinstance(app.screen, UsageScreen))
        job = made.projects.usages.last
        assert job is not None
        await job.run()
        await until(pilot, lambda: screen_text(app).count("2m ago") == 2)


async def test_why_asked_while_nodes_connect_is_asked_again_when_they_are_up() -> None:
    made = FakeRuntime(problems=False)
    up = {name: made.store.node(name).connection for name, spec in made.inventory.nodes.items() if name[:3] == "com"}
    for name, link in up.items():
        made.change(name, connection=replace(link, state=LinkState.CONNECTING, error=None))

    async def rows(node: NodeName, order: Mapping[str, Any]) -> AsyncIterator[bytes]:
        row = {"path": "/projects/alice/churn", "state": "file", "owner_state": "folder", "looked_as": "ops"}
        yield json.dumps(row if order["do"] == "folder" else {"sudo_file": "present"}).encode()

    made.errands = rows
    app = Host(made)
    async with app.run_test(size=(100, 40)) as pilot:
        run_line(app, "why alice/churn")
        await until(pilot, lambda: isinstance(app.screen, WhyScreen))
        await until(pilot, lambda: "0 of 6 nodes have answered" in screen_text(app))
        await until(pilot, lambda: "the node is not up: connecting" in screen_text(app))
        assert "folder" not in screen_text(app)
        assert "speaks against" not in screen_text(app)
        made.change(NAME, connection=up[NodeName(NAME)])
        await until(pilot, lambda: "1 of 6 nodes have answered" in screen_text(app))
        await until(pilot, lambda: "is no folder" in screen_text(app))
        for name, link in up.items():
            made.change(name, connection=link)
        await until(pilot, lambda: "6 nodes asked" in screen_text(app))
        assert "not up" not in screen_text(app)


async def test_why_says_causes_and_what_cannot_be_seen() -> None:
    made = runtime()

    async def rows(node: NodeName, order: Mapping[str, Any]) -> AsyncIterator[bytes]:
        if order["do"] == "folder":
            state = "folder" if node == NAME else "absent"
            row: dict[str, Any] = {
                "path": "/projects/alice/churn",
                "state": state,
                "owner_state": "folder",
                "looked_as": "ops",
            }
            row |= {"problem": None, "uid": 0, "gid": 0, "mode": 0o771, "user": "root", "env": "complete"}
            yield json.dumps({**row, "metadata": "present", "account_error": "getent did not answer"}).encode()
        else:
            yield b'{"sudo_file": "closed", "lines": [["/x/l.log", "alice/churn \\u001b[31m EACCES"]]}'

    made.errands = rows
    app = Host(made)
    async with app.run_test(size=(100, 40)) as pilot:
        run_line(app, "why alice/churn")
        await until(pilot, lambda: isinstance(app.screen, WhyScreen))
        said = ("6 nodes asked", "the launcher says", "belongs to root", "getent did not answer", "may not be read")
        await until(pilot, lambda: all(words in screen_text(app) for words in said))
        text = screen_text(app)
        assert text.index("the launcher says") < text.index("belongs to root") < text.index("getent did not answer")
        assert "\x1b" not in text


async def test_usage_is_shown_while_it_goes_on_and_after_it_was_closed() -> None:
    app = Host(runtime())
    async with app.run_test(size=(100, 30)) as pilot:
        run_line(app, f"usage {NAME}")
        await until(pilot, lambda: isinstance(app.screen, UsageScreen))
        job = app.backend.projects.usages.last
        assert job is not None
        assert job.wanted == ((NodeName(NAME), "/projects"),)
        await pilot.press("escape")
        run_line(app, "usage")
        await until(pilot, lambda: isinstance(app.screen, UsageScreen))
        assert app.backend.projects.usages.last is job


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("why churn", "is no OWNER/PROJECT"),
        ("why a/../../x", "is no OWNER/PROJECT"),
        ("why alice/churn gateway1", "names no compute"),
        ("usage aen-server", "has no projects"),
        ("usage compute1-1/wk-compute", "is a service"),
        ("projects nowhere", "no node"),
    ],
)
async def test_wrong_words_are_said(line: str, says: str) -> None:
    from aen_tui.errors import AenError

    app = Host(runtime())
    async with app.run_test():
        with pytest.raises(AenError, match=says):
            run_line(app, line)
