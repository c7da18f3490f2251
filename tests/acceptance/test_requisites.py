"""What pages need to look as they did: fetched after the articles, within limits, and said."""

import gzip
import json
import sqlite3
import zipfile
from collections import Counter
from contextlib import closing
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.acceptance.conftest import Bench
from tests.webserver import reply, serving

SEED = """
name = "kabar"
title = "Kabar"
kind = "publisher"
language = "id"
time_zone = "Asia/Jakarta"
hosts = ["127.0.0.1"]
feeds = ["http://127.0.0.1:{port}/semua.xml"]
[urls]
article = '^/cerita/'
[archive]
{limits}
"""
STORY = "Kapal nelayan kembali lebih awal karena gelombang di selat itu meninggi sejak pagi. " * 4
PAGE = """<html><head><title>{name}</title><base href="/aset/">
<link rel="stylesheet" href="gaya.css"><link rel="alternate stylesheet" href="lain.css">
<link rel="icon" href="/ikon.png"><script src="/jejak.js"></script>
<style>body {{ background: url("latar.png") }}</style></head><body><article><h1>Kapal {name}</h1>
<p>{story}</p><img src="kosong.gif" data-src="/foto/{name}.jpg" alt="">
<picture><source type="image/webp" srcset="/foto/kecil.webp 320w, /foto/besar.webp 1600w"
sizes="300px"><img src="/foto/hilang.jpg"></picture>
<img src="http://www.google-analytics.com/pixel.gif"></article>
<aside><img src="/foto/tetangga.jpg"></aside></body></html>"""
SHEETS = {
    "/aset/gaya.css": '@import "dua.css"; @font-face { src: url(huruf.woff2) format("woff2") }',
    "/aset/dua.css": '@import url(tiga.css); p { background: url("garis.png") }',
    "/aset/tiga.css": '@import "empat.css";',
    "/aset/empat.css": '@import "lima.css";',
    "/aset/lain.css": "p { color: red }",
}
WANTED = {
    "/aset/gaya.css", "/aset/dua.css", "/aset/tiga.css", "/aset/empat.css", "/aset/huruf.woff2",
    "/aset/garis.png", "/aset/latar.png", "/ikon.png", "/aset/kosong.gif", "/foto/satu.jpg",
    "/foto/dua.jpg", "/foto/kecil.webp", "/foto/besar.webp", "/foto/hilang.jpg",
}  # fmt: skip


class Kabar(BaseHTTPRequestHandler):
    """A site of two stories with their style; it knows what a client has."""

    asked: list[str]
    pictures = 1  # the version of all pictures
    stories = 1  # the version of all stories

    def do_GET(self) -> None:
        self.asked.append(self.path)
        versions = {"foto": self.pictures, "cerita": self.stories}
        version = str(versions.get(self.path.split("/")[1], 1))
        if self.path == "/semua.xml":
            links = "".join(
                f"<item><title>Kapal {name}</title><link>/cerita/{name}</link></item>"
                for name in ("satu", "dua")
            )
            reply(self, 200, f"<rss version='2.0'><channel>{links}</channel></rss>", "text/xml")
        elif self.path in ("/robots.txt", "/foto/hilang.jpg", "/aset/lima.css"):
            reply(self, 404)
        elif self.headers["If-None-Match"] == f'"{version}"':
            reply(self, 304, ETag=f'"{version}"')
        elif self.path.startswith("/cerita/"):
            body = PAGE.format(name=self.path[8:], story=STORY)
            reply(self, 200, body, ETag=f'"{version}"')
        elif self.path in SHEETS:
            reply(self, 200, SHEETS[self.path], "text/css", ETag='"1"')
        else:
            reply(self, 200, f"{self.path} {version} " * 50, "image/png", ETag=f'"{version}"')


def bench_of(tmp_path: Path, port: int, limits: str = "") -> tuple[Bench, str]:
    seed = tmp_path / "kabar.toml"
    seed.write_text(SEED.format(port=port, limits=limits))
    environment = {"NEWSBOT_PRIVATE_ADDRESSES": "1", "NEWSBOT_REQUISITES": "article"}
    return Bench(str(tmp_path / "archive"), tmp_path / "var", environment), f"site={seed}"


def crawl(bench: Bench, seed: str) -> dict[str, Any]:
    """Crawl, and return the counts of the run."""
    done = bench.crawl("publisher", seed, "recheck=all")
    assert done.returncode == 0, done.stderr + done.stdout
    manifest = bench.store.get(f"{bench.runs()[-1].prefix}manifest.json")
    counts: dict[str, Any] = json.loads(manifest)["counts"]
    return counts


def test_pages_are_kept_with_what_they_need(tmp_path: Path) -> None:
    site = type("OneKabar", (Kabar,), {"asked": []})
    with serving(site) as port:
        bench, seed = bench_of(tmp_path, port)
        counts = crawl(bench, seed)
        asked, site.asked = site.asked, []
        last_story = max(asked.index(f"/cerita/{name}") for name in ("satu", "dua"))
        assert set(asked[last_story + 1 :]) == WANTED, "after the articles, each once"
        assert len(asked) == len(WANTED) + 4
        assert counts["failed"] == {}, "a picture that is missing counts in no outcome"
        assert counts["requisites"]["failed"] == 1
        for article in bench.articles():
            found = article["requisites"]
            missed = {one["url"].rpartition("/")[2]: one["why"] for one in found["missed"]}
            assert missed == {"hilang.jpg": "http-404", "pixel.gif": "tracker"}
            assert (found["wanted"], found["kept"]) == (14, 12)
            (picture, *_) = article["images"]
            assert picture["record"]["record_id"].startswith("<urn:uuid:")
            assert len(picture["sha256"]) == 64

        site.pictures = 2  # under unchanged pages
        counts = crawl(bench, seed)
        again = set(site.asked)
        assert again & WANTED == {url for url in WANTED if url.startswith("/foto/")} | {
            "/aset/kosong.gif"
        }
        assert counts["requisites"] == {
            "bytes": counts["requisites"]["bytes"], "requisite": 4, "unchanged": 1, "failed": 1,
        }  # fmt: skip
        assert "no fault" in bench.newsbot("verify").stdout
    article = next(one["url"] for one in bench.articles() if one["url"].endswith("/satu"))
    package = str(tmp_path / "satu.wacz")
    done = bench.newsbot("export", "--format", "wacz", "--url", article, "--to", package)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(package) as file:
        index = gzip.decompress(file.read("indexes/index.cdx.gz")).splitlines()
        paths = Counter(urlsplit(json.loads(one.split(b" ", 2)[2])["url"]).path for one in index)
    assert set(paths) == {"/cerita/satu"} | WANTED - {"/foto/dua.jpg"}, "what this page needs"
    assert paths["/cerita/satu"] == 2
    assert paths["/foto/satu.jpg"] == 2, "as it was with each capture of the page"


def test_what_an_unmodified_style_sheet_names_is_asked_for_with_it(tmp_path: Path) -> None:
    site = type("OneKabar", (Kabar,), {"asked": []})
    with serving(site) as port:
        bench, seed = bench_of(tmp_path, port)
        crawl(bench, seed)
        for known, again in (("", 0), (", requisites = NULL", 4)):
            make_older(bench, known)
            site.asked, site.stories = [], site.stories + 1
            counts = crawl(bench, seed)
            assert set(site.asked) >= WANTED
            assert counts["requisites"].get("requisite", 0) == again, "of sheets not known"


def make_older(bench: Bench, more: str) -> None:
    """Let what the ledger has of style sheets and of what they name be eight days old."""
    with closing(sqlite3.connect(bench.state / "ledger.sqlite")) as ledger, ledger:
        ledger.execute(f"UPDATE captures SET fetched_at = datetime(fetched_at, '-8 days') {more}")


def test_what_exceeds_the_limits_is_left_to_later_runs(tmp_path: Path) -> None:
    site = type("OneKabar", (Kabar,), {"asked": []})
    with serving(site) as port:
        bench, seed = bench_of(tmp_path, port, "max_files = 5")
        for _ in range(4):
            crawl(bench, seed)
        (first, *_) = bench.articles()
        whys = [one["why"] for one in first["requisites"]["missed"]]
        assert whys.count("pending") >= 5
        assert set(site.asked) >= WANTED, site.asked
        for path in (tmp_path / "var").glob("ledger.sqlite*"):
            path.unlink()
        rebuilt = bench.newsbot("recover", "--rebuild-ledger")
        assert rebuilt.returncode == 0, rebuilt.stderr
        site.asked = []
        crawl(bench, seed)
        assert not {url for url in site.asked if url.startswith("/aset/") and "kosong" not in url}
