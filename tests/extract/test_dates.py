"""Dates in every form that the sites print, and what is refused."""

# ruff: noqa: E501 - tables of examples read better in rows

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsbot.extract.date_labels import publication_part, update_part
from newsbot.extract.dates import parse, parse_any, parse_coarse
from newsbot.extract.months import month_number
from newsbot.extract.named_days import named_days

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
    found = named_days(text, datetime(2025, 3, 1, tzinfo=UTC), JAKARTA)
    assert [one.day for one in found] == [
        date(2025, 2, 28), date(2024, 12, 31), date(2019, 12, 12), date(2020, 1, 1), date(2024, 3, 20),
    ]  # fmt: skip
    assert found[0].raw == "28/2"


def test_a_day_is_told_where_its_weekday_agrees_and_no_deadline_is_meant() -> None:
    text = (
        "pada Jumat (28/2), Kamis (27/2/2025), on Wednesday (Feb 26), Selasa (25 Februari), Senin"
        " (25/2), hingga Jumat (28/2), (24/2)"
    )
    found = named_days(text, datetime(2025, 3, 1, tzinfo=UTC), JAKARTA)
    assert [one.is_told for one in found] == [True, True, True, True, False, False, False]


@given(st.text(max_size=120))
def test_nothing_raises(text: str) -> None:
    parse_any(text, JAKARTA, NOW)
    named_days(text, NOW, JAKARTA)
    publication_part(text)
    update_part(text)
    parse_coarse(text, JAKARTA, NOW)


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


@pytest.mark.parametrize(
    ("text", "at", "precision"),
    [
        ("Wed, 26 Nov 2025 13:26:00 UT", "2025-11-26T13:26:00+00:00", "second"),
        ("Wed, 26 Nov 2025 13:26 EDT", "2025-11-26T13:26:00-04:00", "minute"),
        ("26 Nov 25 13:26 PST", "2025-11-26T13:26:00-08:00", "minute"),
        ("Wed, 26 Nov 25 13:26:00 +0100", "2025-11-26T13:26:00+01:00", "second"),
        ("Tue, 30 Nov 99 13:26:00 GMT", "1999-11-30T13:26:00+00:00", "second"),
        ("Wednesday, 26-Nov-25 13:26:00 GMT", "2025-11-26T13:26:00+00:00", "second"),
        ("Wed, 26 Nov 2025 13:26:00 A", "2025-11-26T13:26:00-01:00", "second"),
        ("Wed, 26 Nov 2025 13:26:00 Y", "2025-11-26T13:26:00+12:00", "second"),
        ("Wed, 26 Nov 2025 13:26:00 GMT (Universal)", "2025-11-26T13:26:00+00:00", "second"),
        ("26 Nov 2025 13:26 (WITA)", "2025-11-26T13:26:00+08:00", "minute"),
        ("Wed, 26 Nov 2025 13:26:00 QQT", "2025-11-26T00:00:00+07:00", "day"),
        ("Wed Nov 26 13:26:00 2025", "2025-11-26T13:26:00+07:00", "second"),
        ("Wed Nov 26 13:26:00 CET 2025", "2025-11-26T13:26:00+01:00", "second"),
        ("Wed Nov 26 13:26:00 +0000 2025", "2025-11-26T13:26:00+00:00", "second"),
        ("Wed Nov 26 2025 13:26:00 GMT+0900 (JST)", "2025-11-26T13:26:00+09:00", "second"),
        ("20251126T132600Z", "2025-11-26T13:26:00+00:00", "second"),
        ("20251126", "2025-11-26T00:00:00+07:00", "day"),
        ("2025-11-26T13Z", "2025-11-26T13:00:00+00:00", "hour"),
        ("2025-11-26T13:26:00,5-03", "2025-11-26T13:26:00-03:00", "second"),
        ("2025-11-26T24:00:00Z", "2025-11-27T00:00:00+00:00", "second"),
        ("2025-W48-3", "2025-11-26T00:00:00+07:00", "day"),
        ("2025-330T13:26Z", "2025-11-26T13:26:00+00:00", "minute"),
        ("2025-11-26T13:26:00\u221205:00", "2025-11-26T13:26:00-05:00", "second"),
        ("Nov. 26, 2025 1:26 p.m. ET", "2025-11-26T13:26:00-05:00", "minute"),
        ("July 1, 2025 1:26 PM PT", "2025-07-01T13:26:00-07:00", "minute"),
        ("26.11.2025 13:26 Uhr MEZ", "2025-11-26T13:26:00+07:00", "minute"),
        ("2025.11.26 오후 1:26", "2025-11-26T13:26:00+07:00", "minute"),
        ("2025年11月26日 下午1:26", "2025-11-26T13:26:00+07:00", "minute"),
        ("2 days 3 hours ago", "2026-09-14T14:00:00+07:00", "hour"),
        ("3 jam 20 menit lalu", "2026-09-16T14:00:00+07:00", "minute"),
        ("1 hari, 2 jam dan 5 menit yang lalu", "2026-09-15T15:15:00+07:00", "minute"),
        ("2 minggu 3 hari lalu", "2026-08-30T00:00:00+07:00", "day"),
        ("1 year, 2 months and 3 days ago", "2025-07-13T00:00:00+07:00", "day"),
        ("two hours ago", "2026-09-16T15:00:00+07:00", "hour"),
        ("tiga hari yang lalu", "2026-09-13T00:00:00+07:00", "day"),
        ("2d 4h ago", "2026-09-14T13:00:00+07:00", "hour"),
        ("5m ago", "2026-09-16T17:15:00+07:00", "minute"),
        ("1 jam silam", "2026-09-16T16:00:00+07:00", "hour"),
    ],
)
def test_forms_of_programs_zones_and_spans(text: str, at: str, precision: str) -> None:
    moment = parse(text, JAKARTA, NOW)
    assert moment is not None
    assert (moment.at.isoformat(), moment.precision) == (at, precision)


@pytest.mark.parametrize(
    "text",
    [
        "Thu, 26 Nov 25 13:26:00", "26 Nov 25 13:26", "26 Nov 25", "12345678", "20251341",
        "2025-W54-1", "2025-366", "2 hours 3 hours ago", "ago", "3 apples ago", "999999 hours ago",
        "9999 years 3 days ago", "3 weeks 5 months ago",
    ],
)  # fmt: skip
def test_what_is_in_doubt_stays_unread(text: str) -> None:
    assert parse(text, JAKARTA, NOW) is None


@pytest.mark.parametrize(
    ("text", "day", "slack"),
    [
        ("2 weeks ago 1", date(2026, 9, 2), 7),
        ("3 bulan yang lalu", date(2026, 6, 16), 31),
        ("setahun lalu", date(2025, 9, 16), 366),
        ("1 year 6 months ago", date(2025, 3, 16), 31),
        ("sepekan lalu", date(2026, 9, 9), 7),
    ],
)
def test_a_span_of_weeks_or_more_tells_no_day(text: str, day: date, slack: int) -> None:
    moment = parse_coarse(text, JAKARTA, NOW)
    assert moment is not None
    assert (moment.at.date(), moment.slack) == (day, timedelta(days=slack))


@pytest.mark.parametrize(
    ("zone", "text", "offset"),
    [
        ("Asia/Kolkata", "27 Nov 2025 10:30 IST", 5.5),
        ("Asia/Jerusalem", "27 Nov 2025 10:30 IST", 2),
        ("Europe/Dublin", "27 June 2025 10:30 IST", 1),
        ("Europe/London", "27 June 2025 10:30 BST", 1),
        ("Asia/Dhaka", "27 Nov 2025 10:30 BST", 6),
        ("Asia/Shanghai", "27 Nov 2025 10:30 CST", 8),
        ("America/Chicago", "27 Nov 2025 10:30 CST", -6),
        ("America/Havana", "27 Nov 2025 10:30 CST", -5),
        ("Asia/Jakarta", "Thu, 27 Nov 2025 10:30:00 CST", -6),
        ("Australia/Sydney", "27 Nov 2025 10:30 EST", 10),
        ("Asia/Manila", "27 Nov 2025 10:30 PST", 8),
        ("Asia/Dubai", "27 Nov 2025 10:30 GST", 4),
    ],
)
def test_an_ambiguous_zone_is_that_of_the_sites_country(
    zone: str, text: str, offset: float
) -> None:
    moment = parse(text, ZoneInfo(zone), NOW)
    assert moment is not None
    assert (moment.at.utcoffset(), moment.at.hour) == (timedelta(hours=offset), 10)
    assert moment.doubt is not None
    assert "too" in moment.doubt


def test_a_zone_that_nothing_decides_on_leaves_the_day() -> None:
    moment = parse("27 Nov 2025 01:30 IST", JAKARTA, NOW)
    assert moment is not None
    assert (moment.at.isoformat(), moment.precision) == ("2025-11-27T00:00:00+07:00", "day")
    assert moment.doubt == "IST means UTC+05:30 or UTC+02:00 or UTC+01:00: the time is left out"


@pytest.mark.parametrize(
    "text",
    [
        "27 November 2025", "27 de noviembre de 2025", "27 novembre 2025", "27. November 2025",
        "27 de novembro de 2025", "27 ноября 2025", "27 نوفمبر 2025", "٢٧ تشرين الثاني ٢٠٢٥",
        "27 नवंबर 2025", "২৭ নভেম্বর ২০২৫", "27 نومبر 2025", "2025年11月27日", "2025년 11월 27일",
        "27 tháng 11, 2025", "27 Kasım 2025", "27 LISTOPADA 2025", "27. listopadu 2025",
        "27 листопада 2025", "27 nov. 2025", "27 Nopember 2025",
    ],
)  # fmt: skip
def test_months_of_the_languages_most_read(text: str) -> None:
    moment = parse(text, JAKARTA, NOW)
    assert moment is not None
    assert (moment.at.date(), moment.raw) == (date(2025, 11, 27), text)


def test_months_are_read_in_any_case_and_without_accents() -> None:
    names = {"ARALIK": 12, "Aralık": 12, "FÉVRIER": 2, "fevrier": 2, "AOUT": 8, "KASIM": 11}
    assert {name: month_number(name) for name in names} == names
    assert month_number("kamis") is None


@pytest.mark.parametrize(
    ("text", "published", "updated"),
    [
        ("Updated: 5 March 2026 | Published: 3 March 2026", "3 March", "5 March"),
        ("Published: 3 March 2026 | Updated: 5 March 2026", "3 March", "5 March"),
        ("3 March 2026, 10:00 (updated 5 March 2026)", "3 March", "5 March"),
        ("Updated 5 March 2026 | 3 March 2026", "3 March", "5 March"),
        ("5 March 2026 updated, 3 March 2026 posted", "3 March", "5 March"),
        ("Tayang: 3 Maret 2026 - 10:00 WIB Diperbarui: 5 Maret 2026", "3 Maret", "5 Maret"),
        ("Terakhir diperbarui 5 Maret 2026; terbit 3 Maret 2026", "3 Maret", "5 Maret"),
        ("Published 3 hours ago, updated 1 hour ago", "3 hours", "1 hour"),
    ],
)
def test_publication_and_update_in_one_text(text: str, published: str, updated: str) -> None:
    one, other = publication_part(text), update_part(text)
    assert published in one
    assert updated not in one
    assert other is not None
    assert updated in other
    assert published not in other


@pytest.mark.parametrize(
    "text", ["Updated: 5 March 2026", "Published: 3 March 2026", "3 March 2026 | Updated", ""]
)
def test_a_text_with_one_date_is_meant_as_a_whole(text: str) -> None:
    assert publication_part(text) == text
    assert update_part(text) is None
