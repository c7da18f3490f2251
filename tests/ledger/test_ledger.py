"""What the next crawl must know, and only of runs that have landed; on SQLite and PostgreSQL."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from newsbot.errors import ConfigError, LedgerError
from newsbot.hints import NO_HINTS, Hints
from newsbot.ledger import Ledger
from newsbot.ledger.attempts import History
from newsbot.ledger.database import SCHEMA_VERSIONS
from newsbot.ledger.frontier import Seen
from newsbot.ledger.ingest import ingest
from newsbot.ledger.landed import CapturedPage, RecordPlace
from newsbot.ledger.schema import metadata
from newsbot.models import Link
from tests.ledger.conftest import FEED, NOW, URL, article_line, crawl_line, landed

LATER = NOW + timedelta(hours=1)


def pending(ledger: Ledger, site: str = "antara") -> list[str]:
    return [seen.url for seen in ledger.pending(site, LATER)]


def test_seen_urls_are_pending_until_a_run_with_them_has_landed(ledger: Ledger) -> None:
    seen = Seen(URL, "antara", "pending", NOW, FEED)
    assert ledger.add_urls("antara", {URL: Link(URL)}, FEED, NOW) == {URL: seen}
    later = ledger.add_urls("antara", {URL: Link(URL)}, "elsewhere", LATER)
    assert later == {URL: seen}, "the first sight stays"
    assert ledger.pending("antara") == [seen]
    ingest(ledger, landed(crawl=[crawl_line()], articles=[article_line()]))
    assert ledger.pending("antara") == []
    assert ledger.states([URL])[URL].state == "known"


def test_an_earlier_sight_counts_however_late_it_is_heard_of(ledger: Ledger) -> None:
    ledger.add_urls("antara", {URL: Link(URL)}, "elsewhere", LATER)
    event = {"time": NOW.isoformat(), "event": "seen", "site": "antara", "on": FEED, "urls": [URL]}
    ingest(ledger, landed(events=[event]))
    assert ledger.states([URL])[URL] == Seen(URL, "antara", "pending", NOW, FEED)


def test_nothing_is_known_of_a_run_that_has_not_landed(ledger: Ledger) -> None:
    History(ledger).begin("r1", "antara", NOW, partial=False)
    ledger.add_urls("antara", {URL: Link(URL)}, None, NOW)
    assert ledger.article(URL) is None
    assert ledger.payload("ab" * 32) is None
    assert ledger.response(URL) is None
    assert ledger.validators(URL, "antara") is None
    assert ledger.chain_head("antara") is None


def test_a_landed_run_is_known_and_twice_is_once(ledger: Ledger) -> None:
    record = {"id": "<urn:uuid:2>", "type": "response", "file": "a.warc.gz", "offset": 10}
    failed = crawl_line(FEED, became="no-article", failure="soft", record=record)
    for _ in range(2):
        ingest(ledger, landed(crawl=[crawl_line(), failed], articles=[article_line()]))
    known = ledger.article(URL)
    assert known is not None
    assert (known.revision, known.content_sha256) == (1, "c" * 64)
    assert (known.extractor, known.rules) == ("1", "abcabcabcabc")
    place = RecordPlace("a.warc.gz", 1, 9)
    assert known.pages == (CapturedPage(URL, place, "ab" * 32),)
    prior = ledger.payload("ab" * 32)
    assert prior is not None
    assert (prior.url, prior.date, prior.file) == (URL, NOW, "a.warc.gz")
    assert ledger.payload_place("ab" * 32) == place
    assert ledger.response(URL) == prior
    assert ledger.chain_head("antara") == ("r1", "0" * 64)
    assert ledger.states([FEED])[FEED].failures == 1


def test_what_came_back_is_known_by_the_record_that_holds_it(ledger: Ledger) -> None:
    """As first, then changed, then as first again: that one is a revisit, which nothing names."""
    versions = (("1", "response", "ab"), ("2", "response", "cd"), ("3", "revisit", "ab"))
    for number, kind, payload in versions:
        at = NOW.replace(hour=int(number)).isoformat()
        record = {"id": f"<urn:uuid:{number}>", "type": kind, "file": f"{number}.warc.gz"}
        line = crawl_line(time=at, payload_sha256=payload * 32, record=record)
        ingest(ledger, landed(f"r{number}", crawl=[line]))
        prior = ledger.response(URL)
        assert prior is not None
        wanted = "1" if payload == "ab" else "2"
        assert (prior.record_id, prior.file) == (f"<urn:uuid:{wanted}>", f"{wanted}.warc.gz")


def test_the_newest_revision_counts_and_all_are_kept(ledger: Ledger) -> None:
    ingest(ledger, landed("r1", [crawl_line()], [article_line()]))
    ingest(ledger, landed("r2", [crawl_line()], [article_line(number=2, sha="d" * 64)]))
    known = ledger.article(URL)
    assert known is not None
    assert known.revision == 2
    assert [one.run for one in ledger.revisions(URL)] == ["r1", "r2"]


def test_the_earliest_payload_counts_in_whatever_order_runs_land(ledger: Ledger) -> None:
    late = crawl_line(time=LATER.isoformat(), url="https://x/2")
    ingest(ledger, landed("r2", [late]))
    ingest(ledger, landed("r1", [crawl_line()]))
    prior = ledger.payload("ab" * 32)
    assert prior is not None
    assert prior.url == URL


# -- validators ------------------------------------------------------------------------------


def test_validators_are_those_of_the_last_capture_that_was_read(ledger: Ledger) -> None:
    ingest(ledger, landed("r1", [crawl_line()], [article_line()]))
    killed = crawl_line(became="fetched", etag='"new"', time=LATER.isoformat())
    ingest(ledger, landed("r2", [killed]))
    found = ledger.validators(URL, "antara")
    assert found is not None
    assert found.etag == '"e"', "nobody has read what came with the new one"


def test_a_saved_page_hides_no_change_from_the_crawl_of_its_site(ledger: Ledger) -> None:
    ingest(ledger, landed("r1", [crawl_line()], [article_line()]))
    page = crawl_line(role="page", became="page", etag='"s"', time=LATER.isoformat())
    ingest(ledger, landed("r2", [page], site="saved"))
    found = ledger.validators(URL, "antara")
    assert found is not None
    assert found.etag == '"e"'
    assert ledger.validators(URL, "saved") is None
    assert ledger.states([URL])[URL].state == "known"


def test_a_crawl_sends_validators_of_its_own_pages_alone(ledger: Ledger) -> None:
    page = crawl_line(role="page", became="page")
    del page["key"]
    ingest(ledger, landed("r1", [page], site="saved"))
    assert ledger.validators(URL, "antara") is None
    assert ledger.validators(URL, "saved") is not None
    assert ledger.states([URL]) == {}, "its own site has still to find it"


def test_a_page_without_validators_has_none(ledger: Ledger) -> None:
    ingest(ledger, landed(crawl=[crawl_line(etag=None)], articles=[article_line()]))
    assert ledger.validators(URL, "antara") is None


def test_a_first_page_knows_those_that_follow(ledger: Ledger) -> None:
    second = crawl_line(URL + "/2", role="next_page", became="next_page", key=URL)
    ingest(ledger, landed(crawl=[crawl_line(), second], articles=[article_line()]))
    found = ledger.validators(URL, "antara")
    assert found is not None
    assert found.following == (URL + "/2",)
    assert ledger.validators(URL + "/2", "antara") is not None


# -- when to look again ----------------------------------------------------------------------


def test_a_known_url_is_due_when_its_line_says_so(ledger: Ledger) -> None:
    ingest(ledger, landed(crawl=[crawl_line(next_check=LATER.isoformat())]))
    assert ledger.to_recheck("antara", NOW) == []
    assert [seen.url for seen in ledger.to_recheck("antara", LATER)] == [URL]
    assert [seen.url for seen in ledger.to_recheck("antara")] == [URL]


def test_a_known_url_without_a_next_check_is_never_due(ledger: Ledger) -> None:
    ingest(ledger, landed(crawl=[crawl_line()]))
    assert ledger.to_recheck("antara", NOW + timedelta(days=999)) == []


def test_a_page_that_is_gone_is_no_longer_pending(ledger: Ledger) -> None:
    ledger.add_urls("antara", {URL: Link(URL)}, None, NOW)
    gone = crawl_line(status=404, became="failed", failure="gone", next_check=LATER.isoformat())
    event = {"time": NOW.isoformat(), "event": "gone", "url": URL, "status": 404}
    ingest(ledger, landed(crawl=[gone], events=[event]))
    assert pending(ledger) == []
    assert ledger.states([URL])[URL].state == "gone"
    assert [seen.url for seen in ledger.to_recheck("antara", LATER)] == [URL], "it may come back"
    (happened,) = ledger.events_of(URL)
    assert (happened.event, happened.time, happened.run) == ("gone", NOW, "r1")


def test_a_page_that_failed_waits_and_is_tried_again(ledger: Ledger) -> None:
    ledger.add_urls("antara", {URL: Link(URL)}, None, NOW)
    failed = crawl_line(
        status=503, became="failed", failure="temporary", next_check=LATER.isoformat()
    )
    ingest(ledger, landed(crawl=[failed]))
    (seen,) = ledger.pending("antara")
    assert (seen.failures, seen.failure) == (1, "temporary")
    assert ledger.pending("antara", NOW) == []
    assert pending(ledger) == [URL]
    ingest(ledger, landed("r2", [crawl_line()], [article_line()]))
    assert ledger.states([URL])[URL].failures == 0


def test_a_page_that_is_given_up_is_no_longer_pending(ledger: Ledger) -> None:
    ledger.add_urls("antara", {URL: Link(URL)}, None, NOW)
    ingest(ledger, landed(crawl=[crawl_line(status=403, became="failed", failure="hard")]))
    assert ledger.states([URL])[URL].state == "failed"
    assert ledger.pending() == []


def test_a_known_article_that_fails_stays_known(ledger: Ledger) -> None:
    ingest(ledger, landed(crawl=[crawl_line()], articles=[article_line()]))
    ingest(ledger, landed("r2", [crawl_line(status=403, became="failed", failure="hard")]))
    assert ledger.states([URL])[URL].state == "known"


# -- walks, runs and the database --------------------------------------------------------------


def test_walks(ledger: Ledger) -> None:
    assert ledger.last_walk("https://x/list") is None
    ledger.complete_walk("https://x/list", "x", NOW)
    ledger.complete_walk("https://x/list", "x", NOW - timedelta(days=1))
    assert ledger.last_walk("https://x/list") == NOW, "an older walk does not count"
    event = {"time": NOW.isoformat(), "event": "walk-completed", "list": "https://x/list"}
    ingest(ledger, landed(events=[event | {"completed": LATER.isoformat()}]))
    assert ledger.last_walk("https://x/list") == LATER


def test_a_url_is_fetched_as_it_was_first_linked(ledger: Ledger) -> None:
    ledger.add_urls("antara", {URL: Link("http://m.x.example/a")}, FEED, NOW)
    ledger.add_urls("antara", {URL: Link("http://m.x.example/b")}, FEED, LATER)
    assert ledger.states([URL])[URL].fetched_as == "http://m.x.example/a"
    event = {"time": NOW.isoformat(), "event": "seen", "site": "antara", "on": FEED}
    other = f"{URL}/2"
    seen = event | {"urls": [URL, other], "addresses": {URL: "http://m.x.example/c"}}
    earlier = (NOW - timedelta(days=1)).isoformat()
    ingest(ledger, landed(events=[seen | {"time": earlier}]))
    assert ledger.states([URL])[URL].fetched_as == "http://m.x.example/c", "seen earlier"
    assert ledger.states([other])[other].fetched_as == other


def test_thousands_of_urls_at_once(ledger: Ledger) -> None:
    links = {url: Link(url) for url in (f"https://x/{number}" for number in range(3000))}
    assert len(ledger.add_urls("x", links, None, NOW)) == 3000
    assert len(ledger.pending("x")) == 3000


def test_two_crawls_at_once_lose_no_write(database_url: str) -> None:
    """Each sees its own URLs and some of the other's, in the opposite order."""
    shared = [f"https://shared/{number}" for number in range(40)]

    def crawl(site: str, mine: list[str]) -> None:
        own = Ledger.open(database_url)
        for number in range(25):
            links = [*mine, f"https://{site}/{number}"]
            own.add_urls(site, {url: Link(url) for url in links}, None, NOW)
            lines = [crawl_line(f"https://{site}/{number}", payload_sha256=f"{number:064}")]
            ingest(own, landed(f"{site}-{number}", lines, site=site))
        own.close()

    threads = [
        threading.Thread(target=crawl, args=("x", shared)),
        threading.Thread(target=crawl, args=("y", shared[::-1])),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    both = Ledger.open(database_url)
    assert len(both.pending()) == len(shared)
    assert len(both.to_recheck("x")) == len(both.to_recheck("y")) == 25
    both.close()


def test_a_new_ledger_is_opened_by_several_at_once(tmp_path: Path) -> None:
    def open_one(url: str, start: threading.Barrier) -> int:
        start.wait()
        opened = Ledger.open(url)
        pending = len(opened.pending())
        opened.close()
        return pending

    for number in range(10):
        url, start = f"sqlite:///{tmp_path}/{number}.sqlite", threading.Barrier(4)
        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(open_one, [url] * 4, [start] * 4)) == [0] * 4


def test_opening_again_keeps_everything(database_url: str) -> None:
    for _ in range(2):
        opened = Ledger.open(database_url)
        opened.add_urls("x", {"https://x/1": Link("https://x/1")}, None, NOW)
        assert len(opened.pending("x")) == 1
        opened.close()


def test_an_older_ledger_is_brought_up_to_date(database_url: str) -> None:
    from alembic import command
    from alembic.config import Config

    import newsbot.ledger.migrations as migrations

    engine = create_engine(database_url)
    config = Config()
    config.set_main_option("script_location", str(Path(str(migrations.__file__)).parent))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, SCHEMA_VERSIONS[0])
        for url, state in ((URL, "known"), (FEED, "pending")):
            row = f"'{url}', 'antara', '{state}', '2025-02-28 08:00:00', NULL, 0"
            connection.execute(text(f"INSERT INTO urls VALUES ({row})"))
    opened = Ledger.open(database_url)
    assert pending(opened) == [FEED]
    assert [seen.url for seen in opened.to_recheck("antara", NOW)] == [URL]
    opened.close()
    new = create_engine("sqlite://")
    metadata.create_all(new)
    with engine.connect() as migrated, new.connect() as made:
        for table in metadata.sorted_tables:
            there = {column["name"] for column in inspect(migrated).get_columns(table.name)}
            assert there == {column.name for column in table.columns}
            names = {index["name"] for index in inspect(migrated).get_indexes(table.name)}
            assert names == {index["name"] for index in inspect(made).get_indexes(table.name)}
    engine.dispose()
    new.dispose()


def test_a_newer_ledger_is_refused(database_url: str) -> None:
    Ledger.open(database_url).close()
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(LedgerError, match=r"version 9999 is newer .* upgrade newsbot"):
        Ledger.open(database_url)


def test_a_damaged_ledger_is_named(tmp_path: Path) -> None:
    path = tmp_path / "l.sqlite"
    path.write_bytes(b"this is not a database" * 100)
    with pytest.raises(LedgerError, match=r"not a database.*recover --rebuild-ledger"):
        Ledger.open(f"sqlite:///{path}")


@pytest.mark.parametrize("url", ["ledger.sqlite", "mysql://user@host/name", "oracle+x://a/b"])
def test_not_a_database_url(url: str) -> None:
    with pytest.raises(ConfigError, match="NEWSBOT_DATABASE_URL"):
        Ledger.open(url)


def test_a_server_that_is_down_is_named(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="is its disk full or its server down"):
        Ledger.open(f"postgresql+psycopg://nobody@/x?host={tmp_path}")


def test_a_question_that_fails_keeps_no_connection(ledger: Ledger) -> None:
    for _ in range(20):  # more than the pool has
        with pytest.raises(LedgerError, match="is its disk full or its server down"):
            ledger.fetch_raw_sql("SELECT 1 FROM nowhere", {})
    assert ledger.fetch_raw_sql("SELECT 1", {}) == [(1,)]


def test_hints_of_all_who_name_a_url_are_kept_the_best_first(ledger: Ledger) -> None:
    listed = Hints(title="Dari daftar", published_at=NOW, source="list")
    fed = Hints(title="Dari umpan", authors=("Siti",), source="feed")
    best = Hints("Dari umpan", NOW, authors=("Siti",), source="feed", dated_by="list")
    fields = {"hints": {URL: listed.to_fields()}, "urls": [URL]}
    seen = {"time": NOW.isoformat(), "event": "seen", "site": "antara", "on": FEED} | fields
    found = {"time": LATER.isoformat(), "event": "hints-found", "site": "antara", "on": FEED}
    ingest(ledger, landed(events=[seen, found | {"hints": {URL: fed.to_fields()}}]))
    assert ledger.hints(URL) == ledger.states([URL])[URL].hints == best
    earlier = {"time": (NOW - timedelta(days=1)).isoformat(), "event": "seen", "site": "antara"}
    ingest(ledger, landed("r2", events=[earlier | {"urls": [URL]}]))
    ledger.add_hints({URL: replace(listed, title="Lain")})
    assert ledger.hints(URL) == best, "an earlier sighting, or another list, takes nothing away"
    assert ledger.hints("https://x/unknown") == NO_HINTS
