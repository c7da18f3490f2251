"""Judges the crawls: whether they run on time, end well, and get what they request."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Final

from newsbot.alarms.verdict import BAD_OUTCOMES, Kind, RunFacts, Verdict, right, wrong

MISSED_PERIODS: Final = 3
"""The number of periods in a row without a finished run after which a site is overdue."""

_MIN_GAPS: Final = 5  # between starts; fewer do not show how often a site is crawled
_MIN_REQUESTS: Final = 10  # of fewer requests, the share that failed means nothing
_MANY, _FEW = 0.25, 0.1  # shares of failed requests: more is wrong, less is right
_ERROR_RUNS: Final = 3  # runs taken together, so that one bad minute is no alarm
_EXPECTED: Final = ("http-404", "http-410", "robots-forbidden")
_MIN_LATE: Final = timedelta(minutes=10)  # no crawl is overdue sooner than this


def judge_overdue(
    site: str, starts: Sequence[datetime], finished: datetime | None, now: datetime
) -> Verdict | None:
    """Judge whether a run has finished within three of the site's periods.

    The period is learned from when crawls began. The longest pause that occurred twice (a night
    without crawls) counts as one period.

    Args:
        starts: when runs began, oldest first.
        finished: when the last run that landed ended.
    """
    gaps = [later - earlier for earlier, later in pairwise(starts)]
    if finished is None or len(gaps) < _MIN_GAPS:
        return None
    usual = timedelta(seconds=median(gap.total_seconds() for gap in gaps))
    pause = sorted(gaps)[-2]  # the longest may be an accident
    return _judge_delay(site, now - finished, max(usual, _MIN_LATE / MISSED_PERIODS), pause)


def _judge_delay(site: str, since: timedelta, period: timedelta, pause: timedelta) -> Verdict:
    """Judge the time since a run finished by three periods and the usual pause between crawls."""
    limit = MISSED_PERIODS * period + max(pause - period, timedelta(0))
    if since <= limit:
        return right(Kind.overdue, site)
    return wrong(
        Kind.overdue,
        site,
        f"no run has finished for {format_duration(since)}; usual is one every "
        f"{format_duration(period)}; check that the scheduler or cron job is running",
    )


def judge_run(site: str, runs: Sequence[RunFacts]) -> Verdict | None:
    """Judge whether the newest run ended well."""
    if not runs:
        return None
    last = runs[-1]
    if last.outcome not in BAD_OUTCOMES:
        return right(Kind.run, site)
    parts = [_OUTCOME_TEXTS.get(last.outcome, last.outcome), *last.reasons]
    return wrong(
        Kind.run,
        site,
        f"run {last.run}: {'; '.join(parts)}",
        run=last.run,
        outcome=last.outcome,
    )


_OUTCOME_TEXTS: Final = {
    "failed": "failed",
    "timed-out": "was ended at its time limit",
    "killed": "was stopped before it was done",
    "recovered": "died; what it had fetched was recovered",
}


def judge_errors(site: str, runs: Sequence[RunFacts]) -> Verdict | None:
    """Judge whether many of the requests of the last runs fail, not counting 404s."""
    recent = [run for run in runs if run.requests][-_ERROR_RUNS:]
    requests, failed = sum(run.requests for run in recent), sum(map(_failed, recent))
    if not recent:
        return None
    last = _failed(recent[-1]) / recent[-1].requests
    if requests >= _MIN_REQUESTS and failed > _MANY * requests and last > _FEW:
        classes = sorted({why for run in recent for why in run.failures if why not in _EXPECTED})
        return wrong(
            Kind.errors,
            site,
            f"{failed} of the last {requests} requests failed ({', '.join(classes)})",
            classes=classes,
        )
    # Pages that failed twice are asked for later: a run without them does not show them well.
    has_asked = recent[-1].requests >= max(map(_failed, recent))
    return right(Kind.errors, site) if last < _FEW and has_asked else None


def _failed(run: RunFacts) -> int:
    return sum(number for why, number in run.failures.items() if why not in _EXPECTED)


def judge_robots(site: str, runs: Sequence[RunFacts]) -> Verdict | None:
    """Judge whether robots.txt can be read and allows what the crawl requests."""
    last = _last_with_requests(runs)
    if last is None:
        return None
    if last.counts.get("robots_unreachable"):
        return wrong(
            Kind.robots, site, "robots.txt cannot be read, which means that nothing may be fetched"
        )
    forbidden = last.failures.get("robots-forbidden", 0)
    if forbidden > _FEW * last.requests:
        return wrong(
            Kind.robots, site, f"robots.txt forbids {forbidden} of {last.requests} requested pages"
        )
    return right(Kind.robots, site)


def judge_wall(site: str, runs: Sequence[RunFacts]) -> Verdict | None:
    """Judge whether a wall (consent, login, bot check) stands in the place of the articles."""
    last = next((run for run in reversed(runs) if "wall" in run.counts), None)
    if last is None:
        return None
    if walled := last.counts["wall"]:
        return wrong(
            Kind.wall,
            site,
            f"{walled} pages stood in the place of an article: a consent, login, bot or other "
            "wall; look at one with `newsbot try`, and ask the site to let the crawl in",
        )
    return right(Kind.wall, site)


def judge_certificate(site: str, runs: Sequence[RunFacts]) -> Verdict | None:
    """Judge whether a host's certificate was refused."""
    last = _last_with_requests(runs)
    if last is None:
        return None
    refused = last.counts.get("failed", {}).get("certificate", 0)
    if not refused:
        return right(Kind.certificate, site)
    return wrong(
        Kind.certificate,
        site,
        f"{refused} connections failed: the site's certificate has expired, is for another host, "
        "or is signed by an authority that this machine does not trust",
    )


def _last_with_requests(runs: Sequence[RunFacts]) -> RunFacts | None:
    """Return the newest run that made requests; a run that died early shows nothing."""
    return next((run for run in reversed(runs) if run.requests), None)


def format_duration(span: timedelta) -> str:
    """Return a span of time in its two largest units: "2 d 4 h", "45 min"."""
    minutes = round(span.total_seconds() / 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min"
