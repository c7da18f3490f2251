"""A user with a store as it is sold: the doctor names the options, and with them all works."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from replica import Running, running
from tests.acceptance.conftest import ROOT, Bench, bench_for
from tests.servers import S3Server
from tests.stores.as_sold import (
    Sold,
    backblaze,
    google,
    of_listing_v1,
    old_minio,
    r2,
    sold,
    without_condition,
)

pytestmark = pytest.mark.endurance

KINDS = [backblaze, old_minio, google, r2, without_condition, of_listing_v1]


def advised(bench: Bench) -> list[str]:
    """The lines for newsbot.toml that the doctor gives; none if all is well."""
    done = bench.newsbot("doctor", "--store", "--json")
    found = {check["name"]: check for check in json.loads(done.stdout)}
    assert (done.returncode == 0) == ("options" not in found), done.stdout
    return list(found["options"]["details"]) if "options" in found else []


@pytest.mark.parametrize("make", KINDS, ids=lambda make: make.__name__)
def test_crawl_list_download_and_verify(
    tmp_path: Path, s3: S3Server, make: Callable[[], Sold]
) -> None:
    with running(articles=15) as replica, sold(make(), s3.endpoint) as store:
        bench = bench_for(tmp_path, replica, f"s3://newsbot/{tmp_path.name}")
        bench.environment |= s3.environment | {
            "AWS_ENDPOINT_URL": store.endpoint,
            "AWS_DEFAULT_REGION": "us-west-2",
            "NEWSBOT_SEEDS": str(ROOT / "seeds"),
            "NEWSBOT_CONFIG": str(tmp_path / "newsbot.toml"),
        }
        config = tmp_path / "newsbot.toml"
        config.touch()
        config.write_text("".join(f"{line}\n" for line in advised(bench)))
        assert advised(bench) == []
        check_all_works(tmp_path, bench, replica)


def check_all_works(folder: Path, bench: Bench, replica: Running) -> None:
    assert bench.crawl("antara").returncode == 0
    assert bench.crawl("antara", "recheck=all").returncode == 0
    listed = json.loads(bench.newsbot("list", "--json").stdout)
    assert len(listed) == 2
    assert bench.newsbot("verify").returncode == 0
    to = folder / "downloaded"
    assert bench.newsbot("download", "2000-01-01..2100-01-01", "--to", str(to)).returncode == 0
    assert bench.newsbot("verify", str(to)).returncode == 0
    wanted = {t["canonical_url"] for t in replica.truth() if t["site"] == "antara"}
    copy = Bench(str(to), bench.state)
    assert {article["canonical_url"] for article in copy.articles()} == wanted
