"""The second crawl asks for what is new or due, and tells what was edited, removed, or is back."""

import json
import re
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, inspect, text

from newsbot.archive.articles import Version
from newsbot.archive.snapshots import read_run
from newsbot.cli.diffs import RevisionDiff
from newsbot.ledger.schema import REBUILT
from replica import Running, running
from tests.acceptance.conftest import ROOT, Bench, bench_for
from tests.databases import Postgres

pytestmark = pytest.mark.slow

RULES = """
[lines]
drop = ['.*[a-z]n\\. .*']
"""  # by which the text of most articles is another
_UNKNOWABLE = {"host", "pid", "due"}  # of a run: which process it was, what it was started for


def rows_of(database_url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the ledger's rebuilt tables."""
    engine = create_engine(database_url)
    found = {}
    with engine.connect() as connection:
        for table in REBUILT:
            names = sorted(
                column["name"]
                for column in inspect(connection).get_columns(table.name)
                if column["name"] not in _UNKNOWABLE
            )
            columns = ", ".join(f'"{name}"' for name in names)
            rows = connection.execute(text(f"SELECT {columns} FROM {table.name}"))
            found[table.name] = sorted((tuple(map(str, row)) for row in rows), key=repr)
    engine.dispose()
    return found


def change(database_url: str, statement: str) -> None:
    """Alter the ledger behind newsbot's back."""
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def stories(replica: Running) -> dict[str, dict[str, Any]]:
    return {t["canonical_url"]: t for t in replica.truth() if t["site"] == "antara"}


def size_now(replica: Running, url: str) -> int:
    """Bytes that the replica sends for the page, compressed where it does."""
    before = len(replica.log())
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": replica.proxy_url}))
    request = urllib.request.Request(
        url.replace("https://", "http://"), headers={"Accept-Encoding": "gzip"}
    )
    with opener.open(request) as answer:
        answer.read()
    return sum(size for _, _, _, size in replica.log()[before:])


def new_paragraphs(diff: RevisionDiff) -> list[str]:
    """Paragraphs that are not as they were, as they read now."""
    changed = [one for one in diff.paragraphs if one.change in ("changed", "added")]
    return [
        "".join(span.text for span in one.spans if span.operation != "removed") for one in changed
    ]


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def test_300_articles_edited_added_and_removed(tmp_path: Path) -> None:
    with running(articles=300) as replica:
        bench = bench_for(tmp_path, replica, str(tmp_path / "archive"))
        assert bench.crawl().returncode == 0
        before = stories(replica)
        whole = [url for url, story in before.items() if story["kind"] == "article"]
        edited, removed = whole[:60:2], whole[61:73:2]
        for url in edited:
            replica.edit(url)
        for url in removed:
            replica.remove(url)
        added = {story["canonical_url"] for story in replica.add(12)}
        mark = len(replica.log())
        done = bench.crawl("antara", "recheck=all")
        assert done.returncode == 0, done.stdout + done.stderr
        served = replica.log()[mark:]
        after = stories(replica)
        missing = sum(size for _, _, status, size in served if status == 404)
        changed_bytes = sum(size_now(replica, url) for url in [*edited, *added]) + missing
    ref = bench.runs()[1]
    lines = {line["canonical_url"]: line for line in bench.lines(ref, "articles")}
    numbers = {url: line["revision"]["number"] for url, line in lines.items()}
    assert numbers == dict.fromkeys(added, 1) | dict.fromkeys(edited, 2)
    gone = [line for line in bench.lines(ref, "events") if line["event"] == "gone"]
    assert {line["url"] for line in gone} == set(removed)

    first = {line["canonical_url"]: line for line in bench.lines(bench.runs()[0], "articles")}
    for url in edited:
        diff = RevisionDiff.between(url, Version(ref, first[url]), Version(ref, lines[url]))
        old, new = before[url]["text"].split("\n\n"), after[url]["text"].split("\n\n")
        (wanted,) = [paragraph for paragraph in new if paragraph not in old]
        (found,) = new_paragraphs(diff)
        assert words(found) == words(wanted), url
        titled = before[url]["title"] != after[url]["title"]
        assert lines[url]["revision"]["changed"] == (["title", "text"] if titled else ["text"])

    article = re.compile(r"/(berita|foto|video|infografik)/")
    asked = [(path, status, size) for _, path, status, size in served if article.match(path)]
    transferred = sum(size for _, _, size in asked)
    assert transferred <= 1.2 * changed_bytes, f"{transferred} for {changed_bytes}"
    unmodified = sum(status == 304 for _, _, status, _ in served)
    assert unmodified >= 300 - len(edited) - len(removed)
    assert read_run(bench.store, ref).manifest.counts["not_modified"] == unmodified
    assert f"{unmodified} not modified" in done.stdout

    kept = rows_of(f"sqlite:///{bench.state / 'ledger.sqlite'}")
    (bench.state / "ledger.sqlite").unlink()
    done = bench.newsbot("recover", "--rebuild-ledger", "--json")
    assert json.loads(done.stdout)["rebuilt"] == 2, done.stderr
    rebuilt = rows_of(f"sqlite:///{bench.state / 'ledger.sqlite'}")
    for table, rows in kept.items():
        assert rebuilt[table] == rows, table


@pytest.mark.endurance
def test_what_was_seen_is_pending_fetched_next_and_made_again_from_the_store(
    bench: Bench, replica: Running, postgres: Postgres
) -> None:
    """On PostgreSQL: a limit, a page that fails, one taken down; then the ledger is lost."""
    url = postgres.new_database()
    bench.environment["NEWSBOT_DATABASE_URL"] = url
    assert bench.crawl("aggregator", "limit=2").returncode == 0
    assert bench.crawl("antara", "limit=10").returncode == 0
    pending = json.loads(bench.newsbot("list", "--pending", "--site", "antara", "--json").stdout)
    fetched = {article["canonical_url"] for article in bench.articles("antara")}
    truth = stories(replica)
    seen = {
        url
        for ref in bench.runs()
        for line in bench.lines(ref, "events")
        if line["event"] == "seen" and line["site"] == "antara"
        for url in line["urls"]
    }
    assert {one["url"] for one in pending} == seen - fetched
    assert (len(fetched), len(pending) >= 10) == (10, True)
    shown = bench.newsbot("list", "--pending", "--site", "antara").stdout
    assert all(one["url"] in shown for one in pending)

    replica.fault(failing=[pending[0]["url"]])
    gone = next(iter(fetched))
    replica.remove(gone)
    assert bench.crawl("antara", "recheck=all").returncode == 0
    (left,) = json.loads(bench.newsbot("list", "--pending", "--site", "antara", "--json").stdout)
    assert (left["url"], left["failures"], left["failure"]) == (pending[0]["url"], 1, "temporary")
    replica.clear()

    kept = rows_of(url)
    bench.environment["NEWSBOT_DATABASE_URL"] = url = postgres.new_database()
    done = bench.newsbot("recover", "--rebuild-ledger")
    assert "the ledger was rebuilt from 3 runs" in done.stdout, done.stderr
    rebuilt = rows_of(url)
    for table, rows in kept.items():
        assert rebuilt[table] == rows, table
    assert bench.crawl().returncode == 0
    articles = [article["canonical_url"] for article in bench.articles("antara")]
    assert sorted(articles) == sorted(truth), "each once, the one that is gone too"
    assert "gone" in bench.newsbot("show", gone).stdout


@pytest.mark.endurance
def test_a_change_of_rules_or_boilerplate_makes_no_revision_an_edit_does(
    bench: Bench, replica: Running, tmp_path: Path
) -> None:
    seed = tmp_path / "antara.toml"
    seed.write_text((ROOT / "seeds" / "antara.toml").read_text())
    assert bench.crawl("antara", f"site={seed}").returncode == 0
    ledger = f"sqlite:///{bench.state / 'ledger.sqlite'}"
    change(ledger, "UPDATE captures SET etag = NULL, last_modified = NULL")  # all is sent again
    whole = [u for u, s in stories(replica).items() if s["kind"] == "article" and s["pages"] == 1]
    edited, back = whole[3], whole[5]
    change(ledger, f"UPDATE urls SET state = 'gone' WHERE url = '{back}'")
    replica.edit(edited)
    seed.write_text(seed.read_text() + RULES)
    done = bench.crawl("antara", f"site={seed}", "recheck=all")
    assert done.returncode == 0, done.stdout + done.stderr
    ref = bench.runs()[1]
    (revised,) = bench.lines(ref, "articles")
    assert revised["canonical_url"] == edited
    assert revised["revision"]["number"] == 2
    assert (
        revised["extractor"]["rules"]
        != bench.lines(bench.runs()[0], "articles")[0]["extractor"]["rules"]
    )
    assert [e["url"] for e in bench.lines(ref, "events") if e["event"] == "back"] == [back]

    history = json.loads(bench.newsbot("show", edited, "--json").stdout)["history"]
    assert [one["number"] for one in history["revisions"]] == [1, 2]
    shown = bench.newsbot("show", edited).stdout
    assert "first seen" in shown
    assert "revision 2" in shown
    plain = bench.newsbot("diff", edited)
    assert plain.returncode == 0, plain.stderr
    assert "unchanged" in plain.stdout
    assert "{+" in plain.stdout
    page = bench.newsbot("diff", edited, "1", "2", "--html").stdout
    assert page.startswith("<!DOCTYPE html>")
    assert "<ins>" in page
    fields = json.loads(bench.newsbot("diff", edited, "--json").stdout)
    assert (fields["from"], fields["to"]) == (1, 2)
    none = bench.newsbot("diff", edited, "1", "7")
    assert none.returncode == 1
    assert "there is no revision 7; the store has 1, 2" in none.stderr
    one = bench.newsbot("diff", back)
    assert "one revision is kept" in one.stderr
