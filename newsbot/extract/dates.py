"""Dates as ANTARA and its copies print them, read strictly, with their offset and precision.

A date is read only in a form that is known here; ``dateparser`` is asked second, for text that
looks like a date. The fetch time comes in with the page: relative times count from it, and nothing
here knows a clock. Times are aware; a day without a time is its midnight in the site's zone.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final

from newsbot.models import Precision

EARLIEST: Final = 1995
LATEST: Final = timedelta(days=1)  # after the fetch: clocks and zones differ by no more

_NAMES: Final = {
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
_MONTHS: Final = {name: number for number, names in _NAMES.items() for name in names.split()}
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
_HOURS_OF: Final = {
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
_TIME_REACH: Final = 28  # characters between a day and its time: ", pukul ", " | Published at "

# What is said before the day of publication, and before that of a change.
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
_SAYS_UPDATED = re.compile(rf"(?<!\w)(?:{UPDATED})(?!\w)", re.IGNORECASE)
_SAYS_PUBLISHED = re.compile(rf"(?<!\w)(?:{PUBLISHED})(?!\w)", re.IGNORECASE)
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
_NAMED_DAY = re.compile(
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
"""How a short text that is a date begins: with a number, or with a few words and then one."""
_IN_TEXT = re.compile(r"\((?P<day>[0-3]?\d)/(?P<month>[01]?\d)(?:/(?P<year>(?:19|20)?\d{2}))?\)")


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time as a page gives it: aware, with the finest unit given and the text read."""

    at: datetime
    precision: Precision
    raw: str
    relative: bool = False


def parse(text: str, zone: tzinfo, now: datetime, *, day_first: bool = True) -> Moment | None:
    """Return the first date in a short text, in any known form; ``None`` if there is none.

    ``zone`` is that of a time printed without one, ``now`` the fetch time. Refused are dates before
    1995 and later than a day after ``now``.
    """
    text = " ".join(text.replace("\u00a0", " ").split())[:300]
    moment = _absolute(text, zone, day_first) or relative(text, zone, now)
    if moment is None or not plausible(moment, now):
        return None
    return moment


def parse_any(text: str, zone: tzinfo, now: datetime) -> Moment | None:
    """As ``parse``, then by ``dateparser`` if the text looks like a date."""
    return parse(text, zone, now) or _parsed_by_library(text, zone, now)


def plausible(moment: Moment, now: datetime) -> bool:
    """Return whether news can have been published then: from 1995 to a day after the fetch."""
    return moment.at.year >= EARLIEST and moment.at <= now + LATEST


def relative(text: str, zone: tzinfo, now: datetime) -> Moment | None:
    """ "4 hours ago", "Kemarin 08:05", counted from ``now`` and cut to the unit given."""
    local = now.astimezone(zone)
    if found := _AGO.search(text):
        count = int(found["count"]) if found["count"].isdigit() else 1
        unit, precision = _UNITS[found["unit"].lower().removesuffix("s")]
        return Moment(_cut(local - count * unit, precision), precision, found[0], relative=True)
    if found := _NAMED_DAY.search(text):
        name = found["name"].lower()
        if name in ("baru saja", "just now"):
            return Moment(_cut(local, "minute"), "minute", found[0], relative=True)
        day = local.date() - timedelta(days=name in ("kemarin", "yesterday"))
        return _with_time(text, found, day, zone, is_relative=True)
    return None


def days_in_text(text: str, now: datetime, zone: tzinfo) -> list[tuple[date, str]]:
    """Return the "(28/2)" of a story with the year in which they lie closest before ``now``."""
    today = now.astimezone(zone).date()
    found: list[tuple[date, str]] = []
    for match in _IN_TEXT.finditer(text):
        printed = match["year"]
        year = today.year if printed is None else int(printed) + (2000 if len(printed) == 2 else 0)
        day = _date(year, int(match["month"]), int(match["day"]))
        if day is not None and printed is None and day > today:
            day = _date(year - 1, day.month, day.day)
        if day is not None and day <= today:
            found.append((day, match[0].strip("()")))
    return found


def tells_of_update(text: str) -> bool:
    """Return whether a text before or around a date says that it is that of a change."""
    return _SAYS_UPDATED.search(text) is not None and _SAYS_PUBLISHED.search(text) is None


def from_publication(text: str) -> str:
    """Of a text that gives both days ("Updated: … Published: …") the part on the publication."""
    published, updated = _SAYS_PUBLISHED.search(text), _SAYS_UPDATED.search(text)
    if published is None or updated is None:
        return text
    end = updated.start() if updated.start() > published.start() else len(text)
    return text[published.start() : end]


def is_date_line(text: str) -> bool:
    """Return whether a line is nothing but dates, with the words that stand before them."""
    rest = text if len(text) <= _LONGEST_LINE else ""
    for pattern in (*_DATES, _NUMERIC, _TIME, _AGO, _DATE_WORDS):
        rest = pattern.sub(" ", rest)
    return bool(rest) and rest != text and len(re.findall(r"\w+", rest)) <= 1


def offset_of(zone: str | None, offset: str | None) -> timezone | None:
    """Return the fixed offset of "WITA", "GMT+700", "+07:00"."""
    if offset:
        sign = -1 if offset[0] == "-" else 1
        digits = offset[1:].replace(":", "")
        hours, minutes = (digits, "0") if len(digits) <= 2 else (digits[:-2], digits[-2:])
        if int(hours) <= 14 and int(minutes) < 60:
            return timezone(sign * timedelta(hours=int(hours), minutes=int(minutes)))
        return None
    if zone and (hours_of := _HOURS_OF.get(zone.upper())) is not None:
        return timezone(timedelta(hours=hours_of))
    return None


def _absolute(text: str, zone: tzinfo, day_first: bool) -> Moment | None:
    for pattern in _DATES:
        for match in pattern.finditer(text):
            if (day := _day_of(match)) is not None:
                return _with_time(text, match, day, zone)
    for match in _NUMERIC.finditer(text):
        first, second = int(match["day"]), int(match["month"])
        month_first = second > 12 or (not day_first and first <= 12)
        order = (first, second) if month_first else (second, first)
        if (day := _date(int(match["year"]), *order)) is not None:
            return _with_time(text, match, day, zone)
    return None


def _day_of(match: re.Match[str]) -> date | None:
    month = match["month"].lower()
    number = int(month) if month.isdigit() else _MONTHS[month]
    return _date(int(match["year"]), number, int(match["day"]))


def _with_time(
    text: str, found: re.Match[str], day: date, zone: tzinfo, *, is_relative: bool = False
) -> Moment:
    """Return the day with the time that stands right after it, or right before it."""
    start, end = found.span()
    if weekday := _WEEKDAY.search(text[:start]):
        start = weekday.start()
    after = _TIME.search(text[end : end + _TIME_REACH + 24])
    if after is not None and after.start() <= _TIME_REACH:
        clock, raw = after, text[start : end + after.end()]
    else:
        lead = text[max(0, start - 40) : start]
        before = list(_TIME.finditer(lead))
        if not before:
            return Moment(_midnight(day, zone), "day", text[start:end].strip(), is_relative)
        clock, raw = before[-1], lead[before[-1].start() :] + text[start:end]
    at = _at(day, clock, zone)
    if at is None:
        return Moment(_midnight(day, zone), "day", text[start:end].strip(), is_relative)
    precision: Precision = "second" if clock["second"] else "minute"
    return Moment(at, precision, raw.strip(), is_relative)


def _at(day: date, clock: re.Match[str], zone: tzinfo) -> datetime | None:
    hour, minute, second = int(clock["hour"]), int(clock["minute"]), int(clock["second"] or 0)
    if clock["half"]:
        hour = hour % 12 + (12 if clock["half"].lower().startswith("p") else 0)
    if hour > 23:
        return None
    own = offset_of(clock["zone"], clock["offset"])
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=own or zone)


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _cut(at: datetime, precision: Precision) -> datetime:
    at = at.replace(microsecond=0)
    if precision != "second":
        at = at.replace(second=0)
    if precision in ("hour", "day"):
        at = at.replace(minute=0)
    return at.replace(hour=0) if precision == "day" else at


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


_ANY_DATE = re.compile(r"\d.*[^\W\d_]{3}|[^\W\d_]{3}.*\d|\d+\D\d+\D\d{2,4}")


def _parsed_by_library(text: str, zone: tzinfo, now: datetime) -> Moment | None:
    text = " ".join(text.split())
    if len(text) > 60 or not _ANY_DATE.search(text) or not re.search(r"(?:19|20)\d\d", text):
        return None
    at = _library(text, now.astimezone(zone).replace(tzinfo=None))
    if at is None:
        return None
    aware = at if at.tzinfo else at.replace(tzinfo=zone)
    has_time = _TIME.search(text) is not None
    precision: Precision = "minute" if has_time else "day"
    moment = Moment(_cut(aware, precision), precision, text)
    return moment if plausible(moment, now) else None


@lru_cache(maxsize=1024)
def _library(text: str, base: datetime) -> datetime | None:
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
