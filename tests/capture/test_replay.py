"""pywb shows what was captured: a page and its picture, as first captured and as a revisit."""

import gzip
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsbot.warc.exchange import Exchange
from newsbot.warc.records import NoPriorRecords, Prior
from newsbot.warc.writer import WarcWriter
from tests.capture.conftest import Crawl
from tests.capture.wireserver import Script, WireServer
from tests.replaying.pywb import pywb

PAGE = b'<html><body><p>Teks yang dibaca.</p><img src="/gambar.png"></body></html>' * 20
PICTURE = bytes(range(256)) * 40
PACKED = gzip.compress(PAGE, mtime=0)
PAGE_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)
PICTURE_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: %d\r\n\r\n"
SCRIPTS = {
    "/halaman": Script([PAGE_HEAD, b"%x\r\n%s\r\n0\r\n\r\n" % (len(PACKED), PACKED)]),
    "/gambar.png": Script([PICTURE_HEAD % len(PICTURE) + PICTURE]),
}


def replayed(address: str, stamp: str, url: str) -> bytes:
    """What pywb gives for the capture at that very time, decoded."""
    request = urllib.request.Request(f"{address}/{stamp}id_/{url}")
    with urllib.request.urlopen(request, timeout=600) as answer:
        body: bytes = answer.read()
        assert answer.headers["Memento-Datetime"] is not None
        if answer.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        assert stamp in answer.headers["Content-Location"]
        return body


@pytest.mark.slow
def test_text_and_picture_as_first_captured_and_as_a_revisit(
    crawl: Callable[..., Crawl], tmp_path: Path
) -> None:
    with WireServer(SCRIPTS) as server:
        urls = [server.base + path for path in SCRIPTS]
        first = crawl(urls, name="first")
        second = crawl(urls, name="second", known=first.seen)
    for url in urls:
        assert len(first.of("response", url)) == 1
        assert len(second.of("revisit", url)) == 1
    warcs = [*first.folder.glob("*.warc.gz"), *second.folder.glob("*.warc.gz")]
    wayback = tmp_path / "wayback"
    wayback.mkdir()
    with pywb(wayback, warcs) as address:
        for done, kind in ((first, "response"), (second, "revisit")):
            for url, body in zip(urls, (PAGE, PICTURE), strict=True):
                (record,) = done.of(kind, url)
                stamp = "".join(c for c in record.headers["WARC-Date"][:19] if c.isdigit())
                assert replayed(address, stamp, url) == body, f"{kind} of {url}"


class Landed(NoPriorRecords):
    """What has landed of one URL: its payloads, and the one that it answered last."""

    def __init__(self) -> None:
        self.payloads: dict[str, Prior] = {}
        self.last = ""

    def payload(self, sha256: str) -> Prior | None:
        return self.payloads.get(sha256)

    def response(self, url: str) -> Prior | None:
        return self.payloads.get(self.last)


def visits(folder: Path, url: str, answers: list[bytes]) -> list[Path]:
    """Write a WARC file for each answer, one an hour, as a crawl a day later would."""
    landed, files = Landed(), []
    for hour, answer in enumerate(answers):
        started = datetime(2025, 2, 28, hour, tzinfo=UTC)
        exchange = Exchange(url, "GET", started=started)
        exchange.request += b"GET /halaman HTTP/1.1\r\nHost: kabar.example\r\n\r\n"
        exchange.take(answer)
        writer = WarcWriter(folder, f"NEWSBOT-{hour}", {"software": "test"}, landed)
        captured = writer.write_exchange(exchange)
        exchange.close()
        path = writer.close()
        assert path is not None
        files.append(path)
        if captured.payload_sha256:
            landed.last = captured.payload_sha256
        if captured.record_type == "response" and captured.payload_sha256:
            landed.payloads[captured.payload_sha256] = Prior(
                captured.record_id, url, captured.date, captured.file, captured.payload_digest or ""
            )
    return files


@pytest.mark.slow
def test_an_unchanged_page_is_shown_as_what_it_was(tmp_path: Path) -> None:
    """First, second, the first again (a revisit), and two rechecks that were answered with 304."""
    url, one, two = "http://kabar.example/halaman", b"<p>Satu.</p>" * 9, b"<p>Dua.</p>" * 9
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n"
    unchanged = b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n'
    first, second = (head % len(body) + body for body in (one, two))
    answers = [first, second, unchanged, first, unchanged]
    warcs = visits(tmp_path, url, answers)
    wayback = tmp_path / "wayback"
    wayback.mkdir()
    with pywb(wayback, warcs) as address:
        for hour, body in enumerate([one, two, two, one, one]):
            assert replayed(address, f"20250228{hour:02}0000", url) == body, hour
