"""A level that is entered after a while and left after a while, so that nothing flaps."""

from __future__ import annotations

from dataclasses import dataclass

from aen_tui.model.severity import Severity

GAP_SECONDS = 30.0
"""Nothing was seen for so long: what was begun before it has not lasted. Who looks less often says so."""


@dataclass(frozen=True, slots=True)
class Rule:
    """When a level is entered and left."""

    warning: float
    critical: float
    margin: float
    """A value is below a limit only once it is so much below."""
    raise_seconds: float = 0.0
    """How long a value must not be below a limit that it has reached."""
    clear_seconds: float = 0.0
    """How long it must be below."""
    at_once: bool = False
    """Whether the very first value counts as having lasted: nobody knows how long it has."""


class _Limit:
    """One limit, and for how long what would change `is_on` has lasted."""

    __slots__ = ("is_on", "limit", "seconds")

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self.is_on = False
        self.seconds = 0.0

    def look(self, value: float, passed: float, rule: Rule, *, is_first: bool) -> bool:
        """Take a value that was so since the one before, `passed` seconds ago."""
        if self.is_on:
            if value >= self.limit - rule.margin:
                self.seconds = 0.0
                return True
            self.seconds += passed
            is_over = self.seconds >= rule.clear_seconds
        else:
            if value < self.limit - rule.margin:
                self.seconds = 0.0
                return False
            # a dip within the margin takes back as much time as it lasts
            self.seconds = max(0.0, self.seconds + (passed if value >= self.limit else -passed))
            seconds = 0.0 if is_first and rule.at_once else rule.raise_seconds
            is_over = value >= self.limit and self.seconds >= seconds
        if is_over:
            self.is_on, self.seconds = not self.is_on, 0.0
        return self.is_on


class Held:
    """The level of one figure.

    Args:
        rule: when it is entered and left.
    """

    __slots__ = ("_critical", "_quiet", "_rule", "_seen", "_warning", "severity")

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._warning, self._critical = _Limit(rule.warning), _Limit(rule.critical)
        self._quiet = min(rule.warning, rule.critical) - rule.margin
        self._seen: float | None = None
        self.severity = Severity.OK
        """The level that is held."""

    def look(self, value: float, now: float, gap_seconds: float = GAP_SECONDS) -> Severity:
        """Take a value of a monotonic second; the level then.

        Args:
            value: the figure.
            now: monotonic seconds.
            gap_seconds: values further apart say nothing of the time in between.
        """
        seen, self._seen = self._seen, now
        limits = (self._warning, self._critical)
        passed = 0.0 if seen is None else now - seen
        is_quiet = self.severity is Severity.OK and value < self._quiet  # nearly always
        if is_quiet or passed > gap_seconds:
            passed = 0.0
            for limit in limits:
                limit.seconds = 0.0
            if is_quiet:
                return self.severity
        is_warning, is_critical = [limit.look(value, passed, self._rule, is_first=seen is None) for limit in limits]
        self.severity = Severity.CRITICAL if is_critical else Severity.WARNING if is_warning else Severity.OK
        return self.severity
