"""Captures older and newer than what the archive has: which revision each is, what is newest."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from newsbot.api import open_archive
from newsbot.archive.articles import ArticleFinder
from newsbot.ledger import Ledger
from newsbot.ledger.copies.texts import doc_of
from newsbot.ledger.schema import captures, texts, urls
from tests.importing.conftest import Place
from tests.importing.records import response, write
from tests.importing.site import page_of

PATH = "/2025/02/03/banjir-surut"
URL = f"https://berita.example{PATH}"
Captures = Callable[..., Any]


def page(edit: int) -> bytes:
    body = page_of(PATH, "berita.example", edit)
    assert body is not None
    return body


def adding_to(place: Place, folder: Path) -> Captures:
    numbers: Iterator[int] = iter(range(1000))

    def add_captures(*days: tuple[int, int], **more: Any) -> list[dict[str, Any]]:
        found = [
            response(URL, page(edit), f"2025-03-{day:02d}T08:00:00Z", **more) for day, edit in days
        ]
        report = place.add(write(folder / f"{next(numbers)}.warc.gz", *found))
        return place.lines(report, "articles")

    return add_captures


@pytest.fixture
def add(place: Place, tmp_path: Path) -> Captures:
    """Import a file of captures of the page: a day in March, and how often it was edited."""
    return adding_to(place, tmp_path)


def revisions(articles: list[dict[str, Any]]) -> list[tuple[int, str]]:
    return [(one["revision"]["number"], one["fetched_at"][:10]) for one in articles]


@pytest.fixture
def anywhere(make_place: Callable[..., Place], database_url: str) -> Place:
    """With a ledger in each kind of database."""
    return make_place(database_url=database_url)


def test_an_older_capture_is_a_revision_and_not_the_newest(anywhere: Place, tmp_path: Path) -> None:
    place, add = anywhere, adding_to(anywhere, tmp_path)
    (newest,) = add((20, 2))
    (older,) = add((10, 1))
    assert older["revision"] == {"number": 2, "previous_sha256": None, "changed": []}
    with_ledger = place.ledger()
    known = with_ledger.article(URL)
    assert known is not None
    assert (known.revision, known.content_sha256) == (1, newest["content_sha256"])
    assert known.next_number == 3
    assert [one.revision for one in with_ledger.revisions(URL)] == [2, 1]
    with_ledger.close()
    (between,) = add((15, 3))
    assert between["revision"]["number"] == 3
    assert between["revision"]["previous_sha256"] == older["content_sha256"]
    assert between["revision"]["changed"] == ["text"]
    (latest,) = add((25, 4))
    assert latest["revision"]["number"] == 4
    assert latest["revision"]["previous_sha256"] == newest["content_sha256"]


def test_readers_see_captures_in_their_order(place: Place, add: Captures) -> None:
    add((20, 2))
    add((10, 1))
    for finder in (
        ArticleFinder(place.store, None, place.config.ledger_url),
        ArticleFinder(place.store),
    ):
        history = finder.history(URL)
        assert [version.number for version in history.versions] == [2, 1]
        assert finder.newest(URL).number == 1
    (latest,) = open_archive(place.config.store_url).articles(latest=True)
    assert latest.fetched_at == datetime(2025, 3, 20, 8, tzinfo=UTC)


def test_several_captures_in_one_file_are_revisions_in_order_of_time(add: Captures) -> None:
    found = add((12, 1), (10, 0), (11, 0), (14, 1), (13, 0), (15, 2))
    assert revisions(found) == [(1, "2025-03-10"), (2, "2025-03-12"), (3, "2025-03-15")]
    assert found[1]["revision"]["previous_sha256"] == found[0]["content_sha256"]


def test_what_is_known_is_unchanged_whichever_revision_it_is(add: Captures) -> None:
    add((10, 0), (12, 1))
    assert add((11, 0), (13, 1), (9, 1)) == []


def test_no_request_of_a_crawl_rests_on_an_import(place: Place, add: Captures) -> None:
    add((10, 0), head=b'HTTP/1.1 200 OK\r\nETag: "x"\r\n')
    ledger = place.ledger()
    assert ledger.validators(URL, "berita") is None
    with ledger.reading() as connection:
        assert connection.execute(select(captures)).all() == []
    assert ledger.states([URL])[URL].state == "known"
    assert ledger.states([URL])[URL].next_check is None
    ledger.close()


def test_a_page_that_is_gone_stays_gone(place: Place, add: Captures) -> None:
    add((10, 0))
    ledger = place.ledger()
    due = datetime(2025, 4, 1, tzinfo=UTC)
    with ledger.transaction() as connection:
        connection.execute(update(urls).values(state="gone", next_check=due))
    add((9, 1))
    seen = ledger.states([URL])[URL]
    assert (seen.state, seen.next_check) == ("gone", due)
    ledger.close()


def test_a_young_capture_is_checked_again(place: Place, tmp_path: Path) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    path = write(tmp_path / "now.warc.gz", response(URL, page(0), f"{now:%Y-%m-%dT%H:%M:%SZ}"))
    place.add(path)
    ledger = place.ledger()
    due = ledger.states([URL])[URL].next_check
    ledger.close()
    assert due is not None
    assert due > now


def test_an_older_text_does_not_stand_for_the_article(place: Place, tmp_path: Path) -> None:
    """Whose copy another article is, is judged by the newest text."""
    now = datetime.now(UTC)
    for days, edit in ((1, 2), (2, 1)):
        at = f"{now - timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"
        place.add(write(tmp_path / f"{days}.warc.gz", response(URL, page(edit), at)))
    ledger = place.ledger()
    with ledger.reading() as connection:
        stored = connection.execute(select(texts.c.revision).where(texts.c.doc == doc_of(URL)))
        assert stored.scalars().all() == [1]
    ledger.close()


def test_a_refused_canonical_link_and_an_alias_are_events(place: Place, tmp_path: Path) -> None:
    link = f'<link rel="canonical" href="{URL}">'.encode()
    other = f"{URL}-lagi"
    linked = page(0).replace(b"<head>", b"<head>" + link)
    at = "2025-03-02T08:00:00Z"
    report = place.add(write(tmp_path / "a.warc.gz", response(other, linked, at)))
    (event,) = place.lines(report, "events")
    assert (event["event"], event["url"], event["canonical"]) == ("alias", other, URL)
    assert event["time"].startswith("2025-03-02")
    ledger = place.ledger()
    assert ledger.canonical_of(other) == URL
    ledger.close()
    foreign = b"<p>Cerita yang lain sama sekali, tentang pasar dan harga sayur di kota itu.</p>"
    told = linked.replace(page(0).partition(b"</h1>")[2], foreign * 3).replace(
        b"Banjir surut di tiga desa", b"Harga sayur"
    )
    third = response(f"{URL}-sayur", told, "2025-03-03T08:00:00Z")
    report = place.add(write(tmp_path / "b.warc.gz", third))
    (event,) = place.lines(report, "events")
    assert (event["event"], event["canonical"]) == ("canonical-refused", URL)
    (article,) = place.lines(report, "articles")
    assert article["canonical_url"] == f"{URL}-sayur"


def test_a_crawl_after_an_import_knows_its_article(place: Place, add: Captures) -> None:
    (imported,) = add((10, 0))
    ledger: Ledger = place.ledger()
    known = ledger.article(URL)
    ledger.close()
    assert known is not None
    assert (known.revision, known.content_sha256) == (1, imported["content_sha256"])
    assert known.pages[0].record.file == imported["sources"][0]["file"]
