"""The keys of the folded list; every one has an id, so that `keymap.toml` can move it."""

from __future__ import annotations

from textual.binding import Binding, BindingType

FOLD_BINDINGS: list[BindingType] = [
    Binding("enter", "open", "open", id="folds.open", tooltip="The logs that said it, at that moment"),
    Binding("O", "order", "order", id="folds.order", tooltip="Newest first, or heaviest first"),
    Binding("escape", "close", "logs", id="folds.close", tooltip="Back to the log lines"),
    Binding("j,down", "step(1)", "down", id="folds.down", tooltip="Next message", show=False),
    Binding("k,up", "step(-1)", "up", id="folds.up", tooltip="Previous message", show=False),
    Binding("g,home", "top", "top", id="folds.top", tooltip="First message; stays on top", show=False),
    Binding("G,end", "bottom", "bottom", id="folds.bottom", tooltip="Last message", show=False),
    Binding("space,pagedown,ctrl+d", "page(1)", "page", id="folds.page-down", tooltip="One page down", show=False),
    Binding("b,pageup,ctrl+u", "page(-1)", "back", id="folds.page-up", tooltip="One page up", show=False),
]
