"""Dates in every form that the sites print, and what is refused."""

# ruff: noqa: E501 - tables of examples read better in rows

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsbot.extract.dates import days_in_text, parse, parse_any

JAKARTA = ZoneInfo("Asia/Jakarta")
NOW = datetime(2026, 9, 16, 10, 20, 33, tzinfo=UTC)  # 17:20 in Jakarta


@pytest.mark.parametrize(
    ("text", "at", "precision"),
    [
        ("Kamis, 30 November 2023 21:34 WIB", "2023-11-30T21:34:00+07:00", "minute"),
        ("Selasa, 5 Desember 2023 08:09 WIB", "2023-12-05T08:09:00+07:00", "minute"),
        ("Selasa, 5 Desember 2023 08:09 WITA", "2023-12-05T08:09:00+08:00", "minute"),
        ("Selasa, 5 Desember 2023 08:09 WIT", "2023-12-05T08:09:00+09:00", "minute"),
        ("2017-05-15T18:43:56+07:00", "2017-05-15T18:43:56+07:00", "second"),
        ("2025-02-28T10:00:00Z", "2025-02-28T10:00:00+00:00", "second"),
        ("2025-02-28T10:00:00.123+0700", "2025-02-28T10:00:00+07:00", "second"),
        ("2020-01-02 03:04:05", "2020-01-02T03:04:05+07:00", "second"),
        ("Thu, 05 Nov 2015 14:56:43 +0700", "2015-11-05T14:56:43+07:00", "second"),
        ("Selasa, 23 Februari 2016 14:39 WIB | 1.093 Views", "2016-02-23T14:39:00+07:00", "minute"),
        ("11 November 2018", "2018-11-11T00:00:00+07:00", "day"),
        ("2 September 2026", "2026-09-02T00:00:00+07:00", "day"),
        ("27 April 2015 17:55", "2015-04-27T17:55:00+07:00", "minute"),
        ("1 Januari 2022 01:30 WIB", "2022-01-01T01:30:00+07:00", "minute"),
        ("Jum'at, 3 Ags 2024 pukul 09.15 WIT", "2024-08-03T09:15:00+09:00", "minute"),
        ("Tayang: Senin, 4 Agu 2025 10:11 WIB", "2025-08-04T10:11:00+07:00", "minute"),
        ("September 16, 2025 16:08 GMT+700", "2025-09-16T16:08:00+07:00", "minute"),
        ("May 5, 2026 at 3:05 p.m.", "2026-05-05T15:05:00+07:00", "minute"),
        ("12th May 2026", "2026-05-12T00:00:00+07:00", "day"),
        ("Oct 18, 2018", "2018-10-18T00:00:00+07:00", "day"),
        ("31/12/2021", "2021-12-31T00:00:00+07:00", "day"),
        ("01/01/2022 01:30 WIB", "2022-01-01T01:30:00+07:00", "minute"),
        ("08:05 WIB, 5 Desember 2023", "2023-12-05T08:05:00+07:00", "minute"),
        ("29 Februari 2024", "2024-02-29T00:00:00+07:00", "day"),
        ("35 menit lalu", "2026-09-16T16:45:00+07:00", "minute"),
        ("1 jam lalu", "2026-09-16T16:00:00+07:00", "hour"),
        ("sejam yang lalu", "2026-09-16T16:00:00+07:00", "hour"),
        ("15 hours ago", "2026-09-16T02:00:00+07:00", "hour"),
        ("an hour ago", "2026-09-16T16:00:00+07:00", "hour"),
        ("4 hours ago 1", "2026-09-16T13:00:00+07:00", "hour"),
        ("2 days ago", "2026-09-14T00:00:00+07:00", "day"),
        ("Kemarin 08:05", "2026-09-15T08:05:00+07:00", "minute"),
        ("Kemarin", "2026-09-15T00:00:00+07:00", "day"),
        ("yesterday", "2026-09-15T00:00:00+07:00", "day"),
        ("Hari ini 07.30", "2026-09-16T07:30:00+07:00", "minute"),
        ("just now", "2026-09-16T17:20:00+07:00", "minute"),
    ],
)
def test_every_known_form(text: str, at: str, precision: str) -> None:
    moment = parse(text, JAKARTA, NOW)
    assert moment is not None
    assert (moment.at.isoformat(), moment.precision) == (at, precision)


@pytest.mark.parametrize(
    "text",
    [
        "", "Ekonomi", "1.093 Views", "31 Februari 2024", "32/12/2021", "20 Oktober 2031",
        "1 Januari 1970 07:00", "5 Mei 1994", "COPYRIGHT © ANTARA 2023", "harga Rp2.500",
        "3 weeks ago", "2 bulan lalu", "setahun lalu", "pukul 09.15", "28/2",
    ],
)  # fmt: skip
def test_what_is_no_date_or_no_news_date_is_refused(text: str) -> None:
    assert parse(text, JAKARTA, NOW) is None
    assert parse_any(text, JAKARTA, NOW) is None


def test_a_day_ahead_is_allowed_for_clocks_and_no_more() -> None:
    assert parse("2026-09-17T10:00:00+00:00", JAKARTA, NOW) is not None
    assert parse("2026-09-17T11:00:00+00:00", JAKARTA, NOW) is None


def test_the_library_is_asked_for_other_tongues_of_the_calendar() -> None:
    moment = parse_any("Ahad, 12 Rabu Sept 2021", JAKARTA, NOW)
    assert moment is None or moment.at.year == 2021


def test_days_in_text_have_the_year_that_lies_before_the_fetch() -> None:
    text = "pada Jumat (28/2), lalu (31/12), (12/12/2019), (1/1/20), (31/2), (20/3), (99/99)"
    found = days_in_text(text, datetime(2025, 3, 1, tzinfo=UTC), JAKARTA)
    assert [day for day, _ in found] == [
        date(2025, 2, 28), date(2024, 12, 31), date(2019, 12, 12), date(2020, 1, 1), date(2024, 3, 20),
    ]  # fmt: skip
    assert found[0][1] == "28/2"


@given(st.text(max_size=120))
def test_nothing_raises(text: str) -> None:
    parse_any(text, JAKARTA, NOW)
    days_in_text(text, NOW, JAKARTA)


@given(
    st.datetimes(datetime(1995, 1, 2), datetime(2026, 9, 1)),  # noqa: DTZ001 - a wall clock's
    st.sampled_from(["WIB", "WITA", "WIT"]),
)
def test_printed_times_come_back(at: datetime, zone: str) -> None:
    months = (
        "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember"
    )
    text = f"{at.day} {months.split()[at.month - 1]} {at.year} {at:%H:%M} {zone}"
    moment = parse(text, JAKARTA, NOW)
    assert moment is not None
    offset = timedelta(hours={"WIB": 7, "WITA": 8, "WIT": 9}[zone])
    assert moment.at.utcoffset() == offset
    assert moment.at.replace(tzinfo=None) == at.replace(second=0, microsecond=0)
