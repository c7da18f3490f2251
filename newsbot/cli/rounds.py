"""Rounds of the same work at an interval: until a time is over, or a signal stops them."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from newsbot.errors import ConfigError
from newsbot.landing.outcome import ExitStatus
from newsbot.sites.values import parse_duration

_SHORTEST: Final = timedelta(minutes=1)  # a page that is asked for more often is a burden


@dataclass(frozen=True, slots=True)
class Interval:
    """A round begins every ``every``, the last one before ``during`` is over."""

    every: timedelta
    during: timedelta

    @classmethod
    def of(cls, every: str | None, during: str | None) -> "Interval | None":
        """Return the interval of the options --every and --for; None without them.

        Raises:
            ConfigError: one of them is missing or cannot be used.
        """
        if every is None and during is None:
            return None
        if every is None or during is None:
            raise ConfigError("--every and --for: give both, as in --every 10m --for 48h")
        made = cls(_duration("--every", every), _duration("--for", during))
        if made.every < _SHORTEST:
            raise ConfigError(f"--every {every}: shorter than a minute, which burdens the site")
        if made.every >= made.during:
            raise ConfigError(
                f"--every {every}: not shorter than --for {during}: that is one round"
            )
        return made

    def wait_after(self, seconds: float) -> float | None:
        """Return the seconds to wait for the next round; None if none is left.

        Rounds whose time has passed meanwhile are left out.

        Args:
            seconds: since the first round began.
        """
        each = self.every.total_seconds()
        begins = (int(seconds // each) + 1) * each
        return begins - seconds if begins < self.during.total_seconds() else None


class Stop:
    """Whether SIGTERM or SIGINT came; passes either on to the process of the round."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._set)

    @property
    def is_set(self) -> bool:
        """Whether a signal came."""
        return self._event.is_set()

    def passes_to(self, process: asyncio.subprocess.Process) -> None:
        """Pass signals on to this process, also one that came while it was started."""
        self._process = process
        if self.is_set:
            process.terminate()

    async def wait(self, seconds: float) -> bool:
        """Wait so long, or until a signal comes; return whether one came."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._event.wait(), seconds)
        return self.is_set

    def _set(self) -> None:
        self._event.set()
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()


async def repeat(
    work: Callable[[], Awaitable[int | None]],
    interval: Interval | None,
    wait: Callable[[float], Awaitable[bool]],
    clock: Callable[[], float] = time.monotonic,
) -> int:
    """Do the work once, or at the interval; return the exit status of all rounds.

    Args:
        work: a round; returns its exit status, None if it was stopped before it had begun.
        wait: waits for so many seconds; returns whether to stop.
    """
    began, statuses = clock(), set[int]()
    while True:
        status = await work()
        if status is None:
            return overall(statuses)
        statuses.add(status)
        seconds = None if interval is None else interval.wait_after(clock() - began)
        if seconds is None or status == ExitStatus.USAGE or await wait(seconds):
            return overall(statuses)


def overall(statuses: Collection[int]) -> int:
    """Return the exit status of rounds with these: 0 if all are good, 3 if only some landed."""
    found = set(statuses)
    if len(found) == 1:
        return found.pop()
    landed = {ExitStatus.OK, ExitStatus.LANDED_WITH_PROBLEMS}
    if ExitStatus.USAGE in found:
        return ExitStatus.USAGE
    if found & landed:
        return ExitStatus.LANDED_WITH_PROBLEMS
    return ExitStatus.SPOOLED if ExitStatus.SPOOLED in found else ExitStatus.FAILED


def _duration(option: str, value: str) -> timedelta:
    try:
        return parse_duration(value)
    except (ValueError, OverflowError) as error:
        raise ConfigError(f"{option} {value[:40]}: not a duration; write 10m, 6h or 2d") from error
