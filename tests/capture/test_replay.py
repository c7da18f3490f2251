"""pywb shows what was captured: a page and its picture, as first captured and as a revisit."""

import gzip
import os
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.capture.conftest import Crawl
from tests.capture.wireserver import Script, WireServer
from tests.servers import free_ports

BIN = Path(sys.executable).parent
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


@contextmanager
def pywb(folder: Path, warcs: list[Path]) -> Iterator[str]:
    """A pywb server with these files in its collection; yields its address."""
    environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
    for command in (["init", "news"], ["add", "news", *map(str, warcs)]):
        subprocess.run(
            [str(BIN / "wb-manager"), *command],
            cwd=folder, env=environment, check=True, capture_output=True,
        )  # fmt: skip
    (port,) = free_ports(1)
    command = [str(BIN / "wayback"), "-p", str(port), "-b", "127.0.0.1"]
    with (
        (folder / "pywb.log").open("wb") as log,
        subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log) as process,
    ):
        try:
            address = f"http://127.0.0.1:{port}/news"
            pause = threading.Event()
            while True:
                assert process.poll() is None, (folder / "pywb.log").read_text()
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1).close()
                    break
                except (urllib.error.URLError, OSError):
                    pause.wait(0.1)
            yield address
        finally:
            process.kill()


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
