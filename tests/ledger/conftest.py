"""A ledger on each kind of database, and lines as landed runs have them."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from newsbot.ledger import Ledger
from newsbot.ledger.ingest import RunContent

NOW = datetime(2025, 2, 28, 8, 0, tzinfo=UTC)
URL = "https://www.antaranews.com/berita/1/a"
FEED = "https://www.antaranews.com/rss/terkini.xml"


@pytest.fixture
def ledger(database_url: str) -> Iterator[Ledger]:
    opened = Ledger.open(database_url)
    yield opened
    opened.close()


def landed(
    run: str = "r1",
    crawl: Iterable[dict[str, Any]] = (),
    articles: Iterable[dict[str, Any]] = (),
    events: Iterable[dict[str, Any]] = (),
    **columns: Any,
) -> RunContent:
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
    return RunContent(row | columns, crawl, articles, events)


def crawl_line(url: str = URL, **more: Any) -> dict[str, Any]:
    place = {"file": "a.warc.gz", "offset": 1, "length": 9}
    line = {
        "time": NOW.isoformat(),
        "url": url,
        "key": url,
        "role": "article",
        "status": 200,
        "became": "article",
        "record": {"id": "<urn:uuid:1>", "type": "response", **place},
        "payload_sha256": "ab" * 32,
        "payload_digest": "sha1:AAAA",
        "etag": '"e"',
    }
    return line | more


def article_line(url: str = URL, number: int = 1, sha: str = "c" * 64) -> dict[str, Any]:
    source = {"record_id": "<urn:uuid:1>", "file": "a.warc.gz", "offset": 1, "length": 9}
    return {
        "url": url,
        "canonical_url": url,
        "id": "www.antaranews.com:article:1",
        "site": "antara",
        "fetched_at": NOW.isoformat(),
        "content_sha256": sha,
        "title": "Judul",
        "text": "Teks.",
        "revision": {"number": number},
        "original_url": None,
        "extractor": {"version": "1", "rules": "abcabcabcabc"},
        "sources": [source],
    }
