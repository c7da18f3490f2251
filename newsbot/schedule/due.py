"""What is due, from the history of runs alone: no schedule is stored anywhere else.

A period of the schedule is served by a run that began after it. Missed periods are made up for by
one run, however many they are. A run that died or failed is retried once in its period.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from newsbot.ledger.attempts import PastRun
from newsbot.sites.cron import Cron, spread
from newsbot.sites.seed import Schedule

ATTEMPTS: Final = 2  # of each site that count: the newest, and the one that it may be a retry of
CLOCK_SLACK: Final = timedelta(minutes=5)  # a run begun further ahead was begun by a wrong clock
_RETRY_AFTER: Final = {  # in the same period: a crash is over at once, an outage is not
    "killed": timedelta(minutes=1),
    "recovered": timedelta(minutes=1),
    "failed": timedelta(minutes=30),
}
_MAX_MISSED = 1000  # missed periods are not counted beyond this


@dataclass(frozen=True, slots=True)
class Plan:
    """When a site is crawled next.

    Attributes:
        due: the period that a crawl should be running for now; None if none is due.
        missed: number of periods before ``due`` that no run served.
        next: the earliest start of the next crawl; in the past if one is due.
    """

    due: datetime | None
    missed: int
    next: datetime


def next_crawl(
    site: str, schedule: Schedule, cron: Cron, past: Sequence[PastRun], now: datetime
) -> Plan:
    """Return when the site is to be crawled next.

    Args:
        past: the site's newest attempts, newest first.
    """
    past = [attempt for attempt in past if attempt.started <= now + CLOCK_SLACK]
    if not past:
        return Plan(due=now, missed=0, next=now)
    first = cron.after(past[0].started)
    start = first + spread(site, first, schedule.jitter)
    if start <= now:
        due, missed = _newest_period(cron, first, now)
        return Plan(due, missed, start)
    retry = _retry_at(cron, past)
    if retry is None or retry >= start:
        return Plan(None, 0, start)
    return Plan((past[0].due or past[0].started) if retry <= now else None, 0, retry)


def _newest_period(cron: Cron, first: datetime, now: datetime) -> tuple[datetime, int]:
    """Return the newest period that has begun, and how many lie between it and the first."""
    due, missed = first, 0
    following = cron.after(first)
    while following <= now and missed < _MAX_MISSED:
        due, missed, following = following, missed + 1, cron.after(following)
    return due, missed


def _retry_at(cron: Cron, past: Sequence[PastRun]) -> datetime | None:
    """Return when the newest attempt is retried in its period, or None if it is not."""
    newest = past[0]
    wait = _RETRY_AFTER.get(newest.outcome or "")
    if wait is None or _is_retry(cron, past):
        return None
    return (newest.finished or newest.started) + wait


def _is_retry(cron: Cron, past: Sequence[PastRun]) -> bool:
    """Return whether the newest attempt was itself a retry, in the period of the one before."""
    return len(past) > 1 and cron.after(past[1].started) > past[0].started
