"""Workers killed at random: every page is archived, and what they were at is read the next time."""

import os
import random
import subprocess
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from replica import running
from tests.acceptance.conftest import BIN, QUICK, ROOT, Bench, bench_for

KILLS = 20
ARTICLES = 1000
USED = (0.5, 2.0)  # seconds of processor time when a worker is killed; it is warm after 1.2


def crawl_and_kill_workers(bench: Bench, rng: random.Random) -> tuple[int, int]:
    """One crawl whose workers are killed at random; how many were, and its exit status."""
    command = [str(BIN / "scrapy"), "crawl", "antara"]
    for name, value in (QUICK | {"LOG_LEVEL": "CRITICAL"}).items():
        command += ["-s", f"{name}={value}"]
    environment = os.environ | {
        "NEWSBOT_STORE": bench.store_url,
        "NEWSBOT_STATE": str(bench.state),
        "NEWSBOT_CONTACT": "tests@example.org",
        "NEWSBOT_WORKERS": "2",
        **bench.environment,
    }
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        crawl = psutil.Process(process.pid)
        for killed in range(KILLS):
            if not kill_one(crawl, rng.uniform(*USED)):
                return killed, process.wait()
        return KILLS, process.wait()


def kill_one(crawl: psutil.Process, used: float) -> bool:
    """Kill the first worker that has used so many seconds; False if the crawl ends before."""
    while crawl.is_running() and crawl.status() != psutil.STATUS_ZOMBIE:
        with suppress(psutil.NoSuchProcess, psutil.TimeoutExpired):
            for one in crawl.children():
                if "newsbot.workers.worker" in one.cmdline() and one.cpu_times().user > used:
                    one.kill()
                    return True
            crawl.wait(0.02)
    return False


@pytest.mark.endurance
def test_workers_killed_at_random(tmp_path: Path) -> None:
    rng = random.Random(os.environ.get("NEWSBOT_SOAK_SEED", "newsbot"))
    with running(articles=ARTICLES, page_bytes=84_000) as replica:
        bench = bench_for(tmp_path, replica, str(tmp_path / "archive"))
        killed, status = crawl_and_kill_workers(bench, rng)
        assert killed == KILLS, "the crawl was over too early"
        (ref,) = bench.runs()
        lines = bench.lines(ref, "crawl")
        truth = {t["canonical_url"] for t in replica.truth() if t["site"] == "antara"}
        pages = {line["key"]: line for line in lines if line["role"] == "article"}
        assert pages.keys() == truth
        assert all(line["record"]["type"] == "response" for line in pages.values())
        struck = {url for url, line in pages.items() if line["became"] == "extraction-failed"}
        assert status == (3 if struck else 0)
        assert 0 < len(struck) <= KILLS
        found = [article["canonical_url"] for article in bench.articles()]
        assert sorted(found) == sorted(truth - struck)

        assert bench.crawl().returncode == 0
        found = [article["canonical_url"] for article in bench.articles()]
        assert sorted(found) == sorted(truth)
