"""What a seed's text names, by pattern: paths, ports, services and programs, accounts, packages."""

from __future__ import annotations

import os
import re
from pathlib import Path

SEEDS_VARIABLE = "AEN_TUI_SEEDS"
"""A folder with the seeds; without it `shared/seeds` beside the checkout."""
_PATTERNS: dict[str, str] = {
    "path": r"(?<![\w/.$<>-])/(?:opt|etc|var|lib|tmp|projects|root)\b[\w./-]*|(?<![\w./])\./[a-z][\w-]+\.json",
    "port": r"(?i:\bports?)\s+(\d{2,5})\b|\bTCP\s*\|?\s+(\d{2,5})\b|\b[A-Z_]+_PORT=(\d+)|[\w.>]:(\d{4,5})\b",
    "service": r"(?:^ +|sudo |control )service ([a-z][a-z-]+)|chkconfig --add ([a-z-]+)|/etc/init\.d/([a-z-]+)",
    "program": r"(?<![\w./-])((?:wk|wakari)-[a-z]+(?:-[a-z]+)*)(?![\w./-]*[\w/])|\b(supervisord|start-project)\b",
    "key": r"\b(projectRoot|create_default_packages|channel_alias|default_channels)\b|\"(accounts)\":",
    "account": r"\b([A-Z]+(?:_[A-Z]+)*_(?:ACCT|USER))\b"
    r"|^ *[•-] *(mongod|elasticsearch|nginx|wakari)\b.*?[:(]|\bor (mongodb)\b",
    "package": r"\b(lib[A-Z]\w+|dejavu-[a-z-]+|fontpackages-[a-z]+)\b|^ +- ([a-z]+(?:-[a-z]+)*)$",
}


def seeds_folder() -> Path | None:
    """Where the seeds are; None where they are not at hand."""
    known = os.environ.get(SEEDS_VARIABLE)
    folder = Path(known) if known else Path(__file__).resolve().parents[2].parent / "shared/seeds"
    return folder if folder.is_dir() else None


def names_in(text: str) -> set[str]:
    """`path /opt/wakari`, `port 5000`, `service nginx`, of one seed."""
    text = re.sub(r" *\\\n +(?=/)", "\n", text)
    return {
        f"{kind} {(next((one for one in found.groups() if one), None) or found.group(0)).rstrip('.,:')}"
        for kind, pattern in _PATTERNS.items()
        for found in re.finditer(pattern, text, re.MULTILINE)
    }


def names_of_seeds(folder: Path) -> list[str]:
    """`002_6f6c4dbd9f4469a3.txt port 5000`, of every seed of a folder, sorted."""
    return sorted(f"{seed.name} {name}" for seed in folder.glob("0*.txt") for name in names_in(seed.read_text()))
