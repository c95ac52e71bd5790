"""Pictures of the dashboard on made-up states, to look at: `python -m tests.ui.shots FOLDER [WORD…]`.

Words choose pictures by name; none means all. Not a test.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from aen_tui.ui.app import AenApp
from tests.support.states import FakeRuntime, connecting_state
from tests.support.store_states import fill, mongo_state, search_state

SIZES = ((60, 16), (80, 24), (120, 40), (200, 50))
Drive = Callable[[Pilot[Any]], Awaitable[None]]


async def shoot(
    file: Path, runtime: FakeRuntime, size: tuple[int, int], *, theme: str | None = None, keys: tuple[str, ...] = ()
) -> None:
    """One picture."""
    app = AenApp(runtime, theme=theme)
    async with app.run_test(size=size) as pilot:
        await pilot.pause(0.3)
        for key in keys:
            await pilot.press(key)
        await pilot.pause(0.2)
        file.write_text(app.export_screenshot(simplify=True), encoding="utf-8")


def _with_stores() -> FakeRuntime:
    runtime = FakeRuntime()
    fill(runtime.series)
    runtime.store.set_stores({"mongodb": mongo_state(), "elasticsearch": search_state()})
    return runtime


async def main(folder: Path, words: list[str]) -> None:
    """All pictures whose name holds one of the words."""
    folder.mkdir(parents=True, exist_ok=True)
    jobs: dict[str, tuple[FakeRuntime, tuple[int, int], str | None, tuple[str, ...]]] = {}
    for size in SIZES:
        name = f"{size[0]}x{size[1]}"
        jobs[f"fleet-9-{name}"] = (FakeRuntime(), size, None, ())
        jobs[f"fleet-53-{name}"] = (FakeRuntime(2, 50), size, None, ())
        jobs[f"well-{name}"] = (FakeRuntime(problems=False, is_demo=True), size, None, ())
        jobs[f"light-{name}"] = (FakeRuntime(read_only=True), size, "aen-light", ())
        jobs[f"connections-{name}"] = (FakeRuntime(), size, None, ("9", "j", "j", "j", "j"))
        jobs[f"node-{name}"] = (FakeRuntime(), size, None, ("j", "enter"))
        jobs[f"metrics-{name}"] = (FakeRuntime(2, 50), size, None, ("3",))
        jobs[f"data-{name}"] = (_with_stores(), size, None, ("5",))
        jobs[f"logs-{name}"] = (FakeRuntime(), size, None, ("2",))
        jobs[f"card-{name}"] = (FakeRuntime(), size, None, ("j", "r", "enter"))
        jobs[f"help-{name}"] = (FakeRuntime(), size, None, ("question_mark",))
        jobs[f"command-{name}"] = (FakeRuntime(), size, None, ("colon", "r", "e"))
        jobs[f"filter-{name}"] = (FakeRuntime(2, 50), size, None, ("slash", *"compute1", "enter", "space", "space"))
    for other in ("aen-safe", "aen-ansi", "aen-mono"):
        jobs[f"{other}-120x40"] = (FakeRuntime(), (120, 40), other, ())
    big = FakeRuntime(20, 979, history_samples=0)
    for size in SIZES:
        jobs[f"thousand-{size[0]}x{size[1]}"] = (big, size, None, ())
    jobs["panes-53-120x40"] = (FakeRuntime(2, 50), (120, 40), None, ("z",))
    first = FakeRuntime(state=None)
    first.put(connecting_state(first.inventory))
    jobs["connecting-120x40"] = (first, (120, 40), None, ())
    for name, (runtime, size, theme, keys) in jobs.items():
        if not words or any(word in name for word in words):
            await shoot(folder / f"{name}.svg", runtime, size, theme=theme, keys=keys)
            print(name)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2:]))
