"""Which messages this installation has said before, by the hash of their template; what is new is marked.

Templates come from log lines and may hold what nobody should write down, so only hashes are kept.
Nothing is new before there was a day of learning (ops 40): until then everything would be.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from hashlib import blake2b

LEARNING_SECONDS = 24 * 3600.0
"""How long logs are watched before anything counts as never seen."""
NEW_SECONDS = 24 * 3600.0
"""How long a message is marked after its first line."""
KEPT_TEMPLATES = 10_000
"""Beyond this the one that was not seen for longest is forgotten."""
LONGEST_STEP_SECONDS = 5.0
"""Between two looks: whoever was suspended for longer has not watched."""


def digest(template: bytes) -> str:
    """16 hex digits that stand for a template."""
    return blake2b(template, digest_size=8).hexdigest()


class KnownTemplates:
    """What was seen, and for how long was watched. Pure; `runtime.template_file` keeps it over restarts.

    Args:
        known: digest -> epoch seconds of the first and of the last time.
        learned_seconds: how long was watched.
        learned_at: epoch seconds when that was long enough; None = not yet.
    """

    def __init__(
        self,
        known: Mapping[str, tuple[float, float]] | None = None,
        *,
        learned_seconds: float = 0.0,
        learned_at: float | None = None,
        limit: int = KEPT_TEMPLATES,
    ) -> None:
        self.learned_seconds = learned_seconds
        self.learned_at = learned_at
        self.changed = False
        """Whether there is something to write; who writes sets it back."""
        self._limit = limit
        self._known: OrderedDict[str, tuple[float, float]] = OrderedDict(
            sorted((known or {}).items(), key=lambda item: item[1][1])
        )
        self._trim()

    def __len__(self) -> int:
        return len(self._known)

    def copy(self) -> KnownTemplates:
        """Another one that knows the same."""
        return KnownTemplates(
            self._known, learned_seconds=self.learned_seconds, learned_at=self.learned_at, limit=self._limit
        )

    def items(self) -> Mapping[str, tuple[float, float]]:
        """Digest -> first and last time, a copy; not seen for longest first."""
        return dict(self._known)

    @property
    def is_learning(self) -> bool:
        """Whether it is too early to call anything new."""
        return self.learned_at is None

    def watched(self, seconds: float, wall: float) -> None:
        """Logs were watched for some seconds more, until `wall` (epoch seconds)."""
        if self.learned_at is None:
            self.learned_seconds += min(max(0.0, seconds), LONGEST_STEP_SECONDS)
            self.changed = True
            if self.learned_seconds >= LEARNING_SECONDS:
                self.learned_at = wall

    def see(self, template: bytes, wall: float) -> float | None:
        """Note a message; until when (epoch seconds) it counts as never seen before, None = it does not.

        Args:
            template: its template.
            wall: when it came here, epoch seconds. Not when it says it was written: lines may lie, and
                what was written before the first look is new here all the same.
        """
        key = digest(template)
        before = self._known.get(key)
        first = wall if before is None else before[0]
        self._known[key] = (first, wall if before is None else max(wall, before[1]))
        self._known.move_to_end(key)
        self.changed = True
        self._trim()
        if self.learned_at is None or first <= self.learned_at:
            return None
        until = first + NEW_SECONDS
        return until if until > wall else None

    def join(self, other: KnownTemplates) -> None:
        """Take what another one knows: two dashboards of one user write the same file."""
        self.learned_seconds = max(self.learned_seconds, other.learned_seconds)
        known_at = [at for at in (self.learned_at, other.learned_at) if at is not None]
        self.learned_at = min(known_at, default=None)
        merged = dict(other._known)
        for key, (first, last) in self._known.items():
            theirs = merged.get(key, (first, last))
            merged[key] = (min(first, theirs[0]), max(last, theirs[1]))
        self._known = OrderedDict(sorted(merged.items(), key=lambda item: item[1][1]))
        self._trim()

    def _trim(self) -> None:
        while len(self._known) > self._limit:
            self._known.popitem(last=False)
