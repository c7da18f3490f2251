"""Cron expressions: when a site is due, in its time zone.

APScheduler's CronTrigger does the arithmetic. This module corrects it where crontab(5) differs:
Sunday is 0 and 7, and a fixed hour that occurs twice at the end of summer time counts once.
"""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger

_FIELDS = ("minute", "hour", "day", "month", "day_of_week")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TICK = timedelta(microseconds=1)


class Cron:
    """A cron expression of five fields, or of six with seconds first."""

    def __init__(self, expression: str, zone: str) -> None:
        """Parse the expression.

        Raises:
            ValueError: it is not a cron expression, or it never applies; the message says what to
                write.
        """
        fields = expression.split()
        if len(fields) not in (5, 6):
            raise ValueError(
                f"{expression!r} has {len(fields)} fields; write minute, hour, day of the month, "
                "month, weekday: '*/15 * * * *'"
            )
        second = fields.pop(0) if len(fields) == 6 else "0"
        named = dict(zip(_FIELDS, fields, strict=True))
        if named["day"] != "*" and named["day_of_week"] != "*":
            raise ValueError(
                f"{expression!r}: cron programs differ on a day of the month together with a "
                "weekday; give one of them and * for the other"
            )
        named["day_of_week"] = _weekday_field(named["day_of_week"])
        self._zone = ZoneInfo(zone)
        self._every_hour = named["hour"].startswith("*")
        try:
            self._trigger = CronTrigger(second=second, timezone=self._zone, **named)
        except ValueError as error:
            raise ValueError(f"{expression!r} is not a cron expression: {error}") from error
        if self._after(datetime(2024, 1, 1, tzinfo=UTC)) is None:
            raise ValueError(
                f"{expression!r}: no such day exists; correct the day of the month or the month"
            )

    def after(self, moment: datetime) -> datetime:
        """Return the first time after the moment (aware), in UTC."""
        next_time = self._after(moment)
        while next_time is not None and not self._every_hour and next_time.fold:
            next_time = self._after(next_time)
        if next_time is None:
            raise ValueError(f"the cron expression has no date after {moment}")
        return next_time.astimezone(UTC)

    def _after(self, moment: datetime) -> datetime | None:
        next_time: datetime | None = self._trigger.get_next_fire_time(
            None, moment.astimezone(UTC) + _TICK
        )
        return next_time


cron_of = lru_cache(maxsize=4096)(Cron)  # the scheduler asks for the same ones again


def spread(site: str, due: datetime, jitter: float) -> timedelta:
    """Return how long after its due time a crawl starts: at most ``jitter`` seconds.

    Derived from the site and the time, so that a restarted scheduler gets the same.
    """
    digest = hashlib.sha256(f"{site} {due.timestamp()}".encode()).digest()
    return timedelta(seconds=jitter * int.from_bytes(digest[:4], "big") / 2**32)


def _weekday_field(field: str) -> str:
    """Return the field with its crontab(5) weekday numbers replaced by lists of names."""
    return ",".join(_weekday_names(part) for part in field.split(","))


def _weekday_names(part: str) -> str:
    match = re.fullmatch(r"(?:\*|([0-7])(?:-([0-7]))?)(?:/([1-7]))?", part)
    if match is None or part == "*":
        return part.lower()
    first = int(match[1] or 0)
    last = int(match[2]) if match[2] else (6 if match[3] else first)
    if last < first:
        raise ValueError(f"weekdays {part!r}: write the smaller number first; 7 is Sunday too")
    return ",".join(_DAYS[day] for day in range(first, last + 1, int(match[3] or 1)))
