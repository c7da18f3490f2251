"""Which articles are exported, and what is said of each beside its line."""

import csv
import gzip
import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from newsbot.archive.download import download_runs
from newsbot.archive.export import Selection, Wanted, parquet, select
from newsbot.archive.export.csv import export_csv, export_lines
from newsbot.archive.snapshots import list_runs, read_run
from newsbot.stores.opening import open_store
from newsbot.stores.store import Store
from tests.three_runs import CITY, COPY, FIELD, FIRST, OTHER, three_runs

__all__ = ["three_runs"]


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


def test_each_revision_says_what_is_known_of_it(three_runs: Store) -> None:
    by_name = {(row["url"], row["revision"]["number"]): row for row in rows(selection(three_runs))}
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


def test_the_newest_is_that_of_the_days_exported(three_runs: Store) -> None:
    assert (CITY, 1) in names(selection(three_runs, last=FIRST.date, latest=True))
    assert names(selection(three_runs, latest=True, urls=frozenset({CITY}))) == [(CITY, 2)]


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
    three_runs: Store, wanted: dict[str, Any], expected: list[tuple[str, int]]
) -> None:
    assert names(selection(three_runs, **wanted)) == expected


def test_sites_are_chosen(three_runs: Store) -> None:
    assert len(list(list_runs(three_runs, ["site", "copies"]))) == 4
    assert list(list_runs(three_runs, ["copies"])) == [OTHER]
    assert list(list_runs(three_runs, "opies")) == []


def test_all_tables_say_the_same(three_runs: Store, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    stream = io.BytesIO()
    done = export_csv(selection(three_runs), stream, lambda *_: None)
    assert done.articles == 4
    cells = list(csv.DictReader(io.StringIO(stream.getvalue().decode())))
    parquet.export(selection(three_runs), tmp_path / "x.parquet", lambda *_: None)
    typed = pq.read_table(tmp_path / "x.parquet").to_pylist()
    for row, cell, line in zip(typed, cells, rows(selection(three_runs)), strict=True):
        assert (row["ts"], row["is_latest"]) == (line["ts"], line["is_latest"])
        assert (cell["ts"], cell["is_latest"]) == (line["ts"], json.dumps(line["is_latest"]))
        assert cell["gone_at"] == (line["gone_at"] or "")
        assert (row["gone_at"] is None) == (line["gone_at"] is None)
        assert json.loads(cell["later_origins"]) == line["later_origins"]
        assert [one["url"] for one in row["later_origins"]] == [
            one["url"] for one in line["later_origins"]
        ]


def test_a_download_of_the_articles_alone_is_exported(three_runs: Store, tmp_path: Path) -> None:
    download_runs(three_runs, tmp_path / "part", only="articles")
    part = rows(selection(open_store(str(tmp_path / "part"))))
    assert [row | {"ts": None} for row in rows(selection(three_runs))] == part


def test_a_packed_export_is_gzip(three_runs: Store, tmp_path: Path) -> None:
    export_lines(selection(three_runs), tmp_path / "x.jsonl.gz", lambda *_: None)
    assert len(gzip.decompress((tmp_path / "x.jsonl.gz").read_bytes()).splitlines()) == 4
