"""Which pages a walk begins with: of a list of days, those that were not walked to their end."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
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
[[lists]]
url = "https://kabar.example/{yyyy}/{mm}/{dd}"
[urls]
article = '^/cerita/'
"""


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    yield opened
    opened.close()


def days_of(ledger: Ledger, **options: Any) -> list[int]:
    """Return the days of February whose lists a crawl begins with."""
    site: Site = site_of(SEED, "x")
    nothing = cast("Any", None)  # nothing is recorded here
    known = KnownUrls(ledger, site, Sites([site]), STARTED, nothing, nothing)
    walks = Walks(site, Options("kabar", **options), known, STARTED)
    return [int(page.url[-2:]) for page in walks.start_pages(site.lists[0])]


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
