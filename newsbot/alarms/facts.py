"""What the rules judge: a site's runs as the ledger has them. Times are UTC and aware."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

BAD_OUTCOMES = ("failed", "timed-out", "killed", "recovered")


@dataclass(frozen=True, slots=True)
class RunFacts:
    """One run that has ended; ``counts`` are those of its manifest, empty if it had none."""

    run: str
    started: datetime
    finished: datetime
    outcome: str
    counts: Mapping[str, Any]
    reasons: tuple[str, ...] = ()

    @property
    def new(self) -> int:
        """Articles that were not known before."""
        return int(self.counts.get("new", 0))

    @property
    def asked(self) -> int:
        """Requests that ended, well or badly; 0 where the run could not say."""
        return int(self.counts.get("asked", 0))

    @property
    def failures(self) -> Mapping[str, int]:
        """Requests that came to nothing after their retries, by why."""
        found: Mapping[str, int] = self.counts.get("failures", {})
        return found


@dataclass(frozen=True, slots=True)
class Past:
    """An alarm of the site as the rules see it: when it was open, and what it had noted.

    ``closed`` is None while it is open.
    """

    opened: datetime
    closed: datetime | None
    by_hand: bool
    details: Mapping[str, Any]
