"""The keys that work in every view, and what they do to the screens."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.widgets import Input

from aen_tui.ui.keymap import help_sections
from aen_tui.ui.panels import find_panels
from aen_tui.ui.screens.frame import FramedScreen

if TYPE_CHECKING:
    from aen_tui.ui.panels import PanelEntry
    from aen_tui.ui.presentation.severity import Glyphs
    from aen_tui.ui.screens.main import MainScreen


class AppKeys(App[int]):
    """An app of views; `main` and `views` are set before it runs."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(f"{n}", f"view({n})", view.title, id=f"app.view-{n}", tooltip=f"The view {view.title}", show=False)
            for view in find_panels()
            for n in (view.digit,)
        ),
        Binding("question_mark,f1", "help", "help", id="app.help", tooltip="The keys that work here"),
        # before what has the focus: the keys that follow at once are the line's, and none of them a view's
        Binding("colon", "command", "command", id="app.command", tooltip="Command line", priority=True),
        Binding("q", "back", "back", id="app.back", tooltip="Back; at the root: quit"),
        Binding("escape", "escape", "back", id="app.escape", tooltip="Back; never quits", show=False),
        Binding("minus", "last_view", "last view", id="app.last-view", tooltip="The view before this one", show=False),
        Binding("f", "full_screen", "full screen", id="app.full", tooltip="Full screen, and back", show=False),
        Binding("ctrl+p", "command_palette", "palette", id="app.palette", tooltip="Command palette", show=False),
        Binding("ctrl+q", "quit", "quit", id="app.quit-now", tooltip="Quit", show=False, priority=True),
        Binding("ctrl+c", "hint", "hint", id="app.hint", tooltip="Says how to quit", show=False, system=True),
        Binding("ctrl+z", "suspend_process", "suspend", id="app.suspend", tooltip="Suspend", show=False, priority=True),
        Binding("ctrl+l", "repaint", "repaint", id="app.repaint", tooltip="Paint the screen anew", show=False),
        Binding("f2", "mouse", "mouse", id="app.mouse", tooltip="Give the mouse to the terminal, and back", show=False),
    ]

    glyphs: Glyphs
    """The signs of this terminal."""
    main: MainScreen
    """The views."""
    views: tuple[PanelEntry, ...]
    """What there is, by digit."""
    _mouse = True

    async def to_main(self) -> None:
        """Close every screen over the views."""
        while self.screen is not self.main and len(self.screen_stack) > 1:
            await self.pop_screen()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """`:` is a character where something is typed, and no command over what asks."""
        if action == "command" and (self.screen.is_modal or isinstance(self.focused, Input)):
            return False
        return super().check_action(action, parameters)

    async def action_view(self, digit: int) -> None:
        """A digit is always a view; one that is not built is nothing."""
        if any(entry.digit == digit for entry in self.views):
            await self.to_main()
            await self.main.show(digit)

    async def action_last_view(self) -> None:
        """The view before this one."""
        await self.to_main()
        await self.main.show_last()

    def action_command_palette(self) -> None:
        """The commands of the `:` line, looked for by their words."""
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(CommandPalette(placeholder="a command, or words of what it does", id="--command-palette"))

    def action_help(self) -> None:
        """The keys that work on the screen below."""
        from aen_tui.ui.screens.help import HelpScreen

        title = self.main.active_title if self.screen is self.main else "Keys"
        self.push_screen(HelpScreen(title, help_sections(self)))

    def get_key_display(self, binding: Binding) -> str:
        """A key as footer, help and hints show it: by its name where its sign is none of ASCII."""
        shown = super().get_key_display(binding)
        return shown if shown.isascii() or not self.glyphs.is_ascii else binding.key

    def key_word(self, action: str) -> str:
        """What the key of an action does on the screen as it is, where that is not what it does elsewhere."""
        return "quit" if action == "back" and self.screen is self.main else ""

    async def action_back(self) -> None:
        """Back; at the root quit."""
        if self.screen is self.main:
            self.leave()
        else:
            await self.pop_screen()

    def leave(self) -> None:
        """Quit; asks first while something is being carried out."""
        raise NotImplementedError

    async def action_quit(self) -> None:
        """From wherever."""
        self.leave()

    async def action_escape(self) -> None:
        """Back; never quits."""
        if self.screen is not self.main:
            await self.pop_screen()

    def action_full_screen(self) -> None:
        """Header and footer away, or back."""
        if isinstance(self.screen, FramedScreen):
            self.screen.full = not self.screen.full

    def action_hint(self) -> None:
        """Ctrl-C neither quits nor reaches a node."""
        self.notify("q goes back, and quits at the root; Ctrl-Q quits", timeout=3, markup=False)

    def action_repaint(self) -> None:
        """Every cell anew."""
        self.refresh(layout=True, repaint=True)
        self.screen.refresh(layout=True, repaint=True)

    def action_mouse(self) -> None:
        """Let the terminal select text itself, or take the mouse back."""
        self._mouse = not self._mouse
        switch = "_enable_mouse_support" if self._mouse else "_disable_mouse_support"
        # the driver offers it under no public name; a driver without a mouse has none
        getattr(self._driver, switch, lambda: None)()
        self.notify(f"mouse {'on' if self._mouse else 'off: the terminal selects text'}", timeout=2, markup=False)
