"""When a site is due: a cron expression in a time zone.

APScheduler's CronTrigger does the arithmetic. Where crontab(5) means something else it is put right
here: Sunday is 0 and 7, and a fixed hour that the end of summer time brings twice counts once.
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
        """Read the expression.

        Raises:
            ValueError: it is no cron expression, or never comes; the message says what to write.
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
        named["day_of_week"] = _weekdays(named["day_of_week"])
        self._zone = ZoneInfo(zone)
        self._by_the_hour = named["hour"].startswith("*")
        try:
            self._trigger = CronTrigger(second=second, timezone=self._zone, **named)
        except ValueError as error:
            raise ValueError(f"{expression!r} is not a cron expression: {error}") from error
        if self._after(datetime(2024, 1, 1, tzinfo=UTC)) is None:
            raise ValueError(f"{expression!r}: that day never comes")

    def after(self, moment: datetime) -> datetime:
        """Return the first time after the moment (aware), in UTC."""
        found = self._after(moment)
        while found is not None and not self._by_the_hour and found.fold:
            found = self._after(found)
        if found is None:
            raise ValueError(f"nothing is due after {moment}")
        return found.astimezone(UTC)

    def _after(self, moment: datetime) -> datetime | None:
        found: datetime | None = self._trigger.get_next_fire_time(
            None, moment.astimezone(UTC) + _TICK
        )
        return found


cron_of = lru_cache(maxsize=4096)(Cron)  # the same expressions are asked for each round


def spread(site: str, due: datetime, jitter: float) -> timedelta:
    """Return how long after it is due a crawl is started: up to ``jitter`` seconds.

    Made from the site and the time, so that all schedulers wait equally long, today and again.
    """
    digest = hashlib.sha256(f"{site} {due.timestamp()}".encode()).digest()
    return timedelta(seconds=jitter * int.from_bytes(digest[:4], "big") / 2**32)


def _weekdays(field: str) -> str:
    """Weekday numbers as crontab(5) has them, as names; ranges over the weekend in two parts."""
    return ",".join(_weekday(part) for part in field.split(","))


def _weekday(part: str) -> str:
    found = re.fullmatch(r"(?:\*|([0-7])(?:-([0-7]))?)(?:/([1-7]))?", part)
    if found is None or part == "*":
        return part.lower()
    first = int(found[1] or 0)
    last = int(found[2]) if found[2] else (6 if found[3] else first)
    if last < first:
        raise ValueError(f"weekdays {part!r}: write the smaller number first")
    return ",".join(_DAYS[day] for day in range(first, last + 1, int(found[3] or 1)))
