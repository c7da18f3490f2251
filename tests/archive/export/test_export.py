"""Exports are what the tools of their users read, and hold what the snapshots hold."""

import csv
import gzip
import io
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bagit
import pytest

from newsbot.archive.export import csv as csv_export
from newsbot.archive.export import index, parquet, select, wacz
from newsbot.archive.export.wacz import sorted_lines
from newsbot.archive.read_record import parse_member
from newsbot.archive.snapshots import Snapshot, read_run
from newsbot.errors import ConfigError, FixityError
from tests.acceptance.conftest import Bench

pytestmark = pytest.mark.slow

DAYS = "2000-01-01..2100-01-01"


def quiet(_what: str, _done: int, _total: int) -> None:
    pass


def runs_of(bench: Bench, site: str | None = None) -> list[Snapshot]:
    return [read_run(bench.store, ref) for ref in bench.runs(site)]


def export(bench: Bench, form: str, to: Path, *arguments: str) -> None:
    done = bench.newsbot("export", DAYS, "--format", form, "--to", str(to), *arguments)
    assert done.returncode == 0, done.stdout + done.stderr


KNOWN = ("ts", "is_latest", "gone_at", "later_origins")


def test_jsonl_has_the_lines_as_they_are_stored_and_what_is_known(
    landed: Bench, tmp_path: Path
) -> None:
    export(landed, "jsonl", tmp_path / "all.jsonl.gz")
    lines = gzip.decompress((tmp_path / "all.jsonl.gz").read_bytes()).splitlines()
    stored = [
        line
        for ref in sorted(landed.runs())
        for line in gzip.decompress(landed.store.get(f"{ref.prefix}articles.jsonl.gz")).splitlines()
    ]
    assert len(lines) == len(stored)
    for line, before in zip(lines, stored, strict=True):
        assert line.startswith(before[:-1] + b',"ts":"')
        assert tuple(json.loads(line))[-4:] == KNOWN


def test_csv_is_read_back_and_safe_in_a_spreadsheet(landed: Bench, tmp_path: Path) -> None:
    done = csv_export.export_csv(select(runs_of(landed)), tmp_path / "all.csv", quiet)
    with (tmp_path / "all.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    articles = {article["url"]: article for article in landed.articles()}
    assert len(rows) == done.articles == len(landed.articles())
    for row in rows:
        article = articles[row["url"]]
        assert row["text"] == article["text"]
        assert json.loads(row["authors"]) == article["authors"]
    assert csv_export._cell("=HYPERLINK(1)") == "'=HYPERLINK(1)"
    assert csv_export._cell("- satu") == "'- satu"


def test_parquet_has_typed_columns_for_duckdb_and_pandas(landed: Bench, tmp_path: Path) -> None:
    import duckdb
    import pandas as pd

    path = tmp_path / "all.parquet"
    parquet.export(select(runs_of(landed)), path, quiet)
    articles = sorted(landed.articles(), key=lambda article: article["sources"][0]["record_id"])
    found = duckdb.sql(
        f"select title, epoch_us(published_at), authors, len(tags), published.raw "
        f"from '{path}' order by sources[1].record_id"
    ).fetchall()
    expected = [
        (
            a["title"],
            a["published_at"] and int(pd.Timestamp(a["published_at"]).timestamp()) * 1_000_000,
            a["authors"],
            len(a["tags"]),
            (a["published"] or {}).get("raw"),
        )
        for a in articles
    ]
    assert found == expected
    types = dict(duckdb.sql(f"describe select * from '{path}'").project("column_name, column_type")
                 .fetchall())  # fmt: skip
    assert types["date"] == "DATE"
    assert types["fetched_at"] == "TIMESTAMP WITH TIME ZONE"
    assert types["tags"] == "VARCHAR[]"
    assert types["authors"] == 'STRUCT("name" VARCHAR, "role" VARCHAR)[]'
    frame = pd.read_parquet(path)
    assert str(frame["published_at"].dt.tz) == "UTC"
    assert len(frame) == len(articles)


def test_without_pyarrow_one_line_says_what_to_do(
    landed: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ConfigError, match=r"pip install 'newsbot\[parquet\]'"):
        parquet.export(select(runs_of(landed)), tmp_path / "x.parquet", quiet)
    assert not list(tmp_path.iterdir())


def test_a_bag_is_valid_and_its_data_verifies(landed: Bench, tmp_path: Path) -> None:
    export(landed, "bagit", tmp_path / "bag")
    bag = bagit.Bag(str(tmp_path / "bag"))
    bag.validate()
    assert sorted(bag.info["External-Identifier"]) == [ref.run for ref in landed.runs()]
    assert landed.newsbot("verify", str(tmp_path / "bag" / "data")).returncode == 0


def test_a_wacz_passes_the_validator_and_what_it_does_not_look_at(
    landed: Bench, tmp_path: Path
) -> None:
    path = tmp_path / "all.wacz"
    export(landed, "wacz", path)
    judge = Path(sys.executable).with_name("wacz")
    done = subprocess.run([judge, "validate", "-f", path], capture_output=True, check=True)
    assert b"passed WACZ is valid" in done.stdout + done.stderr
    with zipfile.ZipFile(path) as package:
        assert package.testzip() is None
        names = package.namelist()
        for ref in landed.runs():
            for info in landed.store.list(ref.prefix + "warc/"):
                name = f"archive/{info.name.rpartition('/')[2]}"
                assert package.getinfo(name).compress_type == zipfile.ZIP_STORED
                assert package.read(name) == landed.store.get(info.name)
        assert {"datapackage.json", "datapackage-digest.json"} < set(names)
        index = index_of(package)
        stored = [
            line
            for ref in landed.runs()
            for line in landed.store.get(ref.prefix + "index.cdxj").splitlines()
        ]
        assert index == sorted(stored)
        pages = [json.loads(line) for line in package.read("pages/pages.jsonl").splitlines()][1:]
        known = {(a["url"], a["title"], a["text"]) for a in landed.articles()}
        assert {(page["url"], page["title"], page["text"]) for page in pages} == known
        times = {(json.loads(line.split(b" ", 2)[2])["url"], line.split(b" ")[1]) for line in index}
        for page in pages:
            assert (
                page["url"],
                "".join(c for c in page["ts"][:19] if c.isdigit()).encode(),
            ) in times


def index_of(package: zipfile.ZipFile) -> list[bytes]:
    """The lines of the index, read as a player does: through the table of its blocks."""
    packed = package.read("indexes/index.cdx.gz")
    lines: list[bytes] = []
    head, *table = package.read("indexes/index.idx").decode().splitlines()
    assert head.startswith("!meta 0 ")
    for entry in table:
        fields: dict[str, Any] = json.loads(entry.split(" ", 2)[2])
        block = gzip.decompress(packed[fields["offset"] : fields["offset"] + fields["length"]])
        lines += block.splitlines()
        assert lines[-len(block.splitlines())].startswith(" ".join(entry.split(" ")[:2]).encode())
    return lines


def test_what_revisits_refer_to_comes_along(landed: Bench, tmp_path: Path) -> None:
    """The second crawl alone: its robots.txt was in the first."""
    _, second = runs_of(landed, "antara")
    path = tmp_path / "second.wacz"
    done = wacz.export(select([second]), path, quiet)
    assert second.manifest.refers_to
    assert done.missing == ()
    with zipfile.ZipFile(path) as package:
        data = package.read("archive/dependencies.warc.gz")
        fields = [json.loads(line.split(b" ", 2)[2]) for line in index_of(package)]
        moved = [field for field in fields if field["filename"] == "dependencies.warc.gz"]
        assert moved
        for field in moved:
            offset, length = int(field["offset"]), int(field["length"])
            record = parse_member(data[offset : offset + length], "")
            assert record.headers["warc-target-uri"] == field["url"]


def test_an_index_names_the_files_of_the_store(landed: Bench, tmp_path: Path) -> None:
    _, second = runs_of(landed, "antara")
    path = tmp_path / "second.cdxj"
    assert index.export(select([second]), path, quiet).missing == ()
    lines = path.read_bytes().splitlines()
    assert lines == sorted(lines)
    named = {json.loads(line.split(b" ", 2)[2])["filename"] for line in lines}
    assert named == {*own_warcs(second), *second.manifest.refers_to}


def own_warcs(run: Snapshot) -> set[str]:
    paths = [entry.name for entry in run.manifest.files]
    return {path.rpartition("/")[2] for path in paths if path.endswith(".warc.gz")}


def test_what_is_not_in_the_store_is_named(copy: Bench, tmp_path: Path) -> None:
    first, _ = copy.runs("antara")
    shutil.rmtree(Path(copy.store_url) / first.prefix)
    done = copy.newsbot("export", DAYS, "--format", "wacz", "--to", str(tmp_path / "x.wacz"))
    assert done.returncode == 3
    assert f"robots.txt in NEWSBOT-antara-{first.run}" in done.stdout


@pytest.mark.parametrize("export_as", [csv_export.export_lines, wacz.export])
def test_a_damaged_file_leaves_nothing_under_the_name(
    copy: Bench, tmp_path: Path, export_as: Callable[..., object]
) -> None:
    path = Path(copy.store_url) / copy.runs("antara")[0].prefix / "articles.jsonl.gz"
    lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    path.write_bytes(gzip.compress(b"".join(lines[1:])))
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(FixityError, match=r"articles\.jsonl\.gz: .* the stored copy is damaged"):
        export_as(select(runs_of(copy)), out / "x", quiet)
    assert not list(out.iterdir())


def test_nothing_is_overwritten(landed: Bench, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("mine")
    with pytest.raises(ConfigError, match="already exists"):
        csv_export.export_csv(select(runs_of(landed)), tmp_path / "x.csv", quiet)
    assert (tmp_path / "x.csv").read_text() == "mine"


def test_sorting_by_pieces_is_sorting() -> None:
    lines = [f"{n * 7919 % 1000:04d} {'x' * (n % 50)}".encode() for n in range(1000)]
    assert list(sorted_lines(iter(lines), piece=2000)) == sorted(lines)
    assert list(sorted_lines(io.BytesIO())) == []
