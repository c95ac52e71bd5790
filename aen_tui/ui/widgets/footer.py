"""The last line: the keys that work here, the active filter, what this program costs."""

from __future__ import annotations

import os
from typing import Protocol, runtime_checkable

from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from aen_tui.model.text import visible_line
from aen_tui.ui.presentation.format import bytes_short
from aen_tui.ui.widgets.palette import Palette, Span, spans_width

NO_KEY = "no-key-"
"""Prefix of a key that no terminal sends: the key of a binding whose keys were taken away."""
_CHIP_SHARE = 3
"""At most a third of the line is the filter's."""


def key_of(part: Widget, binding_id: str) -> str:
    """The key of a binding of the screen that a part is on, as the keymap has it; empty where it has none."""
    found = (one.binding for one in part.screen.active_bindings.values() if one.binding.id == binding_id)
    return next((part.app.get_key_display(one) for one in found if not one.key.startswith(NO_KEY)), "")


@runtime_checkable
class Offers(Protocol):
    """A part with keys that at times would only say why not."""

    def offers(self, action: str) -> bool:
        """Whether the line names the key of an action."""
        ...


@runtime_checkable
class Renames(Protocol):
    """A part with a key that does something else in another place."""

    def key_word(self, action: str) -> str:
        """The word beside the key of an action here; empty: the one that it always has."""
        ...


class OwnCost:
    """CPU (per cent of one core) and memory (bytes) of this process, since the last look."""

    def __init__(self) -> None:
        import psutil  # 20 ms that the first frame need not wait for

        self._process = psutil.Process(os.getpid())
        self._process.cpu_percent(None)

    def look(self) -> str:
        """`cpu 0.7% mem 92M`."""
        cpu = self._process.cpu_percent(None)
        memory = self._process.memory_info().rss
        return (
            f"cpu {cpu:.1f}% mem {bytes_short(memory)}" if cpu < 9.95 else f"cpu {cpu:.0f}% mem {bytes_short(memory)}"
        )


class Footer(Widget):
    """One line; keys leave from the right when it is narrow."""

    DEFAULT_CSS = """
    Footer { height: 1; dock: bottom; }
    """

    chip: reactive[str] = reactive("")
    """The active filter; empty where there is none."""

    def __init__(self) -> None:
        super().__init__()
        self._palette: Palette | None = None
        self._cost: OwnCost | None = None
        self._cost_text = ""
        self._keys: tuple[tuple[str, str], ...] = ()
        self._help: tuple[str, str] | None = None
        """How to see all keys: the one that stays where there is room for few."""

    def on_mount(self) -> None:
        """Follow the focus: other parts have other keys."""
        self.screen.bindings_updated_signal.subscribe(self, lambda _screen: self._collect())
        self._collect()

    def tick(self) -> None:
        """A second has passed: what the program costs."""
        if self._cost is None:
            self._cost = OwnCost()
            return
        if (text := self._cost.look()) != self._cost_text:
            self._cost_text = text
            self.refresh()

    def notify_style_update(self) -> None:
        """The theme may be another."""
        self._palette = None
        super().notify_style_update()

    def _collect(self) -> None:
        keys: dict[str, tuple[str, str]] = {}
        for node, binding, enabled, _tooltip in self.screen.active_bindings.values():
            if not (binding.show and enabled) or binding.key.startswith(NO_KEY) or binding.action in keys:
                continue
            if not isinstance(node, Offers) or node.offers(binding.action):
                word = node.key_word(binding.action) if isinstance(node, Renames) else ""
                keys[binding.action] = (self.app.get_key_display(binding), word or binding.description)
        way_out = keys.pop("help", None)
        if (found := tuple(keys.values())) != self._keys or way_out != self._help:
            self._keys, self._help = found, way_out
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The line."""
        self._palette = palette = self._palette or Palette.of(self)
        width = self.size.width
        right: list[Span] = []
        if self.chip:
            room = max(12, width // _CHIP_SHARE)
            chip = visible_line(self.chip)
            chip = chip if len(chip) <= room else chip[: room - 1] + palette.glyphs.ellipsis
            right += [(f" {chip} ", "chip!"), (" ", "text")]
        if self._cost_text:
            right.append((f" {self._cost_text} ", "faint"))
        room = width - spans_width(right)
        last = _item(*self._help) if self._help else []
        left: list[Span] = []
        for key, word in self._keys:
            item = _item(key, word)
            if spans_width(left) + spans_width(item) + spans_width(last) > room:
                break
            left += item
        left += last
        spare = room - spans_width(left)
        return Strip(palette.paint([*left, (" " * spare, "text"), *right], width, on="header"), width)


def _item(key: str, word: str) -> list[Span]:
    return [(" ", "text"), (key, "accent!"), (f" {word} ", "muted")]
