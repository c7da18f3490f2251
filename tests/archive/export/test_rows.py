"""Which articles are exported, and what is said of each beside its line."""

import csv
import gzip
import io
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from newsbot.archive.download import download_runs
from newsbot.archive.export import Selection, Wanted, parquet, select
from newsbot.archive.export.csv import export_csv, export_lines
from newsbot.archive.snapshots import list_runs, read_run
from newsbot.landing.upload import land
from newsbot.layout import RunRef
from newsbot.stores.opening import check_store, open_store
from newsbot.stores.store import Store
from tests.landed import packed
from tests.small_run import manifest

CITY = "https://site.example/kota"
FIELD = "https://site.example/ladang"
COPY = "https://copy.example/1"
FIRST, SECOND, THIRD, OTHER = (
    RunRef(date(2025, 2, 28), "site", "20250228T080000Z-aaaaaa"),
    RunRef(date(2025, 3, 1), "site", "20250301T080000Z-bbbbbb"),
    RunRef(date(2025, 3, 2), "site", "20250302T080000Z-cccccc"),
    RunRef(date(2025, 2, 28), "copies", "20250228T090000Z-dddddd"),
)


def article(url: str, ref: RunRef, number: int = 1, **fields: Any) -> dict[str, Any]:
    hour = f"{ref.run[:4]}-{ref.run[4:6]}-{ref.run[6:8]}T{ref.run[9:11]}"
    return {
        "schema": "newsbot.article/2", "id": url, "url": url, "canonical_url": url,
        "site": ref.site, "title": "Panen", "text": "Padi di kota.", "section": "Ekonomi",
        "content_sha256": "0" * 64, "extractor": {"version": "1", "rules": "abc"},
        "fetched_at": f"{hour}:00:09.500000Z",
        "sources": [{"file": f"{ref.run}.warc.gz", "offset": len(url) + number, "length": 9,
            "record_id": f"<{url}>"}],
        "revision": {"number": number, "previous_sha256": None, "changed": []},
    } | fields  # fmt: skip


def indexed(line: Mapping[str, Any]) -> bytes:
    (source,) = line["sources"]
    stamp = "".join(c for c in line["fetched_at"][:17] if c.isdigit()) + "04"
    fields = {"url": line["url"], "filename": source["file"], "offset": str(source["offset"]),
        "length": "9"}  # fmt: skip
    return f"{line['url']} {stamp} {json.dumps(fields)}\n".encode()


def put(store: Store, folder: Path, ref: RunRef, lines: list[Any], events: list[Any]) -> None:
    """Land a run with these articles and events."""
    folder = folder / ref.run
    (folder / "warc").mkdir(parents=True)
    (folder / "articles.jsonl.gz").write_bytes(packed(lines))
    (folder / "events.jsonl.gz").write_bytes(packed(events))
    (folder / "index.cdxj").write_bytes(b"".join(sorted(map(indexed, lines))))
    counts = {"articles": len(lines)}
    land(folder, store, manifest(run=ref.run, site=ref.site, counts=counts), ref.prefix)


def found(copy: str, original: str, time: str, instead_of: str | None = None) -> dict[str, Any]:
    return {
        "time": time, "event": "original-found", "copy": copy, "original": original, "revision": 1,
        "method": "text", "similarity": 0.9, "altered": False, "evidence": "90 % of its words",
        "instead_of": instead_of,
    }  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Three runs of a site: an edit, a page that is gone, back and gone; and a copy."""
    opened = open_store(str(tmp_path / "store"))
    check_store(opened, write=True)
    city, field = article(CITY, FIRST), article(FIELD, FIRST, section="Sosial", title="Harga beras")
    put(opened, tmp_path, FIRST, [city, field], [])
    put(opened, tmp_path, OTHER, [article(COPY, OTHER)], [])
    put(
        opened, tmp_path, SECOND, [article(CITY, SECOND, 2, text="Beras tiba.")],
        [
            {"time": "2025-03-01T08:00:01Z", "event": "gone", "url": FIELD},
            {"time": "2025-03-01T08:00:02Z", "event": "seen", "site": "site", "urls": [CITY]},
            found(COPY, FIELD, "2025-03-01T08:00:03Z"),
        ],
    )  # fmt: skip
    put(
        opened, tmp_path, THIRD, [],
        [
            {"time": "2025-03-02T08:00:01Z", "event": "back", "url": FIELD},
            {"time": "2025-03-02T08:00:02Z", "event": "gone", "url": FIELD},
            {"time": "2025-03-02T08:00:03Z", "event": "gone", "url": FIELD},
            found(COPY, CITY, "2025-03-02T08:00:04Z", instead_of=FIELD),
        ],
    )  # fmt: skip
    return opened


def selection(store: Store, last: date | None = None, **wanted: Any) -> Selection:
    runs = [read_run(store, ref) for ref in list_runs(store, last=last)]
    later = [read_run(store, ref) for ref in list_runs(store)]
    return select(runs, wanted=Wanted(**wanted), learned_from=lambda: later)


def rows(chosen: Selection) -> list[dict[str, Any]]:
    stream = io.BytesIO()
    export_lines(chosen, stream, lambda *_: None)
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def names(chosen: Selection) -> list[tuple[str, int]]:
    return [(row["url"], row["revision"]["number"]) for row in rows(chosen)]


def test_each_revision_says_what_is_known_of_it(store: Store) -> None:
    by_name = {(row["url"], row["revision"]["number"]): row for row in rows(selection(store))}
    assert {name: row["is_latest"] for name, row in by_name.items()} == {
        (CITY, 1): False, (CITY, 2): True, (FIELD, 1): True, (COPY, 1): True,
    }  # fmt: skip
    assert {name: row["gone_at"] for name, row in by_name.items() if row["gone_at"]} == {
        (FIELD, 1): "2025-03-02T08:00:02Z"
    }
    (origin,) = by_name[COPY, 1]["later_origins"]
    assert (origin["url"], origin["instead_of"]) == (CITY, FIELD), "the first one was replaced"
    assert origin["found_at"] == "2025-03-02T08:00:04Z"
    assert by_name[CITY, 1]["ts"] == "20250228080004", "as the index has it"
    assert by_name[CITY, 1]["fetched_at"] == "2025-02-28T08:00:09.500000Z", "as it landed"


def test_the_newest_is_that_of_the_days_exported(store: Store) -> None:
    assert (CITY, 1) in names(selection(store, last=FIRST.date, latest=True))
    assert names(selection(store, latest=True, urls=frozenset({CITY}))) == [(CITY, 2)]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"sections": ("sosial",)}, [(FIELD, 1)]),
        ({"sections": ("Sosial", "Hukum")}, [(FIELD, 1)]),
        ({"words": ("BERAS",)}, [(FIELD, 1), (CITY, 2)]),
        ({"words": ("beras", "harga")}, [(FIELD, 1)]),
        ({"words": ("harga beras",)}, [(FIELD, 1)]),
        ({"words": ("bera",)}, []),
        ({"words": (".*",)}, []),
        ({"urls": frozenset({CITY})}, [(CITY, 1), (CITY, 2)]),
        ({"urls": frozenset({CITY}), "words": ("beras",)}, [(CITY, 2)]),
    ],
)
def test_articles_are_chosen(
    store: Store, wanted: dict[str, Any], expected: list[tuple[str, int]]
) -> None:
    assert names(selection(store, **wanted)) == expected


def test_sites_are_chosen(store: Store) -> None:
    assert len(list(list_runs(store, ["site", "copies"]))) == 4
    assert list(list_runs(store, ["copies"])) == [OTHER]
    assert list(list_runs(store, "opies")) == []


def test_all_tables_say_the_same(store: Store, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    stream = io.BytesIO()
    done = export_csv(selection(store), stream, lambda *_: None)
    assert done.articles == 4
    cells = list(csv.DictReader(io.StringIO(stream.getvalue().decode())))
    parquet.export(selection(store), tmp_path / "x.parquet", lambda *_: None)
    typed = pq.read_table(tmp_path / "x.parquet").to_pylist()
    for row, cell, line in zip(typed, cells, rows(selection(store)), strict=True):
        assert (row["ts"], row["is_latest"]) == (line["ts"], line["is_latest"])
        assert (cell["ts"], cell["is_latest"]) == (line["ts"], json.dumps(line["is_latest"]))
        assert cell["gone_at"] == (line["gone_at"] or "")
        assert (row["gone_at"] is None) == (line["gone_at"] is None)
        assert json.loads(cell["later_origins"]) == line["later_origins"]
        assert [one["url"] for one in row["later_origins"]] == [
            one["url"] for one in line["later_origins"]
        ]


def test_a_download_of_the_articles_alone_is_exported(store: Store, tmp_path: Path) -> None:
    download_runs(store, tmp_path / "part", only="articles")
    part = rows(selection(open_store(str(tmp_path / "part"))))
    assert [row | {"ts": None} for row in rows(selection(store))] == part


def test_a_packed_export_is_gzip(store: Store, tmp_path: Path) -> None:
    export_lines(selection(store), tmp_path / "x.jsonl.gz", lambda *_: None)
    assert len(gzip.decompress((tmp_path / "x.jsonl.gz").read_bytes()).splitlines()) == 4
