"""Rules at another host, sitemaps in a circle, a feed without articles: bounded and named."""

from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from tests.acceptance.conftest import Bench
from tests.webserver import reply, serving

SEED = """
name = "kabarlaut"
title = "Kabar Laut"
kind = "publisher"
language = "id"
time_zone = "Asia/Jakarta"
hosts = ["127.0.0.1"]
feeds = ["{base}/rss"]
sitemaps = ["{base}/indeks-1.xml"]
[urls]
article = '^/cerita/'
"""
XML = "application/xml"
INDEX = '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{}</sitemapindex>'
SITEMAP = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{}</urlset>'
STORY = "Kapal itu berlayar lagi setelah ombak mereda, kata petugas pelabuhan pada Senin pagi. " * 4


def entries(kind: str, *urls: str) -> str:
    return "".join(f"<{kind}><loc>{url}</loc></{kind}>" for url in urls)


class Site(BaseHTTPRequestHandler):
    """An index names itself, stories, and an index of an index of an index, which names it."""

    asked: Counter[str]
    codings: set[str]

    def do_GET(self) -> None:
        self.asked[self.path] += 1
        self.codings |= {one.strip() for one in self.headers["Accept-Encoding"].split(",")}
        base = f"http://127.0.0.1:{self.server.server_port}"
        further = {f"/indeks-{n}.xml": f"{base}/indeks-{n % 4 + 1}.xml" for n in range(1, 5)}
        if self.path == "/robots.txt":
            reply(self, 301, Location=f"http://localhost:{self.server.server_port}/aturan.txt")
        elif self.path == "/aturan.txt":
            reply(self, 200, "User-agent: *\nDisallow: /cerita/rahasia\n", "text/plain")
        elif self.path in further:
            named = entries("sitemap", further[self.path], f"{base}/peta.xml", base + self.path)
            reply(self, 200, INDEX.format(named), XML)
        elif self.path == "/peta.xml":
            stories = (f"{base}/cerita/{name}" for name in ("satu", "dua", "rahasia"))
            reply(self, 200, SITEMAP.format(entries("url", *stories)), XML)
        elif self.path == "/rss":
            item = f"<item><title>x</title><link>{base}/video/1</link></item>"
            reply(self, 200, f"<rss version='2.0'><channel>{item}</channel></rss>", XML)
        elif self.path.startswith("/cerita/"):
            story = f"<article><h1>Judul {self.path[8:]} dari laut</h1><p>{STORY}</p></article>"
            reply(self, 200, f"<html lang=id><head><title>x</title></head><body>{story}</body>")
        else:
            reply(self, 404)


@pytest.fixture
def port() -> Iterator[int]:
    Site.asked, Site.codings = Counter(), set()
    with serving(Site) as port:
        yield port


def test_what_a_site_names_is_followed_once_and_what_is_left_out_is_said(
    tmp_path: Path, port: int
) -> None:
    seed = tmp_path / "kabarlaut.toml"
    seed.write_text(SEED.format(base=f"http://127.0.0.1:{port}"))
    bench = Bench(str(tmp_path / "archive"), tmp_path / "var", {"NEWSBOT_PRIVATE_ADDRESSES": "1"})
    done = bench.crawl("publisher", f"site={seed}")
    assert done.returncode == 3, done.stderr
    assert {one["title"] for one in bench.articles()} == {
        "Judul satu dari laut",
        "Judul dua dari laut",
    }
    assert Site.asked == Counter(
        ["/robots.txt", "/aturan.txt", "/rss", "/indeks-1.xml", "/indeks-2.xml", "/indeks-3.xml",
         "/peta.xml", "/cerita/satu", "/cerita/dua"]
    )  # fmt: skip
    assert "feed-without-articles: no link of" in done.stdout
    assert f"http://127.0.0.1:{port}/video/1" in done.stdout
    assert "sitemaps-capped: more than 1000, or nested deeper than 3" in done.stdout
    assert "br" in Site.codings
    assert "zstd" not in Site.codings, "few tools that replay archives can read it"
