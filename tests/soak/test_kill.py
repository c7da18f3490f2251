"""kill -9 at random moments: the next crawl completes, and every article is there once."""

import os
import random
import subprocess
import threading
from pathlib import Path

import pytest

from newsbot.archive.snapshots import read_manifest
from newsbot.archive.warccheck import WarcCheck
from newsbot.replica import running
from tests.acceptance.conftest import BIN, QUICK, ROOT, Bench, bench_for

KILLS = 12
ARTICLES = 80


def crawl_and_kill(bench: Bench, after: float) -> bool:
    """Start a crawl and kill it after so many seconds; True if it had not ended by itself."""
    command = [str(BIN / "scrapy"), "crawl", "antara"]
    for name, value in (QUICK | {"CONCURRENT_REQUESTS_PER_DOMAIN": "2"}).items():
        command += ["-s", f"{name}={value}"]
    environment = os.environ | {
        "NEWSBOT_STORE": bench.store_url,
        "NEWSBOT_STATE": str(bench.state),
        "NEWSBOT_CONTACT": "tests@example.org",
        **bench.environment,
    }
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        timer = threading.Timer(after, process.kill)
        timer.start()
        process.wait()
        timer.cancel()
        return process.returncode == -9


@pytest.mark.timeout(280)
def test_killed_at_random_and_crawled_again(tmp_path: Path) -> None:
    rng = random.Random(os.environ.get("NEWSBOT_SOAK_SEED", "newsbot"))
    with running(articles=ARTICLES, latency=0.1) as replica:
        bench = bench_for(tmp_path, replica, str(tmp_path / "archive"))
        killed = 0
        for _ in range(KILLS):
            killed += crawl_and_kill(bench, rng.uniform(1.3, 6.0))
            replica.add(20)  # so that there is always something to fetch
        assert killed >= KILLS // 3, "too few crawls were killed to tell anything"
        done = bench.crawl()
        assert done.returncode == 0, done.stdout + done.stderr
        truth = {t["canonical_url"] for t in replica.truth() if t["site"] == "antara"}
    urls = [article["canonical_url"] for article in bench.articles()]
    assert sorted(urls) == sorted(truth), "an article is missing or there twice"
    assert list((bench.state / "spool").iterdir()) == []
    for ref in bench.runs():
        manifest = read_manifest(bench.store, ref)
        folder = Path(bench.store_url) / ref.prefix
        on_disk = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
        assert on_disk == {entry.name for entry in manifest.files} | {"manifest.json"}
        for path in folder.glob("warc/*.warc.gz"):
            with path.open("rb") as file:
                assert list(WarcCheck(path.name).run(file)) == []
