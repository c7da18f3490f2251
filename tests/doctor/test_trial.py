"""``newsbot try``: what one page gives, by what; and that nothing of it is kept."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from newsbot.cli.app import app
from newsbot.config import load_config
from newsbot.doctor.fetch import ProbeFailed
from newsbot.doctor.highlight import highlighted
from newsbot.doctor.trial import Trial, try_page
from newsbot.errors import NewsbotError
from newsbot.sites.loading import site_of
from newsbot.sites.site import Site
from tests.commands import run_command
from tests.webserver import reply, serving

NEWSBOT = str(Path(sys.executable).with_name("newsbot"))
TEXT = "<p>Petani garam di Madura memanen lebih banyak pada musim ini, kata kepala dinas.</p>" * 3
ARTICLE = f"""<!DOCTYPE html><html lang="id"><head><title>Panen garam naik - Warta</title>
<meta name="author" content="Siti Rahma"><meta http-equiv="refresh" content="0;url=/x">
<link rel="stylesheet" href="https://cdn.example/a.css"><script>document.write(1)</script></head>
<body onload="steal()"><h1 class="judul">Panen garam naik</h1>
<time datetime="2025-11-27T16:05:00+07:00">27 November 2025</time>
<div class="isi">{TEXT}</div><img src="https://cdn.example/a.jpg">
<a href="/berita/2/lain">Lain</a><a href="/berita/2/lain#komentar">Lain</a><a href="/tentang">T</a>
<a href="javascript:alert(1)">j</a><a href="https://other.example/">o</a></body></html>"""
LIST = """<h1>Berita</h1><ul class="daftar"><li><a href="/berita/1/panen">Panen garam naik</a></li>
<li><a href="/berita/2/lain">Kabar lain</a></li></ul><a href="/tag/garam">garam</a>
<a rel="next" href="/berita?page=2">Next</a>"""
FEED = """Notice: x<br><rss><channel><item><title>Panen</title><link>/berita/1/panen</link></item>
<item><title>Iklan</title><link>/iklan/1</link></item></channel></rss>"""
SITEMAP = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>{base}/berita/1/a
</loc></url></urlset>"""
SHELL = '<html><body><div id="root"></div><script src="/app.js"></script></body></html>'


@dataclass
class Host:
    base: str = ""
    asked: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    kept = Host()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kept.asked.append(self.path)
            path = self.path.partition("?")[0]
            if path == "/robots.txt":
                reply(self, 200, "User-agent: *\nCrawl-delay: 0.01\nDisallow: /closed\n")
            elif path == "/moved":
                reply(self, 301, Location="/berita/1/panen")
            elif path == "/off":
                reply(self, 302, Location=kept.base.replace("127.0.0.1", "localhost") + "/berita")
            elif path in PAGES:
                body = PAGES[path].replace("{base}", kept.base)
                reply(self, 200, body, ETag='"a1"', Last_Modified="Thu, 27 Nov 2025 09:05:00 GMT")
            else:
                reply(self, 404, "no such page")

    with serving(Handler) as port:
        kept.base = f"http://127.0.0.1:{port}"
        yield kept


PAGES = {
    "/berita/1/panen": ARTICLE, "/berita": LIST, "/rss": FEED, "/sitemap.xml": SITEMAP,
    "/shell": SHELL, "/berita/9/shell": SHELL,
}  # fmt: skip


@pytest.fixture
def seed(host: Host, tmp_path: Path) -> Path:
    path = tmp_path / "seeds" / "warta.toml"
    path.parent.mkdir()
    path.write_text(f"""
name = "warta"
kind = "publisher"
title = "Warta"
hosts = ["127.0.0.1"]
time_zone = "Asia/Jakarta"
language = "id"
feeds = ["{host.base}/rss"]
sitemaps = ["{host.base}/sitemap.xml"]
[[lists]]
url = "{host.base}/berita"
items = [".daftar li"]
next = ["a[rel=next]"]
[urls]
article = "^/berita/[0-9]"
[select]
title = [".none", "h1.judul"]
container = ".isi"
caption = "figcaption"
[politeness]
delay = 0
""")
    return path


@pytest.fixture
def site(seed: Path) -> Site:
    return site_of(seed.read_text(), "warta")


def trial(url: str, site: Site | None, *, private: bool = True, **how: Any) -> Trial:
    config = load_config(private_addresses=private)
    return try_page(url, site, config, **({"saved": None, "role": None} | how))


def test_each_field_says_what_gave_it(host: Host, site: Site) -> None:
    found = trial(f"{host.base}/berita/1/panen", site)
    by = {one.field: (one.by, one.selector) for one in found.fields}
    assert by["title"] == ("select.title", "h1.judul")
    assert by["text"] == ("select.container", ".isi")
    assert by["authors"] == ("meta author", None)
    assert by["published_at"] == ("time element or the like", None)
    assert by["section"] == (None, None)
    places = {one.field: one.places for one in found.fields}
    assert places["title"] == ("html > body > h1.judul",)
    assert places["published_at"] == ("html > body > time",)
    silent = [(rule.key, rule.selector) for rule in found.rules if not rule.count]
    assert silent == [("select.title", ".none"), ("select.caption", "figcaption")]
    assert [link.url for link in found.links.articles] == [f"{host.base}/berita/2/lain"]
    assert found.links.others == (f"{host.base}/tentang",)
    assert found.links.elsewhere == ("https://other.example/",)
    assert found.fetched is not None
    assert (found.fetched.etag, found.fetched.status) == ('"a1"', 200)
    assert found.robots is not None
    assert (found.robots.status, found.robots.delay) == (200, 0.01)


def test_without_a_seed_evidence_decides(host: Host) -> None:
    found = trial(f"{host.base}/berita/1/panen", None)
    by = {one.field: one.by for one in found.fields}
    assert by["title"] == "headings and metadata"
    assert by["text"] == "the longest text, without rules"
    assert found.extraction.articles[0].title == "Panen garam naik"


@pytest.mark.parametrize(
    ("path", "role", "articles", "others"),
    [
        (
            "/berita",
            "list",
            ["/berita/1/panen", "/berita/2/lain"],
            ["/tag/garam", "/berita?page=2"],
        ),
        ("/rss", "feed", ["/berita/1/panen"], ["/iklan/1"]),
        ("/sitemap.xml", "sitemap", ["/berita/1/a"], []),
    ],
)
def test_what_is_no_article(
    host: Host, site: Site, path: str, role: str, articles: list[str], others: list[str]
) -> None:
    found = trial(host.base + path, site)
    assert found.page.role == role
    assert [link.url for link in found.links.articles] == [host.base + one for one in articles]
    assert list(found.links.others) == [host.base + one for one in others]
    if role == "list":
        assert found.extraction.next_page == f"{host.base}/berita?page=2"
        assert [(rule.key, rule.count) for rule in found.rules] == [
            ("lists.items", 2), ("lists.next", 1),
        ]  # fmt: skip


def test_redirects_are_shown_and_those_to_other_hosts_need_no_seed(host: Host, site: Site) -> None:
    moved = trial(f"{host.base}/moved", site).fetched
    assert moved is not None
    assert moved.redirects == (f"{host.base}/berita/1/panen",)
    with pytest.raises(ProbeFailed, match="outside the site's hosts"):
        trial(f"{host.base}/off", site)
    host.asked.clear()
    assert trial(f"{host.base}/off", None).page.url.startswith("http://localhost:")
    assert host.asked == ["/robots.txt", "/off", "/robots.txt", "/berita"]


def test_robots_and_the_address_guard_hold(host: Host, site: Site) -> None:
    host.asked.clear()
    with pytest.raises(ProbeFailed, match=r"robots\.txt forbids it"):
        trial(f"{host.base}/closed", site)
    assert host.asked == ["/robots.txt"]
    with pytest.raises(ProbeFailed, match="not an address of the public internet"):
        trial(f"{host.base}/berita", None, private=False)
    assert host.asked == ["/robots.txt"]


def test_a_page_that_scripts_build_wants_a_browser(host: Host, site: Site) -> None:
    assert trial(f"{host.base}/berita/9/shell", site).browser.startswith("needed")
    assert trial(f"{host.base}/berita/1/panen", site).browser == "not needed"


def test_a_saved_page_is_read_as_of_when_it_was_saved(tmp_path: Path, site: Site) -> None:
    saved = tmp_path / "page.html"
    saved.write_text(ARTICLE)
    os.utime(saved, (1_764_300_000, 1_764_300_000))
    found = trial("http://127.0.0.1/berita/1/panen", site, saved=saved)
    assert found.fetched is None
    assert found.page.fetched_at.timestamp() == 1_764_300_000
    assert found.extraction.articles[0].title == "Panen garam naik"
    with pytest.raises(NewsbotError, match=r"none\.html: cannot be read"):
        trial("http://127.0.0.1/", site, saved=tmp_path / "none.html")


def test_the_copy_labels_what_was_found_and_loads_and_runs_nothing(
    tmp_path: Path, site: Site
) -> None:
    saved = tmp_path / "page.html"
    saved.write_text(ARTICLE)
    copy = highlighted(trial("http://127.0.0.1/berita/1/panen", site, saved=saved))
    assert copy is not None
    assert '<h1 class="judul" data-newsbot="select.title">' in copy
    assert '<div class="isi" data-newsbot="select.container">' in copy
    assert 'data-newsbot="published_at"' in copy
    policy = copy.index('http-equiv="Content-Security-Policy"')
    assert policy < copy.index("<title>")
    assert "default-src 'none'" in copy
    assert '<a href="http://127.0.0.1/tentang">' in copy
    for gone in ("<script", "onload", "javascript:", 'http-equiv="refresh"', "<link"):
        assert gone not in copy


@pytest.fixture
def installed(tmp_path: Path, seed: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with the seed, in whose folder nothing else may appear."""
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "SEEDS": str(seed.parent), "STATE": str(tmp_path / "var"),
        "STORE": str(tmp_path / "archive"), "PRIVATE_ADDRESSES": "true",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"NEWSBOT_{name}", value)
    return tmp_path


def test_the_command_finds_the_seed_and_keeps_nothing(
    installed: Path, host: Host, capsys: pytest.CaptureFixture[str]
) -> None:
    assert app(["try", f"{host.base}/berita/1/panen"], standalone_mode=False) == 0
    shown = capsys.readouterr().out
    for line in (
        "read as    article by the seed warta: article", "by select.title 'h1.judul'",
        "no match   select.caption = 'figcaption'", "answered 200, Crawl-delay 0.01",
        'ETag "a1", Last-Modified Thu, 27 Nov 2025', "dateline       MISSING",
        "links: 1 match hosts and urls.article, 1 do not, 1 lead to other hosts",
    ):  # fmt: skip
        assert line in shown, shown
    assert app(["try", f"{host.base}/rss", "--json"], standalone_mode=False) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["site"], found["role"], found["next_page"]) == ("warta", "feed", None)
    assert found["links"]["articles"][0]["title"] == "Panen"
    assert app(["try", f"{host.base}/shell"], standalone_mode=False) == 3
    assert app(["try", f"{host.base}/none"], standalone_mode=False) == 3
    assert "answer     404" in capsys.readouterr().out
    assert [path.name for path in installed.iterdir()] == ["seeds"]


def test_the_command_opens_the_copy(installed: Path, host: Host, tmp_path: Path) -> None:
    browser, opened = tmp_path / "browser.sh", tmp_path / "opened"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}.new && mv {opened}.new {opened}\n')
    browser.chmod(0o755)
    done = subprocess.run(
        [NEWSBOT, "try", f"{host.base}/berita/1/panen", "--open"],
        env=os.environ | {"BROWSER": str(browser), "TMPDIR": str(tmp_path)},
        capture_output=True, text=True, check=True, cwd=installed,
    )  # fmt: skip
    (copy,) = tmp_path.glob("newsbot-try-*.html")
    assert f"copy with what was found: {copy}" in done.stdout
    assert opened.read_text().strip() == copy.as_uri()
    assert copy.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("arguments", [["ftp://x"], ["https://x.example/", "--as", "page"]])
def test_what_cannot_be_tried(installed: Path, arguments: list[str]) -> None:
    done = run_command([NEWSBOT, "try", *arguments], cwd=installed)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr
