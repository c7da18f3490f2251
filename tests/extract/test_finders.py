"""Sitemaps, JSON Feed and lists in JSON: what they name, however they are written."""

import gzip
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from newsbot.extract import explain, extract
from newsbot.models import Extraction, ListPosition, Page, PageRole
from newsbot.sites.loading import site_of
from newsbot.sites.site import Site

BASE = "https://kabar.example"
SEED = """
name = "kabar"
title = "Kabar"
kind = "publisher"
language = "id"
time_zone = "Asia/Jakarta"
hosts = ["kabar.example"]
feeds = ["https://kabar.example/rss"]
[[lists]]
url = "https://kabar.example/api"
pages = "https://kabar.example/api?page={page}"
[lists.json]
items = "data"
url = "link"
authors = "by"
[[lists]]
url = "https://kabar.example/indeks/{yyyy}/{mm}/{dd}"
pages = "https://kabar.example/indeks/{yyyy}/{mm}/{dd}?hal={page}"
[urls]
article = '^/cerita/'
"""
NEWS = """<?xml version="1.0"?>
<!DOCTYPE urlset [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<s:urlset xmlns:s="http://www.sitemaps.org/schemas/sitemap/0.9"
  xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"
  xmlns:i="http://www.google.com/schemas/sitemap-image/1.1">
 <s:url>
  <i:image><i:loc>https://kabar.example/cerita/gambar.jpg</i:loc></i:image>
  <s:loc> https://kabar.example/cerita/1?a=1&amp;b=2
  </s:loc><s:lastmod>2025-02-28</s:lastmod>
  <n:news><n:publication><n:name>Kabar</n:name></n:publication>
   <n:title>Panen &amp; raya</n:title><n:keywords>panen, padi,</n:keywords>
   <n:publication_date>2025-02-27T08:00:00+08:00</n:publication_date></n:news>
 </s:url>
 <s:url><n:news><n:title>&x;</n:title></n:news><s:loc>https://kabar.example/cerita/2</s:loc><s:lastmod>soon</s:lastmod></s:url>
 <s:url><s:loc>/cerita/3</s:loc></s:url>
 <s:url><s:loc>ftp://kabar.example/cerita/4</s:loc></s:url>
 <s:url><s:loc>https://lain.example/cerita/5</s:loc></s:url>
 <s:url></s:url>
</s:urlset>"""


@pytest.fixture(scope="module")
def site() -> Site:
    return site_of(SEED, "x")


def read(
    site: Site, body: Any, role: PageRole = "sitemap", path: str = "/sitemap.xml"
) -> Extraction:
    data = body if isinstance(body, bytes) else body.encode()
    position = ListPosition(f"{BASE}/api", 2) if role == "list" else None
    at = datetime(2025, 3, 1, tzinfo=UTC)
    return extract(Page(BASE + path, data, at, role=role, position=position), site)


def test_a_news_sitemap_gives_addresses_dates_and_titles(site: Site) -> None:
    found = read(site, NEWS)
    assert [link.url for link in found.links] == [
        f"{BASE}/cerita/1?a=1&b=2", f"{BASE}/cerita/2", f"{BASE}/cerita/3",
    ]  # fmt: skip
    first = found.links[0]
    assert (first.hints.title, first.hints.categories) == ("Panen & raya", ("panen", "padi"))
    assert str(first.hints.published_at) == "2025-02-27 08:00:00+08:00"
    assert str(first.modified_at) == "2025-02-28 00:00:00+07:00"
    assert found.links[1].modified_at is None
    assert "root:" not in repr(found)
    assert (found.kind, found.notes, found.other_links) == ("sitemap", (), ())
    assert read(site, gzip.compress(NEWS.encode(), mtime=0)).links == found.links


INDEX = """<sitemapindex><sitemap><loc>/a.xml</loc></sitemap>
<sitemap><loc>https://cdn.example/b.xml</loc></sitemap></sitemapindex>"""
ROBOTS = "Sitemap: /a.xml\nsitemap : https://cdn.example/b.xml\nDisallow: /x"


@pytest.mark.parametrize(
    ("body", "path"),
    [(ROBOTS, "/robots.txt"), (INDEX, "/peta")],
    ids=["robots", "index"],
)
def test_further_sitemaps_are_named(site: Site, body: str, path: str) -> None:
    found = read(site, body, path=path)
    assert [one.url for one in found.sitemaps] == [f"{BASE}/a.xml", "https://cdn.example/b.xml"]


@pytest.mark.parametrize(
    ("body", "notes"),
    [
        (NEWS[:-60], ("sitemap-cut-off",)),
        ("<urlset", ("sitemap-not-xml",)),
        ("<urlset>\x00\x01<url", ("sitemap-cut-off",)),
        ("<html><body>Not here</body></html>", ("sitemap-not-xml",)),
        ("", ("sitemap-not-xml",)),
    ],
    ids=["cut", "nothing-open", "control", "page", "empty"],
)
def test_a_sitemap_that_is_none_or_not_whole_is_said_to_be(
    site: Site, body: str, notes: tuple[str, ...]
) -> None:
    assert read(site, body).notes == notes


@pytest.mark.slow
def test_a_sitemap_of_50_mb_is_read(site: Site) -> None:
    entry = f"<url><loc>{BASE}/cerita/{{}}</loc><!-- {'x' * 950} --></url>"
    body = "<urlset>" + "".join(map(entry.format, range(50_000))) + "</urlset>"
    assert len(body) > 50_000_000
    assert len(read(site, gzip.compress(body.encode(), 1, mtime=0)).links) == 50_000


def test_nested_elements_of_a_sitemap_are_no_entries_of_their_own(site: Site) -> None:
    deep = "<urlset>" + "<url>" * 20_000 + f"<loc>{BASE}/cerita/1</loc>"
    assert len(read(site, deep).links) <= 1


def test_a_feed_may_be_a_sitemap_or_json(site: Site) -> None:
    found = read(site, NEWS, "feed")
    assert (len(found.links), found.notes) == (3, ("sitemap-among-feeds",))
    assert "write it under sitemaps" in explain(found.notes[0])
    items = [
        {"url": "/cerita/1", "title": "A&amp;B", "tags": ["x"], "author": {"name": "Siti"}},
        {"external_url": f"{BASE}/cerita/2", "date_published": "2025-02-28T10:00:00+07:00"},
        {"id": 7}, "nonsense", None, {"url": ["x"]},
    ]  # fmt: skip
    found = read(site, "\ufeff" + json.dumps({"version": "1", "items": items}), "feed")
    assert [link.url for link in found.links] == [f"{BASE}/cerita/1", f"{BASE}/cerita/2"]
    assert found.links[0].hints.authors == ("Siti",)
    assert found.links[0].hints.title == "A&B"
    assert str(found.links[1].hints.published_at) == "2025-02-28 10:00:00+07:00"


@pytest.mark.parametrize(
    "body", ["[]", '{"items": {}}', '{"items"', "[" * 100_000, '{"a": 1e999, "items": null}'],
    ids=["array", "object", "cut", "deep", "null"],
)  # fmt: skip
def test_json_that_is_no_feed_or_list_is_named(site: Site, body: str) -> None:
    assert read(site, body, "feed").notes == ("feed-not-json-feed",)
    assert read(site, body, "list").notes in (("list-not-json",), ("list-items-not-found",))


def test_an_api_is_a_list(site: Site) -> None:
    items = [{"link": "/cerita/9", "by": ["Siti", "Budi"]}, {"link": "/tentang"}, {"link": None}]
    found = read(site, json.dumps({"data": items}), "list")
    assert [link.url for link in found.links] == [f"{BASE}/cerita/9"]
    assert found.links[0].hints.authors == ("Siti", "Budi")
    assert found.next_page == f"{BASE}/api?page=3"
    assert read(site, '{"data": []}', "list").next_page is None


def test_a_list_of_a_day_is_found_by_its_address(site: Site) -> None:
    day = site.list_at(f"{BASE}/indeks/2025/02/28")
    assert day is not None
    assert day.page_url(2) == f"{BASE}/indeks/2025/02/28?hal=2"
    for path in ("2025/02/30", "2025/2/28", "2025/02/28/x"):
        assert site.list_at(f"{BASE}/indeks/{path}") is None


def test_the_title_of_a_link_is_the_headline_alone(site: Site) -> None:
    body = b'<a href="/cerita/1" title="Permalink to Panen raya di Lirik">Panen raya</a>'
    url = f"{BASE}/indeks/2025/02/28"
    at, position = datetime(2025, 3, 1, tzinfo=UTC), ListPosition(url, 1)
    page = Page(url, body, at, role="list", position=position)
    assert extract(page, site).links[0].hints.title == "Panen raya di Lirik"


def test_what_is_too_long_is_cut_and_says_so(site: Site) -> None:
    entry = "<url><loc>https://kabar.example/cerita/{}</loc></url>"
    sitemap = f"<urlset>{''.join(map(entry.format, range(50_001)))}</urlset>"
    found = read(site, sitemap, "sitemap")
    assert (len(found.links), found.notes) == (50_000, ("sitemap-too-long",))
    items = [{"url": f"/cerita/{number}"} for number in range(10_001)]
    feed = json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items})
    found = read(site, feed, "feed")
    assert (len(found.links), found.notes) == (10_000, ("feed-too-long",))
