"""A crawl gets every article, once, as it is; a second crawl gets what is new."""

import gzip
import json
import re
import tomllib
import uuid
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from newsbot.archive.snapshots import read_run
from newsbot.files import sha256_of
from replica import Running, running
from replica.world import WIB
from tests.acceptance.conftest import ROOT, Bench, bench_for
from tests.capture.conftest import read_records
from tests.checkers import check_warc

EXACT = ("id", "kind", "language", "title", "dateline", "source_credit", "copyright",
         "rights_notice", "published_at", "original_url", "pull_quote")  # fmt: skip


def token_f1(expected: str, found: str) -> float:
    """F1 over the words of both texts, with their counts."""
    a, b = (Counter(re.findall(r"\w+", text)) for text in (expected, found))
    common = sum((a & b).values())
    return 2 * common / (sum(a.values()) + sum(b.values())) if a or b else 1.0


def differences(truth: dict[str, Any], article: dict[str, Any]) -> list[str]:
    """What an article has otherwise than it should."""
    found = [
        f"{name}: {article[name]!r} is not {truth[name]!r}"
        for name in EXACT
        if article[name] != truth[name] and not (name == "published_at" and truth[name] is None)
    ]
    people = [(person["name"], person["role"]) for person in article["authors"]]
    wanted = [(person["name"], person["role"]) for person in truth["authors"]]
    if sorted(people) != sorted(wanted):
        found.append(f"authors: {people} is not {wanted}")
    if (score := token_f1(truth["text"], article["text"])) < 0.99:
        found.append(f"text: F1 {score:.3f}")
    return [f"{truth['canonical_url']} ({truth['template']}): {what}" for what in found]


@pytest.mark.parametrize("kind", ["folder", pytest.param("s3", marks=pytest.mark.slow)])
def test_300_articles_each_once_as_they_are_and_nothing_twice(
    tmp_path: Path, request: pytest.FixtureRequest, kind: str
) -> None:
    if kind == "s3":
        request.getfixturevalue("s3")
    url = str(tmp_path / "archive") if kind == "folder" else f"s3://newsbot/{uuid.uuid4().hex}"
    with running(articles=300) as replica:
        bench = bench_for(tmp_path, replica, url)
        done = bench.crawl()
        assert done.returncode == 0, done.stdout + done.stderr
        truth = {t["canonical_url"]: t for t in replica.truth() if t["site"] == "antara"}
        articles = bench.articles("antara")
        assert len(articles) == len(truth) == 300
        found = {article["canonical_url"]: article for article in articles}
        assert found.keys() == truth.keys()
        wrong = [what for url in truth for what in differences(truth[url], found[url])]
        assert not wrong, "\n".join(wrong)
        served = [target for _, target, _, _ in replica.log()]
        feeds = [target for target in served if target.startswith("/rss/")]
        named = tomllib.loads((ROOT / "seeds" / "antara.toml").read_text())["feeds"]
        assert len(set(feeds)) == len(feeds) == len(named)
        others = served.index(feeds[1])  # what is not read in each crawl comes after the articles
        assert not [t for t in served[others:] if "/berita/" in t]
        assert max(Counter(t for t in served if "/berita/" in t).values()) == 1

        before = len(replica.log())
        again = bench.crawl()
        assert again.returncode == 0, again.stdout + again.stderr
        asked = [target for _, target, _, _ in replica.log()[before:]]
        assert not [t for t in asked if re.match(r"/(berita|foto|video|infografik)/", t)], asked
        assert [t for t in asked if t.startswith("/rss/")] == ["/rss/terkini.xml"]
        assert len(bench.articles("antara")) == 300
    for ref in bench.runs():
        manifest = read_run(bench.store, ref).manifest
        assert manifest.outcome == "finished"
    assert read_run(bench.store, bench.runs()[1]).manifest.previous is not None


@pytest.mark.slow
def test_other_sites_copies_and_their_originals(bench: Bench, replica: Running) -> None:
    """The aggregator comes first: its originals are queued for ANTARA's own crawl."""
    truth = {t["canonical_url"]: t for t in replica.truth()}
    done = bench.crawl("aggregator")
    assert done.returncode == 0, done.stdout + done.stderr
    copies = bench.articles("rakyatnews")
    assert {c["canonical_url"] for c in copies} == {u for u in truth if "rakyatnews" in u}
    wrong = [w for c in copies for w in differences(truth[c["canonical_url"]], c)]
    assert not wrong, "\n".join(wrong)
    for copy in copies:
        (origin,) = copy["origins"]
        assert origin["method"] == "link"
        assert origin["url"] == truth[copy["canonical_url"]]["original_url"]
        assert origin["article_id"] == truth[origin["url"]]["id"]

    for site in ("antara", "antara-en", "antara-megapolitan"):
        done = bench.crawl("antara", f"site={site}")
        assert done.returncode == 0, done.stdout + done.stderr
        articles = bench.articles(site)
        wanted = {u for u, t in truth.items() if t["site"] == site}
        assert {article["canonical_url"] for article in articles} == wanted
        wrong = [w for a in articles for w in differences(truth[a["canonical_url"]], a)]
        assert not wrong, "\n".join(wrong)
    (ref,) = bench.runs("antara")
    learned = {e["copy"] for e in bench.lines(ref, "events") if e["event"] == "original-found"}
    assert learned == {copy["canonical_url"] for copy in copies}


@pytest.mark.slow
def test_an_original_of_a_copy_is_fetched_though_no_list_has_it(
    bench: Bench, replica: Running
) -> None:
    assert bench.crawl("aggregator", "limit=1").returncode == 0
    (copy,) = bench.articles("rakyatnews")
    seed = Path(bench.state.parent / "one.toml")
    text = (Path("seeds") / "antara.toml").read_text()
    seed.write_text(re.sub(r"\[\[lists\]\].*?\n\n", "", text, flags=re.DOTALL))
    assert bench.crawl("antara", f"site={seed}", "limit=1").returncode == 0
    asked = [t for host, t, _, _ in replica.log() if host == "www.antaranews.com"]
    assert any(copy["original_url"].endswith(target) for target in asked)


@pytest.mark.slow
def test_new_stories_are_found_and_edits_become_revisions(bench: Bench, replica: Running) -> None:
    assert bench.crawl().returncode == 0
    stories = [t for t in replica.truth() if t["site"] == "antara" and t["kind"] == "article"]
    edited = next(t for t in stories if t["pages"] == 1)
    added = replica.add(3)
    replica.edit(edited["canonical_url"])
    assert bench.crawl().returncode == 0
    new = bench.lines(bench.runs()[1], "articles")
    assert {a["canonical_url"] for a in new} == {t["canonical_url"] for t in added}
    assert bench.crawl("antara", f"url={edited['canonical_url']}").returncode == 0
    (revised,) = bench.lines(bench.runs()[2], "articles")
    assert revised["revision"]["number"] == 2
    assert revised["revision"]["changed"] == ["text"]


@pytest.mark.slow
def test_a_limited_crawl_leaves_the_rest_for_the_next(bench: Bench) -> None:
    done = bench.crawl("antara", "limit=4")
    assert done.returncode == 0
    assert "limited" in done.stdout
    assert len(bench.articles()) == 4
    assert bench.crawl().returncode == 0
    assert len({a["canonical_url"] for a in bench.articles()}) == len(bench.articles()) == 25


@pytest.mark.slow
def test_an_interrupted_walk_hides_no_story(bench: Bench, replica: Running) -> None:
    """Three pages of new stories, of which a limited crawl sees the first page only."""
    assert bench.crawl().returncode == 0
    replica.add(65)
    assert bench.crawl("antara", "limit=1").returncode == 0
    replica.add(2)
    assert bench.crawl().returncode == 0
    wanted = {t["canonical_url"] for t in replica.truth() if t["site"] == "antara"}
    assert len(wanted) == 25 + 65 + 2
    assert {a["canonical_url"] for a in bench.articles()} == wanted


@pytest.mark.slow
def test_a_backfill_takes_the_days_asked_for(tmp_path: Path) -> None:
    now = datetime.now(WIB)
    day = (now - timedelta(days=2)).date().isoformat()
    with running(articles=300, newest=now) as replica:
        bench = bench_for(tmp_path, replica, str(tmp_path / "archive"))
        done = bench.crawl("antara", f"since={day}", f"until={day}")
        assert done.returncode == 0, done.stdout + done.stderr
        truth = [t for t in replica.truth() if t["site"] == "antara"]
        wanted = {t["canonical_url"] for t in truth if t["published_at"].startswith(day)}
        assert len(wanted) > 50
        in_feed = 20  # feeds have no list date to go by before the page is read
        found = {a["canonical_url"] for a in bench.articles()}
        assert wanted <= found
        assert len(found) <= len(wanted) + in_feed
        walked = [t for _, t, _, _ in replica.log() if t.startswith("/terkini")]
        assert len(walked) < 15, "the walk goes on behind the span"


@pytest.mark.slow
def test_every_checker_passes_the_warc_files(bench: Bench) -> None:
    assert bench.crawl().returncode == 0
    assert bench.crawl("aggregator").returncode == 0
    paths = sorted(Path(bench.store_url).rglob("*.warc.gz"))
    assert len(paths) == 2
    for path in paths:
        check_warc(path)


@pytest.mark.slow
def test_every_article_points_at_its_record(bench: Bench) -> None:
    assert bench.crawl().returncode == 0
    (path,) = Path(bench.store_url).rglob("*.warc.gz")
    records = {record.offset: record for record in read_records(path)}
    for article in bench.articles():
        for source in article["sources"]:
            record = records[source["offset"]]
            assert record.headers["WARC-Record-ID"] == source["record_id"]
            assert record.length == source["length"]
            assert source["file"] == path.name
        assert records[article["sources"][0]["offset"]].headers["WARC-Target-URI"] == article["url"]


def test_robots_txt_is_fetched_and_archived_and_the_contact_is_sent(
    bench: Bench, replica: Running
) -> None:
    assert bench.crawl().returncode == 0
    assert ("www.antaranews.com", "/robots.txt") in [(h, t) for h, t, _, _ in replica.log()]
    (path,) = Path(bench.store_url).rglob("*.warc.gz")
    requests = [r for r in read_records(path) if r.headers["WARC-Type"] == "request"]
    assert all(
        re.search(rb"User-Agent: newsbot/\S+ \(\+tests@example.org\)", r.block) for r in requests
    )
    assert not any(b"Cookie:" in r.block for r in requests)


@pytest.mark.slow
def test_the_chain_head_that_is_printed_is_the_stored_manifests(
    bench: Bench, replica: Running
) -> None:
    """What an operator writes down of a crawl proves later that its run is still there."""
    printed = []
    for _ in range(2):
        done = bench.crawl("antara", "limit=2")
        assert done.returncode == 0, done.stderr
        printed += re.findall(r"chain +head ([0-9a-f]{64})\n", done.stdout)
        replica.add(1)
    first, second = (bench.store.get(f"{ref.prefix}manifest.json") for ref in bench.runs())
    assert printed == [sha256_of(first), sha256_of(second)]
    assert json.loads(second)["previous"]["manifest_sha256"] == printed[0]
    heads = [part for head in printed for part in ("--head", f"antara={head}")]
    assert bench.newsbot("verify", *heads).returncode == 0


def test_secret_headers_are_sent_and_not_stored(bench: Bench, replica: Running) -> None:
    headers = json.dumps({"X-Api-Key": "hush-hush", "X-Open": "for-all"})
    bench.environment["NEWSBOT_SECRET_HEADERS"] = "x-api-key, x-other"
    done = bench.crawl("antara", "limit=2", DEFAULT_REQUEST_HEADERS=headers)
    assert done.returncode == 0, done.stdout + done.stderr
    [ref] = bench.runs()
    stored = b"".join(
        gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for path in (Path(bench.store_url) / ref.prefix).rglob("*")
        if path.is_file()
    )
    assert b"for-all" in stored
    assert b"X-Api-Key: [redacted]" in stored
    assert b"hush-hush" not in stored


def test_articles_beyond_a_batch_follow_as_those_of_it_come(
    bench: Bench, replica: Running, tmp_path: Path
) -> None:
    count = {"EXTENSIONS": '{"tests.acceptance.idle.CountIdle": 1}', "IDLE_FILE": f"{tmp_path}/n"}
    assert bench.crawl("antara", ARTICLE_BATCH="4", **count).returncode == 0
    truth = sorted(t["canonical_url"] for t in replica.truth() if t["site"] == "antara")
    assert sorted(article["canonical_url"] for article in bench.articles("antara")) == truth
    assert len(truth) > 4 * 4
    assert int((tmp_path / "n").read_text()) < len(truth) // 4
