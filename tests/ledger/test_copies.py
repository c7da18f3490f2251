"""Copies are found, their originals named, and different stories kept apart."""

import json
import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select
from typer.testing import CliRunner

from newsbot.cli import app
from newsbot.ledger import Ledger
from newsbot.ledger.copies.index import MAX_HOLDERS, RETENTION, prune
from newsbot.ledger.copies.links import clusters_of
from newsbot.ledger.ingest import ingest
from newsbot.ledger.schema import copies, replaced, shingles, texts
from newsbot.models import Dateline
from tests.ledger.dailies import DAILIES_ID, fill
from tests.ledger.newsroom import KINDS, Told, copied, originals
from tests.ledger.placing import BEGINNING, article, landed_as, place
from tests.ledger.scoring import score

CORPUS = Path(__file__).parents[3] / "shared/corpus/texts"
WIRE = "https://www.antaranews.com/berita/1/a"
COPY = "https://rakyat.example/a"


def story(number: int = 0) -> Told:
    """A story of some length."""
    return next(t for t in originals(number, "id", 12) if len(t.paragraphs) > 5)


def clusters(ledger: Ledger, url: str) -> list[set[str]]:
    return [{member.url for member in each} for each in clusters_of(ledger, url)]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "joined-two"])
@pytest.mark.parametrize("in_one_run", [True, False])
def test_every_kind_of_copy_names_its_original(ledger: Ledger, kind: str, in_one_run: bool) -> None:
    told = story()
    text = "\n\n".join(copied(random.Random(2), kind, told))
    pages = [article(WIRE, told.text), article(COPY, text, hour=1)]
    runs = [pages] if in_one_run else [pages[:1], pages[1:]]
    *_, copy = [one for number, run in enumerate(runs) for one in place(ledger, run, f"r{number}")]
    (origin,) = copy.article.origins
    assert (origin.url, origin.article_id) == (WIRE, f"sha256:{WIRE}")
    assert origin.similarity is not None
    assert origin.similarity > 0.7
    if kind in ("verbatim", "retitled", "excerpt", "edited", "joined"):
        assert origin.altered is (kind in ("edited", "joined"))
    assert clusters(ledger, COPY) == [{WIRE, COPY}]


def test_a_joined_text_has_both_originals_and_does_not_make_them_one(ledger: Ledger) -> None:
    one, other = story(1), story(2)
    urls = [WIRE, WIRE + "2"]
    place(ledger, [article(urls[0], one.text), article(urls[1], other.text)])
    (placed,) = place(ledger, [article(COPY, f"{one.text}\n\n{other.text}", 1)], "r2")
    assert {origin.url for origin in placed.article.origins} == set(urls)
    assert clusters(ledger, WIRE) == [{WIRE, COPY}]
    assert clusters(ledger, urls[1]) == [{urls[1], COPY}]
    assert len(clusters(ledger, COPY)) == 2


@pytest.mark.parametrize("language", ["id", "en", "xx"])
def test_a_newsroom_of_like_stories(database_url: str, language: str) -> None:
    ledger = Ledger.open(database_url)
    result = score(ledger, 12, language, 60)
    ledger.close()
    assert result.recall >= 0.96, str(result)
    assert result.precision >= 0.97, str(result)
    assert result.mixed == [], str(result)


@pytest.mark.endurance
@pytest.mark.parametrize("language", ["id", "en"])
def test_a_thousand_articles(language: str) -> None:
    ledger = Ledger.open("sqlite://")
    result = score(ledger, 2025, language, 500)
    ledger.close()
    assert result.recall >= 0.98, str(result)
    assert result.precision >= 0.98, str(result)
    assert result.mixed == [], str(result)


def test_a_daily_is_no_copy_of_another_one_that_differs_in_a_place(ledger: Ledger) -> None:
    template = DAILIES_ID[0]
    towns = ["\n".join(fill(random.Random(1), template, t, BEGINNING)) for t in ("Palu", "Ambon")]
    placed = place(ledger, [article(WIRE, towns[0]), article(COPY, towns[1], hour=1)])
    assert [one.article.origins for one in placed] == [(), ()]


def test_a_story_that_very_many_have_is_still_found(ledger: Ledger) -> None:
    text = story().text
    many = [
        article(f"https://rakyat.example/{n}", text, hour=1 + n) for n in range(MAX_HOLDERS + 8)
    ]
    place(ledger, [article(WIRE, text), *many])
    (placed,) = place(ledger, [article(COPY, text, hour=99)], "r2")
    assert [origin.url for origin in placed.article.origins] == [WIRE]


def test_a_late_original_takes_its_copies_over(ledger: Ledger) -> None:
    told = story()
    (copy,) = place(ledger, [article(COPY, told.text, hour=2)])
    assert copy.article.origins == ()
    (placed,) = place(ledger, [article(WIRE, told.text, hour=1)], "r2")
    assert placed.article.origins == ()
    (link,) = placed.copies_found
    assert (link.copy, link.original, link.instead_of) == (COPY, WIRE, None)
    assert "published earlier" in link.evidence
    assert clusters(ledger, WIRE) == [{WIRE, COPY}]


def test_a_better_original_takes_the_place_of_the_one_before(ledger: Ledger) -> None:
    told = story()
    other = "https://lain.example/a"
    place(ledger, [article(COPY, told.text, hour=2), article(other, told.text, hour=3)])
    assert clusters(ledger, other) == [{COPY, other}]
    (placed,) = place(ledger, [article(WIRE, told.text, hour=1)], "r2")
    assert {(link.copy, link.instead_of) for link in placed.copies_found} == {
        (COPY, None),
        (other, COPY),
    }
    assert clusters(ledger, other) == [{WIRE, COPY, other}]


def test_the_order_in_which_runs_are_taken_in_does_not_matter(database_url: str) -> None:
    told = story()
    first = Ledger.open(database_url)
    runs = [
        place(first, [article(COPY, told.text, hour=2), article(f"{COPY}/b", told.text, hour=3)]),
        place(first, [article(WIRE, told.text, hour=1)], "r2"),
        place(first, [article(f"{COPY}/c", story(1).text, hour=9)], "r3"),
    ]
    before = rows_of(first)
    found = clusters(first, WIRE)
    assert all(before.values())
    first.close()
    again = Ledger.open("sqlite://")
    for number in (3, 2, 1):
        ingest(again, landed_as(f"r{number}", runs[number - 1]))
    assert rows_of(again) == before
    assert clusters(again, WIRE) == found == [{WIRE, COPY, f"{COPY}/b"}]
    again.close()


def rows_of(ledger: Ledger) -> dict[str, list[tuple[Any, ...]]]:
    """All that the ledger knows of copies."""
    with ledger.reading() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for table in (texts, shingles, copies, replaced)
        }


def test_a_credit_decides_where_times_do_not(ledger: Ledger) -> None:
    told = story()
    dateline = Dateline(place="Jakarta", agency="ANTARA", raw="Jakarta (ANTARA)")
    copy = article(COPY, told.text, hour=1, published_at=None, dateline=dateline)
    original = article(WIRE, told.text, hour=2, published_at=None, dateline=dateline)
    place(ledger, [copy])
    (placed,) = place(ledger, [original], "r2")
    (link,) = placed.copies_found
    assert (link.copy, link.method) == (COPY, "credit")
    assert "names the agency of www.antaranews.com" in link.evidence


def test_a_credit_without_a_text_is_an_origin_without_an_address(ledger: Ledger) -> None:
    (placed,) = place(ledger, [article(COPY, story().text, source_credit="Anadolu")])
    (origin,) = placed.article.origins
    assert (origin.url, origin.method) == (None, "credit")
    assert "Sumber: Anadolu" in origin.evidence


def test_old_texts_are_pruned_and_no_shingle_of_them_stays(ledger: Ledger) -> None:
    place(ledger, [article(WIRE, story().text)])
    with ledger.transaction() as connection:
        assert prune(connection, BEGINNING + RETENTION) == 0
        assert prune(connection, BEGINNING + RETENTION + timedelta(minutes=1)) == 1
        assert connection.exec_driver_sql("SELECT count(*) FROM shingles").scalar() == 0
    (placed,) = place(ledger, [article(COPY, story().text)], "r2")
    assert placed.article.origins == ()


_CAPTURES_BEFORE = {
    "record_id": "VARCHAR(64)",
    "record_date": "TIMESTAMP",
    "file": "TEXT",
    "payload_digest": "VARCHAR(64)",
}


def age(connection: Connection, version: str) -> None:
    """Make the ledger one of an older version: without what came later."""
    connection.exec_driver_sql("DROP TABLE aliases")
    connection.exec_driver_sql("ALTER TABLE urls DROP COLUMN hints")
    connection.exec_driver_sql("ALTER TABLE urls DROP COLUMN address")
    connection.exec_driver_sql("DROP TABLE requisites")
    connection.exec_driver_sql("ALTER TABLE captures DROP COLUMN payload_sha256")
    for column in ("pictures", "requisites"):
        connection.exec_driver_sql(f"ALTER TABLE captures DROP COLUMN {column}")
    for column, kind in _CAPTURES_BEFORE.items():
        connection.exec_driver_sql(f"ALTER TABLE captures ADD COLUMN {column} {kind}")
    connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{version}'")


def test_an_older_ledger_looks_for_copies_among_what_lands_from_now_on(database_url: str) -> None:
    old = Ledger.open(database_url)
    place(old, [article(WIRE, story().text)])
    with old.transaction() as connection:
        connection.exec_driver_sql("UPDATE texts SET words = 'ab'")  # as they were: 16 bits each
        age(connection, "0007")
    old.close()
    opened = Ledger.open(database_url)
    (placed,) = place(opened, [article(COPY, story().text, hour=1)], "r2")
    assert placed.article.origins == ()
    assert opened.article(WIRE) is not None
    (other,) = place(opened, [article(COPY + "/2", story().text, hour=2)], "r3")
    assert [origin.url for origin in other.article.origins] == [COPY]
    opened.close()


def test_a_ledger_with_other_shingles_makes_them_again_from_the_words(database_url: str) -> None:
    old = Ledger.open(database_url)
    stories = [told for number in range(3) for told in originals(number, "id", 12)]
    pages = [article(f"{WIRE}/{n}", told.text) for n, told in enumerate(stories)]
    place(old, [*pages, article(WIRE, "Terlalu pendek.")])
    before = rows_of(old)
    with old.transaction() as connection:
        connection.exec_driver_sql("UPDATE shingles SET shingle = shingle + 1")
        age(connection, "0009")
    old.close()
    opened = Ledger.open(database_url)
    assert rows_of(opened) == before
    assert len(before["shingles"]) > len(stories)
    opened.close()


def test_show_copies(ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'l.sqlite'}"
    own = Ledger.open(url)
    place(own, [article(WIRE, story().text), article(COPY, story().text, hour=1)])
    own.close()
    monkeypatch.setenv("NEWSBOT_DATABASE_URL", url)
    monkeypatch.setenv("NEWSBOT_STORE", str(tmp_path / "store"))
    done = CliRunner().invoke(app, ["show", COPY, "--copies", "--json"])
    ((original, copy),) = json.loads(done.stdout)["clusters"]
    assert (original["url"], original["role"]) == (WIRE, "original")
    assert (copy["url"], copy["role"], copy["similarity"]) == (COPY, "copy", 1.0)
    assert WIRE in CliRunner().invoke(app, ["show", COPY, "--copies"]).stdout


def corpus_text(name: str) -> str:
    if not (CORPUS / name).is_file():
        pytest.skip("the corpus is not here")
    return (CORPUS / name).read_text(encoding="utf-8")


@pytest.mark.corpus
def test_one_wire_story_under_other_hosts_and_headlines(ledger: Ledger) -> None:
    regional = corpus_text("megapolitan_364417_same_story.txt").split("\n", 3)[3]
    page = corpus_text("rakyatnews_peskov_2025-02-28.txt")
    (first, second) = place(
        ledger,
        [
            article("https://megapolitan.antaranews.com/berita/364417/rusia", regional),
            article("https://rakyatnews.example/peskov", page, hour=4),
        ],
    )
    assert first.article.origins == ()
    (origin,) = second.article.origins
    assert origin.url == first.article.canonical_url
    assert clusters(ledger, origin.url)[0] == {origin.url, second.article.canonical_url}
