"""Who is told of events outside the screen, as `[notify]` of the inventory says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aen_tui.model.secret import Secret
from aen_tui.model.severity import Severity


@dataclass(frozen=True, slots=True)
class NotifySettings:
    """What is done at an event of a severity."""

    bell: Severity | None = None
    """The terminal's bell from this severity on; None: never."""
    osc9: Severity | None = None
    """A notification of the terminal's, likewise."""
    most_per_minute: int = 6
    """Events that anything is done for."""
    commands: Mapping[Severity, tuple[str, ...]] = field(default_factory=dict)
    """Exactly these words; the event stands on its standard input."""
    webhooks: Mapping[Severity, Secret] = field(default_factory=dict)
    """https URLs; secret, because they often hold a token."""

    @property
    def is_silent(self) -> bool:
        """Whether nothing is ever done."""
        return self.bell is None and self.osc9 is None and not self.commands and not self.webhooks
