"""What the next crawl must know, and only of runs that have landed."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from newsbot.errors import ConfigError, LedgerError
from newsbot.ledger import Ledger
from newsbot.ledger.history import History
from newsbot.ledger.ingest import ingest

NOW = datetime(2025, 2, 28, 8, 0, tzinfo=UTC)
URL = "https://www.antaranews.com/berita/1/a"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    yield opened
    opened.close()


def run_row(run: str = "r1", **more: Any) -> dict[str, Any]:
    row = {
        "run": run,
        "site": "antara",
        "started": NOW,
        "finished": NOW,
        "outcome": "finished",
        "exit_status": 0,
        "prefix": f"snapshots/2025-02-28/antara/{run}/",
        "manifest_sha256": "0" * 64,
        "counts": {"articles": 1},
    }
    return row | more


def crawl_line(url: str = URL, **more: Any) -> dict[str, Any]:
    line = {
        "time": NOW.isoformat(),
        "url": url,
        "key": url,
        "role": "article",
        "status": 200,
        "became": "article",
        "record": {"id": "<urn:uuid:1>", "type": "response", "file": "a.warc.gz", "offset": 1},
        "payload_sha256": "ab" * 32,
        "payload_digest": "sha1:AAAA",
        "etag": '"e"',
    }
    return line | more


def article_line(url: str = URL, number: int = 1, sha: str = "c" * 64) -> dict[str, Any]:
    return {
        "canonical_url": url,
        "id": "www.antaranews.com:article:1",
        "site": "antara",
        "fetched_at": NOW.isoformat(),
        "content_sha256": sha,
        "title": "Judul",
        "text": "Teks.",
        "revision": {"number": number},
        "original_url": None,
    }


def test_seen_urls_are_pending_until_a_run_with_them_has_landed(ledger: Ledger) -> None:
    states = ledger.see("antara", [(URL, "https://www.antaranews.com/rss")], NOW)
    assert states == {URL: ("pending", NOW)}
    later = ledger.see("antara", [(URL, "elsewhere")], NOW + timedelta(hours=1))
    assert later == {URL: ("pending", NOW)}, "the first sight stays"
    assert ledger.pending("antara") == [(URL, "https://www.antaranews.com/rss")]
    ingest(ledger, run_row(), [crawl_line()], [article_line()])
    assert ledger.pending("antara") == []
    assert ledger.states([URL])[URL][0] == "known"


def test_nothing_is_known_of_a_run_that_has_not_landed(ledger: Ledger) -> None:
    History(ledger).begin("r1", "antara", NOW, partial=False)
    ledger.see("antara", [(URL, None)], NOW)
    assert ledger.article(URL) is None
    assert ledger.payload("ab" * 32) is None
    assert ledger.response(URL) is None
    assert ledger.chain_head("antara") is None


def test_a_landed_run_is_known_and_twice_is_once(ledger: Ledger) -> None:
    for _ in range(2):
        ingest(ledger, run_row(), [crawl_line()], [article_line()])
    known = ledger.article(URL)
    assert known is not None
    assert (known.revision, known.content_sha256) == (1, "c" * 64)
    prior = ledger.payload("ab" * 32)
    assert prior is not None
    assert (prior.url, prior.date, prior.file) == (URL, NOW, "a.warc.gz")
    assert ledger.response(URL) == prior
    assert ledger.chain_head("antara") == ("r1", "0" * 64)


def test_the_newest_revision_counts(ledger: Ledger) -> None:
    ingest(ledger, run_row(), [crawl_line()], [article_line()])
    ingest(ledger, run_row("r2"), [crawl_line()], [article_line(number=2, sha="d" * 64)])
    known = ledger.article(URL)
    assert known is not None
    assert known.revision == 2


def test_a_page_that_is_gone_is_not_asked_for_again(ledger: Ledger) -> None:
    ledger.see("antara", [(URL, None)], NOW)
    ingest(ledger, run_row(), [crawl_line(status=404, became="failed")], [])
    assert ledger.pending("antara") == []
    assert ledger.states([URL])[URL][0] == "gone"


def test_a_page_that_failed_stays_pending(ledger: Ledger) -> None:
    ledger.see("antara", [(URL, None)], NOW)
    ingest(ledger, run_row(), [crawl_line(status=503, became="failed")], [])
    assert [url for url, _ in ledger.pending("antara")] == [URL]


def test_walks(ledger: Ledger) -> None:
    assert ledger.last_walk("https://x/list") is None
    ledger.complete_walk("https://x/list", "x", NOW)
    ledger.complete_walk("https://x/list", "x", NOW - timedelta(days=1))
    assert ledger.last_walk("https://x/list") == NOW, "an older walk does not count"


def test_thousands_of_urls_at_once(ledger: Ledger) -> None:
    links = [(f"https://x/{number}", None) for number in range(3000)]
    assert len(ledger.see("x", links, NOW)) == 3000
    assert len(ledger.pending("x")) == 3000


def test_opening_again_keeps_everything(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'l.sqlite'}"
    first = Ledger.open(url)
    first.see("x", [("https://x/1", None)], NOW)
    first.close()
    second = Ledger.open(url)
    assert len(second.pending("x")) == 1
    second.close()


def test_a_newer_ledger_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite"
    Ledger.open(f"sqlite:///{path}").close()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    with pytest.raises(LedgerError, match=r"version 9999 is newer .* upgrade newsbot"):
        Ledger.open(f"sqlite:///{path}")


def test_a_damaged_ledger_is_named(tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite"
    path.write_bytes(b"this is not a database" * 100)
    with pytest.raises(LedgerError, match=r"not a database.*put back a copy"):
        Ledger.open(f"sqlite:///{path}")


def test_not_a_database_url() -> None:
    with pytest.raises(ConfigError, match="NEWSBOT_DATABASE_URL"):
        Ledger.open("ledger.sqlite")
