"""Cron expressions mean what crontab(5) says, on the clock of the site, also when it is put on."""

from datetime import UTC, datetime, timedelta

import pytest

from newsbot.sites.cron import Cron, spread

START = datetime(2025, 3, 3, 0, 0, tzinfo=UTC)  # a Monday


def times(expression: str, zone: str, start: datetime, number: int) -> list[str]:
    cron, found = Cron(expression, zone), []
    for _ in range(number):
        start = cron.after(start)
        found.append(f"{start:%d %H:%M}")
    return found


def test_a_site_is_due_on_its_own_clock() -> None:
    assert times("30 6 * * *", "Asia/Jakarta", START, 2) == ["03 23:30", "04 23:30"]
    assert times("30 6 * * *", "UTC", START, 2) == ["03 06:30", "04 06:30"]


@pytest.mark.parametrize(
    ("field", "days"),
    [
        ("0", ["09", "16"]),
        ("7", ["09", "16"]),
        ("sun", ["09", "16"]),
        ("1-5", ["03", "04", "05", "06", "07", "10"]),
        ("5-7", ["07", "08", "09", "14"]),
        ("mon,4", ["03", "06", "10"]),
        ("*/2", ["04", "06", "08", "09", "11"]),
    ],
)
def test_weekdays_are_those_of_crontab(field: str, days: list[str]) -> None:
    found = times(f"30 6 * * {field}", "UTC", START, len(days))
    assert [day.split()[0] for day in found] == days


def test_seconds_may_stand_first() -> None:
    cron = Cron("*/10 * * * * *", "UTC")
    assert cron.after(START) - START == timedelta(seconds=10)


@pytest.mark.parametrize(
    ("zone", "expression", "day", "expected"),
    [  # the hour that summer time skips: the daily crawl is late, not left out
        ("Europe/Berlin", "30 2 * * *", datetime(2025, 3, 29, 12, tzinfo=UTC), "30 01:30"),
        ("America/New_York", "30 2 * * *", datetime(2025, 3, 8, 12, tzinfo=UTC), "09 07:30"),
        # the hour that comes twice: crawled once
        ("Europe/Berlin", "30 2 * * *", datetime(2025, 10, 25, 12, tzinfo=UTC), "26 00:30"),
        ("America/New_York", "30 1 * * *", datetime(2025, 11, 1, 12, tzinfo=UTC), "02 05:30"),
    ],
)
def test_a_daily_crawl_when_the_clock_changes(
    zone: str, expression: str, day: datetime, expected: str
) -> None:
    cron = Cron(expression, zone)
    first = cron.after(day)
    assert f"{first:%d %H:%M}" == expected
    assert cron.after(first) - first >= timedelta(hours=23)


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Europe/Berlin", datetime(2025, 3, 29, 22, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2025, 10, 25, 22, tzinfo=UTC)),
        ("America/New_York", datetime(2025, 11, 2, 2, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2025, 4, 5, 12, tzinfo=UTC)),  # half an hour
        ("Australia/Lord_Howe", datetime(2025, 10, 4, 12, tzinfo=UTC)),
    ],
)
def test_every_quarter_of_an_hour_goes_on_through_a_change_of_clock(
    zone: str, day: datetime
) -> None:
    cron = Cron("*/15 * * * *", zone)
    for _ in range(32):
        following = cron.after(day)
        assert following - day == timedelta(minutes=15)
        day = following


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("* * *", "3 fields; write minute, hour"),
        ("61 * * * *", "is not a cron expression"),
        ("0 0 31 2 *", "no such day exists"),
        ("0 0 1 * 1", "give one of them and * for the other"),
        ("0 0 * * 5-1", "the smaller number first"),
        ("0 0 * * 8", "is not a cron expression"),
        ("soon * * * *", "is not a cron expression"),
    ],
)
def test_what_is_no_cron_expression_is_refused(expression: str, says: str) -> None:
    with pytest.raises(ValueError, match=says.replace("*", r"\*")):
        Cron(expression, "UTC")


def test_the_spread_is_the_same_each_time_and_within_the_jitter() -> None:
    waits = [spread(f"site{n}", START, 60).total_seconds() for n in range(200)]
    assert waits == [spread(f"site{n}", START, 60).total_seconds() for n in range(200)]
    assert all(0 <= wait < 60 for wait in waits)
    assert min(waits) < 5
    assert max(waits) > 55
    assert spread("x", START, 0) == timedelta(0)
