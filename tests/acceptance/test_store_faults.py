"""The store's network fails in the middle of crawls: nothing is lost, and what is said is true."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from replica import Running, running
from tests.acceptance.conftest import Bench, bench_for
from tests.faulty import FaultyS3, faulty_s3
from tests.servers import S3Server

pytestmark = pytest.mark.slow

ARTICLES = 15


@pytest.fixture
def replica() -> Iterator[Running]:
    with running(articles=ARTICLES) as site:
        yield site


@pytest.fixture
def proxy(s3: S3Server) -> Iterator[FaultyS3]:
    with faulty_s3(s3.endpoint) as made:
        yield made


@pytest.fixture
def bench(tmp_path: Path, replica: Running, s3: S3Server, proxy: FaultyS3) -> Bench:
    made = bench_for(tmp_path, replica, f"s3://newsbot/{tmp_path.name}")
    made.environment |= s3.environment | {
        "AWS_ENDPOINT_URL": proxy.endpoint,
        "NEWSBOT_ROLL_SIZE": "30kB",  # so that files go there in the middle of the crawl
    }
    return made


def check_nothing_is_lost(bench: Bench, replica: Running) -> None:
    wanted = {t["canonical_url"] for t in replica.truth() if t["site"] == "antara"}
    assert sorted(a["canonical_url"] for a in bench.articles()) == sorted(wanted)
    assert list((bench.state / "spool").iterdir()) == []
    assert bench.newsbot("verify").returncode == 0


def after_the_first(proxy: FaultyS3, status: int, code: str) -> None:
    """Good for one WARC file, and for none from then on."""
    stored = []

    def fault(method: str, path: str) -> "tuple[int, str] | None":
        if method == "PUT" and "/snapshots/" in path:
            stored.append(path)
        return (status, code) if len(stored) > 1 else None

    proxy.fault = fault


@pytest.mark.parametrize(
    ("status", "code", "says"),
    [
        (400, "ExpiredToken", "renew them"),
        pytest.param(
            403, "InvalidAccessKeyId", "check AWS_ACCESS_KEY_ID", marks=pytest.mark.endurance
        ),
        pytest.param(
            403,
            "RequestTimeTooSkewed",
            "this machine's clock is wrong",
            marks=pytest.mark.endurance,
        ),
    ],
)
def test_credentials_that_expire_in_a_crawl(
    bench: Bench, replica: Running, proxy: FaultyS3, status: int, code: str, says: str
) -> None:
    after_the_first(proxy, status, code)
    done = bench.crawl()
    assert done.returncode == 4, done.stdout + done.stderr
    assert "NOT LANDED: kept in" in done.stdout
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert proxy.faults
    asked = len(replica.log())
    again = bench.crawl()  # nobody has mended it
    assert again.returncode == 1, again.stdout + again.stderr
    assert says in again.stderr
    assert len(replica.log()) == asked, "it fetched what it could not have stored"
    proxy.well()
    assert bench.runs() == []
    assert bench.crawl().returncode == 0
    check_nothing_is_lost(bench, replica)


@pytest.mark.endurance
def test_a_store_that_has_become_very_slow(bench: Bench, replica: Running, proxy: FaultyS3) -> None:
    def slower(method: str, path: str) -> None:
        if method == "PUT" and "/snapshots/" in path:
            proxy.delay = 1.0

    proxy.fault = slower
    done = bench.crawl()
    assert done.returncode == 0, done.stdout + done.stderr
    assert proxy.delay == 1.0
    proxy.well()
    check_nothing_is_lost(bench, replica)
