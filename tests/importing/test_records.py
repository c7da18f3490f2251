"""Records that are odd and right: what they become, and that `verify` agrees with the index."""

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from newsbot.errors import ConfigError
from newsbot.importing.source import NotImportable
from newsbot.landing.outcome import ExitStatus
from newsbot.reprocess import reprocess
from tests.importing.conftest import Place
from tests.importing.made import DATA
from tests.importing.records import record, response, sha1, write
from tests.importing.site import PICTURE, page_of

PATH = "/2025/02/03/banjir-surut"
URL = f"https://berita.example{PATH}"
AT = "2025-03-01T08:00:00Z"
PAGE = page_of(PATH, "berita.example") or b""
GZIPPED = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
IDENTICAL = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"


def lines_of(place: Place, tmp_path: Path, *records: bytes) -> dict[str, dict[str, Any]]:
    """The crawl log's lines by URL, of an import of these records; nothing is found wrong."""
    path = write(tmp_path / f"{len(list(tmp_path.iterdir()))}.warc.gz", *records)
    report = place.add(path)
    assert [fault for fault in place.faults() if not fault.is_remark] == []
    return {one["url"]: one for one in place.lines(report, "crawl")}


def story(number: int) -> str:
    """The address of a page like the others'."""
    return f"https://berita.example/2025/02/03/cerita-{'abcdefghijklmnopqrstuvwxyz'[number]}"


ODD = [
    (response(story(0), PAGE, AT, head=b"HTTP/1.1 200\r\n"), "article"),
    (response(story(1), PAGE, AT, head=b"HTTP/2 200 \r\n"), "article"),
    (response(f"<{story(2)}>", PAGE, AT), "article"),
    (response(story(3), PAGE, AT, kind=b""), "article"),
    (response(story(4), PAGE, AT, kind=b"application/xhtml+xml; charset=utf-8"), "article"),
    (response(story(5), gzip.compress(PAGE), AT, head=GZIPPED), "article"),
    (response(story(6), PAGE, AT, WARC_Truncated="length"), "torn"),
    (response(story(7), gzip.compress(PAGE)[:-40], AT, head=GZIPPED, WARC_Truncated="x"), "torn"),
    (response(story(8), b"", AT), "empty"),
    (response(story(9), b"<p>Halaman ini kosong.</p>", AT), "no-article"),
    (response(story(10), PICTURE, AT, kind=b"image/png"), "file"),
    (response(story(11), PAGE, AT, head=b"HTTP/1.1 206 Partial Content\r\n"), "file"),
    (response(story(12), b"", AT, head=b"HTTP/1.1 301 Moved\r\nLocation: /x\r\n"), "redirect"),
    (response(story(13), b"", AT, head=b"HTTP/1.1 304 Not Modified\r\n"), "unchanged"),
    (response(story(14), b"", AT, head=b"HTTP/1.1 503 Busy\r\n"), "failed"),
    (response(story(15), PAGE, AT, head=b"200 OK\r\n"), "failed"),
    (response("https://lain.example/2025/02/03/x", PAGE, AT), "off-site"),
    (response("https://berita.example:99999/2025/02/03/x", PAGE, AT), "article"),
    (response("https://[::1/x", PAGE, AT), "off-site"),
    (response(b"https://berita.example/2025/02/03/\xe9", PAGE, AT), "article"),
    (response("urn:pageinfo:https://berita.example/", b"{}", AT), "file"),
    (response("https://berita.example/" + "a" * 3000, PAGE, AT), "file"),
]


def test_what_records_become(place: Place, tmp_path: Path) -> None:
    path = write(tmp_path / "odd.warc.gz", *(found for found, _ in ODD))
    lines = place.lines(place.add(path), "crawl")
    assert [(one["url"], one["became"]) for one in lines] == [
        (line["url"], became) for line, (_, became) in zip(lines, ODD, strict=True)
    ]
    assert "<" not in "".join(line["url"] for line in lines)
    assert place.faults() == []


def test_a_304_is_left_out_of_the_index(place: Place, tmp_path: Path) -> None:
    head = b"HTTP/1.1 304 Not Modified\r\n\r\n"
    later = "2025-03-02T08:00:00Z"
    unchanged = record("revisit", URL.encode(), head, later, WARC_Profile=NOT_MODIFIED)
    lines_of(place, tmp_path, response(URL, PAGE, AT), unchanged)
    (run,) = place.runs
    assert len(run.open("index.cdxj").read().splitlines()) == 1


def test_a_revisit_that_names_a_record_id_is_read_and_read_again(
    place: Place, tmp_path: Path
) -> None:
    """As wget writes it; here of another address."""
    own_id = "<urn:uuid:11111111-2222-4333-8444-555555555555>"
    other = f"{URL}-lagi"
    revisit = record(
        "revisit", other.encode(), b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n",
        "2025-03-02T08:00:00Z", WARC_Profile=IDENTICAL, WARC_Payload_Digest=sha1(PAGE),
        WARC_Refers_To=own_id,
    )  # fmt: skip
    lines = lines_of(place, tmp_path, revisit, response(URL, PAGE, AT, WARC_Record_ID=own_id))
    assert lines[other]["became"] == "article"
    assert lines[other]["payload_record"]["id"] == own_id
    (report,) = reprocess(place.store, place.store, place.runs, {}, processes=1)
    assert dict(report.outcomes) == {"same": 2}


def test_a_page_by_post_is_no_article(place: Place, tmp_path: Path) -> None:
    asked = record(
        "request", URL.encode(), b"POST / HTTP/1.1\r\n\r\n", AT,
        WARC_Concurrent_To="<urn:uuid:11111111-2222-4333-8444-555555555555>",
    )  # fmt: skip
    own = {"WARC_Record_ID": "<urn:uuid:11111111-2222-4333-8444-555555555555>"}
    front = response("https://berita.example/", b"<p>Depan</p>", AT)
    lines = lines_of(place, tmp_path, response(URL, PAGE, AT, **own), asked, front)
    assert (lines[URL]["method"], lines[URL]["became"]) == ("POST", "file")


def test_digests_of_other_kinds_are_indexed_as_they_are(place: Place, tmp_path: Path) -> None:
    digest = f"sha256:{hashlib.sha256(PAGE).hexdigest()}"
    lines = lines_of(place, tmp_path, response(URL, PAGE, AT, WARC_Payload_Digest=digest))
    assert lines[URL]["payload_digest"] == sha1(PAGE)
    (run,) = place.runs
    fields = json.loads(run.open("index.cdxj").read().split(b" ", 2)[2])
    assert fields["digest"] == digest


def test_a_page_that_grows_without_bound_is_too_large(place: Place, tmp_path: Path) -> None:
    seed = place.config.seeds_folder / "berita.toml"
    seed.write_text(seed.read_text() + "\n[politeness]\nmax_body = 10000\n")
    bomb = gzip.compress(PAGE + b" " * 50_000)
    line = lines_of(place, tmp_path, response(URL, bomb, AT, head=GZIPPED))[URL]
    assert (line["became"], line["why"]) == ("failed", "too-large")


def test_a_capture_without_date_is_kept_and_said(place: Place, tmp_path: Path) -> None:
    broken = response(f"{URL}-lain", PAGE, "kemarin")
    path = write(tmp_path / "a.warc.gz", response(URL, PAGE, AT), broken)
    with pytest.raises(NotImportable, match="not a W3C date"):
        place.add(path)
    report = place.add(path, even_if_damaged=True)
    assert report.status is ExitStatus.LANDED_WITH_PROBLEMS
    assert any("no date" in reason for reason in report.reasons)
    assert len(place.lines(report, "crawl")) == 1
    assert all(fault.is_remark for fault in place.faults())


def test_a_file_without_captures_is_refused(place: Place, tmp_path: Path) -> None:
    info = record("warcinfo", b"", b"software: x\r\n", AT, Content_Type="application/warc-fields")
    with pytest.raises(NotImportable, match="has no capture"):
        place.add(write(tmp_path / "a.warc.gz", info))


# -- which site ----------------------------------------------------------------------------------


def test_pages_of_no_seed_need_a_name_and_are_read_by_evidence(
    place: Place, tmp_path: Path
) -> None:
    url = "https://koran.example/berita/banjir"
    path = write(tmp_path / "a.warc.gz", response(url, PAGE, AT))
    with pytest.raises(ConfigError, match=r"no seed has the hosts of its pages \(koran.example"):
        place.add(path)
    with pytest.raises(ConfigError, match="--site Koran Lama"):
        place.add(path, site="Koran Lama")
    report = place.add(path, site="koran")
    (article,) = place.lines(report, "articles")
    assert (article["site"], article["url"]) == ("koran", url)
    (again,) = reprocess(place.store, place.store, place.runs, {}, processes=1)
    assert dict(again.outcomes) == {"same": 1}
    assert place.faults() == []


def test_pages_of_several_seeds_need_a_choice(place: Place, tmp_path: Path) -> None:
    other = f"https://kabar.example{PATH}"
    path = write(tmp_path / "a.warc.gz", response(URL, PAGE, AT), response(other, PAGE, AT))
    with pytest.raises(ConfigError, match=r"several sites, berita \(1\), kabar \(1\)"):
        place.add(path)
    report = place.add(path, site="kabar")
    assert [one["url"] for one in place.lines(report, "articles")] == [other]
    lines = {one["url"]: one["became"] for one in place.lines(report, "crawl")}
    assert lines[URL] == "off-site"


def test_a_new_name_for_pages_of_a_seed_is_a_mistake(place: Place) -> None:
    with pytest.raises(ConfigError, match=r"--site berta: there is no such seed.*berita \(5\)"):
        place.add(DATA / "wget.warc.gz", site="berta")
    assert place.spooled == []
