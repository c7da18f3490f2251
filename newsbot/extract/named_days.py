"""Days that a story names in brackets behind a weekday: "pada Kamis (13/11)"."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Final

from newsbot.extract.months import WORD, month_number, weekday_number

_IN_BRACKETS = re.compile(
    r"\((?P<day>[0-3]?\d)/(?P<month>[01]?\d)(?:/(?P<year>(?:19|20)?\d{2}))?\)"
    rf"|\((?P<d2>[0-3]?\d)\s(?P<m2>{WORD})\.?(?:\s(?P<y2>(?:19|20)\d\d))?\)"
    rf"|\((?P<m3>{WORD})\.?\s(?P<d3>[0-3]?\d)(?:,?\s(?P<y3>(?:19|20)\d\d))?\)"
)
_LEAD = re.compile(
    r"(?:(?<!\w)(?P<ahead>mulai|sejak|hingga|sampai|s/d|sebelum|per|from|since|until|till|before|by)\s)?"
    r"(?:(?:pada|hari|on)\s){0,2}(?:(?<!\w)(?P<weekday>[^\W\d_]{3,9}(?:['’]at)?),?\s?)?$",
    re.IGNORECASE,
)
_LEAD_LENGTH: Final = 40
_MOST: Final = 200
_APART: Final = timedelta(days=2)  # an older date in the text is not the day of the story


@dataclass(frozen=True, slots=True)
class NamedDay:
    """A day in a story; without its year it is the latest such day not after the fetch.

    ``is_told`` says whether a weekday before it agrees, and no word such as "until".
    """

    day: date
    raw: str
    has_year: bool
    is_told: bool


def named_days(text: str, now: datetime, zone: tzinfo) -> list[NamedDay]:
    """Return the days printed like "(28/2)" or "(Feb 28)" in a story that are not after ``now``."""
    today = now.astimezone(zone).date()
    found: list[NamedDay] = []
    for match in _IN_BRACKETS.finditer(text):
        named = _named(match, today, text[max(0, match.start() - _LEAD_LENGTH) : match.start()])
        if named is not None and len(found) < _MOST:
            found.append(named)
    return found


def day_of_story(days: list[NamedDay]) -> NamedDay | None:
    """Return the latest of the days; ``None`` if they are too far apart to tell the story's."""
    latest = max(days, key=lambda one: one.day, default=None)
    if latest is None or latest.day - min(one.day for one in days) > _APART:
        return None
    return latest


def _named(match: re.Match[str], today: date, before: str) -> NamedDay | None:
    number, month, printed = _parts(match)
    lead = _LEAD.search(before)
    weekday = weekday_number(lead["weekday"]) if lead and lead["weekday"] else None
    day = _day(printed, month, number, today) if month else None
    if day is None or day > today:
        return None
    is_told = weekday == day.weekday() and not (lead and lead["ahead"])
    return NamedDay(day, match[0].strip("()"), printed is not None, is_told)


def _parts(match: re.Match[str]) -> tuple[int, int | None, str | None]:
    """Return day, month and printed year."""
    if match["day"]:
        return int(match["day"]), int(match["month"]), match["year"]
    if match["d2"]:
        return int(match["d2"]), month_number(match["m2"]), match["y2"]
    return int(match["d3"]), month_number(match["m3"]), match["y3"]


def _day(printed: str | None, month: int, number: int, today: date) -> date | None:
    if printed is not None:
        return _valid(int(printed) + (2000 if len(printed) == 2 else 0), month, number)
    day = _valid(today.year, month, number)
    return _valid(today.year - 1, month, number) if day is None or day > today else day


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
