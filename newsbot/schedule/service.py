"""The scheduler: in each round it starts what is due, watches it, and records how it ended.

It stores no schedule of its own. What is due and what is running is read from the ledger in each
round; the lock that prevents two crawls of a site at once belongs to the crawl. So several
schedulers, cron jobs and operators may work side by side, and any of them may be killed.
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
from newsbot.ledger.attempts import HOST, History, PastRun, describe_run
from newsbot.schedule.due import ATTEMPTS, CLOCK_SLACK, Plan, next_crawl
from newsbot.schedule.process import Processes
from newsbot.schedule.watch import MEGABYTE, CrawlLimits, WatchedCrawl
from newsbot.sites.cron import cron_of
from newsbot.sites.seed import Schedule
from newsbot.sites.site import Site
from newsbot.sites.watched_folder import SeedFolder

logger = logging.getLogger(__name__)

_LOCKED_WAIT = timedelta(minutes=10)  # before another try at a site that another process crawls
_MAX_ATTEMPTS = 8  # read after the clock was put back: a running one need not be among the newest
_OTHER_HOST_SLACK = timedelta(hours=1)  # after its time limit, a run of another host counts as dead

IsAlive = Callable[[PastRun], bool]
"""Tells whether the process of this host that began the run is still crawling."""


class Clock(Protocol):
    """The two clocks that the scheduler uses; tests provide their own."""

    def now(self) -> datetime:
        """Return the time of day (UTC), which may jump; it decides what is due."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go back; they decide how long something has taken."""
        ...


class SystemClock:
    """The machine's clocks."""

    def now(self) -> datetime:
        """Return the time of day (UTC)."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return the seconds of the machine's monotonic clock."""
        return time.monotonic()


class Service:
    """The scheduler's state between two rounds.

    Attributes:
        seeds: the sites to crawl.
        crawls: the crawls that are watched, by site.
        all_well: whether all crawls that have ended went well.
        last_round: when the last round ended (monotonic seconds), or None before the first.
        ledger_error: why the ledger cannot be used now, or None.
    """

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
        """Set the state before the first round; nothing is started yet.

        Args:
            once: start each site at most once.
        """
        self.seeds = seeds
        self.crawls: dict[str, WatchedCrawl] = {}
        self.all_well = True
        self.last_round: float | None = None
        self.ledger_error: str | None = None
        self._config = config
        self._history = History(ledger)
        self._processes = processes
        self._clock = clock
        self._locked_sites: dict[str, tuple[datetime, str | None]] = {}  # since, newest run then
        self._ended: list[PastRun] = []
        self._previous = clock.now()  # time of the last round
        self._latest_time: datetime | None = None  # ever seen, in the ledger or in a round
        self._since_put_back: dict[str, list[PastRun]] | None = None  # None: it was not put back
        self._stopping: float | None = None  # since when, in monotonic seconds
        self._once = once
        self._started: set[str] = set()
        self._waiting = 0  # sites that were due in the last round while enough crawls were running

    def round(self) -> None:
        """Watch the running crawls, record those that have ended, start those that are due."""
        now, monotonic = self._clock.now(), self._clock.monotonic()
        self.seeds.refresh()
        for crawl in self.crawls.values():
            if not crawl.poll(now):
                crawl.watch(monotonic)
        if self._stopping is not None:
            self._kill_after_grace(monotonic)
        self._use_ledger(now, monotonic)
        self.last_round = monotonic

    def stop(self) -> None:
        """Start no more crawls; those that run may finish within the grace time.

        A second call ends the grace time.
        """
        if self._stopping is None:
            logger.info(
                "stopping: %d crawls may finish within %.0f s",
                len(self._own_crawls()), self._config.stop_grace,
            )  # fmt: skip
            self._stopping = self._clock.monotonic()
        else:
            self._stopping -= self._config.stop_grace

    @property
    def stopped(self) -> bool:
        """Whether the service was stopped and no crawl that it started is left."""
        return self._stopping is not None and not self._own_crawls()

    @property
    def done(self) -> bool:
        """Whether a service that starts each site once has nothing more to do."""
        is_idle = not self._own_crawls() and not self._waiting
        return self._once and self.last_round is not None and is_idle

    def take_ended(self) -> list[PastRun]:
        """Return the runs that have ended since the last call."""
        ended, self._ended = self._ended, []
        return ended

    def plans(self, now: datetime) -> dict[str, tuple[Site, Plan, PastRun | None]]:
        """Return for each scheduled site its plan, and its running or else its newest attempt."""
        scheduled = {name: site for name, site in self.seeds.sites.items() if site.schedule}
        number = ATTEMPTS if self._since_put_back is None else _MAX_ATTEMPTS
        attempts = self._history.attempts(scheduled, number, now + CLOCK_SLACK)
        is_alive = self._processes.is_alive
        plans = {}
        for name, site in scheduled.items():
            past = attempts[name]
            running = (attempt for attempt in past if is_running(site, attempt, now, is_alive))
            counted = past if self._since_put_back is None else self._since_put_back.get(name, [])
            newest = next(running, past[0] if past else None)
            plans[name] = site, plan_of(site, counted, now, is_alive), newest
        return plans

    # -- the clock -----------------------------------------------------------------------------

    def _detect_clock_change(self, now: datetime) -> None:
        """Check whether the clock was put back, now or before this service was started.

        If it was, runs begun before do not count until the clock has made up for it: they seem to
        lie in the future.
        """
        if self._latest_time is None:
            newest = self._history.newest(limit=1)
            self._latest_time = max([now, *(past.started for past in newest)])
            put_back = self._latest_time > now + CLOCK_SLACK
        else:
            put_back = now < self._previous - CLOCK_SLACK
        if put_back:
            logger.warning(
                "the clock was put back: it is %s, and was %s before", now, self._latest_time
            )
            self._since_put_back = {}
        elif now >= self._latest_time:
            self._since_put_back = None
        self._previous, self._latest_time = now, max(now, self._latest_time)

    # -- ending --------------------------------------------------------------------------------

    def _kill_after_grace(self, monotonic: float) -> None:
        if self._stopping is not None and monotonic - self._stopping >= self._config.stop_grace:
            for crawl in self._own_crawls():
                crawl.stop("killed", "the scheduler was stopped", monotonic)

    def _record_ends(self, now: datetime) -> None:
        """Record how crawls ended; if the ledger fails, those not recorded stay for later."""
        for name, crawl in list(self.crawls.items()):
            if crawl.poll(now):
                if crawl.needs_record:
                    self._record_end(name, crawl)
                del self.crawls[name]  # not earlier: an error above leaves it for the next round

    def _record_end(self, name: str, crawl: WatchedCrawl) -> None:
        end, overruled = crawl.end()
        past = self._history.complete(
            name, crawl.process.pid, crawl.started, end, due=crawl.due, replacing=overruled
        )
        if past.exit_status == ExitStatus.LOCKED and crawl.ended is not None:
            self._locked_sites[name] = (crawl.ended, crawl.previous_run)
        level = logging.INFO if past.went_well else logging.WARNING
        logger.log(level, "%s", describe_run(past), extra={"run": past.run, "site": name})
        self._ended.append(past)
        if self._since_put_back is not None and past.outcome != "locked":
            self._since_put_back[name] = [past, *self._since_put_back.get(name, [])[: ATTEMPTS - 1]]
        self.all_well = self.all_well and past.went_well

    # -- starting ------------------------------------------------------------------------------

    def _start_due(self, now: datetime, monotonic: float) -> None:
        due = []
        running = len(self.crawls)
        for name, (site, plan, newest) in self.plans(now).items():
            if name in self.crawls or (self._once and name in self._started):
                continue
            if newest is not None and is_running(site, newest, now, self._processes.is_alive):
                running += 1
                self._adopt(site, newest, now, monotonic)
            elif plan.due is not None and not self._is_locked_elsewhere(name, newest, now):
                due.append((site, plan, newest.run if newest else None))
        due.sort(key=lambda one: (-schedule_of(one[0]).priority, one[1].next, one[0].name))
        free = max(0, self._config.crawls_at_once - running)
        self._waiting = len(due[free:])
        for site, plan, previous_run in due[:free]:
            self._start_crawl(site, plan, previous_run, now, monotonic)

    def _is_locked_elsewhere(self, name: str, newest: PastRun | None, now: datetime) -> bool:
        """Return whether another process, which held the site's lock, may still be crawling.

        It may until a newer run is recorded, or for ten minutes: it may not have begun a run.
        """
        since, previous_run = self._locked_sites.get(name, (None, None))
        if since is None:
            return False
        has_ended = newest is not None and newest.run != previous_run
        if not has_ended and abs(now - since) < _LOCKED_WAIT:
            return True
        del self._locked_sites[name]
        return False

    def _start_crawl(
        self, site: Site, plan: Plan, previous_run: str | None, now: datetime, monotonic: float
    ) -> None:
        due = plan.due or now
        if plan.missed:
            logger.warning(
                "%s: %d periods since %s were missed; this run makes up for them",
                site.name, plan.missed, f"{plan.next:%Y-%m-%d %H:%M} UTC",
            )  # fmt: skip
        self._started.add(site.name)
        process = self._processes.start(site, due, schedule_of(site).time_limit)
        logger.info("%s: started, process %d", site.name, process.pid, extra={"site": site.name})
        self.crawls[site.name] = WatchedCrawl(
            site, process, now, monotonic, due, self._limits(site), previous_run=previous_run
        )

    def _adopt(self, site: Site, newest: PastRun, now: datetime, monotonic: float) -> None:
        """Watch a scheduled crawl of this host whose own scheduler may be gone, so that it ends."""
        if newest.host != HOST or newest.due is None:
            return
        process = self._processes.adopt(newest)
        began = monotonic - max(0.0, (now - newest.started).total_seconds())
        self.crawls[site.name] = WatchedCrawl(
            site, process, newest.started, began, newest.due, self._limits(site), adopted=True
        )
        logger.info(
            "%s: watching process %d, which another scheduler started", site.name, process.pid
        )

    def _limits(self, site: Site) -> CrawlLimits:
        schedule = schedule_of(site)
        memory = schedule.memory_limit or self._config.crawl_memory
        return CrawlLimits(schedule.time_limit, memory * MEGABYTE, self._config.kill_after)

    def _own_crawls(self) -> list[WatchedCrawl]:
        return [crawl for crawl in self.crawls.values() if not crawl.adopted]

    def _use_ledger(self, now: datetime, monotonic: float) -> None:
        """Do what needs the ledger; while that fails, crawls go on and are recorded later."""
        try:
            self._detect_clock_change(now)
            self._record_ends(now)
            if self._stopping is None:
                self._start_due(now, monotonic)
        except LedgerError as error:
            if self.ledger_error is None:
                logger.error("%s; nothing is started until it answers", error)  # noqa: TRY400
            self.ledger_error = str(error)
        else:
            if self.ledger_error is not None:
                logger.info("the ledger answers again")
            self.ledger_error = None


def plan_of(site: Site, attempts: list[PastRun], now: datetime, is_alive: IsAlive) -> Plan:
    """Return when the site is crawled next; a run whose process has died counts as killed.

    Args:
        attempts: the site's newest attempts, newest first.
    """
    schedule = schedule_of(site)
    newest = attempts[0] if attempts else None
    if newest and newest.outcome is None and not is_running(site, newest, now, is_alive):
        attempts = [replace(newest, outcome="killed"), *attempts[1:]]
    cron = cron_of(schedule.cron, schedule.time_zone or site.time_zone)
    return next_crawl(site.name, schedule, cron, attempts, now)


def is_running(site: Site, past: PastRun, now: datetime, is_alive: IsAlive) -> bool:
    """Return whether the run is still going on, as far as this host can know."""
    if past.outcome is not None:
        return False
    if past.host == HOST:
        return is_alive(past)
    longest = timedelta(seconds=schedule_of(site).time_limit) + _OTHER_HOST_SLACK
    return abs(now - past.started) < longest


def schedule_of(site: Site) -> Schedule:
    """Return the site's schedule.

    Raises:
        ValueError: it has none.
    """
    if site.schedule is None:
        raise ValueError(f"{site.name} has no schedule")
    return site.schedule
