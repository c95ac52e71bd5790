"""`python -m tests.bench --nodes 7|53 [--only NAME] [--json FILE]`."""

from __future__ import annotations

import argparse
import datetime as dt
import importlib
import json
import os
import sys
import time
from pathlib import Path

from tests.bench.figures import OURS, Figure, as_json, machine, table
from tests.bench.stage import Stage, stage_of
from tests.bench.terminal import NotSeenError
from tests.lab.lab import Lab
from tests.lab.requirements import skip_reason

MEASURES = ("startup", "all_up", "line_delay", "burst", "steady", "probe_cost", "key_paint", "search")
EXTRAS = ("soak",)
"""Measured only when asked for: minutes."""
GATEWAYS = 2


def main() -> int:
    """Exit 0 when everything was measured, whatever came out; 2 when the lab cannot run here."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--nodes", type=int, default=7, help="1 server, 2 gateways, the rest computes")
    parser.add_argument("--only", action="append", choices=(*MEASURES, *EXTRAS), help="may be given several times")
    parser.add_argument("--tries", type=int, default=5)
    parser.add_argument("--minutes", type=float, default=10, help="of `--only soak`")
    parser.add_argument("--become", choices=("actions", "auto"), default="actions", help="auto: two probes a node")
    parser.add_argument("--json", type=Path, help="where; default: a new file in bench-results/")
    arguments = parser.parse_args()
    reason = skip_reason()
    if reason:
        print(reason, file=sys.stderr)
        return 2
    host = machine()
    print(f"{host['cpu']}, {host['cores']} cores, {host['memory_gib']} GiB, Linux {host['kernel']}, "
          f"Python {host['python']}; {arguments.nodes} nodes", flush=True)  # fmt: skip
    with (
        Lab.start(gateways=GATEWAYS, computes=arguments.nodes - 1 - GATEWAYS) as lab,
        stage_of(lab, arguments.tries, arguments.become) as stage,
    ):
        stage.minutes = arguments.minutes
        figures = [figure for name in arguments.only or MEASURES for figure in _run(name, stage)]
    print(table(figures))
    now = dt.datetime.now().astimezone()
    target = arguments.json or Path("bench-results") / f"{now:%Y%m%d-%H%M%S}-{arguments.nodes}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    document = {
        "at": now.isoformat(),
        "machine": host,
        "nodes": arguments.nodes,
        "become": arguments.become,
        "figures": as_json(figures),
    }
    target.write_text(json.dumps(document, indent=1))
    print(f"written: {target}", file=sys.stderr)
    return 0


def _run(name: str, stage: Stage) -> list[Figure]:
    began = time.monotonic()
    try:
        figures: list[Figure] = importlib.import_module(f"tests.bench.{name}").measure(stage)
    except NotSeenError as error:
        print(f"{name}: {error}", file=sys.stderr)
        figures = [Figure(name, OURS, "", note=f"not measured: {str(error)[:60]}")]
    print(f"{name}: {time.monotonic() - began:.0f} s, load {os.getloadavg()[0]:.1f}", file=sys.stderr, flush=True)
    print(table(figures), file=sys.stderr, flush=True)
    return figures


if __name__ == "__main__":
    sys.exit(main())
