"""The status of each site: its last and next run, its newest article, its spool, its problems."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from newsbot.alarms import Alarm, open_alarms
from newsbot.alarms.verdict import INSTALLATION
from newsbot.config import Config
from newsbot.landing.spool import spooled
from newsbot.ledger import Ledger
from newsbot.ledger.attempts import History, PastRun
from newsbot.ledger.totals import totals
from newsbot.schedule.due import ATTEMPTS, CLOCK_SLACK, Plan
from newsbot.schedule.process import is_alive
from newsbot.schedule.service import is_running, plan_of
from newsbot.sites.site import Site

_LATE: Final = timedelta(minutes=10)  # after the time a crawl should have started


@dataclass(frozen=True, slots=True)
class SiteStatus:
    """The status of one site; times are UTC.

    Attributes:
        last: the newest run, which may be running.
        newest: when the newest article that was not known before was fetched.
        pending: number of URLs seen and not yet fetched.
        wrong: what needs the operator's attention; empty if all is well.
    """

    site: str
    last: PastRun | None
    running: bool
    next: datetime | None
    newest: datetime | None
    pending: int
    spool_runs: int
    spool_bytes: int
    wrong: tuple[str, ...]

    @property
    def is_idle(self) -> bool:
        """Whether nothing was done for the site, and nothing will be by itself."""
        return not (self.last or self.next or self.pending or self.spool_runs or self.wrong)


def status_of(
    config: Config, ledger: Ledger, sites: Mapping[str, Site], now: datetime
) -> list[SiteStatus]:
    """Return the status of every site, sorted by name.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    attempts = History(ledger).attempts(sites, ATTEMPTS, now + CLOCK_SLACK)
    alarms = open_alarms(ledger)
    sums, spool = totals(ledger), spooled(config.spool_folder)
    rows = []
    for name, site in sorted(sites.items()):
        past = attempts[name]
        last = past[0] if past else None
        running = last is not None and last.outcome is None and _is_running(site, last, now)
        plan = plan_of(site, past, now, is_alive) if site.schedule else None
        runs, size = spool.get(name, (0, 0))
        rows.append(
            SiteStatus(
                site=name,
                last=last,
                running=running,
                next=None if plan is None else plan.next,
                newest=sums.newest.get(name),
                pending=sums.pending.get(name, 0),
                spool_runs=runs,
                spool_bytes=size,
                wrong=(
                    *_problems(last, plan, now, running=running, waiting=runs - running),
                    *(_describe(alarm) for alarm in alarms if alarm.site == name),
                ),
            )
        )
    return rows


def installation_alarms(ledger: Ledger) -> list[str]:
    """Return the open alarms that concern the installation as a whole: store, spool, disk, ping."""
    return [_describe(alarm) for alarm in open_alarms(ledger) if alarm.site == INSTALLATION]


def _describe(alarm: Alarm) -> str:
    since = f"{alarm.opened:%Y-%m-%d %H:%M} UTC"
    return f"ALARM since {since}: {alarm.kind.meaning}: {alarm.message}"


def _is_running(site: Site, last: PastRun, now: datetime) -> bool:
    return site.schedule is not None and is_running(site, last, now, is_alive)


def _problems(
    last: PastRun | None, plan: Plan | None, now: datetime, *, running: bool, waiting: int
) -> list[str]:
    problems = []
    if last is not None and not running and not last.went_well:
        outcome = last.outcome or "its process died"
        problems.append("; ".join([f"last run: {outcome}", *last.reasons]))
    if plan is not None and not running and last is not None and now - plan.next > _LATE:
        problems.append(
            f"overdue since {plan.next:%Y-%m-%d %H:%M} UTC: is `newsbot schedule` running?"
        )
    if waiting > 0:
        problems.append(f"{waiting} runs wait in the spool: `newsbot recover` lands them")
    return problems
