"""A driven world for the scheduler: clocks that tests set, and crawls that only pretend to fetch.

The pretended crawls are real where it matters here: they take the site's real lock, and write their
rows into a real ledger as a crawl does.
"""

import signal
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from newsbot.config import Config, load_config
from newsbot.errors import LockHeld
from newsbot.landing.lock import SiteLock
from newsbot.layout import new_run_id
from newsbot.ledger import Ledger
from newsbot.ledger.attempts import AttemptEnd, History, PastRun
from newsbot.schedule.service import Service
from newsbot.sites.site import Site
from newsbot.sites.watched_folder import SeedFolder

START = datetime(2025, 2, 28, 12, 0, tzinfo=UTC)
SEED = """
name = "{name}"
title = "X"
kind = "aggregator"
language = "id"
time_zone = "{zone}"
hosts = ["{name}.example"]
feeds = ["https://{name}.example/feed"]
[urls]
article = '^/\\\\d+'
[schedule]
cron = "{cron}"
jitter = {jitter}
time_limit = {time_limit}
{more}
"""


@dataclass
class DrivenClock:
    """Both clocks, moved by hand; ``shift`` is by how much the time of day was set wrong."""

    true: datetime = START
    shift: timedelta = timedelta(0)

    def now(self) -> datetime:
        """The time of day as the machine has it."""
        return self.true + self.shift

    def monotonic(self) -> float:
        """Seconds since the start."""
        return (self.true - START).total_seconds()

    def go(self, **span: float) -> None:
        """Let time pass."""
        self.true += timedelta(**span)


@dataclass
class PretendedCrawl:
    """One crawl: begins at once, ends after ``takes`` seconds; obeys SIGTERM unless it hangs."""

    world: "World"
    site: str
    due: datetime
    pid: int
    takes: float
    status: int = 0
    hangs: bool = False
    eats: int = 1_000_000
    run: str = ""
    result: int | None = None
    signals: list[signal.Signals] = field(default_factory=list)
    held: ExitStack = field(default_factory=ExitStack)

    def begin(self) -> None:
        """What a crawl does first: the lock, and its row."""
        now = self.world.clock.now()
        self.began = self.world.clock.monotonic()
        try:
            self.held.enter_context(SiteLock(self.world.state, self.site))
        except LockHeld as error:
            self.result = 75
            self.world.history.complete(
                self.site, self.pid, now, AttemptEnd("locked", 75, now, (str(error),))
            )
            return
        if self.site in self.world.dead:
            self.world.history.end_lost_runs(self.site, [], now)
            self.world.dead.discard(self.site)
        self.run = new_run_id(now)
        self.world.history.begin(
            self.run, self.site, now, partial=False, due=self.due, pid=self.pid
        )
        self.world.began.append((self.site, self.world.clock.true, self.due))

    def poll(self) -> int | None:
        """Its exit status; it ends when its time has come."""
        is_over = self.world.clock.monotonic() - self.began >= self.takes
        if self.result is None and is_over and not self.hangs:
            self._finish(self.status)
        return self.result

    def send(self, number: signal.Signals) -> None:
        """SIGTERM ends it cleanly unless it hangs; SIGKILL ends it."""
        self.signals.append(number)
        if self.result is None and number == signal.SIGKILL:
            self.die()
        elif self.result is None and not self.hangs:
            self._finish(3, "killed", "stopped by a signal")

    def die(self) -> None:
        """End as by kill -9: nothing is written down."""
        self.result = -9
        self.world.dead.add(self.site)
        self._gone()

    def memory(self) -> int:
        """Bytes."""
        return self.eats

    def last_line(self) -> str:
        """What it said."""
        return "RuntimeError: the spider fell over"

    def _finish(
        self, status: int, outcome: str = "finished", reasons: tuple[str, ...] = ()
    ) -> None:
        self.result = status
        if status in (0, 3):
            end = AttemptEnd(outcome, status, self.world.clock.now(), reasons)  # type: ignore[arg-type]
            self.world.history.end(self.run, end, {"new": 1})
        self._gone()

    def _gone(self) -> None:
        self.world.ended.append((self.site, self.world.clock.true))
        self.held.close()


class World:
    """A state folder, a ledger, a clock, and the crawls that were started."""

    def __init__(self, folder: Path, database_url: str | None = None) -> None:
        self.folder = folder
        self.state = folder / "var"
        self.clock = DrivenClock()
        self.crawls: list[PretendedCrawl] = []
        self.began: list[tuple[str, datetime, datetime]] = []
        self.ended: list[tuple[str, datetime]] = []
        self.dead: set[str] = set()  # sites whose last crawl wrote nothing at its end
        self.next: Callable[[PretendedCrawl], None] = lambda _crawl: None
        self.config = self.configured()
        self.ledger = Ledger.open(database_url or self.config.ledger_url)
        self.history = History(self.ledger)

    def configured(self, **more: object) -> Config:
        """A configuration of this world."""
        (self.folder / "seeds").mkdir(exist_ok=True)
        given = {"state": self.state, "seeds": self.folder / "seeds", "crawls_at_once": 50}
        return load_config(**(given | more))

    def seed(
        self, name: str, cron: str = "*/15 * * * *", *, jitter: float = 0, time_limit: float = 600,
        more: str = "", zone: str = "Asia/Jakarta",
    ) -> Path:  # fmt: skip
        """Write a seed."""
        path = self.folder / "seeds" / f"{name}.toml"
        text = SEED.format(
            name=name, cron=cron, jitter=jitter, time_limit=time_limit, more=more, zone=zone
        )
        path.write_text(text.replace("\\\\", "\\"), encoding="utf-8")
        return path

    def service(self, *, once: bool = False, **more: object) -> Service:
        """A scheduler of this world."""
        config = self.configured(**more)
        seeds = SeedFolder(config.seeds_folder, config.state_folder / "seeds")
        return Service(config, self.ledger, seeds, self, self.clock, once=once)

    def start(self, site: Site, due: datetime, time_limit: float) -> PretendedCrawl:
        """Start a pretended crawl."""
        crawl = PretendedCrawl(self, site.name, due, 100_000_000 + len(self.crawls), takes=60)
        self.next(crawl)
        self.crawls.append(crawl)
        crawl.begin()
        return crawl

    def is_alive(self, past: PastRun) -> bool:
        """Whether the crawl that began the run goes on."""
        return any(crawl.pid == past.pid for crawl in self.alive())

    def adopt(self, past: PastRun) -> PretendedCrawl:
        """The crawl that began the run."""
        return next(crawl for crawl in self.crawls if crawl.pid == past.pid)

    def alive(self) -> Iterable[PretendedCrawl]:
        """Crawls that have not ended."""
        return [crawl for crawl in self.crawls if crawl.result is None]

    def rounds(self, service: Service, minutes: float, step: float = 30) -> None:
        """Let time pass, with a round each step (seconds)."""
        for _ in range(round(minutes * 60 / step)):
            self.clock.go(seconds=step)
            service.round()

    def outcomes(self, site: str = "x") -> list[str | None]:
        """Outcomes of the site's runs, oldest first."""
        return [past.outcome for past in reversed(self.history.newest(site, 1000))]

    def rename_table(self, old: str, new: str) -> None:
        """Rename a table of the ledger behind the scheduler's back."""
        with closing(sqlite3.connect(self.state / "ledger.sqlite")) as raw:
            raw.execute(f"ALTER TABLE {old} RENAME TO {new}")
