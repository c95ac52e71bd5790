"""From the command to `N/N up`, beside what other ways to reach all nodes take."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

from tests.bench.figures import OURS, Figure
from tests.bench.stage import Stage

WHAT = "command to all nodes up"


def measure(stage: Stage) -> list[Figure]:
    """Ours, clush, bare handshakes."""
    ours = Figure(WHAT, OURS, "s", note=stage.up_text)
    for _ in range(stage.tries):
        with stage.open(stage.aen_tui()) as terminal:
            ours.tries.append(terminal.wait_for(stage.up_text, seconds=120) - terminal.started)
    clush = _clush(stage)
    ours.budget = clush.value
    return [ours, clush, *_handshakes(stage)]


def _clush(stage: Stage) -> Figure:
    program = shutil.which("clush") or str(Path(sys.executable).with_name("clush"))
    figure = Figure(WHAT, "clush -f 16 true", "s")
    failed = 0
    argv = [program, "-f", "16", "-o", f"-F {stage.lab.jumping_ssh_config}", "-w", ",".join(stage.lab.nodes), "true"]
    for _ in range(stage.tries):
        began = time.monotonic()
        done = subprocess.run(argv, capture_output=True, text=True, env={**stage.env}, timeout=300, check=False)
        figure.tries.append(time.monotonic() - began)
        failed += sum("exited with exit code" in text for text in done.stderr.splitlines())
    figure.note = f"{failed} nodes failed in {stage.tries} runs" if failed else ""
    return figure


def _handshakes(stage: Stage) -> list[Figure]:
    figures = [
        Figure(WHAT, "asyncssh handshakes, with imports", "s"),
        Figure(WHAT, "asyncssh handshakes alone", "s"),
    ]
    for _ in range(stage.tries):
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.handshakes", str(stage.lab.folder), str(stage.inventory)],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if done.returncode:
            figures[1].note = done.stderr.strip()[-80:]
            break
        figures[0].tries.append(time.monotonic() - began)
        figures[1].tries.append(float(done.stdout))
    return figures
