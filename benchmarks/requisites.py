"""What requisites cost: the time of the articles, and the bytes of a second crawl.

Crawls of the same site with requisites and without take turns. The time of the articles is from
the first exchange to the last article's page, by the crawl log: requisites come after the articles,
and must not slow them. The second crawl, of a smaller site that has not changed, asks again for all
articles.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import benchmarks
from benchmarks._stacks import CONCURRENCY, ROOT
from newsbot.archive.lines import GzipLines
from newsbot.archive.snapshots import list_runs, read_run
from newsbot.stores.opening import open_store
from replica import Running, running

_FEW: Final = 100  # articles, whose requisites one run may fetch
_SETTINGS: Final = {
    "LOG_LEVEL": "ERROR", "DOWNLOAD_DELAY": "0", "AUTOTHROTTLE_ENABLED": "False",
    "CONCURRENT_REQUESTS_PER_DOMAIN": str(CONCURRENCY), "DOWNLOAD_VERIFY_CERTIFICATES": "False",
}  # fmt: skip


def main() -> None:
    """Print the medians of the rounds, and what a second crawl fetches."""
    articles, rounds = (1_000, 7) if benchmarks.LONG else (300, 5)
    seconds: dict[str, list[float]] = {"article": [], "none": []}
    with tempfile.TemporaryDirectory() as name, running(articles=articles, assets=True) as replica:
        for number in range(rounds):
            for kept in seconds if number % 2 else reversed(seconds):
                seconds[kept].append(
                    _articles_time(_crawl(replica, Path(name) / f"{number}", kept))
                )
    with tempfile.TemporaryDirectory() as name, running(articles=_FEW, assets=True) as replica:
        counts = [_newest_counts(_crawl(replica, Path(name), "article")) for _ in range(2)]
    ratio = statistics.median(
        without / with_ for with_, without in zip(seconds["article"], seconds["none"], strict=True)
    )
    with_, without = (statistics.median(seconds[kept]) for kept in ("article", "none"))
    print(f"{articles} articles: {without:.1f} s alone, {with_:.1f} s with requisites to follow, "
          f"ratio {ratio:.2f}")  # fmt: skip
    share = counts[1]["bytes"] / counts[0]["bytes"]
    print(f"second crawl: {counts[1]['bytes']:,} of {counts[0]['bytes']:,} bytes, {share:.1%}; "
          f"requisites {counts[0]['requisites']}, then {counts[1]['requisites']}")  # fmt: skip


def _crawl(replica: Running, folder: Path, requisites: str) -> str:
    """Crawl into the store of that folder, and ask again for what is known; return the store."""
    store = f"{folder}/{requisites}"
    command = [sys.executable, "-m", "scrapy", "crawl", "antara", "-a", "recheck=all"]
    for name, value in _SETTINGS.items():
        command += ["-s", f"{name}={value}"]
    environment = os.environ | {
        "NEWSBOT_STORE": store, "NEWSBOT_STATE": f"{store}-var", "NEWSBOT_REQUISITES": requisites,
        "NEWSBOT_CONTACT": "https://example.org/benchmark", "no_proxy": "",
        "http_proxy": replica.proxy_url, "https_proxy": replica.proxy_url,
    }  # fmt: skip
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    return store


def _articles_time(store: str) -> float:
    lines = list(_crawl_log(store))
    times = [datetime.fromisoformat(line["time"]) for line in lines if line["role"] == "article"]
    begun = min(datetime.fromisoformat(line["time"]) for line in lines)
    return (max(times) - begun).total_seconds()


def _crawl_log(url: str) -> Iterator[dict[str, Any]]:
    store = open_store(url)
    for ref in list_runs(store):
        yield from GzipLines(store.get(f"{ref.prefix}crawl.jsonl.gz"))


def _newest_counts(url: str) -> dict[str, Any]:
    store = open_store(url)
    newest = max(list_runs(store), key=lambda ref: ref.run)
    return dict(read_run(store, newest).manifest.counts)
