"""What is typed after `:restart`."""

from __future__ import annotations

import pytest

from aen_tui.errors import AenError
from aen_tui.model.inventory import RollingSettings
from aen_tui.ui.action_words import ActionWords

BASE = RollingSettings(canary=1, batch=2, max_failures=0)


def test_options_stand_anywhere() -> None:
    words = ActionWords.parse(["--rolling", "@compute/wk-compute", "--batch=3", "--idle-only", "--canary", "0"], BASE)
    assert words.targets == ("@compute/wk-compute",)
    assert words.rolling
    assert words.sizes == RollingSettings(canary=0, batch=3, max_failures=0, idle_only=True)


@pytest.mark.parametrize(
    "line", ["x/y --idle-only", "x/y --batch 2", "--rolling", "x/y --rolling --batch two", "x --no"]
)
def test_what_means_nothing_is_said(line: str) -> None:
    with pytest.raises(AenError):
        ActionWords.parse(line.split(), BASE)
