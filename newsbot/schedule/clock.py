"""The two clocks of the scheduler: one that people set, one that only goes on."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What time it is. Tests drive one of their own."""

    def now(self) -> datetime:
        """The time of day, UTC: may jump, and decides what is due."""
        ...

    def steady(self) -> float:
        """Seconds that only go on: decide how long something has taken."""
        ...


class SystemClock:
    """The machine's clocks."""

    def now(self) -> datetime:
        """The time of day, UTC."""
        return datetime.now(UTC)

    def steady(self) -> float:
        """Seconds since some moment."""
        return time.monotonic()
