"""The S3 server goes away during crawls: nothing is lost, and exit status and summary are true."""

import os
import random
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from replica import Running, running
from tests.acceptance.conftest import Bench, bench_for
from tests.servers import S3Server, s3_server

ARTICLES = 40


@pytest.fixture
def server(tmp_path: Path) -> Iterator[S3Server]:
    """A server of the test's own, for it is killed."""
    (tmp_path / "server").mkdir()
    with s3_server(tmp_path / "server") as own:
        yield own


@pytest.fixture
def replica() -> Iterator[Running]:
    with running(articles=ARTICLES, latency=0.05) as site:
        yield site


@pytest.fixture
def bench(tmp_path: Path, replica: Running, server: S3Server) -> Bench:
    made = bench_for(tmp_path, replica, "s3://newsbot/outage")
    made.environment |= server.environment | {"NEWSBOT_ROLL_SIZE": "30kB"}
    return made


def start(bench: Bench) -> "subprocess.Popen[str]":
    """A crawl that has begun to fetch: the store was there when it looked."""
    process = bench.start(2)
    pause = threading.Event()
    while process.poll() is None and not list((bench.state / "spool").glob("2*/run.json")):
        pause.wait(0.02)
    return process


def spooled(bench: Bench) -> list[Path]:
    return list((bench.state / "spool").glob("2*/run.json"))


def check_nothing_is_lost(bench: Bench, replica: Running) -> None:
    wanted = {t["canonical_url"] for t in replica.truth() if t["site"] == "antara"}
    assert sorted(a["canonical_url"] for a in bench.articles()) == sorted(wanted)
    assert spooled(bench) == []
    verified = bench.newsbot("verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr


@pytest.mark.endurance
def test_the_store_is_away_for_the_rest_of_a_crawl(
    bench: Bench, replica: Running, server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    crawl = start(bench)
    server.stop()
    out, errors = crawl.communicate(timeout=600)
    assert crawl.returncode == 4, out + errors
    assert "NOT LANDED: kept in" in out
    assert "is AWS_ENDPOINT_URL right and the store up?" in errors
    assert "Traceback" not in errors
    assert len(spooled(bench)) == 1
    server.start()
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    again = bench.crawl()
    assert again.returncode == 0, again.stdout + again.stderr
    check_nothing_is_lost(bench, replica)


@pytest.mark.endurance
@pytest.mark.timeout(900)
def test_the_store_is_killed_and_restarted_at_random(
    bench: Bench, replica: Running, server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(os.environ.get("NEWSBOT_SOAK_SEED", "newsbot"))
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    for _ in range(int(os.environ.get("NEWSBOT_SOAK_OUTAGES", "2"))):
        crawl = start(bench)
        pause = threading.Event()
        while crawl.poll() is None:
            server.stop()
            pause.wait(rng.uniform(0.1, 3))  # how long an outage lasts is what varies
            server.start()
            pause.wait(rng.uniform(0.1, 3))
        out, errors = crawl.communicate()
        assert crawl.returncode in (0, 4), out + errors
        assert ("NOT LANDED" in out) == (crawl.returncode == 4) == bool(spooled(bench))
        replica.add(10)
    done = bench.crawl()
    assert done.returncode == 0, done.stdout + done.stderr
    check_nothing_is_lost(bench, replica)
