"""Has the site fallen silent? Judged by its own habit at this hour and weekday.

The habit is the share of crawled hours that brought something new, by hour and weekday of the
site's time zone. Whole hours are counted, not articles, so that a backfill or a burst does not
count as many. Hours without a run say nothing: a crawler that stood still is another alarm.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import log
from typing import Final
from zoneinfo import ZoneInfo

from newsbot.alarms.verdict import Kind, Past, RunFacts, Verdict, right, wrong

_LEAST_HISTORY: Final = timedelta(days=14)  # two of every weekday
_LEAST_NEWS: Final = 20  # hours that brought something
_LEAST_SURPRISE: Final = 13.8  # -ln of 1 in a million: a year has 8,760 hours, and sites are many
_BEYOND: Final = 1.5  # times the site's own longest silence, in surprise
_PRIOR: Final = 2.0  # hours' worth of what the hour is on all days, and the site on the whole
_SUREST: Final = 0.85  # no hour is surer than this to bring something: hours of a day go together


@dataclass(frozen=True, slots=True)
class _Hour:
    at: datetime  # its beginning, in the site's time zone
    has_news: bool


def judge_silence(
    site: str, runs: Iterable[RunFacts], time_zone: str, past: Sequence[Past]
) -> Verdict | None:
    """Compare the time since the last new article with the site's longest silences.

    Args:
        runs: oldest first.
        time_zone: the site's, an IANA name.
        past: silence alarms of the site: what was within them is no habit.
    """
    hours = _hours(runs, ZoneInfo(time_zone))
    if not hours or hours[-1].has_news:
        return right(Kind.silence, site)
    lasting = _stretches(hours)[-1]
    usual = [hour for hour in hours[: -len(lasting)] if not _is_within(hour, past)]
    news = [hour for hour in usual if hour.has_news]
    if len(news) < _LEAST_NEWS or news[-1].at - usual[0].at < _LEAST_HISTORY:
        return None
    habit = _Habit(usual)
    now = sum(map(habit.surprise, lasting))
    longest = max(sum(map(habit.surprise, stretch)) for stretch in _stretches(usual))
    limit = max(_LEAST_SURPRISE, _BEYOND * longest)
    if now < limit / 2:
        return right(Kind.silence, site)
    if now < limit:
        return None
    last = hours[-len(lasting) - 1]
    return wrong(
        Kind.silence,
        site,
        f"nothing new since {last.at:%Y-%m-%d %H}:00 ({time_zone}), in {len(lasting)} hours "
        "with a crawl; for this site that is longer than any silence at such hours and weekdays",
        last_news=last.at.isoformat(),
    )


class _Habit:
    """How sure an hour of the week is to bring something new; learned, and shrunk where little
    was seen toward the same hour of all days and that toward the whole."""

    def __init__(self, hours: Iterable[_Hour]) -> None:
        self._crawled: Counter[tuple[int, ...]] = Counter()
        self._news: Counter[tuple[int, ...]] = Counter()
        for hour in hours:
            for key in _keys(hour):
                self._crawled[key] += 1
                self._news[key] += hour.has_news

    def surprise(self, hour: _Hour) -> float:
        """Return how much a silent hour surprises: -ln of its chance."""
        return -log(1 - min(_SUREST, self._chance(_keys(hour))))

    def _chance(self, keys: tuple[tuple[int, ...], ...]) -> float:
        chance = 0.0
        for key in keys:  # from the whole to the hour of the week
            crawled, news = self._crawled[key], self._news[key]
            chance = (news + _PRIOR * chance) / (crawled + _PRIOR)
        return chance


def _keys(hour: _Hour) -> tuple[tuple[int, ...], ...]:
    return ((), (hour.at.hour,), (hour.at.hour, hour.at.weekday()))


def _hours(runs: Iterable[RunFacts], zone: ZoneInfo) -> list[_Hour]:
    """Return the hours in which a run ended, and whether one of them brought anything new."""
    news: dict[datetime, bool] = {}
    for run in runs:
        hour = run.finished.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        news[hour] = news.get(hour, False) or run.new > 0
    return [_Hour(at.astimezone(zone), has) for at, has in sorted(news.items())]


def _stretches(hours: Iterable[_Hour]) -> list[list[_Hour]]:
    """Return the silent hours between two with news; the last is the one that lasts."""
    found: list[list[_Hour]] = [[]]
    for hour in hours:
        if hour.has_news:
            found.append([])
        else:
            found[-1].append(hour)
    return found


def _is_within(hour: _Hour, past: Sequence[Past]) -> bool:
    """Return whether the hour belongs to a silence that was an alarm."""
    for alarm in past:
        start = alarm.details.get("last_news")
        begun = alarm.opened if start is None else datetime.fromisoformat(str(start))
        if begun < hour.at and (alarm.closed is None or hour.at < alarm.closed):
            return True
    return False
