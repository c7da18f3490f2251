"""Judges whether the site has fallen silent, by what is usual for it at this hour and weekday.

Usual is the share of crawled hours with new articles, by hour and weekday in the site's time zone.
Whole hours are counted, not articles, so that a backfill or a burst does not count more than once.
Hours without a run are ignored: a crawler that does not run is another alarm.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import log
from typing import Final
from zoneinfo import ZoneInfo

from newsbot.alarms.verdict import Kind, PastAlarm, RunFacts, Verdict, right, wrong

_MIN_HISTORY: Final = timedelta(days=14)  # two of every weekday
_MIN_NEWS_HOURS: Final = 20
_MIN_SURPRISE: Final = 13.8  # -ln of 1 in a million: 8,760 hours a year, many sites
_EXCESS: Final = 1.5  # factor above the surprise of the site's own longest silence
_PRIOR_HOURS: Final = 2.0  # the weight of the coarser level: the hour on all days, then all hours
_MAX_CHANCE: Final = 0.85  # the hours of a day are not independent, so none counts as surer


@dataclass(frozen=True, slots=True)
class _Hour:
    at: datetime  # its beginning, in the site's time zone
    has_news: bool


def judge_silence(
    site: str, runs: Iterable[RunFacts], time_zone: str, past: Sequence[PastAlarm]
) -> Verdict | None:
    """Judge the time since the last new article by the site's longest silences.

    Args:
        runs: oldest first.
        time_zone: the site's, an IANA name.
        past: earlier silence alarms of the site; hours within them are not usual.
    """
    hours = _hours(runs, ZoneInfo(time_zone))
    if not hours or hours[-1].has_news:
        return right(Kind.silence, site)
    silent = _silences(hours)[-1]
    usual = [hour for hour in hours[: -len(silent)] if not _is_within(hour, past)]
    news = [hour for hour in usual if hour.has_news]
    if len(news) < _MIN_NEWS_HOURS or news[-1].at - usual[0].at < _MIN_HISTORY:
        return None
    rhythm = _WeeklyRhythm(usual)
    now = sum(map(rhythm.surprise, silent))
    longest = max(sum(map(rhythm.surprise, silence)) for silence in _silences(usual))
    limit = max(_MIN_SURPRISE, _EXCESS * longest)
    if now < limit / 2:
        return right(Kind.silence, site)
    if now < limit:
        return None
    last = hours[-len(silent) - 1]
    return wrong(
        Kind.silence,
        site,
        f"nothing new since {last.at:%Y-%m-%d %H}:00 ({time_zone}), in {len(silent)} hours "
        "with a crawl; for this site that is longer than any silence at such hours and weekdays",
        last_news=last.at.isoformat(),
    )


class _WeeklyRhythm:
    """The chance that an hour of the week brings new articles, learned from crawled hours.

    Where few were seen it is shrunk toward the same hour of all days, and that toward all hours.
    """

    def __init__(self, hours: Iterable[_Hour]) -> None:
        self._crawled: Counter[tuple[int, ...]] = Counter()
        self._news: Counter[tuple[int, ...]] = Counter()
        for hour in hours:
            for key in _keys(hour):
                self._crawled[key] += 1
                self._news[key] += hour.has_news

    def surprise(self, hour: _Hour) -> float:
        """Return how surprising it is that the hour is silent: -ln of the chance of that."""
        return -log(1 - min(_MAX_CHANCE, self._chance(_keys(hour))))

    def _chance(self, keys: tuple[tuple[int, ...], ...]) -> float:
        chance = 0.0
        for key in keys:  # from all hours to the hour of the week
            crawled, news = self._crawled[key], self._news[key]
            chance = (news + _PRIOR_HOURS * chance) / (crawled + _PRIOR_HOURS)
        return chance


def _keys(hour: _Hour) -> tuple[tuple[int, ...], ...]:
    return ((), (hour.at.hour,), (hour.at.hour, hour.at.weekday()))


def _hours(runs: Iterable[RunFacts], zone: ZoneInfo) -> list[_Hour]:
    """Return the hours in which runs ended, and whether these brought new articles."""
    news: dict[datetime, bool] = {}
    for run in runs:
        hour = run.finished.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        news[hour] = news.get(hour, False) or run.new_articles > 0
    return [_Hour(at.astimezone(zone), has_news) for at, has_news in sorted(news.items())]


def _silences(hours: Iterable[_Hour]) -> list[list[_Hour]]:
    """Return the silent hours between those with news; the last list is the current silence."""
    silences: list[list[_Hour]] = [[]]
    for hour in hours:
        if hour.has_news:
            silences.append([])
        else:
            silences[-1].append(hour)
    return silences


def _is_within(hour: _Hour, past: Sequence[PastAlarm]) -> bool:
    """Return whether the hour belongs to a silence that an alarm was open for."""
    for alarm in past:
        last_news = alarm.details.get("last_news")
        start = alarm.opened if last_news is None else datetime.fromisoformat(str(last_news))
        if start < hour.at and (alarm.closed is None or hour.at < alarm.closed):
            return True
    return False
