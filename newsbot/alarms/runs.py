"""Do the crawls run, end well, and get what they ask for?"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Final

from newsbot.alarms.verdict import BAD_OUTCOMES, Kind, RunFacts, Verdict, right, wrong

MISSED_PERIODS: Final = 3
"""So many crawls in a row must fail to finish before a site counts as overdue."""

_FEWEST_GAPS: Final = 5  # between starts, to know a habit of crawling
_FEWEST_ASKED: Final = 10  # requests: below this a share says nothing
_MANY, _FEW = 0.25, 0.1  # share of requests that fail: above the one an alarm, below the other well
_RUNS_OF_ERRORS: Final = 3  # taken together, so that one bad minute is no alarm
_EXPECTED: Final = ("http-404", "http-410", "robots-forbidden")
_SOON: Final = timedelta(minutes=10)  # no crawl is overdue sooner than this


def judge_overdue(
    site: str, starts: Sequence[datetime], finished: datetime | None, now: datetime
) -> Verdict | None:
    """Has a run finished within three of the site's periods, learned from when crawls began?

    The longest pause that came twice (a night without crawls) counts as one period.

    Args:
        starts: when runs began, oldest first.
        finished: when the last run that ended well enough to land did.
    """
    gaps = [later - earlier for earlier, later in pairwise(starts)]
    if finished is None or len(gaps) < _FEWEST_GAPS:
        return None
    usual = timedelta(seconds=median(gap.total_seconds() for gap in gaps))
    pause = sorted(gaps)[-2]  # what happened once is no habit
    return judge_missed(site, now - finished, max(usual, _SOON / MISSED_PERIODS), pause)


def judge_missed(
    site: str, since: timedelta, period: timedelta, pause: timedelta = timedelta(0)
) -> Verdict:
    """Return whether three periods, and the longest pause between two crawls, have gone by."""
    limit = MISSED_PERIODS * period + max(pause - period, timedelta(0))
    if since <= limit:
        return right(Kind.overdue, site)
    return wrong(
        Kind.overdue,
        site,
        f"no run has finished for {format_duration(since)}; usual is one every "
        f"{format_duration(period)}",
    )


def judge_run(site: str, runs: Sequence[RunFacts]) -> Verdict | None:
    """Did the newest run end well?"""
    if not runs:
        return None
    last = runs[-1]
    if last.outcome not in BAD_OUTCOMES:
        return right(Kind.run, site)
    said = [_SAID.get(last.outcome, last.outcome), *last.reasons]
    return wrong(
        Kind.run,
        site,
        f"run {last.run}: {'; '.join(said)}",
        run=last.run,
        outcome=last.outcome,
    )


_SAID: Final = {
    "failed": "failed",
    "timed-out": "was ended at its time limit",
    "killed": "was stopped before it was done",
    "recovered": "died; what it had fetched was recovered",
}


def judge_errors(site: str, runs: Sequence[RunFacts]) -> Verdict | None:
    """Do many of the requests fail, 404s apart?"""
    told = [run for run in runs if run.asked][-_RUNS_OF_ERRORS:]
    asked, failed = sum(run.asked for run in told), sum(map(_failed, told))
    if not told:
        return None
    last = _failed(told[-1]) / told[-1].asked
    if asked >= _FEWEST_ASKED and failed > _MANY * asked and last > _FEW:
        classes = sorted({why for run in told for why in run.failures if why not in _EXPECTED})
        return wrong(
            Kind.errors,
            site,
            f"{failed} of the last {asked} requests failed ({', '.join(classes)})",
            classes=classes,
        )
    return right(Kind.errors, site) if last < _FEW else None


def _failed(run: RunFacts) -> int:
    return sum(number for why, number in run.failures.items() if why not in _EXPECTED)


def judge_robots(site: str, runs: Sequence[RunFacts]) -> Verdict | None:
    """Does robots.txt forbid what the crawl asks for, or can it not be read?"""
    told = [run for run in runs if run.asked]
    if not told:
        return None
    last = told[-1]
    if last.counts.get("robots_unreachable"):
        return wrong(
            Kind.robots, site, "robots.txt cannot be read, which means that nothing may be fetched"
        )
    forbidden = last.failures.get("robots-forbidden", 0)
    if forbidden > _FEW * last.asked:
        return wrong(
            Kind.robots, site, f"robots.txt forbids {forbidden} of {last.asked} pages asked for"
        )
    return right(Kind.robots, site)


def judge_certificate(site: str, runs: Sequence[RunFacts]) -> Verdict | None:
    """Was a host's certificate refused?"""
    told = [run for run in runs if run.asked]
    if not told:
        return None
    refused = told[-1].counts.get("failed", {}).get("certificate", 0)
    if not refused:
        return right(Kind.certificate, site)
    return wrong(
        Kind.certificate,
        site,
        f"{refused} connections were not made: the certificate is out of date, of another host, or "
        "of an authority that is not trusted here",
    )


def format_duration(span: timedelta) -> str:
    """Return a span of time in its largest units: "2 days 4 h", "45 min"."""
    minutes = round(span.total_seconds() / 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min"
