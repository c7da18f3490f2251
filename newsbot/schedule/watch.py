"""One crawl under watch: its limits, how it is ended, and what is said of its end."""

import logging
import signal
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from newsbot.landing.outcome import ExitStatus
from newsbot.ledger.attempts import End, HistoryOutcome
from newsbot.schedule.process import CrawlProcess
from newsbot.sites.site import Site

logger = logging.getLogger(__name__)

MEGABYTE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class _Stop:
    outcome: HistoryOutcome
    why: str
    at: float  # steady seconds


@dataclass(frozen=True, slots=True)
class Limits:
    """What a crawl may take: ``time`` in seconds, ``memory`` in bytes.

    ``patience`` is the seconds between asking it to end and doing more about it.
    """

    time: float
    memory: int
    patience: float


@dataclass(slots=True)
class Watched:
    """A crawl, from its start until what became of it is in the history.

    ``began`` is in steady seconds. ``before`` is the site's newest run when it was started. An
    adopted crawl was started by another scheduler.
    """

    site: Site
    process: CrawlProcess
    started: datetime
    began: float
    due: datetime
    limits: Limits
    before: str | None = None
    adopted: bool = False
    status: int | None = None
    ended: datetime | None = None
    _stop: _Stop | None = None
    _killed: bool = False

    def watch(self, steady: float) -> None:
        """End it where it is beyond a limit.

        At its time limit a crawl stops fetching by itself and lands. One that does not gets
        SIGTERM when the patience is over, and SIGKILL when it is again. One that eats memory is
        killed at once. What it had is in the spool.
        """
        if self._stop is not None:
            if steady - self._stop.at >= self.limits.patience and not self._killed:
                self._kill()
        elif steady - self.began >= self.limits.time + self.limits.patience:
            why = f"not ended by its time limit of {self.limits.time:.0f} s"
            self.stop("timed-out", why, steady)
        elif (memory := self.process.memory()) > self.limits.memory:
            used, limit = memory // MEGABYTE, self.limits.memory // MEGABYTE
            self._note("killed", f"used {used} MB of memory; its limit is {limit} MB", steady)
            self._kill()

    def stop(self, outcome: HistoryOutcome, why: str, steady: float) -> None:
        """Ask it to end; it is killed if it does not."""
        if self._stop is None:
            self._note(outcome, why, steady)
            self.process.send(signal.SIGTERM)

    def poll(self, now: datetime) -> bool:
        """Return whether it has ended."""
        if self.status is None:
            self.status = self.process.poll()
            self.ended = None if self.status is None else now
        return self.status is not None

    @property
    def is_told(self) -> bool:
        """Whether somebody must say how it ended: one that we did not start tells it itself."""
        return not self.adopted or self._stop is not None

    def end(self) -> tuple[End, tuple[HistoryOutcome, ...]]:
        """Return how it ended as seen from here, and which of its own words that overrules."""
        if self.status is None or self.ended is None:
            raise ValueError(f"{self.site.name} has not ended")
        if self._stop is not None:
            why = self._stop.why + (" (SIGKILL; what it had lands with the next run)"
                if self._killed else "")  # fmt: skip
            over: tuple[HistoryOutcome, ...] = ("killed", "failed")
            return End(self._stop.outcome, self.status, self.ended, (why,)), over
        return _end(self.status, self.ended, self.process.last_words()), ()

    def _note(self, outcome: HistoryOutcome, why: str, steady: float) -> None:
        self._stop = _Stop(outcome, why, steady)
        logger.warning("%s: %s; it is ended", self.site.name, why)

    def _kill(self) -> None:
        self._killed = True
        self.process.send(signal.SIGKILL)


def _end(status: int, ended: datetime, words: str) -> End:
    if status < 0:
        name = signal.Signals(-status).name
        hint = "; was the machine out of memory?" if -status == signal.SIGKILL else ""
        return End("killed", status, ended, (f"ended by {name}, not by the scheduler{hint}",))
    if status == ExitStatus.LOCKED:
        return End("locked", status, ended, (words,))
    if status == ExitStatus.OK:
        return End("finished", status, ended)
    return End("failed", status, ended, (f"exit status {status}: {words}",))
