"""Instants as readers name them: stamps of replay tools, ISO 8601, days of snapshots."""

import re
from datetime import UTC, date, datetime
from typing import Final

from newsbot.errors import ConfigError

Instant = datetime | date
"""A moment in UTC; or a whole day, which is that of a run: in the time zone of its site."""

_STAMP: Final = re.compile(r"[0-9]{14}")
_DAY: Final = len("2025-02-28")


def parse_instant(text: str, what: str) -> Instant:
    """Return what the text names: ``20250228080000`` (UTC), ISO 8601 (UTC without offset), a day.

    Args:
        what: the option's name, for the error.

    Raises:
        ConfigError: it is none of these.
    """
    try:
        if _STAMP.fullmatch(text):
            return moment_of(text)
        if len(text) <= _DAY:
            return date.fromisoformat(text)
        return _in_utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError) as error:
        raise ConfigError(
            f"{what}: {text!r} is no time; write 20250228080000 (UTC), 2025-02-28T15:00+07:00 "
            "or a day, 2025-02-28"
        ) from error


def moment_of(stamp: str) -> datetime:
    """Return the moment of a stamp of 14 digits, as indexes have them.

    Raises:
        ValueError: the calendar or the clock does not have it.
    """
    return datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)


def _in_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
