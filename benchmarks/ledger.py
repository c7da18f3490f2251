"""A ledger of many articles: milliseconds per lookup and insert, and bytes per article.

100,000 articles; NEWSBOT_BENCH_MILLION=1 measures 1,000,000 too. SQLite, on the disk of the
temporary folder. The rows are those of landed runs of 1,000 articles.
"""

import hashlib
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from newsbot.ledger import Ledger
from newsbot.ledger.ingest import RunContent, ingest
from newsbot.models import Link

SIZES = (100_000, 1_000_000)
PER_RUN = 1_000
LOOKUPS = 2_000
NOW = datetime(2025, 1, 1, tzinfo=UTC)


def main() -> None:
    """Print a line for each measurement and size."""
    million = bool(os.environ.get("NEWSBOT_BENCH_MILLION"))
    for size in SIZES if million else SIZES[:1]:
        with tempfile.TemporaryDirectory() as folder:
            _measure(Path(folder) / "ledger.sqlite", size)
    if not million:
        print("(NEWSBOT_BENCH_MILLION=1 measures 1,000,000 articles as well)")


def _measure(path: Path, size: int) -> None:
    ledger = Ledger.open(f"sqlite:///{path}")
    spent = [_seconds(partial(ingest, ledger, _run(run))) for run in range(size // PER_RUN)]
    first, last = 1000 * spent[0], 100 * sum(spent[-10:])
    print(f"{size:>9,} articles")
    print(f"  landing {PER_RUN:,}         first {first:.0f} ms, last {last:.0f} ms")
    rng = random.Random(1)
    known = [_url(rng.randrange(size)) for _ in range(LOOKUPS)]
    for name, lookup in (
        ("article", ledger.article),
        ("validators", lambda url: ledger.validators(url, "antara")),
        ("payload", lambda url: ledger.payload(_sha(url))),
    ):
        spent_looking = _seconds(partial(_each, lookup, known))
        print(f"  look up {name:<12}  {1000 * spent_looking / LOOKUPS:.3f} ms")
    pages = [known[at : at + 20] for at in range(0, 1000, 20)]
    spent_looking = _seconds(partial(_each, ledger.states, pages))
    print(f"  20 links of a list    {1000 * spent_looking / len(pages):.3f} ms")
    new = [f"https://new.example/{number}" for number in range(100)]
    written = _seconds(lambda: [ledger.add_urls("x", {url: Link(url)}, None, NOW) for url in new])
    print(f"  a new URL, durably    {1000 * written / len(new):.3f} ms")
    spent_looking = _seconds(partial(ledger.to_recheck, "antara", NOW))
    print(f"  what is due           {1000 * spent_looking:.3f} ms")
    ledger.close()
    print(f"  size                  {path.stat().st_size / size:.0f} bytes an article")


def _seconds(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _each(work: Callable[[Any], Any], values: Iterable[Any]) -> None:
    for value in values:
        work(value)


def _run(number: int) -> RunContent:
    run = f"2025{number:04}T000000Z-abcdef"
    row = {
        "run": run, "site": "antara", "started": NOW + timedelta(minutes=number),
        "prefix": f"snapshots/2025-01-01/antara/{run}/", "manifest_sha256": "0" * 64,
    }  # fmt: skip
    articles = range(number * PER_RUN, (number + 1) * PER_RUN)
    urls = [_url(article) for article in articles]
    at = row["started"].isoformat()  # type: ignore[attr-defined]
    seen = {"time": at, "event": "seen", "site": "antara", "on": "https://x/rss", "urls": urls}
    return RunContent(row, list(_crawl(run, urls, at)), _articles(run, urls, at), [seen])


def _crawl(run: str, urls: list[str], at: str) -> Iterator[dict[str, Any]]:
    for url in urls:
        yield {
            "time": at, "url": url, "key": url, "role": "article", "status": 200,
            "became": "article", "etag": f'"{_sha(url)[:20]}"',
            "last_modified": "Fri, 28 Feb 2025 08:00:00 GMT", "payload_sha256": _sha(url),
            "payload_digest": "sha1:" + "A" * 32, "next_check": (NOW + timedelta(1)).isoformat(),
            "record": _place(run, url) | {"type": "response"},
        }  # fmt: skip


def _articles(run: str, urls: list[str], at: str) -> Iterator[dict[str, Any]]:
    for url in urls:
        place = _place(run, url)
        yield {
            "url": url, "canonical_url": url,
            "id": f"www.antaranews.com:article:{url[-7:]}", "site": "antara",
            "fetched_at": at, "content_sha256": _sha(url), "title": "Judul berita " * 5,
            "text": url, "revision": {"number": 1}, "original_url": None,
            "extractor": {"version": "1", "rules": "abcabcabcabc"},
            "sources": [{"record_id": place["id"], **place}],
        }  # fmt: skip


def _place(run: str, url: str) -> dict[str, Any]:
    name = f"NEWSBOT-antara-{run}-00001.warc.gz"
    return {"id": f"<urn:uuid:{_sha(url)[:36]}>", "file": name, "offset": 123456, "length": 23456}


def _url(number: int) -> str:
    return f"https://www.antaranews.com/berita/judul-berita-yang-cukup-panjang-{number:07}"


def _sha(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()
