"""Which pages a walk begins with: of a list of days, those that were not walked to their end."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from newsbot.crawl.known_urls import KnownUrls
from newsbot.crawl.options import Options
from newsbot.crawl.walks import Walks
from newsbot.ledger import Ledger
from newsbot.sites.loading import Sites, site_of
from newsbot.sites.site import Site

STARTED = datetime(2025, 2, 10, 18, tzinfo=UTC)  # the 11th in Jakarta
SEED = """
name = "kabar"
title = "Kabar"
kind = "publisher"
language = "id"
time_zone = "Asia/Jakarta"
hosts = ["kabar.example"]
feeds = ["https://kabar.example/semua", { url = "https://kabar.example/desa", every = "1h" }]
[[lists]]
url = "https://kabar.example/{yyyy}/{mm}/{dd}"
[[lists]]
url = "https://kabar.example/desa/semua"
backfill = true
[urls]
article = '^/cerita/'
"""


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    yield opened
    opened.close()


SITE: Site = site_of(SEED, "x")


def walks_of(ledger: Ledger, started: datetime = STARTED, **options: Any) -> Walks:
    nothing = cast("Any", None)  # nothing is recorded here
    known = KnownUrls(ledger, SITE, Sites([SITE]), started, nothing, nothing)
    return Walks(SITE, Options("kabar", **options), known, started)


def days_of(ledger: Ledger, **options: Any) -> list[int]:
    """Return the days of February whose lists a crawl begins with."""
    walks = walks_of(ledger, **options)
    return [int(page.url[-2:]) for page in walks.start_pages(SITE.lists[0])]


def complete(ledger: Ledger, day: int, at: datetime) -> None:
    ledger.complete_walk(f"https://kabar.example/2025/02/{day:02}", "kabar", at)


def test_a_first_crawl_begins_with_a_week(ledger: Ledger) -> None:
    assert days_of(ledger) == [11, 10, 9, 8, 7, 6, 5]


def test_days_that_were_walked_after_their_end_are_done(ledger: Ledger) -> None:
    complete(ledger, 8, datetime(2025, 2, 8, 17, 30, tzinfo=UTC))  # half past midnight of the 9th
    complete(ledger, 9, datetime(2025, 2, 9, 10, tzinfo=UTC))  # before its end
    assert days_of(ledger) == [11, 10, 9]


def test_a_backfill_walks_all_its_days_but_none_to_come(ledger: Ledger) -> None:
    complete(ledger, 4, STARTED)
    assert days_of(ledger, since=date(2025, 2, 3), until=date(2025, 2, 5)) == [5, 4, 3]
    assert days_of(ledger, since=date(2025, 2, 10), until=date(2025, 3, 9)) == [11, 10]


def test_a_list_for_backfills_is_walked_in_them_alone(ledger: Ledger) -> None:
    section = SITE.lists[1]
    assert list(walks_of(ledger).start_pages(section)) == []
    assert list(walks_of(ledger, since=date(2025, 2, 3)).start_pages(section)) == [section]


def test_a_feed_that_is_read_every_hour_waits_for_its_turn(ledger: Ledger) -> None:
    each_time, hourly = SITE.feeds
    assert walks_of(ledger).is_read_later(hourly), "it was never read"
    ledger.complete_walk(hourly.url, "kabar", STARTED)
    later = {
        minutes: walks_of(ledger, STARTED + timedelta(minutes=minutes)).is_read_later(hourly)
        for minutes in (15, 45, 58)
    }
    assert later == {15: False, 45: False, 58: True}
    assert walks_of(ledger, since=date(2025, 2, 3)).is_read_later(hourly), "a backfill reads all"
    assert not walks_of(ledger).is_read_later(each_time), "that is read at once"
