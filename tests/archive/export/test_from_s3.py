"""Exporting and reprocessing work from an S3 store as from a folder."""

import gzip
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from newsbot.stores.opening import check_store, open_store
from tests.acceptance.conftest import Bench
from tests.servers import S3Server

pytestmark = pytest.mark.slow

DAYS = "2000-01-01..2100-01-01"


@pytest.fixture
def on_s3(landed: Bench, s3: S3Server, tmp_path: Path) -> Bench:
    """The landed runs of the aggregator and ANTARA, on the S3 server."""
    store = open_store(f"s3://newsbot/{tmp_path.name}")
    check_store(store, write=True)
    for info in landed.store.list("snapshots/"):
        path = Path(landed.store_url) / info.name
        store.put_file(info.name, path, landed.store.stat(info.name).sha256 or "")
    environment = landed.environment | s3.environment
    return replace(landed, store_url=store.url, environment=environment, state=tmp_path / "var")


def test_reprocess_from_s3_to_s3_gives_the_same_lines(on_s3: Bench) -> None:
    done = on_s3.newsbot("reprocess", DAYS, "--to", on_s3.store_url, "--json", "--processes", "1")
    assert done.returncode == 0, done.stderr
    reports = json.loads(done.stdout)
    assert sum(report["same"] for report in reports) == len(on_s3.articles()) / 2 > 10
    for report in reports:
        source = report["prefix"].partition("+")[0] + "/"
        again, before = (
            gzip.decompress(on_s3.store.get(f"{prefix}articles.jsonl.gz"))
            for prefix in (report["prefix"], source)
        )
        assert again == before
    assert on_s3.newsbot("verify").returncode == 0


@pytest.mark.parametrize("form", ["jsonl", "wacz"])
def test_export_from_s3_is_the_export_from_a_folder(
    on_s3: Bench, landed: Bench, tmp_path: Path, form: str
) -> None:
    for bench, name in ((on_s3, "s3"), (landed, "folder")):
        to = str(tmp_path / name)
        done = bench.newsbot("export", DAYS, "--format", form, "--to", to)
        assert done.returncode == 0, done.stdout + done.stderr
    if form == "jsonl":
        assert (tmp_path / "s3").read_bytes() == (tmp_path / "folder").read_bytes()
        return
    with zipfile.ZipFile(tmp_path / "s3") as ours, zipfile.ZipFile(tmp_path / "folder") as theirs:
        sums = [
            {one.filename: one.CRC for one in package.infolist() if one.filename.endswith(".gz")}
            for package in (ours, theirs)
        ]
    assert sums[0] == sums[1]
    assert any(name.startswith("archive/") for name in sums[0])
