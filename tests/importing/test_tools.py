"""What wget, warcio and py-wacz wrote comes in: kept as it came, read, verified, and once."""

import gzip
import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from newsbot.importing.source import NotImportable
from newsbot.landing.outcome import ExitStatus
from newsbot.landing.rebuild_ledger import rebuild_ledger
from tests.importing.conftest import Place
from tests.importing.made import DATA, by_warcio
from tests.importing.site import CHUNKED, PAGED, STORIES, text_of

FILES = ("wget.warc.gz", "warcio.warc.gz", "py-wacz.wacz")


def warcs_of(path: Path) -> list[bytes]:
    """The bytes of the WARC files in it."""
    if path.suffix != ".wacz":
        return [path.read_bytes()]
    with zipfile.ZipFile(path) as package:
        names = [name for name in package.namelist() if name.startswith("archive/")]
        return [package.read(name) for name in names]


@pytest.mark.parametrize("name", FILES)
def test_the_bytes_are_kept_and_the_pages_are_read(place: Place, name: str) -> None:
    path = DATA / name
    report = place.add(path)
    assert (report.outcome, report.status) == ("imported", ExitStatus.OK)
    site = "kabar" if name.endswith(".wacz") else "berita"
    assert report.site == site
    run = place.run_of(report)
    assert run.manifest.outcome == "imported"
    imported = run.manifest.imported
    assert imported is not None
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    assert (imported.name, imported.size, imported.sha256) == (name, path.stat().st_size, sha256)
    assert imported.tool == report.tool
    assert [run.open(one.name).read() for one in imported.files] == warcs_of(path)
    articles = {one["canonical_url"]: one for one in place.lines(report, "articles")}
    assert set(articles) == {f"https://{site}.example{story}" for story in STORIES}
    chunked = articles[f"https://{site}.example{CHUNKED}"]
    assert chunked["title"] == STORIES[CHUNKED][0]
    assert f"<p>{'</p><p>'.join(chunked['text'].split(chr(10) * 2))}</p>" == text_of(
        chunked["title"]
    )
    paged = articles[f"https://{site}.example{PAGED}"]
    assert "tiang penyangga" in paged["text"]
    assert [source["role"] for source in paged["sources"]] == ["page", "next_page"]
    lines = place.lines(report, "crawl")
    assert {one["url"].rpartition("/")[2]: one["became"] for one in lines} == {
        "": "page", "banjir-surut": "article", "panen-raya": "article", "dua-halaman": "article",
        "dua-halaman?page=2": "next_page", "gambar.png": "file", "hilang": "failed",
        **({} if name.startswith("wget") else {f"dns:{site}.example": "file"}),
    }  # fmt: skip
    dates = {one["record"]["id"]: one["time"] for one in lines}
    for one in articles.values():
        assert one["fetched_at"] == dates[one["sources"][0]["record_id"]].replace(".000000", "")
    assert place.faults() == []
    assert place.spooled == []


def test_a_file_that_was_imported_is_not_imported_again(place: Place, tmp_path: Path) -> None:
    reports = [place.add(DATA / name) for name in FILES]
    before = place.files()
    renamed = tmp_path / "lain.warc.gz"
    shutil.copy(DATA / "wget.warc.gz", renamed)
    for path, first in zip([renamed, *(DATA / name for name in FILES[1:])], reports, strict=True):
        again = place.add(path)
        assert (again.outcome, again.status) == ("already-imported", ExitStatus.OK)
        assert (again.site, again.prefix) == (first.site, first.prefix)
    assert place.files() == before
    first, second, _ = map(place.run_of, reports)
    assert first.manifest.previous is None
    assert second.manifest.previous is not None
    assert second.manifest.previous.manifest_sha256 == first.sha256 == reports[0].manifest_sha256


def test_a_ledger_that_is_rebuilt_knows_what_was_imported(place: Place) -> None:
    for name in FILES:
        place.add(DATA / name)
    Path(place.config.ledger_url.removeprefix("sqlite:///")).unlink()
    assert rebuild_ledger(place.config, place.store) == 3
    assert place.add(DATA / FILES[0]).outcome == "already-imported"
    ledger = place.ledger()
    for story in STORIES:
        assert ledger.article(f"https://berita.example{story}") is not None
    ledger.close()


def test_revisits_of_wget_are_read_where_their_payload_came_too(
    place: Place, tmp_path: Path
) -> None:
    alone = place.add(DATA / "wget-dedup.warc.gz")
    outcomes = {one["url"]: one for one in place.lines(alone, "crawl")}
    revisit = outcomes[f"http://berita.example{CHUNKED}"]
    assert (revisit["became"], revisit["why"]) == ("failed", "revisit-without-payload")
    assert "payload_sha256" not in revisit
    assert place.lines(alone, "articles") == []
    both = tmp_path / "both.warc.gz"
    data = [(DATA / name).read_bytes() for name in ("wget-dedup.warc.gz", "wget.warc.gz")]
    both.write_bytes(b"".join(data))
    report = place.add(both)
    lines = place.lines(report, "crawl")
    revisits = [one for one in lines if one["record"]["type"] == "revisit" and "key" in one]
    assert {one["became"] for one in revisits} == {"article", "next_page"}
    responses = {one["record"]["id"]: one for one in lines if one["record"]["type"] == "response"}
    for one in revisits:
        target = responses[one["payload_record"]["id"]]
        assert (target["url"], target["payload_sha256"]) == (one["url"], one["payload_sha256"])
    assert len(place.lines(report, "articles")) == len(STORIES)
    assert [fault for fault in place.faults() if not fault.is_remark] == []


def test_an_uncompressed_file_is_packed_so_that_zcat_gives_it_back(
    place: Place, tmp_path: Path
) -> None:
    path = tmp_path / "a.warc"
    by_warcio(path, "berita.example", compressed=False)
    report = place.add(path)
    run = place.run_of(report)
    assert run.manifest.imported is not None
    (one,) = run.manifest.imported.files
    assert gzip.decompress(run.open(one.name).read()) == path.read_bytes()
    assert one.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert len(place.lines(report, "articles")) == len(STORIES)
    assert place.faults() == []


def test_a_file_in_one_gzip_member_is_refused_with_the_remedy(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(gzip.compress(gzip.decompress((DATA / "wget.warc.gz").read_bytes())))
    with pytest.raises(NotImportable, match="`gunzip` it"):
        place.add(path, even_if_damaged=True)
    assert place.files().keys() == {Path(place.config.store_url) / "newsbot.json"}


def test_a_package_keeps_what_it_says_of_its_pages(place: Place) -> None:
    path = DATA / "py-wacz.wacz"
    run = place.run_of(place.add(path))
    with zipfile.ZipFile(path) as package:
        for name in ("datapackage.json", "datapackage-digest.json", "pages/pages.jsonl"):
            assert run.open(f"wacz/{name}").read() == package.read(name)


def test_a_package_whose_file_is_another_is_refused(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "b.wacz"
    with zipfile.ZipFile(DATA / "py-wacz.wacz") as good, zipfile.ZipFile(path, "w") as bad:
        for name in good.namelist():
            data = good.read(name)
            if name.startswith("archive/"):
                by_warcio(tmp_path / "x.warc.gz", "kabar.example", edit=1)
                data = (tmp_path / "x.warc.gz").read_bytes()
            bad.writestr(name, data)
    with pytest.raises(NotImportable, match=r"datapackage\.json says"):
        place.add(path)


def test_what_verify_finds_broken_comes_in_only_if_told(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "torn.warc.gz"
    path.write_bytes((DATA / "wget.warc.gz").read_bytes()[:-700])
    with pytest.raises(NotImportable, match=r"damaged \(1 faults\)(.|\n)*truncated"):
        place.add(path)
    assert place.spooled == place.runs == []
    report = place.add(path, even_if_damaged=True)
    assert (report.status, report.faults) == (ExitStatus.LANDED_WITH_PROBLEMS, 1)
    assert "damaged" in report.reasons[0]
    assert len(place.lines(report, "articles")) == len(STORIES)
    (fault,) = place.faults()
    assert fault.is_remark
    assert "so it was imported" in fault.what
    run = place.run_of(report)
    kept = Path(place.config.store_url) / run.ref.prefix / run.manifest.imported.files[0].name  # type: ignore[union-attr]
    kept.write_bytes(kept.read_bytes()[:-1])
    assert any(not one.is_remark for one in place.faults())


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.warc.gz", b"<html>", "neither a WARC file"),
        ("a.warc.zst", b"\x28\xb5\x2f\xfd\x00", "zstd -d"),
        ("a.warc.gz", b"", "neither a WARC file"),
        ("a.warc.gz", gzip.compress(b"nothing", mtime=0), "damaged"),
        ("a.warc", b"WARC/1.0\r\nnothing", "no WARC record begins here"),
        ("a.warc", b"WARC/1.0\r\nContent-Length: 1\r\n\r\nab\r\n\r\n", "cannot be divided"),
        ("a.wacz", b"PK\x03\x04 nothing", "damaged package"),
    ],
)
def test_what_is_none_is_refused_in_words(
    place: Place, tmp_path: Path, name: str, data: bytes, says: str
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(Exception, match=says) as refusal:
        place.add(tmp_path / name)
    assert refusal.type.__module__.startswith("newsbot.")


def test_a_file_that_is_not_there_is_named(place: Place, tmp_path: Path) -> None:
    with pytest.raises(NotImportable, match="No such file"):
        place.add(tmp_path / "none.warc.gz")
    with pytest.raises(NotImportable, match="Is a directory"):
        place.add(tmp_path)


@pytest.mark.parametrize("description", [None, b"[]", b"{", b'{"resources": [1]}'])
def test_a_package_without_description_is_refused(
    place: Place, tmp_path: Path, description: bytes | None
) -> None:
    path = tmp_path / "c.wacz"
    with zipfile.ZipFile(path, "w") as package:
        package.write(DATA / "wget.warc.gz", "archive/wget.warc.gz")
        if description is not None:
            package.writestr("datapackage.json", description)
    with pytest.raises(NotImportable, match="import the WARC files of archive/"):
        place.add(path)


def test_hostile_names_in_a_package_are_not_written(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "d.wacz"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("archive/../../x.warc.gz", (DATA / "wget.warc.gz").read_bytes())
        package.writestr("pages/../../../evil.jsonl", b"{}")
        package.writestr("datapackage.json", json.dumps({"resources": []}))
    run = place.run_of(place.add(path))
    assert {name for name in run.paths() if name.startswith("wacz/")} == {"wacz/datapackage.json"}
    assert not list(tmp_path.rglob("evil*"))


def test_nothing_is_written_by_a_trial(make_place: Callable[..., Place], tmp_path: Path) -> None:
    place = make_place()
    report = place.add(DATA / "wget.warc.gz", dry_run=True)
    assert (report.outcome, report.site, report.captures) == ("dry-run", "berita", 7)
    assert not (tmp_path / "archive").exists()
    assert not (tmp_path / "var").exists()
