"""`newsbot save`: any page, without a seed, as a run that all other commands work on."""

import json
import signal
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from newsbot.archive.snapshots import read_run
from tests.acceptance.conftest import BIN, ROOT, Bench
from tests.webserver import reply, serving

SEED = """
name = "localhost"
title = "A site with a seed"
kind = "publisher"
language = "id"
time_zone = "Asia/Jakarta"
hosts = ["localhost"]
feeds = ["https://localhost/rss"]
[urls]
article = "^/kapal"
"""
STORY = (
    "Kapal penumpang ke pulau itu berlayar lagi setelah ombak mereda, kata petugas pelabuhan, dan "
    "warga yang menunggu sejak Senin dapat pulang sebelum akhir pekan tiba."
)
ARTICLE = (
    "<html lang=id><head><title>Kapal berlayar lagi</title>"
    "<meta property=og:type content=article></head>"
    f"<body><h1>Kapal berlayar lagi</h1><article><p>{STORY}</p></article></body></html>"
)
PLAIN = "<html><head><title>Jadwal kapal</title></head><body><h1>Jadwal kapal</h1></body></html>"
PAGES = {  # path: status, body, media type
    "/robots.txt": (200, "User-agent: *\nDisallow: /rahasia", "text/plain"),
    "/kapal": (200, ARTICLE, "text/html"),
    "/": (200, PLAIN, "text/html"),
    "/laporan.pdf": (200, "%PDF-1.7 laporan", "application/pdf"),
    "/data.json": (200, '{"kapal": 7}', "application/json"),
}
FAILED = {"/rahasia": "robots-forbidden", "/hilang": "http-404"}


class Harbour(BaseHTTPRequestHandler):
    """Pages of several kinds; ``asked`` is set when one was asked for."""

    asked: threading.Event

    def do_GET(self) -> None:
        if self.path.startswith("/kapal"):
            self.asked.set()
        status, body, kind = PAGES.get(self.path.partition("?")[0], (404, "", "text/html"))
        there = f"http://localhost:{self.server.server_port}/kapal?id=7"
        if self.path == "/pindah":  # to another host
            reply(self, 302, Location=there)
        elif self.path == "/segar":
            reply(self, 200, f"<html><meta http-equiv=refresh content='0; url={there}'></html>")
        elif self.path == "/laporan.pdf" and self.headers.get("If-None-Match"):
            self.send_response_only(304)
            self.end_headers()
        else:
            etag = '"1"' if self.path == "/laporan.pdf" else None
            reply(self, status, body, kind=kind, ETag=etag)


@pytest.fixture
def harbour() -> Iterator[tuple[str, threading.Event]]:
    made = type("Made", (Harbour,), {"asked": threading.Event()})
    with serving(made) as port:
        yield f"http://127.0.0.1:{port}", made.asked


class Stalled(BaseHTTPRequestHandler):
    """A host that wants a minute between requests, and one that never ends its answer."""

    asked: threading.Event
    over: threading.Event

    def do_GET(self) -> None:
        if self.path == "/robots.txt":
            is_slow = self.headers["Host"].startswith("127.")
            reply(self, 200, "User-agent: *\nCrawl-delay: 60" if is_slow else "", "text/plain")
        elif self.path == "/diam":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b"separuh")
            self.asked.set()
            self.over.wait()
        else:
            reply(self, 200, ARTICLE)


@pytest.fixture
def stalled() -> Iterator[tuple[str, threading.Event]]:
    made: Any = type("Made", (Stalled,), {"asked": threading.Event(), "over": threading.Event()})
    with serving(made) as port:
        yield f"http://127.0.0.1:{port}", made.asked
        made.over.set()


@pytest.fixture
def desk(tmp_path: Path) -> Bench:
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "localhost.toml").write_text(SEED)
    environment = {
        "NEWSBOT_PRIVATE_ADDRESSES": "true",
        "NEWSBOT_SEEDS": str(tmp_path / "seeds"),
    }
    return Bench(str(tmp_path / "archive"), tmp_path / "var", environment)


def pages_of(report: str) -> dict[str, dict[str, Any]]:
    return {page["url"]: page for page in json.loads(report)["pages"]}


def test_pages_of_all_kinds_land_and_are_read_again(
    desk: Bench, harbour: tuple[str, threading.Event], tmp_path: Path
) -> None:
    base, there = harbour[0], harbour[0].replace("127.0.0.1", "localhost")
    names = ["/kapal", "/", "/laporan.pdf", "/data.json", "/pindah", "/segar", *FAILED]
    listed = tmp_path / "pages"
    listed.write_text("\n".join(base + name for name in names))
    done = desk.crawl("saved", f"pages={listed}", REPORT_AS_JSON="1")
    assert done.returncode == 3, done.stderr
    found = {url.removeprefix(base): page for url, page in pages_of(done.stdout).items()}
    assert list(found) == names
    assert {name: page["why"] for name, page in found.items() if page["why"]} == FAILED
    assert [found[name]["outcome"] for name in names] == ["saved"] * 6 + ["failed"] * 2
    assert found["/kapal"]["title"] == "Kapal berlayar lagi"
    assert found["/"]["title"] == "Jadwal kapal"
    assert found["/laporan.pdf"]["type"] == "application/pdf"
    for name in ("/pindah", "/segar"):
        assert found[name]["page"] == f"{there}/kapal?id=7"
        assert found[name]["hops"] == [base + name]
    (ref,) = desk.runs("saved")
    became = {line["url"]: line["became"] for line in desk.lines(ref, "crawl")}
    assert {became[f"{base}/pindah"], became[f"{base}/segar"]} == {"redirect"}
    assert became[f"{base}/laporan.pdf"] == "file"
    assert {one["url"] for one in desk.articles()} == {f"{base}/kapal", f"{there}/kapal?id=7"}

    assert desk.newsbot("verify", ref.date.isoformat()).returncode == 0
    of_known_site = desk.newsbot("show", f"{there}/kapal?id=7").stdout
    assert STORY in of_known_site
    assert "laporan.pdf: no article" in desk.newsbot("show", f"{base}/laporan.pdf").stdout
    assert "%PDF-1.7 laporan" in desk.newsbot("show", f"{base}/laporan.pdf", "--raw").stdout
    derived = desk.newsbot("reprocess", ref.date.isoformat(), "--to", desk.store_url, "--json")
    (report,) = json.loads(derived.stdout)
    assert {name: report[name] for name in ("same", "found", "lost")} == {
        "same": 2, "found": 0, "lost": 0,
    }  # fmt: skip

    listed.write_text("\n".join(base + name for name in names[:3]))
    again = desk.crawl("saved", f"pages={listed}", REPORT_AS_JSON="1")
    assert again.returncode == 0, again.stderr
    (*_, second) = [one for one in desk.runs("saved") if not one.is_derived]
    for page in pages_of(again.stdout).values():
        assert (page["outcome"], page["record"]["type"]) == ("unchanged", "revisit")
        assert page["last_capture"] == found[page["url"].removeprefix(base)]["fetched_at"]
        assert page["earlier"].startswith(f"NEWSBOT-saved-{ref.run}-")
    statuses = {line["url"]: line["status"] for line in desk.lines(second, "crawl")}
    assert [statuses[base + name] for name in names[:3]] == [200, 200, 304]


def save(desk: Bench, *arguments: str, pages: str) -> "subprocess.Popen[str]":
    """`newsbot save` in rounds, with the pages on its standard input."""
    command = [BIN / "newsbot", "save", "--file", "-", "--every", "1m", "--for", "1h", *arguments]
    process = subprocess.Popen(
        command, cwd=ROOT, env=desk.variables, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    process.stdin.write(pages)
    process.stdin.close()
    process.stdin = None
    return process


def test_an_inner_address_is_refused_and_a_signal_ends_the_wait_for_the_next_round(
    desk: Bench, harbour: tuple[str, threading.Event]
) -> None:
    del desk.environment["NEWSBOT_PRIVATE_ADDRESSES"]
    process = save(desk, pages=f"{harbour[0]}/kapal")
    assert process.stdout is not None
    assert process.stdout.readline() == f"failed       {harbour[0]}/kapal\n"
    assert "address-refused: only addresses of the public internet" in process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=120)
    assert process.returncode == 1
    assert not harbour[1].is_set()
    assert len(desk.runs("saved")) == 1


@pytest.mark.slow
def test_a_signal_lands_what_was_saved_and_begins_no_other_round(
    desk: Bench, stalled: tuple[str, threading.Event]
) -> None:
    """What waits for its turn, and an answer that does not end, are not waited for."""
    base, asked = stalled
    silent = base.replace("127.0.0.1", "localhost") + "/diam"
    # Of those that the downloader holds, the last would be asked for a quarter of an hour later.
    pages = [f"{base}/kapal?id={number}" for number in range(100)]
    process = save(desk, "--json", pages="\n".join([silent, *pages]))
    assert asked.wait(300)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 3
    outcomes = {url: page["outcome"] for url, page in pages_of(output).items()}
    assert outcomes[silent] == outcomes[pages[-1]] == "not-reached"
    assert set(outcomes.values()) <= {"saved", "not-reached"}
    (ref,) = desk.runs("saved")
    assert read_run(desk.store, ref).manifest.outcome == "killed"
    (cut,) = [line for line in desk.lines(ref, "crawl") if line["url"] == silent]
    assert (cut["status"], cut["truncated"]) == (200, "time")  # the half that came is kept
