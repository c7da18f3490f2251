"""Dates as the pages print them: in full, in lists (relative to the server's time), in feeds."""

from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

WIB = timezone(timedelta(hours=7))
DAYS_ID = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
MONTHS_ID = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September",
    "Oktober", "November", "Desember",
)  # fmt: skip
MONTHS_EN = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_HOUR = timedelta(hours=1)


def printed(at: datetime, language: str) -> str:
    """Return "Selasa, 5 Desember 2023 08:09 WIB", "September 16, 2025 16:08 GMT+700"."""
    if language == "en":
        return f"{MONTHS_EN[at.month - 1]} {at.day}, {at.year} {at:%H:%M} GMT+700"
    return f"{DAYS_ID[at.weekday()]}, {at.day} {MONTHS_ID[at.month - 1]} {at.year} {at:%H:%M} WIB"


def listed(at: datetime, now: datetime, language: str) -> str:
    """Return "35 menit lalu", "4 jam lalu", "Kemarin 08:05", "11 November 2018", or in English."""
    age = now - at
    is_english = language == "en"
    if age < _HOUR:
        count = max(1, int(age.total_seconds() // 60))
        return _plural(count, "minute") if is_english else f"{count} menit lalu"
    if at.date() == now.date():
        count = int(age / _HOUR)
        return _plural(count, "hour") if is_english else f"{count} jam lalu"
    if at.date() == now.date() - timedelta(days=1):
        return "yesterday" if is_english else f"Kemarin {at:%H:%M}"
    if is_english:
        return f"{_ordinal(at.day)} {MONTHS_EN[at.month - 1]} {at.year}"
    return f"{at.day} {MONTHS_ID[at.month - 1]} {at.year}"


def ago(at: datetime, now: datetime) -> str:
    """Return "4 hours ago", as the aggregator counts."""
    age = max(now - at, timedelta(minutes=1))
    if age < _HOUR:
        return _plural(int(age.total_seconds() // 60), "minute")
    if age < timedelta(days=1):
        return _plural(int(age / _HOUR), "hour")
    return _plural(age.days, "day")


def rfc822(at: datetime) -> str:
    """Return "Thu, 05 Nov 2015 15:08:01 +0700"."""
    return format_datetime(at)


def in_text(at: datetime, language: str) -> str:
    """Return "Jumat (28/2)", "Friday (February 28)", without a year."""
    if language == "en":
        return f"{at:%A} ({MONTHS_EN[at.month - 1]} {at.day})"
    return f"{DAYS_ID[at.weekday()]} ({at.day}/{at.month})"


def _plural(count: int, unit: str) -> str:
    return f"{count} {unit}{'' if count == 1 else 's'} ago"


def _ordinal(day: int) -> str:
    suffix = "th" if 10 < day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{suffix}"
