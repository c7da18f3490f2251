"""The scheduler: starts what is due, watches it, writes down how it ended. One round at a time.

It keeps no schedule of its own. What is due, and what is running, comes from the ledger each round;
the lock that keeps two crawls of a site apart is the crawl's own. So several schedulers, cron and
people may work side by side, and any of them may be killed.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from newsbot.config import Config
from newsbot.errors import LedgerError
from newsbot.landing.outcome import ExitStatus
from newsbot.ledger import Ledger
from newsbot.ledger.attempts import HOST, History, PastRun, story
from newsbot.schedule.due import ATTEMPTS, CLOCK_SLACK, Plan, plan
from newsbot.schedule.process import Processes
from newsbot.schedule.watch import MEGABYTE, Limits, Watched
from newsbot.sites.cron import cron_of
from newsbot.sites.seed import Schedule
from newsbot.sites.site import Site
from newsbot.sites.watched_folder import SeedFolder

logger = logging.getLogger(__name__)

_LOCKED_AGAIN = timedelta(minutes=10)  # before a site is tried again that somebody else crawls
_AMONG = 8  # attempts of hours that come again, among which one that is running may stand
_ELSEWHERE = timedelta(hours=1)  # beyond its time limit, a run on another host is taken for dead

IsAlive = Callable[[PastRun], bool]
"""Whether the process of this host that began the run is still at it."""


class Clock(Protocol):
    """What time it is. Tests drive one of their own."""

    def now(self) -> datetime:
        """Return the time of day, UTC: may jump, and decides what is due."""
        ...

    def steady(self) -> float:
        """Return seconds that only go on: decide how long something has taken."""
        ...


class SystemClock:
    """The machine's clocks."""

    def now(self) -> datetime:
        """Return the time of day, UTC."""
        return datetime.now(UTC)

    def steady(self) -> float:
        """Return seconds since some moment."""
        return time.monotonic()


class Service:
    """What a scheduler knows between two rounds."""

    def __init__(
        self,
        config: Config,
        ledger: Ledger,
        seeds: SeedFolder,
        processes: Processes,
        clock: Clock,
        *,
        once: bool = False,
    ) -> None:
        """Prepare; the first round does the first work.

        Args:
            once: start each site at most once.
        """
        self.seeds = seeds
        self.crawls: dict[str, Watched] = {}  # by site
        self.all_well = True  # of the crawls that have ended
        self.last_round: float | None = None  # steady seconds
        self.ledger_error: str | None = None
        self._config = config
        self._history = History(ledger)
        self._processes = processes
        self._clock = clock
        self._locked: dict[str, tuple[datetime, str | None]] = {}  # since when, newest run then
        self._ended: list[PastRun] = []
        self._previous = clock.now()  # of the last round
        self._latest: datetime | None = None  # that there was, by the ledger and all rounds
        self._redone: dict[str, list[PastRun]] | None = None  # runs since the clock was put back
        self._stopping: float | None = None
        self._once = once
        self._begun: set[str] = set()
        self._waiting = 0  # sites that are due and found no room in the last round

    def round(self) -> None:
        """Watch what runs, write down what ended, start what is due."""
        now, steady = self._clock.now(), self._clock.steady()
        self.seeds.refresh()
        for crawl in self.crawls.values():
            if not crawl.poll(now):
                crawl.watch(steady)
        if self._stopping is not None:
            self._hurry(steady)
        self._with_ledger(now, steady)
        self.last_round = steady

    def stop(self) -> None:
        """Start nothing more. Crawls may finish within the grace time; a second call ends it."""
        if self._stopping is None:
            logger.info("stopping; %d crawls may finish", len(self._own()))
            self._stopping = self._clock.steady()
        else:
            self._stopping -= self._config.stop_grace

    @property
    def stopped(self) -> bool:
        """Whether it was stopped and no crawl that it started is left."""
        return self._stopping is not None and not self._own()

    @property
    def done(self) -> bool:
        """Whether a service that starts each site once has nothing more to do."""
        return self._once and self.last_round is not None and not self._own() and not self._waiting

    def take_ended(self) -> list[PastRun]:
        """Return runs that have ended since this was asked last."""
        ended, self._ended = self._ended, []
        return ended

    def plans(self, now: datetime) -> dict[str, tuple[Site, Plan, PastRun | None]]:
        """For each scheduled site when it is crawled next, and its running or newest attempt."""
        scheduled = {name: site for name, site in self.seeds.sites.items() if site.schedule}
        number = ATTEMPTS if self._redone is None else _AMONG
        attempts = self._history.attempts(scheduled, number, now + CLOCK_SLACK)
        is_alive = self._processes.is_alive
        found = {}
        for name, site in scheduled.items():
            past = attempts[name]
            going = (one for one in past if is_running(site, one, now, is_alive))
            counting = past if self._redone is None else self._redone.get(name, [])
            newest = next(going, past[0] if past else None)
            found[name] = site, plan_of(site, counting, now, is_alive), newest
        return found

    # -- the clock -----------------------------------------------------------------------------

    def _notice(self, now: datetime) -> None:
        """See whether the clock was put back, now or before this service began.

        If it was, then in the hours that come again the runs of the first time do not count.
        """
        if self._latest is None:
            newest = self._history.newest(limit=1)
            self._latest = max([now, *(past.started for past in newest)])
            put_back = self._latest > now + CLOCK_SLACK
        else:
            put_back = now < self._previous - CLOCK_SLACK
        if put_back:
            logger.warning("the clock was put back: it has been %s before", self._latest)
            self._redone = {}
        elif now >= self._latest:
            self._redone = None
        self._previous, self._latest = now, max(now, self._latest)

    # -- ending --------------------------------------------------------------------------------

    def _hurry(self, steady: float) -> None:
        if self._stopping is not None and steady - self._stopping >= self._config.stop_grace:
            for crawl in self._own():
                crawl.stop("killed", "the scheduler was stopped", steady)

    def _settle(self, now: datetime) -> None:
        """Write down how crawls ended; those that cannot be written down now stay for later."""
        for name, crawl in list(self.crawls.items()):
            if crawl.poll(now):
                if crawl.is_told:
                    self._tell(name, crawl)
                del self.crawls[name]  # only now: an error above leaves it for the next round

    def _tell(self, name: str, crawl: Watched) -> None:
        end, over = crawl.end()
        past = self._history.settle(
            name, crawl.process.pid, crawl.started, end, due=crawl.due, over=over
        )
        if past.exit_status == ExitStatus.LOCKED and crawl.ended is not None:
            self._locked[name] = (crawl.ended, crawl.before)
        level = logging.INFO if past.went_well else logging.WARNING
        logger.log(level, "%s", story(past), extra={"run": past.run, "site": name})
        self._ended.append(past)
        if self._redone is not None and past.outcome != "locked":
            self._redone[name] = [past, *self._redone.get(name, [])[: ATTEMPTS - 1]]
        self.all_well = self.all_well and past.went_well

    # -- starting ------------------------------------------------------------------------------

    def _start(self, now: datetime, steady: float) -> None:
        due = []
        busy = len(self.crawls)
        for name, (site, found, newest) in self.plans(now).items():
            if name in self.crawls or (self._once and name in self._begun):
                continue
            if newest is not None and is_running(site, newest, now, self._processes.is_alive):
                busy += 1
                self._adopt(site, newest, now, steady)
            elif found.due is not None and not self._is_left_alone(name, newest, now):
                due.append((site, found, newest.run if newest else None))
        due.sort(key=lambda one: (-schedule_of(one[0]).priority, one[1].next, one[0].name))
        room = max(0, self._config.crawls_at_once - busy)
        self._waiting = len(due[room:])
        for site, found, before in due[:room]:
            self._begin(site, found, before, now, steady)

    def _is_left_alone(self, name: str, newest: PastRun | None, now: datetime) -> bool:
        """Return whether somebody else, who had the site's lock, may still be at it.

        Until the run that they began has ended, but not for ever: they may not have begun one.
        """
        since, before = self._locked.get(name, (None, None))
        if since is None:
            return False
        has_ended = newest is not None and newest.run != before
        if not has_ended and abs(now - since) < _LOCKED_AGAIN:
            return True
        del self._locked[name]
        return False

    def _begin(
        self, site: Site, found: Plan, before: str | None, now: datetime, steady: float
    ) -> None:
        due = found.due or now
        if found.missed:
            logger.warning(
                "%s: %d periods since %s were missed; this run makes up for them",
                site.name, found.missed, f"{found.next:%Y-%m-%d %H:%M} UTC",
            )  # fmt: skip
        self._begun.add(site.name)
        process = self._processes.start(site, due, schedule_of(site).time_limit)
        logger.info("%s: started, process %d", site.name, process.pid, extra={"site": site.name})
        self.crawls[site.name] = Watched(
            site, process, now, steady, due, self._limits(site), before=before
        )

    def _adopt(self, site: Site, newest: PastRun, now: datetime, steady: float) -> None:
        """Watch a scheduled crawl on this host whose scheduler may be gone; it must end in time."""
        if newest.host != HOST or newest.due is None:
            return
        process = self._processes.adopt(newest)
        began = steady - max(0.0, (now - newest.started).total_seconds())
        self.crawls[site.name] = Watched(
            site, process, newest.started, began, newest.due, self._limits(site), adopted=True
        )
        logger.info("%s: process %d, of another scheduler, is watched", site.name, process.pid)

    def _limits(self, site: Site) -> Limits:
        schedule = schedule_of(site)
        memory = schedule.memory_limit or self._config.crawl_memory
        return Limits(schedule.time_limit, memory * MEGABYTE, self._config.kill_after)

    def _own(self) -> list[Watched]:
        return [crawl for crawl in self.crawls.values() if not crawl.adopted]

    def _with_ledger(self, now: datetime, steady: float) -> None:
        """What needs the ledger; while it is away, crawls go on and what ended waits to be told."""
        try:
            self._notice(now)
            self._settle(now)
            if self._stopping is None:
                self._start(now, steady)
        except LedgerError as error:
            if self.ledger_error is None:
                logger.error("%s; nothing is started until it answers", error)  # noqa: TRY400
            self.ledger_error = str(error)
        else:
            if self.ledger_error is not None:
                logger.info("the ledger answers again")
            self.ledger_error = None


def plan_of(site: Site, attempts: list[PastRun], now: datetime, is_alive: IsAlive) -> Plan:
    """Return when the site is crawled next; a run that died unseen counts as killed."""
    schedule = schedule_of(site)
    newest = attempts[0] if attempts else None
    if newest and newest.outcome is None and not is_running(site, newest, now, is_alive):
        attempts = [replace(newest, outcome="killed"), *attempts[1:]]
    cron = cron_of(schedule.cron, schedule.time_zone or site.time_zone)
    return plan(site.name, schedule, cron, attempts, now)


def is_running(site: Site, past: PastRun, now: datetime, is_alive: IsAlive) -> bool:
    """Return whether the run is still going on, as far as can be told from this host."""
    if past.outcome is not None:
        return False
    if past.host == HOST:
        return is_alive(past)
    return abs(now - past.started) < timedelta(seconds=schedule_of(site).time_limit) + _ELSEWHERE


def schedule_of(site: Site) -> Schedule:
    """Return the site's schedule, where it is known to have one."""
    if site.schedule is None:
        raise ValueError(f"{site.name} has no schedule")
    return site.schedule
