"""Spans before the fetch, as "2 days 3 hours ago" or "3 jam 20 menit lalu"."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from newsbot.hints import Precision

_UNIT_NAMES: Final = {
    "second": "detik|dtk|seconds?|secs?",
    "minute": "menit|mnt|minutes?|mins?",
    "hour": "jam|hours?|hrs?",
    "day": "hari|days?",
    "week": "minggu|pekan|weeks?|wks?",
    "month": "bulan|bln|months?|mos?",
    "year": "tahun|thn|years?|yrs?",
}
_LETTERS: Final = {"s": "second", "m": "minute", "h": "hour", "d": "day", "w": "week", "y": "year"}
_UNIT = "|".join(sorted("|".join(_UNIT_NAMES.values()).split("|"), key=len, reverse=True))
_NUMBERS: Final = (
    "a an one se satu", "two dua", "three tiga", "four empat", "five lima", "six enam",
    "seven tujuh", "eight delapan", "nine sembilan", "ten sepuluh", "eleven sebelas", "twelve",
)  # fmt: skip
_NUMBER_WORDS: Final = {
    word: number for number, words in enumerate(_NUMBERS, start=1) for word in words.split()
}
_WORDS = "|".join(sorted(_NUMBER_WORDS, key=len, reverse=True))
_PART = rf"(?:(?:\d{{1,4}}|{_WORDS})[\s-]?(?:{_UNIT})|\d{{1,4}}\s?[smhdwy])(?![^\W\d_])"
_JOINT = r"(?:\s?,\s?|\s)(?:(?:and|dan)\s)?"
SPAN: Final = rf"(?a:{_PART}(?:{_JOINT}{_PART}){{0,6}}\s(?:y(?:an)?g\s)?(?:ago|lalu|silam)(?!\w))"
"""A pattern for a span before now, in a text with single spaces; ignore its case."""
_SPAN = re.compile(rf"(?<![\w.,-]){SPAN}", re.IGNORECASE)
_PARTS = re.compile(
    rf"(?<![^\W\d_])(?P<count>\d{{1,4}}|{_WORDS})[\s-]?"
    rf"(?:(?P<unit>{_UNIT})|(?<=[\d ])(?P<letter>[smhdwy]))(?![^\W\d_])",
    re.IGNORECASE | re.ASCII,
)
_LENGTHS: Final = {
    "second": timedelta(seconds=1), "minute": timedelta(minutes=1), "hour": timedelta(hours=1),
    "day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=31),
    "year": timedelta(days=366),
}  # fmt: skip
_PRECISIONS: Final[dict[str, Precision]] = {
    "second": "second", "minute": "minute", "hour": "hour", "day": "day",
}  # fmt: skip
_MOST_MONTHS: Final = 720  # no site is older


@dataclass(frozen=True, slots=True)
class Span:
    """A moment before the fetch, and how exactly it is given.

    ``slack`` is the smallest unit where that is longer than a day: the moment may be so much
    earlier, or half of it later, for some sites round and some cut off.
    """

    at: datetime
    precision: Precision
    raw: str
    slack: timedelta = timedelta(0)


def find_span(text: str, now: datetime) -> Span | None:
    """Return the moment that the first span in a text means, not truncated to its unit.

    The parts of a span add up. ``now`` is the time of the fetch in the zone of the site. A span
    that names a unit twice is none.
    """
    found = _SPAN.search(text)
    if found is None:
        return None
    counts = _counts(found[0])
    at = _before(now, counts) if counts is not None else None
    if counts is None or at is None:
        return None
    smallest = next(unit for unit in _LENGTHS if unit in counts)
    if smallest not in _PRECISIONS:
        return Span(at, "day", found[0], _LENGTHS[smallest])
    return Span(at, _PRECISIONS[smallest], found[0])


def _counts(text: str) -> dict[str, int] | None:
    """Return how many of each unit a span has; ``None`` if it names a unit twice."""
    counts: dict[str, int] = {}
    for part in _PARTS.finditer(text):
        unit = _LETTERS[part["letter"].lower()] if part["letter"] else _unit(part["unit"].lower())
        if unit in counts:
            return None
        counts[unit] = _number(part["count"].lower())
    return counts


def _unit(word: str) -> str:
    return next(unit for unit, names in _UNIT_NAMES.items() if re.fullmatch(names, word))


def _number(word: str) -> int:
    return int(word) if word.isdigit() else _NUMBER_WORDS[word]


def _before(now: datetime, counts: dict[str, int]) -> datetime | None:
    """Return the moment so many units before; years and months are those of the calendar."""
    months = 12 * counts.get("year", 0) + counts.get("month", 0)
    if months > _MOST_MONTHS:
        return None
    year, month = divmod(12 * now.year + now.month - 1 - months, 12)
    day = min(now.day, monthrange(year, month + 1)[1])
    moved = now.replace(year=year, month=month + 1, day=day)
    moved -= _sum(counts, "day", "week")
    return (moved.astimezone(UTC) - _sum(counts, "second", "minute", "hour")).astimezone(now.tzinfo)


def _sum(counts: dict[str, int], *units: str) -> timedelta:
    return sum((counts.get(unit, 0) * _LENGTHS[unit] for unit in units), timedelta(0))
