"""Dates as pages and feeds print them, parsed strictly, with their offset and precision.

Only the forms listed here are parsed; ``dateparser`` is the fallback for text that looks like a
date. Relative times count from the time of the fetch, which comes with the page: no clock is read
here. Times are timezone-aware; a day without a time is midnight in the site's time zone.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final

from newsbot.extract.machine_dates import WrittenTime, read_machine_date
from newsbot.extract.months import WORD, month_number, weekday_number, with_ascii_digits
from newsbot.extract.spans import SPAN, find_span
from newsbot.extract.zones import NAME, ReadZone, read_zone
from newsbot.hints import Precision

_EARLIEST_YEAR: Final = 1995
_LATEST_AFTER_FETCH: Final = timedelta(days=1)  # clocks and zones differ by no more

_YEAR = r"(?P<year>(?:19|20)\d{2})(?!\d)"
_DAY = r"(?<!\d)(?P<day>[0-3]?\d)"
_MONTH = rf"(?P<month>{WORD})\.?"
_DATES: Final = (
    re.compile(rf"(?<!\d){_YEAR}(?P<by>[-/.]) ?(?P<month>[01]?\d)(?P=by) ?(?P<day>[0-3]?\d)(?!\d)"),
    re.compile(rf"{_YEAR} ?[年년] ?(?P<month>[01]?\d) ?[月월] ?(?P<day>[0-3]?\d) ?[日일]"),
    re.compile(rf"{_DAY} tháng (?P<month>[01]?\d),? (?:năm )?{_YEAR}", re.IGNORECASE),
    re.compile(  # 5 Desember 2023, 12th May 2026, 05-Nov-2015
        rf"{_DAY}(?:st|nd|rd|th|\.|er|º)?(?:\s+(?:of|de)\s+|[\s,./-]{{0,3}}){_MONTH}"
        rf"(?:\s+(?:de|del)\s+|[\s,./-]{{0,3}}){_YEAR}",
        re.IGNORECASE,
    ),
    re.compile(  # September 16, 2025
        rf"(?<![^\W\d_]){_MONTH}\s{{0,2}}(?P<day>[0-3]?\d)(?:st|nd|rd|th)?\s{{0,2}},?\s{{0,2}}{_YEAR}",
        re.IGNORECASE,
    ),
    re.compile(rf"(?<!\d){_YEAR}[ -]{_MONTH}[ -](?P<day>[0-3]?\d)(?!\d)"),
)
_NUMERIC = re.compile(rf"{_DAY}(?P<by>[/.-])(?P<month>[0-3]?\d)(?P=by){_YEAR}")
_CLOCK = (
    r"(?:(?P<before>午前|上午|오전)|(?P<after>午後|下午|오후))?\s?(?<![\d.,])"
    r"(?P<hour>[0-2]?\d)(?P<sep>[:.h時时시])\s?(?P<minute>[0-5]\d)"
    r"(?:(?P=sep)(?P<second>[0-5]\d)(?:[.,]\d{1,9})?)?(?!\d)\s?(?P<half>[ap]\.?m\b\.?)?"
)
_OFFSET = r"(?P<offset>[+\u2212-]\d{1,2}:?(?:\d{2})?(?!\d))"
_ZONE = rf"\s?\(?(?P<zone>{NAME})?(?![A-Za-z])\s?{_OFFSET}?\)?"
_TIME = re.compile(_CLOCK + _ZONE, re.IGNORECASE)
_WEEKDAY = re.compile(r"(?<!\w)(?P<name>[^\W\d_]{3,9}(?:['’]at)?)\.?,?\s?$")
_MAX_DISTANCE: Final = 28  # characters between a day and its time: ", pukul ", " | Published at "
_BIDI_MARKS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LONGEST_TEXT: Final = 1000
_LONGEST_DATE: Final = 300
_SPAN = re.compile(SPAN, re.IGNORECASE)
_RELATIVE_DAY = re.compile(
    r"(?<!\w)(?P<name>hari ini|kemarin|today|yesterday|baru saja|just now)(?!\w)", re.IGNORECASE
)
DATE_LIKE: Final = re.compile(
    rf"^\W*(?:\d|{SPAN}|kemarin|yesterday|hari ini|today|baru saja|just now"
    r"|(?:[^\W\d_]{2,12}\W{1,3}){0,4}\d)",
    re.IGNORECASE,
)
"""The start of a short text that is a date: a number, or a few words and then a number."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time as a page gives it: timezone-aware, with its precision and its text.

    ``slack`` is how much earlier it may be, if it is a span of weeks, months or years; ``doubt``
    says what else the name of its zone means.
    """

    at: datetime
    precision: Precision
    raw: str
    relative: bool = False
    slack: timedelta = timedelta(0)
    doubt: str | None = None


def parse(text: str, zone: tzinfo, now: datetime, *, day_first: bool = True) -> Moment | None:
    """Return the first date in a short text, in any supported form; ``None`` if it has none.

    ``zone`` applies to a time printed without one; ``now`` is the fetch time. A date before 1995 or
    more than a day after ``now`` is refused, and so is one that does not tell the day.
    """
    printed = _plain(text)
    digits = with_ascii_digits(printed)
    moment = _parse_absolute(digits, zone, day_first) or _parse_relative(digits, zone, now)
    if moment is None or moment.slack or not plausible(moment, now):
        return None
    return moment if digits == printed else _as_printed(moment, printed)


def parse_coarse(text: str, zone: tzinfo, now: datetime) -> Moment | None:
    """Return the moment of a span that does not tell the day: "2 weeks ago", "3 bulan lalu"."""
    moment = _parse_relative(_plain(text), zone, now)
    return moment if moment is not None and moment.slack and plausible(moment, now) else None


def parse_any(text: str, zone: tzinfo, now: datetime) -> Moment | None:
    """Return the result of ``parse`` or, if the text looks like a date, that of ``dateparser``."""
    return parse(text, zone, now) or _parse_with_dateparser(text, zone, now)


def plausible(moment: Moment, now: datetime) -> bool:
    """Return whether the date can be one of publication: from 1995 to a day after the fetch."""
    return moment.at.year >= _EARLIEST_YEAR and moment.at <= now + _LATEST_AFTER_FETCH


def midnight(day: date, zone: tzinfo) -> datetime:
    """Return the first moment of a day."""
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def with_fixed_offset(at: datetime) -> datetime:
    """Return the same time with a fixed offset in place of the named zone."""
    offset = at.utcoffset()
    return at.replace(tzinfo=timezone(offset)) if offset is not None else at


def without_dates(text: str) -> str:
    """Return a text with a space in place of each date, time and span in it."""
    text = with_ascii_digits(text)
    for pattern in _DATES:
        text = pattern.sub(lambda found: found[0] if _matched_date(found) is None else " ", text)
    for pattern in (_NUMERIC, _TIME, _SPAN):
        text = pattern.sub(" ", text)
    return text


def has_date(text: str) -> bool:
    """Return whether a text has a day with its month and year, or one relative to the fetch."""
    text = with_ascii_digits(_plain(text))
    if _SPAN.search(text) or _RELATIVE_DAY.search(text):
        return True
    return next(_days(text, day_first=True), None) is not None


def _plain(text: str) -> str:
    """Return a text as the patterns expect it: with single spaces, of bounded length."""
    return " ".join(_BIDI_MARKS.sub("", text[:_LONGEST_TEXT]).split())[:_LONGEST_DATE]


def _as_printed(moment: Moment, text: str) -> Moment:
    """Return the moment with its text as printed, in the digits of the page."""
    start = with_ascii_digits(text).find(moment.raw)
    return replace(moment, raw=text[start : start + len(moment.raw)]) if start >= 0 else moment


def _parse_relative(text: str, zone: tzinfo, now: datetime) -> Moment | None:
    """Return the time of "4 hours ago" or "Kemarin 08:05", truncated to the unit given."""
    local = now.astimezone(zone)
    if span := find_span(text, local):
        at = _truncate(span.at, span.precision)
        return Moment(at, span.precision, span.raw, relative=True, slack=span.slack)
    if found := _RELATIVE_DAY.search(text):
        name = found["name"].lower()
        if name in ("baru saja", "just now"):
            return Moment(_truncate(local, "minute"), "minute", found[0], relative=True)
        day = local.date() - timedelta(days=name in ("kemarin", "yesterday"))
        return replace(_with_time(text, found, day, zone), relative=True)
    return None


def _parse_absolute(text: str, zone: tzinfo, day_first: bool) -> Moment | None:
    written = read_machine_date(text)
    if written is not None:
        return _of_written(written, zone)
    found = next(_days(text, day_first=day_first), None)
    return _with_time(text, *found, zone) if found is not None else None


def _of_written(written: WrittenTime, zone: tzinfo) -> Moment | None:
    at, own = written.at, written.zone or read_zone(written.zone_name, written.offset, zone)
    if own is None and written.zone_name:  # unknown: only the day is certain
        own = ReadZone(None, f"{written.zone_name} is no known zone: the time is left out")
    return _moment(at, written.precision, written.raw, own, zone)


def _moment(
    wall: datetime, precision: Precision, raw: str, own: ReadZone | None, zone: tzinfo
) -> Moment:
    """Return the moment that a clock in its own zone shows, or only its day if that is unknown."""
    if own is not None and own.zone is None:
        return Moment(midnight(wall.date(), zone), "day", raw, doubt=own.doubt)
    if own is None or own.zone is None:
        return Moment(wall.replace(tzinfo=zone), precision, raw)
    return Moment(wall.replace(tzinfo=own.zone), precision, raw, doubt=own.doubt)


def _days(text: str, *, day_first: bool) -> Iterator[tuple[re.Match[str], date]]:
    """Yield the days in a text, with a written month before those in numbers alone."""
    for pattern in _DATES:
        for match in pattern.finditer(text):
            if (day := _matched_date(match)) is not None:
                yield match, day
    for match in _NUMERIC.finditer(text):
        first, second = int(match["day"]), int(match["month"])
        month_first = second > 12 or (not day_first and first <= 12)
        order = (first, second) if month_first else (second, first)
        if (day := _valid_date(int(match["year"]), *order)) is not None:
            yield match, day


def _matched_date(match: re.Match[str]) -> date | None:
    month = match["month"]
    number = int(month) if month.isdigit() else month_number(month)
    return _valid_date(int(match["year"]), number, int(match["day"])) if number else None


def _with_time(text: str, found: re.Match[str], day: date, zone: tzinfo) -> Moment:
    """Return the day with the time printed right after it or right before it."""
    start, end = found.span()
    weekday = _WEEKDAY.search(text[:start])
    if weekday and weekday_number(weekday["name"]) is not None:
        start = weekday.start()
    after = _TIME.search(text[end : end + _MAX_DISTANCE + 24])
    if after is not None and after.start() <= _MAX_DISTANCE:
        clock, raw = after, text[start : end + after.end()]
    else:
        lead = text[max(0, start - 40) : start]
        before = list(_TIME.finditer(lead))
        if not before:
            return Moment(midnight(day, zone), "day", text[start:end].strip())
        clock, raw = before[-1], lead[before[-1].start() :] + text[start:end]
    wall = _time_of_day(day, clock)
    if wall is None:
        return Moment(midnight(day, zone), "day", text[start:end].strip())
    own = read_zone(clock["zone"], clock["offset"], zone)
    return _moment(wall, "second" if clock["second"] else "minute", raw.strip(), own, zone)


def _time_of_day(day: date, clock: re.Match[str]) -> datetime | None:
    """Return what a wall clock shows at that time; ``None`` if there is no such time."""
    hour, minute, second = int(clock["hour"]), int(clock["minute"]), int(clock["second"] or 0)
    if clock["half"] or clock["before"] or clock["after"]:
        is_late = clock["after"] or (clock["half"] or "").lower().startswith("p")
        hour = hour % 12 + (12 if is_late else 0)
    if hour > 23:
        return None
    return datetime(day.year, day.month, day.day, hour, minute, second)  # noqa: DTZ001 - its zone is read apart


def _truncate(at: datetime, precision: Precision) -> datetime:
    at = at.replace(microsecond=0)
    if precision != "second":
        at = at.replace(second=0)
    if precision in ("hour", "day"):
        at = at.replace(minute=0)
    return at.replace(hour=0) if precision == "day" else at


def _valid_date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


_ANY_DATE = re.compile(r"\d.*[^\W\d_]{3}|[^\W\d_]{3}.*\d|\d+\D\d+\D\d{2,4}")


def _parse_with_dateparser(text: str, zone: tzinfo, now: datetime) -> Moment | None:
    text = " ".join(text.split())
    if len(text) > 60 or not _ANY_DATE.search(text) or not re.search(r"(?:19|20)\d\d", text):
        return None
    at = _dateparser(text, now.astimezone(zone).replace(tzinfo=None))
    if at is None:
        return None
    aware = at if at.tzinfo else at.replace(tzinfo=zone)
    has_time = _TIME.search(text) is not None
    precision: Precision = "minute" if has_time else "day"
    moment = Moment(_truncate(aware, precision), precision, text)
    return moment if plausible(moment, now) else None


@lru_cache(maxsize=1024)
def _dateparser(text: str, base: datetime) -> datetime | None:
    import dateparser  # noqa: PLC0415 - 0.1 s, for the rare date that no rule reads

    return dateparser.parse(
        text,
        languages=["id", "en"],
        settings={
            "RELATIVE_BASE": base,
            "REQUIRE_PARTS": ["day", "month", "year"],
            "DATE_ORDER": "DMY",
            "TIMEZONE": "UTC",
            "RETURN_AS_TIMEZONE_AWARE": False,
        },
    )
