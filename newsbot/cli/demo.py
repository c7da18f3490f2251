"""``newsbot demo``: the real crawls, against the bundled synthetic site on loopback."""

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from newsbot.archive.lines import GzipLines
from newsbot.archive.snapshots import list_runs, read_run
from newsbot.cli.screen import table
from newsbot.config import Config, checkout
from newsbot.errors import ConfigError
from newsbot.layout import RunRef
from newsbot.progress import bytes_text
from newsbot.stores.opening import check_store, open_store
from newsbot.stores.store import Store

CRAWLS = ("antara", "aggregator")
_QUICK = {  # loopback needs no politeness, and its certificate is its own
    "DOWNLOAD_DELAY": "0",
    "AUTOTHROTTLE_ENABLED": "False",
    "CONCURRENT_REQUESTS_PER_DOMAIN": "16",
    "DOWNLOAD_VERIFY_CERTIFICATES": "False",
    "LOG_LEVEL": "ERROR",
}


def run_demo(config: Config, articles: int) -> int:
    """Crawl, then show what landed; returns the exit status.

    The demo keeps its state apart (``<state>/demo``), so a live ledger never hears of it.
    """
    from replica import running

    root = checkout()
    if root is None:
        raise ConfigError("the demo crawls, and crawling runs from a checkout of newsbot")
    store = open_store(config.store_url, config.s3)
    check_store(store, write=True)
    state = config.state_folder / "demo"
    if next(iter(list_runs(store)), None) is None and state.is_dir():
        shutil.rmtree(state)  # the archive was emptied: begin anew with it
    print(f"starting a synthetic ANTARA of {articles} articles on loopback ...", flush=True)
    newest = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    with running(articles=articles, newest=newest) as replica:
        print(f"  at {replica.proxy_url}, answering as the real hosts (through http_proxy)")
        for spider in CRAWLS:
            print(f"\n$ scrapy crawl {spider}", flush=True)
            status = _crawl(root, spider, config, state, replica.proxy_url)
            if status != 0:
                print(f"newsbot: scrapy crawl {spider} ended with status {status}", file=sys.stderr)
                return status
    _show(store)
    return 0


def _crawl(root: Path, spider: str, config: Config, state: Path, proxy: str) -> int:
    command = [sys.executable, "-m", "scrapy", "crawl", spider]
    for name, value in _QUICK.items():
        command += ["-s", f"{name}={value}"]
    environment = os.environ | {
        "NEWSBOT_STORE": config.store_url,
        "NEWSBOT_STATE": str(state),
        "NEWSBOT_CONTACT": config.contact or "https://example.org/demo",
        "NEWSBOT_DATABASE_URL": f"sqlite:///{state / 'ledger.sqlite'}",
        "http_proxy": proxy,
        "https_proxy": proxy,
        "no_proxy": "",
    }
    return subprocess.run(command, cwd=root, env=environment, check=False).returncode


def _show(store: Store) -> None:
    refs = list(list_runs(store))
    print(f"\nWhat has landed in {store.url}:\n")
    rows = []
    newest: dict[str, tuple[RunRef, int]] = {}
    for ref in refs:
        manifest = read_run(store, ref).manifest
        size = bytes_text(sum(entry.size for entry in manifest.files))
        number = int(manifest.counts["articles"])
        rows.append((ref.date.isoformat(), ref.site, ref.run, manifest.outcome, number, size))
        if number:
            newest[ref.site] = (ref, number)
    table(("date", "site", "run", "outcome", "articles", "size"), rows)
    ref, _ = newest.get("rakyatnews") or next(iter(newest.values()))
    article = next(iter(GzipLines(store.get(f"{ref.prefix}articles.jsonl.gz"))))
    print("\nOne article as it reads now:\n")
    print(describe(article))
    day = ref.date.isoformat()
    print("\nTry next:\n")
    for command, what in (
        (".venv/bin/newsbot list", "the snapshots there are"),
        (f".venv/bin/newsbot download {day} --to /tmp/snapshots", "fetch a day, every sum checked"),
        ("make demo", "again: only what is new is fetched"),
        (".venv/bin/newsbot sites", "the sites, and how to add one: docs/adding-a-site.md"),
        (".venv/bin/scrapy crawl antara -a limit=5", "live; read the README's lawful use first"),
    ):
        print(f"  {command:<58} {what}")


def describe(article: dict[str, Any]) -> str:
    """An article for reading: its fields, then the first paragraphs."""
    people = ", ".join(f"{person['name']} ({person['role']})" for person in article["authors"])
    dateline = (article["dateline"] or {}).get("raw")
    fields = {
        "title": article["title"],
        "url": article["canonical_url"],
        "published": article["published_at"],
        "dateline": dateline,
        "by": people or None,
        "source": article["source_credit"],
        "copyright": article["copyright"],
        "original": article["original_url"],
        "record": f"{article['sources'][0]['file']} @ {article['sources'][0]['offset']}",
    }
    lines = [f"  {name:<10} {value}" for name, value in fields.items() if value]
    paragraphs = article["text"].split("\n\n")
    lines += ["", *(f"  {paragraph}" for paragraph in paragraphs[:2])]
    if len(paragraphs) > 2:
        lines.append(f"  … {len(paragraphs) - 2} more paragraphs")
    return "\n".join(lines)
