"""How newsbot's cost grows with the pages of a crawl, and with the articles in the ledger."""

import hashlib
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import benchmarks
from benchmarks import _report
from benchmarks._stacks import Cost, newsbot, site
from newsbot.ledger import Ledger
from newsbot.ledger.ingest import RunContent, ingest

_FEW = 500  # articles of a crawl with a full ledger
_BATCH = 10_000  # articles of a run that fills it
_BEGAN = datetime(2020, 1, 1, tzinfo=UTC)


def main() -> None:
    """Print the cost of a page and the peak memory for each size; they must not grow."""
    sizes = (500, 5_000, 20_000) if benchmarks.LONG else (300, 1_000)
    ledgers = (0, 100_000, 1_000_000) if benchmarks.LONG else (0, 100_000)
    with site(max(sizes)) as replica:
        newsbot(replica, sizes[0])  # so that the server has rendered the pages of the smallest size
        pages = {size: newsbot(replica, size) for size in sizes}
        known = {size: _with_full_ledger(replica, size) for size in ledgers}
    if benchmarks.LONG:
        with site(2_000) as replica:
            pages[2_000] = newsbot(replica, 2_000)
    text = "\n\n".join((_table("articles crawled", pages), _table("articles known", known)))
    print(text)
    if benchmarks.LONG:
        _report.save("growth", {"pages": _rows(pages), "ledger": _rows(known)})
        _report.into_page("growth", text)
        memory: dict[float, float] = {size: pages[size].crawler_mb for size in sorted(pages)}
        _report.lines("growth", "Peak memory of the crawler", "articles", "MB", memory)


def _with_full_ledger(replica: Any, size: int) -> Cost:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/ledger.sqlite"
        fill(url, size)
        return newsbot(replica, _FEW, ledger=url)


def fill(url: str, articles: int) -> None:
    """Add that many articles to the ledger, as if earlier runs had landed them."""
    ledger = Ledger.open(url)
    try:
        for start in range(0, articles, _BATCH):
            numbers = range(start, min(start + _BATCH, articles))
            began = _BEGAN + timedelta(minutes=start)
            run = f"{began:%Y%m%dT%H%M%SZ}-{start:06x}"
            row = {
                "run": run, "site": "antara", "started": began, "finished": began,
                "outcome": "finished", "exit_status": 0, "prefix": f"snapshots/{run}",
                "manifest_sha256": _hash(run), "counts": {},
            }  # fmt: skip
            exchanges = list(_exchanges(numbers, run))
            ingest(ledger, RunContent(row, exchanges, _articles(numbers, run)))
    finally:
        ledger.close()


def _exchanges(numbers: range, run: str) -> Iterator[dict[str, Any]]:
    for number in numbers:
        record = {"id": _record(number), "type": "response", "file": f"{run}.warc.gz",
                  "offset": number, "length": 9}  # fmt: skip
        yield {
            "time": _BEGAN.isoformat(), "url": _url(number), "key": _url(number), "method": "GET",
            "role": "article", "status": 200, "became": "article", "record": record,
            "payload_sha256": _hash(f"payload {number}"), "payload_digest": "sha1:X", "bytes": 9,
        }  # fmt: skip


def _articles(numbers: range, run: str) -> Iterator[dict[str, Any]]:
    for number in numbers:
        source = {"role": "page", "record_id": _record(number), "file": f"{run}.warc.gz",
                  "offset": number, "length": 9}  # fmt: skip
        yield {
            "url": _url(number), "canonical_url": _url(number),
            "id": f"www.antaranews.com:article:{number}",
            "site": "antara", "fetched_at": _BEGAN.isoformat(), "title": f"Judul {number}",
            "content_sha256": _hash(f"article {number}"), "text": f"Teks {number}",
            "published_at": _BEGAN.isoformat(), "sources": [source],
        }  # fmt: skip


def _url(number: int) -> str:
    return f"https://www.antaranews.com/berita/9{number:08d}/sudah-dikenal"


def _record(number: int) -> str:
    return f"<urn:uuid:00000000-0000-4000-8000-{number:012d}>"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _table(what: str, costs: dict[int, Cost]) -> str:
    heads = (what, "ms of CPU a page", "pages/s", "crawler MB", "worker MB")
    rows = [
        (
            f"{size:,}",
            f"{one.cpu / one.pages * 1000:.1f}",
            f"{one.pages / one.seconds:.0f}",
            f"{one.crawler_mb:.0f}",
            f"{one.worker_mb:.0f}",
        )
        for size, one in sorted(costs.items())
    ]
    return _report.table(heads, rows)


def _rows(costs: dict[int, Cost]) -> dict[str, dict[str, float]]:
    return {
        f"{size}": {
            "cpu_ms_a_page": one.cpu / one.pages * 1000,
            "crawler_mb": one.crawler_mb,
            "worker_mb": one.worker_mb,
        }
        for size, one in sorted(costs.items())
    }
