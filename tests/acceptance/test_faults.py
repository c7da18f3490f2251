"""What the world and the user do wrong: a clear message, the right exit status, nothing lost."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from replica import Running, running
from tests.acceptance.conftest import Bench, bench_for, small_disk
from tests.servers import S3Server, free_ports

pytestmark = pytest.mark.slow


def test_a_site_that_is_down(bench: Bench, replica: Running) -> None:
    replica.fault(down=["www.antaranews.com"])
    done = bench.crawl()
    assert done.returncode == 1
    assert "antara: failed" in done.stdout
    assert "is the site down?" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    (ref,) = bench.runs()
    assert all(line["became"] == "failed" for line in bench.lines(ref, "crawl"))


def test_robots_txt_that_answers_503_means_no(bench: Bench, replica: Running) -> None:
    replica.fault(robots=503)
    done = bench.crawl()
    assert done.returncode == 1
    assert "robots.txt could not be read" in done.stdout
    assert {t for _, t, _, _ in replica.log()} == {"/robots.txt"}


def test_robots_txt_that_is_not_there_means_yes(bench: Bench, replica: Running) -> None:
    replica.fault(robots=404)
    assert bench.crawl().returncode == 0


def test_robots_txt_that_forbids(bench: Bench, replica: Running) -> None:
    replica.fault(robots_text="User-agent: newsbot\nDisallow: /\n")
    done = bench.crawl()
    assert done.returncode == 1
    assert "robots.txt forbids everything" in done.stdout
    assert {t for _, t, _, _ in replica.log()} == {"/robots.txt"}


def test_a_feed_that_is_not_xml_and_still_all_articles(bench: Bench, replica: Running) -> None:
    replica.fault(bad_feeds=True)
    done = bench.crawl()
    assert done.returncode == 3
    assert "feed-not-xml" in done.stdout
    assert len(bench.articles()) == 25
    assert "feed-not-xml" in bench.crawl().stdout, "it is not taken for read and unchanged"


def test_pages_with_nothing_in_them_are_counted_and_kept(bench: Bench, replica: Running) -> None:
    stories = [t for t in replica.truth() if t["site"] == "antara" and t["kind"] == "article"]
    empty, bare = stories[2]["canonical_url"], stories[4]["canonical_url"]
    replica.fault(empty=[empty], bare=[bare])
    done = bench.crawl()
    assert done.returncode == 0, done.stdout
    became = {line["url"]: line["became"] for line in bench.lines(bench.runs()[0], "crawl")}
    assert became[empty] == "empty"
    assert became[bare] == "needs-browser"
    assert "1 empty" in done.stdout
    assert "1 needs-browser" in done.stdout
    assert len(bench.articles()) == 23


def test_a_busy_site_is_asked_again(bench: Bench, replica: Running) -> None:
    replica.fault(busy=2)
    done = bench.crawl(RETRY_TIMES="3")
    assert done.returncode == 0, done.stdout
    assert len(bench.articles()) == 25


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("antarra",), "name one spider, antara, publisher, aggregator"),
        (("antara", "site=nope"), "no site 'nope'"),
        (("antara", "site=nope.toml"), "nope.toml: cannot be read"),
        (
            ("antara", "site=rakyatnews"),
            "crawl it with `scrapy crawl aggregator -a site=rakyatnews`",
        ),
        (("antara", "sinc=2025-01-01"), "there is no such argument"),
        (("antara", "since=yesterday"), "write it as 2025-02-28"),
        (("antara", "url=https://example.org/x"), "is not on a host of antara"),
    ],
)
def test_wrong_usage(bench: Bench, replica: Running, arguments: tuple[str, ...], says: str) -> None:
    done = bench.crawl(*arguments)
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert replica.log() == []


def test_a_bad_seed_is_refused_before_anything(bench: Bench, tmp_path: Path) -> None:
    seed = tmp_path / "bad.toml"
    seed.write_text('name = "bad"\ncolour = 1\n')
    done = bench.crawl("antara", f"site={seed}")
    assert done.returncode == 2
    assert f"{seed}: colour: unknown key" in done.stderr


def test_a_store_that_is_down_stops_the_crawl_before_it_starts(
    bench: Bench, replica: Running, s3: S3Server
) -> None:
    (port,) = free_ports(1)
    bench.store_url = "s3://newsbot/x"
    bench.environment["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{port}"
    done = bench.crawl()
    assert done.returncode == 1
    assert "is AWS_ENDPOINT_URL right and the store up?" in done.stderr
    assert "Traceback" not in done.stderr
    assert replica.log() == []


@pytest.mark.parametrize(
    ("store_url", "variables", "says"),
    [
        ("s3://newsbot/x", {"AWS_SECRET_ACCESS_KEY": "wrong"}, "check AWS_SECRET_ACCESS_KEY"),
        ("s3://missing/x", {}, "there is no such bucket"),
    ],
)
def test_wrong_credentials_and_a_missing_bucket(
    bench: Bench,
    replica: Running,
    s3: S3Server,
    store_url: str,
    variables: dict[str, str],
    says: str,
) -> None:
    bench.store_url = store_url
    bench.environment |= variables
    done = bench.crawl()
    assert done.returncode == 1
    assert says in done.stderr
    assert replica.log() == []


def test_a_store_that_goes_away_keeps_the_run_in_the_spool_and_the_next_lands_it(
    tmp_path: Path, replica: Running
) -> None:
    """The store's disk fills up between the start and the landing: a file size limit stands in."""
    bench = bench_for(tmp_path, replica, str(tmp_path / "archive"))
    assert bench.crawl("antara", "limit=1").returncode == 0
    day = next(Path(bench.store_url).glob("snapshots/*/antara"))
    day.chmod(0o555)
    blocker = day.rename(day.with_name("moved"))
    day.write_text("a file where the folder was")
    done = bench.crawl()
    assert done.returncode == 4, done.stdout + done.stderr
    assert "NOT LANDED" in done.stdout
    assert "Traceback" not in done.stderr
    (folder,) = (bench.state / "spool").glob("*/run.json")
    assert json.loads(folder.read_text())["site"] == "antara"
    day.unlink()
    blocker.rename(day)
    day.chmod(0o755)
    assert bench.crawl().returncode == 0
    assert len({a["canonical_url"] for a in bench.articles()}) == len(bench.articles()) == 25
    assert list((bench.state / "spool").iterdir()) == []


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "small", "600k") as folder:
        yield folder


def test_a_full_disk_under_the_spool_stops_the_crawl_and_loses_nothing(
    tmp_path: Path, small: Path
) -> None:
    with running(articles=150) as replica:
        bench = bench_for(tmp_path, replica, str(tmp_path / "archive"))
        bench.environment["NEWSBOT_DATABASE_URL"] = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
        bench.environment["NEWSBOT_SPOOL_RESERVE"] = "0"  # else it stops before the disk is full
        bench.state = small
        done = bench.crawl()
        assert done.returncode == 1, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        assert "No space left on device" in done.stderr
        assert len(replica.log()) < 150, "it went on fetching what it could not keep"
        bench.state = tmp_path / "large"
        shutil.copytree(small, bench.state)  # as one would: more room, same state
        done = bench.crawl()
        assert done.returncode == 0, done.stdout + done.stderr
        wanted = {t["canonical_url"] for t in replica.truth() if t["site"] == "antara"}
    urls = [article["canonical_url"] for article in bench.articles()]
    assert sorted(urls) == sorted(wanted)
    assert len(bench.runs()) == 2, "what was fetched before the disk was full has landed too"
    assert list((bench.state / "spool").iterdir()) == []


def test_two_crawls_of_a_site_do_not_overlap(bench: Bench) -> None:
    from newsbot.landing.lock import SiteLock

    with SiteLock(bench.state, "antara"):
        done = bench.crawl()
    assert done.returncode == 75
    assert re.search(
        r"antara: another crawl is running: process \d+ on \S+ since \d{4}-", done.stderr
    )
    assert bench.crawl("antara", "limit=1").returncode == 0


def test_list_download_and_sites(bench: Bench, tmp_path: Path) -> None:
    assert "nothing has landed there yet" in bench.newsbot("list").stderr
    assert bench.crawl("antara", "limit=3").returncode == 0
    (row,) = json.loads(bench.newsbot("list", "--json").stdout)
    assert (row["site"], row["articles"]) == ("antara", 3)
    done = bench.newsbot("download", row["date"], "--to", str(tmp_path / "to"))
    assert done.returncode == 0, done.stderr
    assert "all checked" in done.stdout
    assert (tmp_path / "to" / row["prefix"] / "manifest.json").is_file()
    again = bench.newsbot("download", row["date"], "--to", str(tmp_path / "to"), "--json")
    assert json.loads(again.stdout)["runs"] == 1
    none = bench.newsbot("download", "1999-01-01", "--to", str(tmp_path / "to"))
    assert none.returncode == 1
    assert "no snapshot of 1999-01-01" in none.stderr
    assert bench.newsbot("download", "soon", "--to", "x").returncode == 2
    assert "antara" in bench.newsbot("sites").stdout
    checked = bench.newsbot("sites", "check", "seeds/antara.toml")
    assert checked.returncode == 0
    assert "good: antara" in checked.stdout


def test_newsbot_crawl_is_scrapy_crawl(bench: Bench) -> None:
    done = bench.newsbot("crawl", "nope")
    assert done.returncode == 2
    assert "no site 'nope'" in done.stderr


def test_a_spool_that_is_full_lands_what_it_has_and_the_next_crawl_gets_the_rest(
    tmp_path: Path,
) -> None:
    with running(articles=60) as replica:
        bench = bench_for(tmp_path, replica, str(tmp_path / "archive"))
        bench.environment["NEWSBOT_SPOOL_LIMIT"] = "150kB"
        done = bench.crawl(CONCURRENT_REQUESTS_PER_DOMAIN="2")
        assert done.returncode == 3, done.stdout + done.stderr
        assert "antara: limited" in done.stdout
        assert "stopped early, no room in the spool" in done.stdout
        assert "Traceback" not in done.stderr
        some = len(bench.articles())
        assert 0 < some < 60
        assert list((bench.state / "spool").iterdir()) == []
        del bench.environment["NEWSBOT_SPOOL_LIMIT"]
        assert bench.crawl().returncode == 0
    assert len({a["canonical_url"] for a in bench.articles()}) == len(bench.articles()) == 60


def test_a_disk_with_too_little_room_fetches_nothing(bench: Bench, replica: Running) -> None:
    bench.environment["NEWSBOT_SPOOL_RESERVE"] = "900TB"
    done = bench.crawl()
    assert done.returncode == 1
    assert "are to stay free (NEWSBOT_SPOOL_RESERVE): make room" in done.stderr
    assert replica.log() == []


def test_an_earlier_run_that_the_store_refuses_does_not_keep_the_next_from_landing(
    bench: Bench,
) -> None:
    assert bench.crawl("antara", "limit=1").returncode == 0
    day = next(Path(bench.store_url).glob("snapshots/*/antara"))
    away = day.rename(day.with_name("away"))
    day.write_text("a file where the folder was")
    assert bench.crawl("antara", "limit=2").returncode == 4
    (spooled,) = (bench.state / "spool").glob("2*")
    day.unlink()
    away.rename(day)
    (day / spooled.name).mkdir()
    (day / spooled.name / "index.cdxj").write_text("not ours")
    done = bench.crawl()
    assert done.returncode == 3, done.stdout + done.stderr
    assert f"the earlier run {spooled.name} is still in the spool" in done.stdout
    recovered = bench.newsbot("recover")
    assert recovered.returncode == 4
    assert f"kept {spooled.name}: " in recovered.stdout
    (day / spooled.name / "index.cdxj").unlink()
    assert bench.newsbot("recover").returncode == 0
    assert len({a["canonical_url"] for a in bench.articles()}) == 25
    assert bench.crawl().returncode == 0
    verified = bench.newsbot("verify")
    assert verified.returncode == 0, "a run that lands late follows those that overtook it"
