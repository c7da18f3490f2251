"""Broken pages: nothing raises or takes ever longer, the same bytes give the same article."""

# ruff: noqa: E501 - rows of broken pages

import gzip
import random
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsbot.extract import extract
from newsbot.sites.site import Site
from tests.extract.conftest import ROOT, page
from tests.extract.test_cases import CASES, case
from tests.growth import TIMES, is_steep

STORY = "Pemerintah kota membuka tiga pasar pagi di tepi sungai, kata Wahyu. "
HEAD = '<html lang="id"><body><h1 class="post-title">Judul berita</h1>'
MEGABYTES = 300
FULL = 8  # of the size that each of these pages takes


def around(inside: str, rules: bool = True) -> str:
    return f'{HEAD}<div class="{"post-content" if rules else "isi"}">{inside}</div></body></html>'


@cache
def words(count: int) -> str:
    rng = random.Random(7)
    return "".join(
        f"<p>{' '.join(rng.choices(STORY.split(), k=30))} <a href='/berita/{n}/x'>{n}</a></p>\n"
        for n in range(count)
    )


BROKEN: dict[str, Callable[[int], str]] = {
    "nested-divs": lambda n: around("<div>" * (2500 * n) + STORY + "</div>" * (2500 * n)),
    "nested-unclosed": lambda n: around("".join(f"<font><b>{STORY}" for _ in range(1250 * n))),
    "nested-without-rules": lambda n: around("<div>" * (2500 * n) + STORY * 9 + "</div>" * (2500 * n), rules=False),
    "nested-lists": lambda n: around("<ul><li>x" * (1250 * n)),
    "nested-tables": lambda n: around("<table><tr><td>" * (750 * n) + STORY),
    "nested-quotes": lambda n: around("<blockquote>" * (2500 * n) + STORY),
    "unclosed-everything": lambda n: HEAD + "<div class=post-content><p>" + "<p><b>".join([STORY] * (63 * n)),
    "long": lambda n: around(words(700 * n)),
    "long-without-rules": lambda n: around(words(700 * n), rules=False),
    "one-long-line": lambda n: around(STORY * (8750 * n)),
    "one-long-word": lambda n: around("a" * (625_000 * n)),
    "one-long-tag": lambda n: around("<div>" * 3000 + "<" + "a" * (25_000 * n)),
    "spaces": lambda n: around(" \n" * (312_500 * n)),
    "breaks": lambda n: around("x<br>" * (4000 * n)),
    "links-without-end": lambda n: around("<a href='/berita/1/x'>x" * (1000 * n)),
    "a-list-of-links": lambda n: "<html>" + "".join(f"<div><a href='/berita/{k}/x'>Judul {k}</a></div>" for k in range(400 * n)),
    "attributes": lambda n: around(f"<p {' '.join(f'a{k}=1' for k in range(1875 * n))}>{STORY}"),
    "attributes-without-values": lambda n: around(f"<p {' '.join(f'a{k}' for k in range(1875 * n))}>{STORY}"),
    "attributes-with-signs": lambda n: around("<p " + " ".join(f'a{k}="<>"' for k in range(1875 * n)) + f">{STORY}"),
    "classes": lambda n: around(f"<p class='{' '.join(f'c{k}' for k in range(12_500 * n))}'>{STORY}"),
    "entities": lambda n: around("&amp;&#0;&#x110000;&bogus;" * (6250 * n)),
    "brackets": lambda n: around("<" * (12_500 * n) + STORY),
    "comments": lambda n: around("<!--" * (6250 * n) + STORY),
    "comments-before-it": lambda n: "<!---->" * (1000 * n) + around(STORY),
    "script-data": lambda n: around(f"<script type='application/ld+json'>{'[' * (12_500 * n)}</script>{STORY}"),
    "json-ld-large": lambda n: around("<script type='application/ld+json'>" + '{"@graph":[' + ",".join(['{"@type":"NewsArticle"}'] * (6250 * n)) + "]}</script>" + STORY),
    "brackets-in-lines": lambda n: around("<p>" + "(" * (375 * n) + "ANTARA/" + "</p><p>Sumber: " + "A/" * (375 * n) + "</p>"),
    "labels": lambda n: around("<p>" + "Editor: Pewarta: " * (2500 * n) + "</p>"),
    "commas": lambda n: around("<p>" + "Jakarta, " * (2500 * n) + "(ANTARA) -</p>"),
    "names": lambda n: HEAD + f"<meta name=author content='{'Siti Rahma and ' * (2500 * n)}'>" + around(STORY),
    "a-long-title": lambda n: f"<title>{'Judul | ' * (2500 * n)}</title>" + around(STORY),
    "a-spaced-title": lambda n: f"<title>Judul{' ' * (12_500 * n)}x</title>" + around(STORY),
    "digits": lambda n: around("<p>" + "1 2 3 " * (6250 * n) + "</p>"),
    "dates": lambda n: HEAD + "<time>" + "1 Januari 2020 10:00 WIB " * (2500 * n) + "</time>" + around(STORY),
    "data-attributes": lambda n: around(f"<p data{'-time-a' * (6250 * n)}='1'>{STORY}</p>"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_broken_pages_take_time_in_proportion_to_their_size(name: str, antara: Site) -> None:
    extract(page(around(STORY * 9, rules=False)), antara)  # what is loaded once
    for url in ("berita/4682001/judul", "terkini"):

        def seconds(size: int, url: str = url) -> float:
            asked = page(BROKEN[name](size), f"https://www.antaranews.com/{url}")
            started = time.process_time()
            extract(asked, antara)
            return time.process_time() - started

        assert not is_steep(seconds, FULL // TIMES), url


@pytest.mark.slow
@pytest.mark.parametrize("name", ["long", "long-without-rules"])
def test_broken_pages_take_little_memory(name: str) -> None:
    """The peak of a process of its own, less what it has when it has only read the modules."""
    program = f"""
import resource
from tests.extract import test_robustness as t
from newsbot.extract import extract
from newsbot.sites.loading import load_site
site = load_site(t.ROOT / "seeds" / "antara.toml")
extract(t.page(t.around(t.STORY * 9, rules=False)), site)
one = t.page(t.BROKEN[{name!r}](4 * t.FULL))  # five megabytes
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
extract(one, site)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=600,
    )  # fmt: skip
    assert int(done.stdout) < MEGABYTES


@pytest.mark.parametrize(
    "name",
    [
        "nested-divs",
        "nested-unclosed",
        "unclosed-everything",
        "attributes",
        "attributes-with-signs",
    ],
)
def test_the_text_of_a_broken_page_is_not_lost(name: str, antara: Site) -> None:
    found = extract(page(BROKEN[name](FULL)), antara)
    assert STORY.strip() in found.articles[0].text


@pytest.mark.parametrize(
    "body",
    [
        b"", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\x1f\x8b\x08", b"\x1f\x8b\x08" + bytes(30),
        b"<", b"<html", b"<!--", b"<?xml", b"<rss", b"<rss><channel>", b"%PDF-1.4", b"\x89PNG\r\n",
        "<p>Pasar</p>".encode("utf-16"), "<p>Pasar</p>".encode("utf-16-le"), b"\x80" * 99,
        gzip.compress(b"<rss><channel><item/></channel></rss>", mtime=0), b'{"a": 1}', b"<html><frameset>",
    ],
)  # fmt: skip
def test_any_start_of_a_body(body: bytes, antara: Site) -> None:
    for url in ("berita/4682001/judul", "terkini", "rss/terkini.xml", "x"):
        extract(page(body, f"https://www.antaranews.com/{url}"), antara)


@pytest.mark.parametrize(
    "charset", ["utf-8", "latin-1", "utf-16", "bogus", "hex", "idna", "", "\x00"]
)
def test_any_declared_charset(charset: str, antara: Site) -> None:
    body = around("Kafé “baru” " + STORY).encode()
    for kind in (f"text/html; charset={charset}", None):
        found = extract(page(body, content_type=kind), antara)
        assert "Kafé “baru”" in found.articles[0].text


FRAGMENTS = st.sampled_from(
    ["<div class='post-content'>", "</div>", "<p>", "</p>", "<br>", "<br><br>", "<ul><li>", "</ul>",
     "<table><tr><td>", "</table>", "<h1>", "</h1>", "<a href='/berita/1/x'>", "</a>", "<b>", "</b>",
     "<span class='baca-juga'>", "</span>", "Baca juga: ", "Pewarta: A", "Editor: B", STORY, "(ANTARA) - ",
     "<blockquote class='instagram-media'>", "<iframe src='//youtube.com/embed/x'>", "\x00", "\u200b",
     "<script type='application/ld+json'>{\"@type\":\"NewsArticle\"", "</script>", "<img src='x'>",
     "1 jam lalu", "<title>", "<base href='//x'>", "<time datetime='x'>", "[", "http://[", "&#13;"]
)  # fmt: skip


@settings(max_examples=150)
@given(st.lists(FRAGMENTS | st.text(max_size=20), max_size=40), st.sampled_from(["berita/1/x", "terkini", "x"]))  # fmt: skip
def test_any_page_is_read_twice_alike(antara: Site, parts: list[str], path: str) -> None:
    one = page("".join(parts), f"https://www.antaranews.com/{path}")
    assert extract(one, antara) == extract(one, antara)


@settings(max_examples=80)
@given(st.binary(max_size=400))
def test_any_bytes_are_read(antara: Site, rakyatnews: Site, body: bytes) -> None:
    extract(page(body), antara)
    extract(page(body, "https://rakyatnews.example/1/satu-dua-tiga"), rakyatnews)


@settings(max_examples=80)
@given(st.sampled_from(CASES), st.data())
def test_a_case_cut_and_changed_anywhere_is_read(folder: object, data: st.DataObject) -> None:
    given_page, site = case(folder)  # type: ignore[arg-type]
    start = data.draw(st.integers(0, len(given_page.body)))
    end = data.draw(st.integers(start, len(given_page.body)))
    body = given_page.body[:start] + data.draw(st.binary(max_size=8)) + given_page.body[end:]
    extract(page(body, given_page.url), site)
