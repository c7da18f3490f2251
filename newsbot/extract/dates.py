"""Dates as ANTARA and its copies print them, parsed strictly, with their offset and precision.

Only the forms listed here are parsed; ``dateparser`` is the fallback for text that looks like a
date. Relative times count from the time of the fetch, which comes with the page: no clock is read
here. Times are timezone-aware; a day without a time is midnight in the site's time zone.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final

from newsbot.hints import Precision

_EARLIEST_YEAR: Final = 1995
_LATEST_AFTER_FETCH: Final = timedelta(days=1)  # clocks and zones differ by no more

_MONTH_NAMES: Final = {
    1: "januari january jan jän janv enero gennaio januar janvier janeiro января ocak",
    2: (
        "februari february feb pebruari peb febuari fév février febrero februar febbraio fevereiro"
        " февраля şubat"
    ),
    3: "maret march mar mrt mars märz marzo mär mac maart março марта mart",
    4: "april apr avril abril aprile апреля nisan",
    5: "mei may mai mayo maggio maio maj мая mayıs",
    6: "juni june jun juin junio giugno junho июня haziran",
    7: "juli july jul juillet julio luglio julai julho июля temmuz",
    8: "agustus august agu ags agt aug agus agst août agosto ogos augustus augusti августа ağustos",
    9: "september sept sep septembre septiembre settembre setembro сентября eylül",
    10: "oktober october okt oct octobre octubre ottobre outubro октября ekim",
    11: "november nopember nov nop novembre noviembre novembro ноября kasım",
    12: (
        "desember december des dec dez dezember décembre diciembre dicembre disember dezembro"
        " декабря aralık"
    ),
}
_MONTHS: Final = {name: number for number, names in _MONTH_NAMES.items() for name in names.split()}
_MONTH = rf"(?P<month>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})(?![^\W\d_])\.?"
_YEAR = r"(?P<year>(?:19|20)\d{2})(?!\d)"
_DAY = r"(?<!\d)(?P<day>[0-3]?\d)"
_DATES: Final = (
    re.compile(rf"(?<!\d){_YEAR}-(?P<month>[01]?\d)-(?P<day>[0-3]?\d)(?!\d)"),
    re.compile(rf"(?<!\d){_YEAR}/(?P<month>[01]?\d)/(?P<day>[0-3]?\d)(?!\d)"),
    re.compile(rf"{_YEAR}\s?年\s?(?P<month>[01]?\d)\s?月\s?(?P<day>[0-3]?\d)\s?日"),
    re.compile(  # 5 Desember 2023, 12th May 2026, 05-Nov-2015
        rf"{_DAY}(?:st|nd|rd|th|\.|er)?(?:\s+(?:of|de)\s+|[\s./-]{{0,3}}){_MONTH}"
        rf"(?:\s+de\s+|[\s,./-]{{0,3}}){_YEAR}",
        re.IGNORECASE,
    ),
    re.compile(  # September 16, 2025
        rf"(?<![^\W\d_]){_MONTH}\s{{0,2}}(?P<day>[0-3]?\d)(?:st|nd|rd|th)?\s{{0,2}},?\s{{0,2}}{_YEAR}",
        re.IGNORECASE,
    ),
)
_NUMERIC = re.compile(rf"{_DAY}(?P<by>[/.-])(?P<month>[0-3]?\d)(?P=by){_YEAR}")
_CLOCK = (
    r"(?<![\d.,])(?P<hour>[0-2]?\d)(?P<sep>[:.h時])(?P<minute>[0-5]\d)"
    r"(?:(?P=sep)(?P<second>[0-5]\d)(?:[.,]\d{1,9})?)?(?!\d)\s?(?P<half>[ap]\.?m\b\.?)?"
)
_ZONE = (
    r"\s?\(?(?P<zone>WIB|WITA|WIT|GMT|UTC|Z|CEST|CET|BST|EDT|EST|CDT|CST|MDT|MST|PDT|PST|MYT|SGT"
    r"|JST|KST|IST|PKT|AEST|AEDT)?(?![A-Za-z])\s?(?P<offset>[+-]\d{1,2}:?(?:\d{2})?(?!\d))?\)?"
)
_TIME = re.compile(_CLOCK + _ZONE, re.IGNORECASE)
_ZONE_HOURS: Final = {
    "WIB": 7, "WITA": 8, "WIT": 9, "GMT": 0, "UTC": 0, "Z": 0, "CET": 1, "CEST": 2, "BST": 1,
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "MYT": 8, "SGT": 8,
    "JST": 9, "KST": 9, "IST": 5.5, "PKT": 5, "AEST": 10, "AEDT": 11,
}  # fmt: skip
_WEEKDAY = re.compile(
    r"(?:senin|selasa|rabu|kamis|jum['’]?at|sabtu|minggu|ahad"
    r"|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?)\.?,?\s?$",
    re.IGNORECASE,
)
_MAX_DISTANCE: Final = 28  # characters between a day and its time: ", pukul ", " | Published at "

# Words before the date of publication, and before that of an update.
PUBLISHED: Final = (
    r"publi(?:shed|é|cado|cato|catie|cerad|ceret|sert)|posted|first (?:published|posted)"
    r"|veröffentlicht|erschienen|pubblicato|gepubliceerd|geplaatst|tayang|terbit|diterbitkan|dipublikasikan|giriş"
    r"|yayınlanma|опубликовано|created|erstellt|creado"
)
UPDATED: Final = (
    r"(?:last )?(?:updated?|modified|changed)|mis(?:e)? à jour|modifié|aktualisiert|letzte änderung"
    r"|actualizado|atualizado|aggiornato|bijgewerkt|laatste update|diperbarui|pembaruan|güncelleme"
    r"|son güncelleme|обновлено|uppdaterad|opdateret|oppdatert"
)
_UPDATED_WORD = re.compile(rf"(?<!\w)(?:{UPDATED})(?!\w)", re.IGNORECASE)
_PUBLISHED_WORD = re.compile(rf"(?<!\w)(?:{PUBLISHED})(?!\w)", re.IGNORECASE)
_LONGEST_LINE: Final = 120  # characters of a line of dates
_DATE_WORDS = re.compile(
    rf"(?<!\w)(?:{PUBLISHED}|{UPDATED}|WIB|WITA|WIT|GMT|UTC|Uhr|le|on|at|am|um|alle|às|à|pukul|date"
    r"|stand|datum|tanggal)(?!\w)",
    re.IGNORECASE,
)

_AGO = re.compile(
    r"(?<![\w.,])(?P<count>\d{1,3}|an?|se)[\s-]?(?P<unit>detik|menit|jam|hari|seconds?|secs?|minutes?|mins?|hours?|hrs?|days?)"
    r"(?:\s+yang)?\s+(?:lalu|ago)\b",
    re.IGNORECASE,
)
_RELATIVE_DAY = re.compile(
    r"(?<!\w)(?P<name>hari ini|kemarin|today|yesterday|baru saja|just now)(?!\w)", re.IGNORECASE
)
_UNITS: Final[dict[str, tuple[timedelta, Precision]]] = {
    "detik": (timedelta(seconds=1), "second"), "second": (timedelta(seconds=1), "second"),
    "sec": (timedelta(seconds=1), "second"), "menit": (timedelta(minutes=1), "minute"),
    "minute": (timedelta(minutes=1), "minute"), "min": (timedelta(minutes=1), "minute"),
    "jam": (timedelta(hours=1), "hour"), "hour": (timedelta(hours=1), "hour"),
    "hr": (timedelta(hours=1), "hour"), "hari": (timedelta(days=1), "day"),
    "day": (timedelta(days=1), "day"),
}  # fmt: skip
DATE_LIKE: Final = re.compile(
    r"^\W*(?:\d|an?\s|se(?:jam|hari|menit)|kemarin|yesterday|hari ini|today|baru saja|just now"
    r"|(?:[^\W\d_]{2,12}\W{1,3}){0,4}\d)",
    re.IGNORECASE,
)
"""The start of a short text that is a date: a number, or a few words and then a number."""
_IN_TEXT = re.compile(r"\((?P<day>[0-3]?\d)/(?P<month>[01]?\d)(?:/(?P<year>(?:19|20)?\d{2}))?\)")


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time as a page gives it: timezone-aware, with its precision and its text."""

    at: datetime
    precision: Precision
    raw: str
    relative: bool = False


def parse(text: str, zone: tzinfo, now: datetime, *, day_first: bool = True) -> Moment | None:
    """Return the first date in a short text, in any supported form; ``None`` if it has none.

    ``zone`` applies to a time printed without one; ``now`` is the fetch time. A date before 1995 or
    more than a day after ``now`` is refused.
    """
    text = " ".join(text.replace("\u00a0", " ").split())[:300]
    moment = _parse_absolute(text, zone, day_first) or _parse_relative(text, zone, now)
    if moment is None or not plausible(moment, now):
        return None
    return moment


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


def _parse_relative(text: str, zone: tzinfo, now: datetime) -> Moment | None:
    """Return the time of "4 hours ago" or "Kemarin 08:05", truncated to the unit given."""
    local = now.astimezone(zone)
    if found := _AGO.search(text):
        count = int(found["count"]) if found["count"].isdigit() else 1
        unit, precision = _UNITS[found["unit"].lower().removesuffix("s")]
        return Moment(
            _truncate(local - count * unit, precision), precision, found[0], relative=True
        )
    if found := _RELATIVE_DAY.search(text):
        name = found["name"].lower()
        if name in ("baru saja", "just now"):
            return Moment(_truncate(local, "minute"), "minute", found[0], relative=True)
        day = local.date() - timedelta(days=name in ("kemarin", "yesterday"))
        return _with_time(text, found, day, zone, is_relative=True)
    return None


def days_in_text(text: str, now: datetime, zone: tzinfo) -> list[tuple[date, str]]:
    """Return the days printed like "(28/2)" in a story, in the latest year not after ``now``."""
    today = now.astimezone(zone).date()
    found: list[tuple[date, str]] = []
    for match in _IN_TEXT.finditer(text):
        printed = match["year"]
        year = today.year if printed is None else int(printed) + (2000 if len(printed) == 2 else 0)
        day = _valid_date(year, int(match["month"]), int(match["day"]))
        if day is not None and printed is None and day > today:
            day = _valid_date(year - 1, day.month, day.day)
        if day is not None and day <= today:
            found.append((day, match[0].strip("()")))
    return found


def is_update_date(text: str) -> bool:
    """Return whether the text around a date says that it is the date of an update."""
    return _UPDATED_WORD.search(text) is not None and _PUBLISHED_WORD.search(text) is None


def publication_part(text: str) -> str:
    """Return the publication's part of a text with both dates ("Updated: … Published: …")."""
    published, updated = _PUBLISHED_WORD.search(text), _UPDATED_WORD.search(text)
    if published is None or updated is None:
        return text
    end = updated.start() if updated.start() > published.start() else len(text)
    return text[published.start() : end]


def is_date_line(text: str) -> bool:
    """Return whether a line consists of dates and the words that introduce them."""
    rest = text if len(text) <= _LONGEST_LINE else ""
    for pattern in (*_DATES, _NUMERIC, _TIME, _AGO, _DATE_WORDS):
        rest = pattern.sub(" ", rest)
    return bool(rest) and rest != text and len(re.findall(r"\w+", rest)) <= 1


def offset_of(zone: str | None, offset: str | None) -> timezone | None:
    """Return the UTC offset that a zone ("WITA") or an offset ("GMT+700", "+07:00") names."""
    if offset:
        sign = -1 if offset[0] == "-" else 1
        digits = offset[1:].replace(":", "")
        hours, minutes = (digits, "0") if len(digits) <= 2 else (digits[:-2], digits[-2:])
        if int(hours) <= 14 and int(minutes) < 60:
            return timezone(sign * timedelta(hours=int(hours), minutes=int(minutes)))
        return None
    if zone and (hours_of := _ZONE_HOURS.get(zone.upper())) is not None:
        return timezone(timedelta(hours=hours_of))
    return None


def _parse_absolute(text: str, zone: tzinfo, day_first: bool) -> Moment | None:
    for pattern in _DATES:
        for match in pattern.finditer(text):
            if (day := _matched_date(match)) is not None:
                return _with_time(text, match, day, zone)
    for match in _NUMERIC.finditer(text):
        first, second = int(match["day"]), int(match["month"])
        month_first = second > 12 or (not day_first and first <= 12)
        order = (first, second) if month_first else (second, first)
        if (day := _valid_date(int(match["year"]), *order)) is not None:
            return _with_time(text, match, day, zone)
    return None


def _matched_date(match: re.Match[str]) -> date | None:
    month = match["month"].lower()
    number = int(month) if month.isdigit() else _MONTHS[month]
    return _valid_date(int(match["year"]), number, int(match["day"]))


def _with_time(
    text: str, found: re.Match[str], day: date, zone: tzinfo, *, is_relative: bool = False
) -> Moment:
    """Return the day with the time printed right after it or right before it."""
    start, end = found.span()
    if weekday := _WEEKDAY.search(text[:start]):
        start = weekday.start()
    after = _TIME.search(text[end : end + _MAX_DISTANCE + 24])
    if after is not None and after.start() <= _MAX_DISTANCE:
        clock, raw = after, text[start : end + after.end()]
    else:
        lead = text[max(0, start - 40) : start]
        before = list(_TIME.finditer(lead))
        if not before:
            return Moment(midnight(day, zone), "day", text[start:end].strip(), is_relative)
        clock, raw = before[-1], lead[before[-1].start() :] + text[start:end]
    at = _time_of_day(day, clock, zone)
    if at is None:
        return Moment(midnight(day, zone), "day", text[start:end].strip(), is_relative)
    precision: Precision = "second" if clock["second"] else "minute"
    return Moment(at, precision, raw.strip(), is_relative)


def _time_of_day(day: date, clock: re.Match[str], zone: tzinfo) -> datetime | None:
    hour, minute, second = int(clock["hour"]), int(clock["minute"]), int(clock["second"] or 0)
    if clock["half"]:
        hour = hour % 12 + (12 if clock["half"].lower().startswith("p") else 0)
    if hour > 23:
        return None
    own = offset_of(clock["zone"], clock["offset"])
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=own or zone)


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
