"""Articles placed one after the other, as a run does it, and landed."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from newsbot.ledger import Ledger
from newsbot.ledger.dedupe import Classified, Deduper
from newsbot.ledger.ingest import RunContent, ingest
from newsbot.models import Article, ExtractorInfo
from newsbot.sites.loading import Sites
from tests.ledger.conftest import landed

BEGINNING = datetime(2025, 2, 24, 6, 0, tzinfo=UTC)


def article(url: str, text: str, hour: float = 0, **fields: Any) -> Article:
    """An article as extraction gives it, fetched and published so many hours later."""
    when = BEGINNING + timedelta(hours=hour)
    given = {
        "id": f"sha256:{url}",
        "url": url,
        "canonical_url": url,
        "site": url.split("/")[2],
        "title": f"Judul {url}",
        "text": text,
        "content_sha256": f"{hash((url, text)) & (1 << 256) - 1:064x}",
        "extractor": ExtractorInfo(version="1", rules="0" * 12),
        "fetched_at": when,
        "published_at": when,
    }
    return Article(**(given | fields))


def place(
    ledger: Ledger, articles: Iterable[Article], run: str = "r1", sites: Sites | None = None
) -> list[Classified]:
    """Place the articles as one run and land it."""
    deduper = Deduper(ledger, sites or Sites(()))
    placed = [deduper.classify(one, ledger.article(one.canonical_url)) for one in articles]
    deduper.close()
    ingest(ledger, landed_as(run, placed))
    return placed


def landed_as(run: str, placed: list[Classified]) -> RunContent:
    """What ``ingest`` reads of such a run's files."""
    lines = [json.loads(one.article.to_json()) for one in placed if one.article.revision]
    events = [
        {"time": BEGINNING.isoformat(), "event": "original-found", **asdict(link)}
        for one in placed
        for link in one.copies_found
    ]
    return landed(run, articles=lines, events=json.loads(json.dumps(events)))
