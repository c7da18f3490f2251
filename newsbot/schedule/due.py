"""What is due, from the history of runs alone: no schedule is kept anywhere else.

A period is served by a run that began after it. What nobody served is made up once, however many
periods were missed. A run that died or failed before its time is tried once more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from newsbot.ledger.attempts import PastRun
from newsbot.sites.cron import Cron, spread
from newsbot.sites.seed import Schedule

ATTEMPTS: Final = 2  # of a site that are looked at: the newest, and whether it was one more
CLOCK_SLACK: Final = timedelta(minutes=5)  # a run begun later than this was begun by a wrong clock
AGAIN_AFTER: Final = {  # once more in the same period: a crash is over at once, an outage is not
    "killed": timedelta(minutes=1),
    "recovered": timedelta(minutes=1),
    "failed": timedelta(minutes=30),
}
_MOST_MISSED = 1000  # periods that are counted: more is "many"


@dataclass(frozen=True, slots=True)
class Plan:
    """When a site is crawled next.

    Attributes:
        due: the period that a crawl should be running for now; None if none is due.
        missed: periods before ``due`` that no run served.
        next: when the next crawl is to start, at the earliest; the past if it is due.
    """

    due: datetime | None
    missed: int
    next: datetime


def plan(site: str, schedule: Schedule, cron: Cron, past: Sequence[PastRun], now: datetime) -> Plan:
    """Return when the site is to be crawled, by its newest attempts (newest first)."""
    past = [one for one in past if one.started <= now + CLOCK_SLACK]
    if not past:
        return Plan(due=now, missed=0, next=now)
    first = cron.after(past[0].started)
    start = first + spread(site, first, schedule.jitter)
    if start <= now:
        due, missed = _newest(cron, first, now)
        return Plan(due, missed, start)
    again = _again(cron, past)
    if again is None or again >= start:
        return Plan(None, 0, start)
    return Plan((past[0].due or past[0].started) if again <= now else None, 0, again)


def _newest(cron: Cron, first: datetime, now: datetime) -> tuple[datetime, int]:
    """Return the newest period that has begun, and how many lie before it from the first on."""
    due, missed = first, 0
    following = cron.after(first)
    while following <= now and missed < _MOST_MISSED:
        due, missed, following = following, missed + 1, cron.after(following)
    return due, missed


def _again(cron: Cron, past: Sequence[PastRun]) -> datetime | None:
    """Return when the newest attempt is worth another one in its period; None if it is not."""
    newest = past[0]
    wait = AGAIN_AFTER.get(newest.outcome or "")
    if wait is None or _is_second(cron, past):
        return None
    return (newest.finished or newest.started) + wait


def _is_second(cron: Cron, past: Sequence[PastRun]) -> bool:
    """Return whether the newest attempt was itself one more in the period of the one before."""
    return len(past) > 1 and cron.after(past[1].started) > past[0].started
