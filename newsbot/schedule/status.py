"""How it stands: each site's last and next run, how fresh it is, what waits, and what is wrong."""

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

LATE: Final = timedelta(minutes=10)  # beyond the time a crawl should have started


@dataclass(frozen=True, slots=True)
class SiteStatus:
    """One site. ``wrong`` says what a person should look at; empty is good.

    ``newest`` is when the newest article that was not known before was fetched; times are UTC.
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


def status_of(
    config: Config, ledger: Ledger, sites: Mapping[str, Site], now: datetime
) -> list[SiteStatus]:
    """Return the status of every site of the seeds, by name.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    attempts = History(ledger).attempts(sites, ATTEMPTS, now + CLOCK_SLACK)
    alarms = open_alarms(ledger)
    found, spool = totals(ledger), spooled(config.spool_folder)
    rows = []
    for name, site in sorted(sites.items()):
        past = attempts[name]
        last = past[0] if past else None
        running = last is not None and last.outcome is None and _runs(site, last, now)
        plan = plan_of(site, past, now, is_alive) if site.schedule else None
        runs, size = spool.get(name, (0, 0))
        rows.append(
            SiteStatus(
                site=name,
                last=last,
                running=running,
                next=None if plan is None else plan.next,
                newest=found.newest.get(name),
                pending=found.pending.get(name, 0),
                spool_runs=runs,
                spool_bytes=size,
                wrong=(
                    *_wrong(last, plan, now, running=running, waiting=runs - running),
                    *(_alarm(alarm) for alarm in alarms if alarm.site == name),
                ),
            )
        )
    return rows


def of_the_house(ledger: Ledger) -> list[str]:
    """Open alarms that concern no single site: disk, store, spool."""
    return [_alarm(alarm) for alarm in open_alarms(ledger) if alarm.site == INSTALLATION]


def _alarm(alarm: Alarm) -> str:
    since = f"{alarm.opened:%Y-%m-%d %H:%M} UTC"
    return f"ALARM since {since}: {alarm.kind.meaning}: {alarm.message}"


def _runs(site: Site, last: PastRun, now: datetime) -> bool:
    return site.schedule is not None and is_running(site, last, now, is_alive)


def _wrong(
    last: PastRun | None, plan: Plan | None, now: datetime, *, running: bool, waiting: int
) -> list[str]:
    found = []
    if last is not None and not running and not last.went_well:
        what = last.outcome or "its process died"
        found.append("; ".join([f"last run: {what}", *last.reasons]))
    if plan is not None and not running and last is not None and now - plan.next > LATE:
        found.append(
            f"overdue since {plan.next:%Y-%m-%d %H:%M} UTC: is `newsbot schedule` running?"
        )
    if waiting > 0:
        found.append(f"{waiting} runs wait in the spool: `newsbot recover` lands them")
    return found
