"""A seed is drafted from a home page: what it finds, what it says, what it refuses."""

import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from newsbot.config import load_config
from newsbot.doctor.drafting import NoDraft, draft_site
from newsbot.sites.draft import Draft
from tests.doctor import small_sites
from tests.doctor.small_sites import Publisher, Site, plain, printed, served, stories

MOST_REQUESTS = 25
MOST_REDIRECTS = 2


def drafted(make: Callable[[str], Site]) -> Draft:
    """The draft of a site on loopback, made with few requests, each page once."""
    asked: list[str] = []
    config = load_config(contact="tests@example.org", private_addresses=True)
    with served(make, asked) as base:
        draft = draft_site(f"{base}/", config, delay=0)
        assert len(asked) == len(set(asked)) <= MOST_REQUESTS
        redirected = len(asked) - draft.requests  # what a redirect leads to is not counted
        assert 0 <= redirected <= MOST_REDIRECTS
    return draft


def test_wordpress_with_articles_in_no_folder() -> None:
    draft = drafted(small_sites.wordpress)
    site = draft.site()
    assert (site.title, site.kind, site.language) == ("Kabar Dermaga", "publisher", "id")
    assert site.time_zone == "Asia/Jakarta"
    assert [urlsplit(url).path for url in draft.get("feeds")] == ["/feed/"]
    assert [urlsplit(url).path for url in site.sitemaps] == ["/sitemap_index.xml"]
    assert site.is_article("http://127.0.0.1/pasar-ikan-baru-di-ende-untuk-kali-ke-9/")
    for path in ("/tentang-kami/", "/pedoman-media-siber-kami-di-sini/", "/category/kota/", "/"):
        assert not site.is_article(f"http://127.0.0.1{path}")
    assert site.lists == (), "the sitemap has all, and a list would be fetched for nothing"
    (listing,) = (one for one in draft.keys if one.key == "lists")
    assert listing.value[0]["pages"].endswith("/page/{page}/")
    assert draft.is_sound
    assert len(draft.tried) == 5


def test_selectors_of_a_known_theme_are_taken_if_they_fit() -> None:
    select = drafted(small_sites.wordpress).site().select
    assert [one.css for one in select.container] == [".entry-content-single"]
    assert [one.css for one in select.title] == ["h1.entry-title"]
    assert [one.css for one in select.remove] == [".gmr-related-post"]
    assert select.byline == (), "no article has one"


def test_a_selector_that_finds_something_else_is_not_taken() -> None:
    def make(base: str) -> Site:
        pages = small_sites.wordpress(base)
        other = '<h1 class="entry-title">Kabar lain</h1><h1>'
        return {
            path: body.replace('<h1 class="entry-title">', other) for path, body in pages.items()
        }

    assert drafted(make).site().select.title == ()


def test_articles_told_apart_by_their_query() -> None:
    draft = drafted(small_sites.by_query)
    site = draft.site()
    assert site.urls.keep_query == ("id",)
    assert site.is_article("http://127.0.0.1/baca.php?id=1")
    assert not site.is_article("http://127.0.0.1/tentang-kami/")
    assert [urlsplit(url).path for url in draft.get("feeds")] == ["/rss.xml"]
    assert (site.lists[0].pages or "").endswith("/?page={page}")


def test_articles_at_the_home_pages_own_path() -> None:
    site = drafted(small_sites.at_home).site()
    assert site.is_article("http://127.0.0.1/?p=1")
    assert not site.is_article("http://127.0.0.1/")
    assert not site.is_article("http://127.0.0.1/?paged=2")


def test_a_list_alone_with_a_link_to_its_next_page() -> None:
    site = drafted(small_sites.by_list).site()
    assert (site.feeds, site.sitemaps) == ((), ())
    assert [one.css for one in site.lists[0].next] == ["a[rel=next]"]
    assert not site.is_article("http://127.0.0.1/lama/2x")


def test_an_aggregator_links_to_originals_elsewhere() -> None:
    draft = drafted(small_sites.aggregator)
    assert draft.get("kind") == "aggregator"


def test_the_home_page_may_be_on_another_host() -> None:
    draft = drafted(small_sites.moved)
    assert draft.get("hosts") == ["localhost", "127.0.0.1"]
    assert draft.home.startswith("http://localhost:")


def test_times_without_a_zone_are_compared_with_those_of_the_feed() -> None:
    def make(base: str) -> Site:
        named = Publisher(stories(20, lambda s: f"/berita/{s.number}/{s.slug}"), base)
        feed = re.sub(r"(\d\d):(\d\d):00 \+0700", _seven_hours_earlier, named.feed(20))
        return {"/feed/": feed, **named.articles(printed), **named.lists("/", str, lambda *_: "")}

    draft = drafted(make)
    (zone,) = (one for one in draft.keys if one.key == "time_zone")
    assert (zone.value, zone.sure) == ("Asia/Jakarta", "sure")
    assert all(page.fault is None for page in draft.tried)


def test_a_time_that_is_in_utc_says_nothing_of_the_zone() -> None:
    def make(base: str) -> Site:
        pages = small_sites.wordpress(base)
        return {path: _in_utc(body) for path, body in pages.items()}

    draft = drafted(make)
    (zone,) = (one for one in draft.keys if one.key == "time_zone")
    assert (zone.value, zone.sure) == ("Asia/Jakarta", "likely")


def _in_utc(body: str) -> str:
    return body.replace("+07:00", "+00:00").replace("+0700", "+0000")


def test_an_archive_that_the_home_page_links_to_is_the_list() -> None:
    def make(base: str) -> Site:
        named = Publisher(stories(40, lambda s: f"/tulisan/{s.slug}/"), base)
        cards = [f'<p><a href="{s.path}">{s.title}</a></p>' for s in named.stories]
        home = named.page("Kabar", f'{"".join(cards[:4])}<a href="/tulisan/">Arsip</a>')
        archive = named.page("Arsip", "".join(cards))
        return {"/": home, "/tulisan/": archive, "/feed.xml": named.feed(), **named.articles(plain)}

    lists = drafted(make).get("lists")
    assert [urlsplit(one["url"]).path for one in lists] == ["/tulisan/"]


def _seven_hours_earlier(time: re.Match[str]) -> str:
    hours = int(time[1]) - 7
    return f"{hours % 24:02}:{time[2]}:00 +0000" if hours >= 0 else f"{time[1]}:{time[2]}:00 +0700"


def test_a_sitemap_of_the_newest_only_does_not_replace_the_list() -> None:
    def make(base: str) -> Site:
        named = Publisher(stories(60, lambda s: f"/{s.published:%Y/%m}/{s.slug}"), base)
        newest = replace(named, stories=named.stories[:10])
        pager = '<a href="/page/2">2</a>'
        lists = named.lists("/", lambda n: f"/page/{n}", lambda n, m: pager)
        return {
            "/feed/": named.feed(),
            "/sitemap.xml": newest.sitemap(),
            **named.articles(plain),
            **lists,
        }

    site = drafted(make).site()
    assert site.sitemaps
    assert (site.lists[0].pages or "").endswith("/page/{page}")


def test_sections_are_lists_where_nothing_else_has_all() -> None:
    def make(base: str) -> Site:
        named = Publisher(stories(40, lambda s: f"/{s.section}/{s.slug}.html"), base)
        home = named.page("Kabar", "".join(
            f'<a href="{s.path}">{s.title}</a>' for s in named.stories[:12]
        ) + '<a href="/kota/">Kota</a><a href="/desa/">Desa</a>')  # fmt: skip
        made = {**named.articles(plain), "/": home}
        for section in ("kota", "desa"):
            part = replace(named, stories=[s for s in named.stories if s.section == section])
            made |= part.lists(f"/{section}/", f"/{section}/page/{{}}/".format, _second_page)
        return made

    lists = drafted(make).get("lists")
    assert [urlsplit(one["url"]).path for one in lists] == ["/", "/kota/", "/desa/"]
    assert [urlsplit(one["pages"]).path for one in lists[1:]] == [
        "/kota/page/{page}/", "/desa/page/{page}/",
    ]  # fmt: skip


def _second_page(*_: int) -> str:
    return '<a href="page/2/">2</a>'


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (small_sites.forbidden, "robots.txt forbids it; newsbot obeys it"),
        (small_sites.made_by_scripts, 'made by scripts.*render = "always"'),
        (small_sites.a_shop, "no news site: no page .* has one with a date"),
        (lambda base: {"/": "<p>Selamat datang</p>"}, "no news site: it has 0 feeds, 0 sitemaps"),
        (lambda base: {"/": "kosong"}, "it is not a web page"),
        (lambda base: {}, "it answered 404; without its home page"),
        (lambda base: {"/": f"302 {base}/"}, "more than 10 redirects; without its home page"),
    ],
)
def test_what_cannot_be_drafted_is_refused_with_the_reason(
    make: Callable[[str], Site], message: str
) -> None:
    with pytest.raises(NoDraft, match=message):
        drafted(make)
