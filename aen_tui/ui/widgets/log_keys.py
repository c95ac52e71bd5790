"""The keys of a log view; every one has an id, so that `keymap.toml` can move it."""

from __future__ import annotations

from textual.binding import Binding, BindingType

LOG_BINDINGS: list[BindingType] = [
    Binding("j,down", "step(1)", "down", id="logs.down", tooltip="One line down", show=False),
    Binding("k,up", "step(-1)", "up", id="logs.up", tooltip="One line up; leaves FOLLOW", show=False),
    Binding("h,left", "side(-1)", "left", id="logs.left", tooltip="Scroll left", show=False),
    Binding("l,right", "side(1)", "right", id="logs.right", tooltip="Scroll right", show=False),
    Binding("g,home", "top", "top", id="logs.top", tooltip="First line here, and older ones from the node", show=False),
    Binding("G,end", "bottom", "bottom", id="logs.bottom", tooltip="Last line, and FOLLOW", show=False),
    Binding("space,pagedown", "page(1)", "page", id="logs.page-down", tooltip="One page down", show=False),
    Binding("b,pageup", "page(-1)", "back", id="logs.page-up", tooltip="One page up", show=False),
    Binding("ctrl+d", "half(1)", "half down", id="logs.half-down", tooltip="Half a page down", show=False),
    Binding("ctrl+u", "half(-1)", "half up", id="logs.half-up", tooltip="Half a page up", show=False),
    Binding("s,F", "follow", "follow", id="logs.follow", tooltip="Follow on or off"),
    Binding("slash", "ask('search')", "search", id="logs.search", tooltip="Search; all lines stay", key_display="/"),
    Binding("n", "hit(1)", "next", id="logs.next", tooltip="Next hit down", show=False),
    Binding("N", "hit(-1)", "previous", id="logs.previous", tooltip="Next hit up", show=False),
    Binding(
        "ampersand",
        "ask('filter')",
        "filter",
        id="logs.filter",
        tooltip="Only lines with; ! first: without",
        key_display="&",
    ),
    Binding("e", "error(1)", "error", id="logs.next-error", tooltip="Next error down"),
    Binding("E", "error(-1)", "error up", id="logs.previous-error", tooltip="Next error up", show=False),
    Binding("v", "level", "level", id="logs.level", tooltip="All lines, warnings and worse, errors and worse"),
    Binding("w", "wrap", "wrap", id="logs.wrap", tooltip="Wrap long lines or not"),
    Binding("t", "time", "time", id="logs.time", tooltip="Time as in the line, local, UTC, relative"),
    Binding("p,equals_sign", "freeze", "freeze", id="logs.freeze", tooltip="Hold all; what comes is counted"),
    Binding("at", "ask('goto')", "go to", id="logs.goto", tooltip="Go to a time", key_display="@", show=False),
    Binding(
        "z", "context(1)", "context", id="logs.context", tooltip="More lines around what a filter leaves", show=False
    ),
    Binding("Z", "context(-1)", "less", id="logs.less-context", tooltip="Fewer lines around it", show=False),
    Binding("i", "ask('histogram')", "histogram", id="logs.histogram", tooltip="Lines over time, by level"),
    Binding("m", "mark", "mark", id="logs.mark", tooltip="Bookmark the record, or take the bookmark away"),
    Binding("M", "mark_range", "mark all", id="logs.mark-range", tooltip="Bookmark all that is selected", show=False),
    Binding("u", "marked(1)", "next mark", id="logs.next-mark", tooltip="Next bookmark down", show=False),
    Binding("U", "marked(-1)", "mark up", id="logs.previous-mark", tooltip="Next bookmark up", show=False),
    Binding(
        "V", "select", "select", id="logs.select", tooltip="Select whole lines; c copies, M marks them", show=False
    ),
    Binding("c", "copy", "copy", id="logs.copy", tooltip="Copy the record or the selection (OSC 52)"),
    Binding(
        "enter",
        "open",
        "open",
        id="logs.detail",
        show=False,
        tooltip="All of the line; in a filter: what stands around it (Esc: back)",
    ),
    Binding("d", "detail", "detail", id="logs.line", tooltip="All of the record, its fields and JSON", show=False),
    Binding("J", "json", "JSON", id="logs.json", tooltip="JSON lines laid out, or as they stand", show=False),
    Binding("ctrl+s", "want('save')", "save", id="logs.save", tooltip="Save what is shown to a file", show=False),
    Binding("o", "want('page')", "pager", id="logs.pager", tooltip="Read what is shown in $PAGER or lnav", show=False),
    Binding("O", "own", "own", id="logs.own", tooltip="Our own requests in access logs: hide or show", show=False),
    Binding("escape", "clear", "clear", id="logs.clear", tooltip="Take the last filter or the search away", show=False),
]
