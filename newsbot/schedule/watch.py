"""One crawl that is watched: its limits, how it is ended, and how its end is described."""

import logging
import signal
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from newsbot.landing.outcome import ExitStatus
from newsbot.ledger.attempts import AttemptEnd, HistoryOutcome
from newsbot.schedule.process import CrawlProcess
from newsbot.sites.site import Site

logger = logging.getLogger(__name__)

MEGABYTE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class _Stop:
    """Why and when (monotonic seconds) the scheduler ended a crawl."""

    outcome: HistoryOutcome
    reason: str
    at: float


@dataclass(frozen=True, slots=True)
class CrawlLimits:
    """What a crawl may use: ``time`` in seconds, ``memory`` in bytes.

    ``grace`` is the time in seconds from its own time limit to SIGTERM, and from that to SIGKILL.
    """

    time: float
    memory: int
    grace: float


@dataclass(slots=True)
class WatchedCrawl:
    """A crawl, from its start until its end is recorded in the history.

    Attributes:
        began: monotonic seconds.
        due: the period that it was started for.
        previous_run: the site's newest run when it was started.
        adopted: whether another scheduler started it.
        status: its exit status, or None while it runs.
    """

    site: Site
    process: CrawlProcess
    started: datetime
    began: float
    due: datetime
    limits: CrawlLimits
    previous_run: str | None = None
    adopted: bool = False
    status: int | None = None
    ended: datetime | None = None
    _stop: _Stop | None = None
    _killed: bool = False

    def watch(self, monotonic: float) -> None:
        """End the crawl if it exceeds a limit.

        At its time limit a crawl stops fetching by itself and lands. One that does not gets SIGTERM
        after the grace time, and SIGKILL after another. One that uses too much memory is killed at
        once. What it had fetched is in the spool.
        """
        if self._stop is not None:
            if monotonic - self._stop.at >= self.limits.grace and not self._killed:
                self._kill()
        elif monotonic - self.began >= self.limits.time + self.limits.grace:
            reason = f"not ended by its time limit of {self.limits.time:.0f} s"
            self.stop("timed-out", reason, monotonic)
        elif (memory := self.process.memory()) > self.limits.memory:
            used, limit = memory // MEGABYTE, self.limits.memory // MEGABYTE
            reason = f"used {used} MB of memory; its limit is {limit} MB"
            self._set_stop("killed", reason, monotonic)
            self._kill()

    def stop(self, outcome: HistoryOutcome, reason: str, monotonic: float) -> None:
        """Send the crawl SIGTERM; ``watch`` kills it if it does not end."""
        if self._stop is None:
            self._set_stop(outcome, reason, monotonic)
            self.process.send(signal.SIGTERM)

    def poll(self, now: datetime) -> bool:
        """Return whether it has ended, and note its exit status."""
        if self.status is None:
            self.status = self.process.poll()
            self.ended = None if self.status is None else now
        return self.status is not None

    @property
    def needs_record(self) -> bool:
        """Whether the scheduler must record its end: an adopted crawl does so by itself."""
        return not self.adopted or self._stop is not None

    def end(self) -> tuple[AttemptEnd, tuple[HistoryOutcome, ...]]:
        """Return how it ended, and which outcomes that it recorded itself this overrules.

        Raises:
            ValueError: it has not ended.
        """
        if self.status is None or self.ended is None:
            raise ValueError(f"{self.site.name} has not ended")
        if self._stop is not None:
            reason = self._stop.reason
            if self._killed:
                reason += " (SIGKILL; what it had fetched lands with the next run)"
            return AttemptEnd(self._stop.outcome, self.status, self.ended, (reason,)), (
                "killed",
                "failed",
            )
        return _end_of(self.status, self.ended, self.process.last_line()), ()

    def _set_stop(self, outcome: HistoryOutcome, reason: str, monotonic: float) -> None:
        self._stop = _Stop(outcome, reason, monotonic)
        logger.warning("%s: %s; ending it", self.site.name, reason)

    def _kill(self) -> None:
        self._killed = True
        self.process.send(signal.SIGKILL)


def _end_of(status: int, ended: datetime, last_line: str) -> AttemptEnd:
    """Return how a crawl ended that the scheduler did not end, by its exit status and last line."""
    if status < 0:
        name = signal.Signals(-status).name
        hint = "; was the machine out of memory?" if -status == signal.SIGKILL else ""
        return AttemptEnd(
            "killed", status, ended, (f"ended by {name}, not by the scheduler{hint}",)
        )
    if status == ExitStatus.LOCKED:
        return AttemptEnd("locked", status, ended, (last_line,))
    if status == ExitStatus.OK:
        return AttemptEnd("finished", status, ended)
    return AttemptEnd("failed", status, ended, (f"exit status {status}: {last_line}",))
