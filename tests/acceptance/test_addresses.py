"""A crawl that is led into its own network: refused, in the log, counted."""

from pathlib import Path

from newsbot.archive.snapshots import read_run
from tests.acceptance.conftest import Bench
from tests.capture.wireserver import Script, WireServer

SEED = """
name = "inside"
title = "Inside"
kind = "publisher"
language = "id"
time_zone = "Asia/Jakarta"
hosts = ["127.0.0.1", "2130706433", "www.inside.example"]
feeds = ["http://127.0.0.1:{port}/rss.xml", "http://www.inside.example/rss.xml"]
[[lists]]
url = "http://2130706433:{port}/terkini"
[urls]
article = '^/berita/\\d+'
"""
MOVED = (
    b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/latest\r\nContent-Length: 0\r\n\r\n"
)
MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


def test_private_addresses_are_refused_logged_and_counted(tmp_path: Path) -> None:
    scripts = {"/robots.txt": Script([MISSING]), "/rss.xml": Script([MOVED])}
    with WireServer(scripts) as server:
        seed = tmp_path / "inside.toml"
        seed.write_text(SEED.format(port=server.port))
        bench = Bench(
            str(tmp_path / "archive"),
            tmp_path / "var",
            {"http_proxy": server.base, "no_proxy": "127.0.0.1"},
        )
        done = bench.crawl("antara", f"site={seed}")
        assert done.returncode == 1, done.stderr
        assert set(server.log) == {"/robots.txt", "/rss.xml"}  # of the host that a proxy resolves
    (ref,) = bench.runs()
    lines = {line["url"]: line for line in bench.lines(ref, "crawl")}
    for url in (
        f"http://127.0.0.1:{server.port}/rss.xml",
        f"http://127.0.0.1:{server.port}/terkini",  # as a browser writes 2130706433
        "http://169.254.169.254/latest",
    ):
        assert lines[url]["became"] == "failed"
        assert lines[url]["why"] == "address-refused"
    assert lines["http://www.inside.example/rss.xml"]["became"] == "redirect"
    assert read_run(bench.store, ref).manifest.counts["failed"]["address-refused"] == 3
    assert bench.newsbot("verify").returncode == 0
