"""Archived pages read again: the same rules give the same lines, others what they give today."""

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from newsbot._version import EXTRACTOR
from newsbot.archive.snapshots import read_run
from newsbot.layout import RunRef
from newsbot.project import find_installation
from tests.acceptance.conftest import Bench
from tests.landed import packed, rewrite

pytestmark = pytest.mark.slow

DAYS = "2000-01-01..2100-01-01"


def reprocess(bench: Bench, to: object, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    """`newsbot reprocess --json`: the exit status and what it said, by source run."""
    few = () if "--site" not in arguments else ("--processes", "1")  # each takes a second to start
    done = bench.newsbot("reprocess", DAYS, "--to", str(to), "--json", *few, *arguments)
    assert done.returncode in (0, 3), done.stderr
    return done.returncode, json.loads(done.stdout)


def plain(bench: Bench, prefix: str) -> bytes:
    return gzip.decompress(bench.store.get(prefix + "articles.jsonl.gz"))


def articles(bench: Bench, prefix: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in plain(bench, prefix).splitlines()]


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """The seeds, to be altered."""
    root = find_installation().project
    assert root is not None
    folder = tmp_path / "seeds"
    folder.mkdir()
    for path in (root / "seeds").glob("*.toml"):
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def test_with_the_same_rules_the_lines_are_the_same(copy: Bench) -> None:
    before = {path: path.read_bytes() for path in Path(copy.store_url).rglob("*") if path.is_file()}
    status, reports = reprocess(copy, copy.store_url)
    assert status == 0
    assert len(reports) == 3
    assert sum(report["same"] for report in reports) > 10
    pages = 0
    for report in reports:
        source = report["prefix"].partition("+")[0] + "/"
        assert plain(copy, report["prefix"]) == plain(copy, source)
        assert (report["changed"], report["lost"], report["found"]) == (0, 0, 0)
        pages += plain(copy, source).count(b'"next_page"')
    assert pages > 0, "no article of several pages was among them"
    assert all(path.read_bytes() == data for path, data in before.items()), "an original changed"


def test_a_derived_run_names_its_source_and_is_made_once(copy: Bench) -> None:
    reprocess(copy, copy.store_url, "--site", "rakyatnews")
    (source, derived) = copy.runs("rakyatnews")
    assert derived == RunRef(source.date, source.site, f"{source.run}+{EXTRACTOR}")
    manifest = read_run(copy.store, derived).manifest
    assert manifest.derived_from == source.run
    _, again = reprocess(copy, copy.store_url, "--site", "rakyatnews")
    assert [report["already_there"] for report in again] == [True]
    listed = json.loads(copy.newsbot("list", "--site", "rakyatnews", "--json").stdout)
    assert [row["derived_from"] for row in listed] == [None, source.run]
    shown = copy.newsbot("list", "--site", "rakyatnews").stdout
    assert "reprocessed" in shown
    assert copy.newsbot("verify").returncode == 0
    url = copy.lines(derived, "articles")[0]["canonical_url"]
    assert copy.newsbot("show", url, "--raw").stdout.startswith("WARC/1.1")


def test_other_rules_change_what_they_are_about(copy: Bench, seeds: Path, tmp_path: Path) -> None:
    alter(seeds / "antara.toml", ":nth-child(2)", ":nth-child(1)")  # the breadcrumb's first part
    arguments = ("--seeds", str(seeds), "--site", "antara")
    status, reports = reprocess(copy, tmp_path / "other", *arguments)
    assert status == 0
    other = replace(copy, store_url=str(tmp_path / "other"))
    seen = 0
    for report in reports:
        assert report["fields"].keys() == {"section"}
        derived, source = articles(other, report["prefix"]), articles(copy, source_of(report))
        for after, before in zip(derived, source, strict=True):
            differ = {name for name in before if before[name] != after[name]}
            assert differ <= {"section", "extractor"}
            seen += "section" in differ
    assert seen == sum(report["fields"]["section"] for report in reports) > 0
    events = [event for ref in other.runs() for event in other.lines(ref, "events")]
    assert len(events) == seen
    assert all(event["fields"] == ["section"] for event in events)
    assert (
        "section" in copy.newsbot("reprocess", DAYS, "--to", str(tmp_path / "b"), *arguments).stdout
    )


@pytest.mark.endurance
def test_rules_that_changed_again_get_a_run_of_their_own(
    copy: Bench, seeds: Path, tmp_path: Path
) -> None:
    other = replace(copy, store_url=str(tmp_path / "other"))
    reprocess(copy, other.store_url, "--site", "rakyatnews")
    alter(seeds / "rakyatnews.toml", 'language = "id"', 'language = "en"')
    reprocess(copy, other.store_url, "--site", "rakyatnews", "--seeds", str(seeds))
    first, second = other.runs("rakyatnews")
    assert second.run.startswith(first.run + "-")


def test_an_article_that_todays_rules_lose_is_told(
    copy: Bench, seeds: Path, tmp_path: Path
) -> None:
    alter(seeds / "antara.toml", "(?P<kind>berita|foto|video|infografik)", "(?P<kind>berita)")
    arguments = ("--site", "antara", "--seeds", str(seeds))
    status, reports = reprocess(copy, tmp_path / "other", *arguments)
    other = replace(copy, store_url=str(tmp_path / "other"))
    events = [event for ref in other.runs() for event in other.lines(ref, "events")]
    lost = {event["url"] for event in events if event["event"] == "reprocessed-lost"}
    assert status == 3
    assert len(lost) == sum(report["lost"] for report in reports) > 0
    assert not {article["url"] for article in other.articles()} & lost


@pytest.mark.parametrize(("role", "became"), [("article", "no-article"), ("page", "page")])
def test_a_page_that_yielded_nothing_then_is_tried_again(
    copy: Bench, tmp_path: Path, role: str, became: str
) -> None:
    """As if the rules of then had not found the article."""
    (ref,) = copy.runs("rakyatnews")
    folder = Path(copy.store_url) / ref.prefix
    lines = copy.lines(ref, "articles")
    gone = lines.pop(0)
    crawl = copy.lines(ref, "crawl")
    for line in crawl:
        if line["record"]["id"] == gone["sources"][0]["record_id"]:
            line |= {"role": role, "became": became}
    rewrite(folder, "articles.jsonl.gz", packed(lines))
    rewrite(folder, "crawl.jsonl.gz", packed(crawl))
    _, (report,) = reprocess(copy, tmp_path / "other", "--site", "rakyatnews")
    assert report["found"] == 1
    other = replace(copy, store_url=str(tmp_path / "other"))
    (found,) = (a for a in other.articles() if a["url"] == gone["url"])
    context = {"discovered_from": found["discovered_from"], "revision": None, "origins": []}
    near = {"fetched_at": found["fetched_at"]}  # known to a millisecond
    assert found == gone | context | near
    assert found["fetched_at"][:22] == gone["fetched_at"][:22]
    urls = [article["url"] for article in other.articles()]
    assert urls == sorted(urls)


def test_a_damaged_page_stops_it_and_nothing_lands(copy: Bench, tmp_path: Path) -> None:
    (ref,) = copy.runs("rakyatnews")
    source = copy.lines(ref, "articles")[0]["sources"][0]
    path = Path(copy.store_url) / ref.prefix / "warc" / source["file"]
    data = bytearray(path.read_bytes())
    data[source["offset"] : source["offset"] + 40] = bytes(40)
    path.write_bytes(data)
    done = copy.newsbot("reprocess", DAYS, "--to", str(tmp_path / "other"), "--site", "rakyatnews")
    assert done.returncode == 1
    assert f"{source['file']} at {source['offset']}" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list((tmp_path / "other").rglob("manifest.json"))


@pytest.mark.endurance
def test_days_that_are_none(copy: Bench) -> None:
    for days, says in (("2025-03-01..2025-02-01", "before its first"), ("soon", "is not a day")):
        done = copy.newsbot("reprocess", days, "--to", "x")
        assert done.returncode == 2
        assert says in done.stderr
    done = copy.newsbot("reprocess", "1999-01-01", "--to", str(copy.state))
    assert (done.returncode, "no snapshot of 1999-01-01" in done.stderr) == (1, True)


def alter(seed: Path, old: str, new: str) -> None:
    text = seed.read_text()
    assert old in text
    seed.write_text(text.replace(old, new, 1))


def source_of(report: dict[str, Any]) -> str:
    return str(report["prefix"]).partition("+")[0] + "/"
