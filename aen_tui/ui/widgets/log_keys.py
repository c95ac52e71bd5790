"""The keys of a log view; every one has an id, so that `keymap.toml` can move it."""

from __future__ import annotations

from textual.binding import Binding, BindingType

LOG_BINDINGS: list[BindingType] = [
    Binding("j,down", "step(1)", "Down", id="logs.down", tooltip="One line down", show=False),
    Binding("k,up", "step(-1)", "Up", id="logs.up", tooltip="One line up; leaves FOLLOW", show=False),
    Binding("h,left", "side(-1)", "Left", id="logs.left", tooltip="Scroll left", show=False),
    Binding("l,right", "side(1)", "Right", id="logs.right", tooltip="Scroll right", show=False),
    Binding("g,home", "top", "Top", id="logs.top", tooltip="First line in memory", show=False),
    Binding("G,end", "bottom", "Bottom", id="logs.bottom", tooltip="Last line, and FOLLOW", show=False),
    Binding("space,pagedown", "page(1)", "Page", id="logs.page-down", tooltip="One page down", show=False),
    Binding("b,pageup", "page(-1)", "Back", id="logs.page-up", tooltip="One page up", show=False),
    Binding("ctrl+d", "half(1)", "Half down", id="logs.half-down", tooltip="Half a page down", show=False),
    Binding("ctrl+u", "half(-1)", "Half up", id="logs.half-up", tooltip="Half a page up", show=False),
    Binding("s,F", "follow", "Follow", id="logs.follow", tooltip="Follow on or off"),
    Binding("slash", "ask('search')", "Search", id="logs.search", tooltip="Search; all lines stay", key_display="/"),
    Binding("n", "hit(1)", "Next", id="logs.next", tooltip="Next hit down", show=False),
    Binding("N", "hit(-1)", "Previous", id="logs.previous", tooltip="Next hit up", show=False),
    Binding(
        "ampersand",
        "ask('filter')",
        "Filter",
        id="logs.filter",
        tooltip="Only lines with; ! first: without",
        key_display="&",
    ),
    Binding("e", "error(1)", "Error", id="logs.next-error", tooltip="Next error down"),
    Binding("E", "error(-1)", "Error up", id="logs.previous-error", tooltip="Next error up", show=False),
    Binding("v", "level", "Level", id="logs.level", tooltip="All lines, warnings and worse, errors and worse"),
    Binding("w", "wrap", "Wrap", id="logs.wrap", tooltip="Wrap long lines or not"),
    Binding("t", "time", "Time", id="logs.time", tooltip="Time as in the line, local, UTC, relative"),
    Binding("p", "freeze", "Freeze", id="logs.freeze", tooltip="Hold all; what comes is counted"),
    Binding("at", "ask('goto')", "Go to", id="logs.goto", tooltip="Go to a time", key_display="@", show=False),
    Binding("c", "copy", "Copy", id="logs.copy", tooltip="Copy the line (OSC 52)", show=False),
    Binding("enter", "open", "Detail", id="logs.detail", tooltip="All of the line", show=False),
    Binding("O", "own", "Own", id="logs.own", tooltip="Our own requests in access logs: hide or show", show=False),
    Binding("escape", "clear", "Clear", id="logs.clear", tooltip="Take the last filter or the search away", show=False),
]
