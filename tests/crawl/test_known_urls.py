"""Links to an article that is known by another address lead to its entry in the ledger."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, update

from newsbot.crawl.known_urls import KnownUrls
from newsbot.ledger import Ledger
from newsbot.ledger.schema import captures, urls
from newsbot.models import Link
from newsbot.sites.loading import Sites, site_of

FETCHED = datetime(2025, 2, 10, 8, tzinfo=UTC)
LATER = datetime(2025, 2, 10, 9, tzinfo=UTC)
OLD, OWN = "https://kabar.example/lama/7", "https://kabar.example/cerita/7"
SEED = """
name = "kabar"
title = "Kabar"
kind = "publisher"
language = "id"
time_zone = "Asia/Jakarta"
hosts = ["kabar.example"]
feeds = ["https://kabar.example/rss"]
[urls]
article = '^/(cerita|lama)/'
"""


class Written:
    """Keeps the events that are written, in the place of a run's journal."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []

    def write_event(self, kind: str, at: datetime, **fields: Any) -> None:
        self.events.append((kind, fields))

    def write_seen(self, at: datetime, site: str, origin: Any, links: dict[str, Link]) -> None:
        self.events.append(("seen", {"urls": list(links)}))


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    yield opened
    opened.close()


def known_at_old_address(ledger: Ledger, state: str = "known") -> KnownUrls:
    """Return what is known after a crawl that was redirected from the old address."""
    site, journal = site_of(SEED, "x"), Written()
    nothing: Any = None
    known = KnownUrls(ledger, site, Sites([site]), FETCHED, journal, nothing)  # type: ignore[arg-type]
    known.record_links([Link(OLD)], None)
    ledger.add_alias(OLD, OWN, FETCHED)
    capture = {
        "url": OWN, "site": "kabar", "run": "r", "fetched_at": FETCHED, "status": 200,
    }  # fmt: skip
    with ledger.transaction() as connection:
        connection.execute(update(urls).values(state=state))
        connection.execute(insert(captures).values(**capture))
    return known


def test_a_link_to_it_gives_its_entry(ledger: Ledger) -> None:
    known = known_at_old_address(ledger)
    (seen,) = known.record_links([Link(OWN)], "https://kabar.example/rss").values()
    assert (seen.url, seen.state) == (OLD, "known")
    assert not ledger.states([OWN]), "it has one entry only"


def test_its_own_address_is_fetched_when_the_other_is_gone(ledger: Ledger) -> None:
    known = known_at_old_address(ledger, "gone")
    (seen,) = known.record_links([Link(OWN)], None).values()
    assert (seen.url, seen.state) == (OWN, "pending")


def test_a_sitemap_that_dates_its_own_address_has_it_fetched_again(ledger: Ledger) -> None:
    known = known_at_old_address(ledger)
    (seen,) = known.modified_since_fetch([Link(OWN, modified_at=LATER)])
    assert seen.url == OLD
    assert not known.modified_since_fetch([Link(OWN, modified_at=FETCHED)])


def test_an_alias_can_become_another_or_none(ledger: Ledger) -> None:
    known_at_old_address(ledger)
    ledger.add_alias(OLD, OLD, LATER)
    assert ledger.canonical_of(OLD) == OLD
    assert ledger.aliases_of([OWN, OLD]) == {}
    ledger.add_alias(OLD, OWN, FETCHED)  # learned before
    assert ledger.canonical_of(OLD) == OLD
