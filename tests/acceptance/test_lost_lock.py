"""A crawl whose lock the server gives away stops, keeps what it has, and overlaps with no other."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from newsbot.landing.lock import SiteLock
from replica import running
from tests.acceptance.conftest import Bench, bench_for
from tests.databases import Postgres

pytestmark = pytest.mark.slow


def host(folder: Path, name: str, environment: dict[str, str]) -> Bench:
    (folder / name).mkdir()
    return Bench(str(folder / "archive"), folder / name, environment)


@contextmanager
def started(bench: Bench) -> Iterator["subprocess.Popen[str]"]:
    """A crawl that has archived some pages; it is over when this is."""
    process = bench.start(1)
    pause = threading.Event()
    while process.poll() is None and archived(bench) < 8:
        pause.wait(0.05)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def archived(bench: Bench) -> int:
    journals = (bench.state / "spool").glob("2*/journal/crawl.jsonl")
    return sum(path.read_bytes().count(b'"record":') for path in journals)


def cut_off(url: str) -> None:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        ended = connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'newsbot crawl antara'"
        ).fetchall()
    assert ended == [(True,)]


@pytest.mark.endurance
def test_a_crawl_that_loses_its_lock(tmp_path: Path, postgres: Postgres) -> None:
    url = postgres.new_database()
    with running(articles=300, latency=1) as replica:
        proxy = bench_for(tmp_path, replica, "").environment
        north, south = (
            host(tmp_path, name, proxy | {"NEWSBOT_DATABASE_URL": url})
            for name in ("north", "south")
        )
        with started(north) as first:
            refused = south.crawl("antara", "limit=2")
            assert refused.returncode == 75, refused.stderr
            assert "another crawl is running: process" in refused.stderr
            cut_off(url)
            second = south.crawl("antara", "limit=3")
            out, errors = first.communicate(timeout=600)
            replica.latency(0)
        assert second.returncode == 0, second.stdout + second.stderr
        assert first.returncode == 4, out + errors
        assert "the lock on postgresql" in errors
        assert "was lost" in errors
        assert "NOT LANDED: kept in" in out
        assert "Traceback" not in errors
        with SiteLock(tmp_path / "third", "antara", url):  # as a crawl on a third host
            waits = north.newsbot("recover")
        assert "antara: a crawl is running; its run is left alone" in waits.stdout
        recovered = north.newsbot("recover")
        assert recovered.returncode == 0, recovered.stdout + recovered.stderr
        assert south.crawl().returncode == 0
        wanted = {t["canonical_url"] for t in replica.truth() if t["site"] == "antara"}
    assert {a["canonical_url"] for a in north.articles()} == wanted
    cut, other, _ = north.runs()
    last = max(line["time"] for line in north.lines(cut, "crawl"))
    assert last < min(line["time"] for line in north.lines(other, "crawl")), "both fetched at once"
    verified = north.newsbot("verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
