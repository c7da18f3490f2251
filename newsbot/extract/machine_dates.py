"""Dates that programs write: RFC 822 and 850, asctime, and the rarer forms of ISO 8601."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from newsbot.extract.months import month_number, weekday_number
from newsbot.extract.zones import NAME, ReadZone, military_zone
from newsbot.hints import Precision

_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d))?"
_ZONE = (
    rf"(?=[A-Za-z+-])(?:(?P<zone>{NAME})(?![A-Za-z])|(?P<letter>[A-Z])(?![A-Za-z])"
    r"|(?!AM|PM)(?P<unknown>[A-Z]{2,5})(?![A-Za-z]))?"
    r"\s?(?P<offset>[+-]\d{2}:?\d{2})?"
)
# Wed, 26 Nov 2025 13:26:00 UT; 26 Nov 25 13:26 EST; Wednesday, 26-Nov-25 13:26:00 GMT
_RFC_822: Final = re.compile(
    r"(?:(?P<weekday>[A-Za-z]{3,9}),?\s)?(?P<day>\d{1,2})[ -](?P<month>[A-Za-z]{3,9})[ -]"
    rf"(?P<year>\d{{4}}|\d\d)\s{_CLOCK}(?:\s{_ZONE}(?:\s?\([^()]{{0,40}}\))?)?"
)
# Wed Nov 26 13:26:00 2025, with a zone before the year: date(1)
_ASCTIME: Final = re.compile(
    r"(?P<weekday>[A-Za-z]{3,9}),?\s(?P<month>[A-Za-z]{3,9})\s(?P<day>\d{1,2})"
    rf"\s{_CLOCK}\s(?:{_ZONE}\s)?(?P<year>\d{{4}})"
)
# 20251126T132600Z, 20251126132600, 2025-11-26T13Z, 2025-W48-3, 2025-330
_ISO: Final = re.compile(
    r"(?P<year>(?:19|20)\d\d)(?:(?P<dash>-?)W(?P<week>[0-5]\d)(?P=dash)(?P<weekday>[1-7])"
    r"|-(?P<ordinal>[0-3]\d\d)|(?P<by>-?)(?P<month>[01]\d)(?P=by)(?P<day>[0-3]\d))"
    r"(?:[T ]?(?P<hour>\d\d)(?::?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,]\d{1,9})?)?)?"
    r"\s?(?:(?P<zone>Z|z|UTC|GMT)|(?P<offset>[+\u2212-]\d\d(?::?\d\d)?))?)?"
)
_FIRST_OF_LAST_CENTURY: Final = 50  # RFC 2822: two digits from 50 on are of the 20th century
_MIDNIGHT: Final = 24  # ISO 8601: the hour at the end of a day


@dataclass(frozen=True, slots=True)
class WrittenTime:
    """What a program wrote: the wall clock's time, and the zone, its name or its offset."""

    at: datetime
    precision: Precision
    raw: str
    zone: ReadZone | None = None
    zone_name: str | None = None
    offset: str | None = None


def read_machine_date(text: str) -> WrittenTime | None:
    """Return the date of a text that is one of these forms and nothing else.

    A year of two digits is read only where a weekday agrees with it or a zone follows. Dates of
    day, month and year that a reader could have written too are left to ``dates``.
    """
    if (found := _RFC_822.fullmatch(text)) or (found := _ASCTIME.fullmatch(text)):
        return _of_rfc(found)
    found = _ISO.fullmatch(text)
    return _of_iso(found) if found is not None else None


def _of_rfc(found: re.Match[str]) -> WrittenTime | None:
    month = month_number(found["month"])
    day = _date(_year(found["year"]), month, int(found["day"])) if month else None
    if day is None or (len(found["year"]) == 2 and not _is_certain(found, day)):
        return None
    at = _at(day, found)
    if at is None:
        return None
    letter = found["letter"]
    zone = ReadZone(military_zone(letter)) if letter and not found["offset"] else None
    return WrittenTime(
        at, "second" if found["second"] else "minute", found[0], zone,
        found["zone"] or found["unknown"], found["offset"],
    )  # fmt: skip


def _is_certain(found: re.Match[str], day: date) -> bool:
    """Return whether a date with a year of two digits cannot be anything else."""
    weekday = found["weekday"]
    if weekday:
        return weekday_number(weekday) == day.weekday()
    return bool(found["zone"] or found["offset"])


def _of_iso(found: re.Match[str]) -> WrittenTime | None:
    day = _iso_day(found)
    at = _at(day, found) if day is not None else None
    if at is None:
        return None
    precision: Precision = (
        "second" if found["second"] else "minute" if found["minute"]
        else "hour" if found["hour"] else "day"
    )  # fmt: skip
    offset = (found["offset"] or "").replace("\u2212", "-")
    return WrittenTime(at, precision, found[0], None, found["zone"], offset or None)


def _iso_day(found: re.Match[str]) -> date | None:
    year = int(found["year"])
    try:
        if found["week"]:
            return date.fromisocalendar(year, int(found["week"]), int(found["weekday"]))
        if found["ordinal"]:
            day = date(year, 1, 1) + timedelta(days=int(found["ordinal"]) - 1)
            return day if day.year == year else None
        return date(year, int(found["month"]), int(found["day"]))
    except ValueError:
        return None


def _at(day: date, found: re.Match[str]) -> datetime | None:
    """Return the wall clock's time; a leap second is the second before it."""
    hour, minute = int(found["hour"] or 0), int(found["minute"] or 0)
    second = min(59, int(found["second"] or 0))
    if hour == _MIDNIGHT and minute == second == 0:
        day, hour = day + timedelta(days=1), 0
    if hour > 23 or minute > 59:
        return None
    return datetime(day.year, day.month, day.day, hour, minute, second)  # noqa: DTZ001 - its zone is read apart


def _year(printed: str) -> int:
    if len(printed) == 4:
        return int(printed)
    return int(printed) + (1900 if int(printed) >= _FIRST_OF_LAST_CENTURY else 2000)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
