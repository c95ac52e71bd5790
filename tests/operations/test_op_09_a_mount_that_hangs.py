"""9: a filesystem that never answers is a finding, and delays no frame."""

from __future__ import annotations

import asyncio
from pathlib import Path

from aen_tui.model.node import NodeName
from aen_tui.model.severity import Severity
from tests.probe.test_looking import silent_fuse
from tests.whole.conftest import Watching

__all__ = ["silent_fuse"]


async def test_it_is_said_and_frames_go_on(silent_fuse: Path, tmp_path: Path, watching: Watching) -> None:
    file = tmp_path / "inventory.toml"
    file.write_text(
        'name = "here"\n[defaults]\ninterval_seconds = 1\nbecome = "never"\n[[data_center]]\nname = "a"\n'
        f'gateway = "local"\ncomputes = ["local"]\n[node."local"]\nprojects_root = "{silent_fuse}"\n'
        f'logs = ["{silent_fuse}/x.log"]\n'
    )
    file.chmod(0o600)
    async with watching(file) as runtime, asyncio.timeout(60):
        state = await runtime.store.wait_for(
            lambda state: any(one.check == "mount-hung" for one in state.nodes[NodeName("local")].findings)
        )
        (found,) = [one for one in state.nodes[NodeName("local")].findings if one.check == "mount-hung"]
        assert found.severity is Severity.CRITICAL
        assert found.message == f"{silent_fuse} (fuse.silent) does not answer" and found.remedy
        since = runtime.store.node(NodeName("local")).connection.since
        for _ in range(3):  # a probe that waits for it sends no frame any more, and is ended
            seen_at = runtime.store.node(NodeName("local")).metrics.seen_at or 0.0
            await runtime.store.wait_for(
                lambda state, seen_at=seen_at: (  # type: ignore[misc]
                    (state.nodes[NodeName("local")].metrics.seen_at or 0.0) > seen_at
                )
            )
        assert runtime.store.node(NodeName("local")).connection.since == since
