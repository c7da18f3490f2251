"""Judges whether the last full day brought as many new articles as the seed expects.

The day is that of the site's time zone. Articles count on the day on which the run ended that found
them. A day is judged only if the site was crawled through all of it: an outage of the crawler is
another alarm.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from statistics import median_low
from typing import Final
from zoneinfo import ZoneInfo

from newsbot.alarms.verdict import BAD_OUTCOMES, Kind, RunFacts, Verdict, right, wrong

_LONGER: Final = 3  # times the usual longest pause of a day: two runs in a row were missed


def judge_shortfall(
    site: str, runs: Iterable[RunFacts], time_zone: str, expected: int | None, now: datetime
) -> Verdict | None:
    """Judge the number of new articles of the last full day; None if it was not crawled through.

    Args:
        runs: oldest first.
        time_zone: the site's, an IANA name.
        expected: the fewest articles of a day; None if the seed does not say.
    """
    if expected is None:
        return right(Kind.shortfall, site)
    zone = ZoneInfo(time_zone)
    day = now.astimezone(zone).date() - timedelta(days=1)
    good = [one for one in runs if not one.partial and one.outcome not in BAD_OUTCOMES]
    if not _is_crawled_through(day, good, zone):
        return None
    found = sum(run.new_articles for run in good if _day_of(run, zone) == day)
    if found >= expected:
        return right(Kind.shortfall, site)
    return wrong(
        Kind.shortfall,
        site,
        f"{found} new articles on {day} ({time_zone}); the seed expects at least {expected} "
        "(min_stories_per_day)",
        day=day.isoformat(),
        found=found,
    )


def _is_crawled_through(day: date, runs: Sequence[RunFacts], zone: ZoneInfo) -> bool:
    """Return whether runs ended before, on and after the day, with no unusual pause around it."""
    days = [_day_of(run, zone) for run in runs]
    if day not in days or not days[0] < day < days[-1]:
        return False
    return _pause_around(day, runs, zone) <= _LONGER * _usual_pause(runs, zone)


def _usual_pause(runs: Sequence[RunFacts], zone: ZoneInfo) -> timedelta:
    """Return the median of the longest pauses of the days, such as that of the night."""
    longest: dict[date, timedelta] = {}
    for earlier, later in pairwise(runs):
        day, pause = _day_of(later, zone), later.finished - earlier.finished
        longest[day] = max(pause, longest.get(day, pause))
    return median_low(longest.values())


def _pause_around(day: date, runs: Sequence[RunFacts], zone: ZoneInfo) -> timedelta:
    """Return the longest time between the ends of two runs that has a part in the day."""
    begin = datetime.combine(day, time(), zone)
    end = datetime.combine(day + timedelta(days=1), time(), zone)
    return max(
        later.finished - earlier.finished
        for earlier, later in pairwise(runs)
        if later.finished >= begin and earlier.finished < end
    )


def _day_of(run: RunFacts, zone: ZoneInfo) -> date:
    return run.finished.astimezone(zone).date()
