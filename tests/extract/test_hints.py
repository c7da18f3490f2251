"""What a feed, sitemap or list says of an article fills what its page lacks, and no more."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from newsbot.extract import extract
from newsbot.extract.pages import PagedArticle
from newsbot.hints import NO_HINTS, Hints, HintSource
from newsbot.models import Article, Author, Image, Link, Page, PageRole
from newsbot.sites.loading import site_of
from newsbot.sites.site import Site

FETCHED = datetime(2025, 3, 1, 3, tzinfo=UTC)
BASE = "https://kabar.example"
SEED = """
name = "kabar"
title = "Kabar"
kind = "publisher"
language = "id"
time_zone = "Asia/Jakarta"
hosts = ["kabar.example"]
feeds = ["https://kabar.example/rss"]
[urls]
article = '^/cerita/(?P<number>\\d+)$'
"""
STORY = (
    "Perahu tambang di sungai itu kembali melayani penyeberangan setelah air surut, kata juru "
    "mudi, dan pedagang di kedua tepi membuka lagi kios mereka sejak pagi hari."
)
BARE = f"<html lang=id><body><article><p>{STORY}</p></article></body></html>"
FULL = f"""<html lang=id><head><meta property="article:published_time" content="2025-02-27"/>
<meta property="article:tag" content="sungai"/></head><body><article><h1>Perahu Kembali</h1>
<p>Penulis: Siti Rahma</p><img src="/perahu.jpg"/><p>{STORY}</p></article></body></html>"""
AT = datetime.fromisoformat("2025-02-28T10:05:00+07:00")
HINTS = Hints(
    title="Perahu Tambang Beroperasi - Kabar", published_at=AT, precision="second",
    authors=("redaksi@kabar.example (Budi Santoso)", "Kabar", "admin"),
    categories=("ekonomi", "desa"), picture=f"{BASE}/feed.jpg", source="feed",
)  # fmt: skip


@pytest.fixture(scope="module")
def site() -> Site:
    return site_of(SEED, "x")


def article(site: Site, html: str, hints: Hints = NO_HINTS) -> Article:
    (found,) = extract(_page(html, hints), site).articles
    return found


def _page(
    html: str, hints: Hints = NO_HINTS, *, role: PageRole = "article", number: int = 1
) -> Page:
    url = f"{BASE}/cerita/7" + (f"?page={number}" if number > 1 else "")
    return Page(url, html.encode(), FETCHED, role=role, hints=hints)


def test_what_the_page_lacks_comes_from_the_feed(site: Site) -> None:
    found = article(site, BARE, HINTS)
    assert found.title == "Perahu Tambang Beroperasi"
    assert found.published_at == AT
    assert found.published is not None
    assert (found.published.source, found.published.precision) == ("feed", "second")
    assert found.authors == (Author(name="Budi Santoso", role="reporter"),)
    assert found.tags == ("ekonomi", "desa")
    assert found.images == (Image(url=f"{BASE}/feed.jpg"),)
    assert set(found.missing) == {
        "title", "published_at", "authors", "dateline", "tags", "images",
    }  # fmt: skip
    assert found.text == STORY


def test_the_section_is_that_of_the_feed_where_the_page_has_none(site: Site) -> None:
    link = Link(f"{BASE}/cerita/7", HINTS).in_section("Ekonomi")
    hints = Hints.from_fields(link.hints.to_fields())
    assert hints == replace(HINTS, section="Ekonomi")
    assert HINTS.completed(replace(NO_HINTS, section="Desa")).section == "Desa"
    assert hints.completed(replace(NO_HINTS, section="Desa")).section == "Ekonomi"
    found = article(site, BARE, hints)
    assert found.section == "Ekonomi"
    assert "section" in found.missing
    meta = '<meta property="article:section" content="Politik"/>'
    assert article(site, BARE.replace("<body>", f"{meta}<body>"), hints).section == "Politik"


def test_the_page_is_believed_before_the_feed() -> None:
    site = site_of(f"{SEED}[select]\ncontainer = ['article']\n", "x")
    assert article(site, FULL, HINTS) == article(site, FULL)
    assert article(site, FULL).images
    assert article(site, FULL).published_at == datetime.fromisoformat("2025-02-27T00:00:00+07:00")


@pytest.mark.parametrize("source", ["feed", "sitemap", "list"])
def test_a_day_is_a_day_whoever_gave_it(site: Site, source: HintSource) -> None:
    day = datetime.fromisoformat("2025-02-28T00:00:00+07:00")
    hints = Hints(published_at=day, precision="day", source="feed", dated_by=source)
    found = article(site, f"<h1>Judul berita</h1>{BARE}", hints)
    assert found.published is not None
    assert found.published_at == day
    assert found.published.model_dump() == {
        "raw": "2025-02-28", "source": source, "precision": "day", "conflicts": (),
    }  # fmt: skip
    assert "title" not in found.missing


def test_a_list_of_an_aggregator_gives_the_day_alone() -> None:
    site = site_of(SEED.replace("publisher", "aggregator"), "x")
    found = article(site, BARE, replace(HINTS, source="list"))
    assert str(found.published_at) == "2025-02-28 00:00:00+07:00"
    assert found.published is not None
    assert found.published.precision == "day"


def test_a_date_that_cannot_be_is_no_date(site: Site) -> None:
    for at in (datetime(2025, 3, 3, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC)):
        found = article(site, BARE, Hints(title="Judul berita", published_at=at, source="feed"))
        assert (found.published_at, found.published) == (None, None)


def test_a_notice_without_a_headline_does_not_become_an_article(site: Site) -> None:
    notice = "<p>Halaman ini sedang kami perbaiki, silakan kembali lagi beberapa saat nanti.</p>"
    assert not extract(_page(f"<html><body>{notice}</body></html>", HINTS), site).articles


def test_a_byline_on_the_last_page_is_believed_before_the_feed(site: Site) -> None:
    first = _page(BARE.replace("</p>", '</p><a href="/cerita/7?page=2">2</a>', 1), HINTS)
    second = _page(
        f"<html><body><article><h1>Perahu</h1><p>{STORY[:-1]}, tambahnya.</p>"
        "<p>Penulis: Siti Rahma</p></article></body></html>",
        role="next_page", number=2,
    )  # fmt: skip
    paged = PagedArticle(extract(first, site))
    assert paged.next_page == second.url
    paged.add(second.url, extract(second, site))
    whole = paged.article()
    assert [one.name for one in whole.authors] == ["Siti Rahma"]
    assert (whole.title, whole.published_at) == ("Perahu Tambang Beroperasi", AT)
    assert set(whole.missing) == {"title", "published_at", "dateline", "tags", "images"}


# -- what the finders say ------------------------------------------------------------------------

RSS = f"""<rss xmlns:media="http://search.yahoo.com/mrss/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel>
<item><title>A</title><link>{BASE}/cerita/1</link><dc:creator>Siti</dc:creator>
 <media:group><media:content url="/v.mp4" medium="video"/>
 <media:content url="/a.jpg" type="image/jpeg"/></media:group></item>
<item><title>B</title><link>{BASE}/cerita/2</link>
 <enclosure url="/b.jpg" type="image/jpeg" length="1"/></item>
<item><title>C</title><link>{BASE}/cerita/3</link><media:thumbnail url="/c.jpg"/></item>
<item><title>{"D" * 501}</title><link>{BASE}/cerita/4</link><category>{"e" * 200}</category>
 <enclosure url="/d.mp3" type="audio/mpeg" length="1"/></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>A</title>
<link href="/cerita/1"/><link rel="enclosure" type="image/png" href="/a.png"/></entry></feed>"""
SITEMAP = f"""<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc>{BASE}/cerita/1</loc><image:image><image:loc>/a.jpg</image:loc></image:image>
 <image:image><image:loc>/b.jpg</image:loc></image:image></url>
<url><loc>{BASE}/cerita/2</loc><lastmod>2025-02-28</lastmod></url></urlset>"""
JSON_FEED = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "items": [{"url": f"{BASE}/cerita/1", "title": "A", "image": "/a.jpg"}],
    }
)
LIST = '<ul><li><a href="/cerita/1">Judul satu</a> <span>2 jam lalu</span></li></ul>'


def hints_on(site: Site, source: str, role: PageRole) -> list[Hints]:
    page = Page(f"{BASE}/{role}", source.encode(), FETCHED, role=role)
    return [link.hints for link in extract(page, site).links]


def test_who_said_it_and_with_which_picture(site: Site) -> None:
    rss = hints_on(site, RSS, "feed")
    assert [one.picture for one in rss] == [f"{BASE}/{n}.jpg" for n in "abc"] + [None]
    assert [one.source for one in rss] == ["feed"] * 3 + [None]
    assert rss[3] == NO_HINTS, "nothing of it is short enough"
    assert hints_on(site, ATOM, "feed")[0].picture == f"{BASE}/a.png"
    assert hints_on(site, JSON_FEED, "feed")[0] == Hints(
        title="A", picture=f"{BASE}/a.jpg", source="feed"
    )
    first, second = hints_on(site, SITEMAP, "sitemap")
    assert first == Hints(picture=f"{BASE}/a.jpg", source="sitemap")
    assert second == NO_HINTS, "a sitemap that says nothing stands before nobody"
    (listed,) = hints_on(site, LIST, "list")
    assert (listed.source, listed.title, listed.precision) == ("list", "Judul satu", "hour")


# -- who is believed -----------------------------------------------------------------------------


def test_a_feed_is_believed_before_a_sitemap_and_that_before_a_list() -> None:
    feed = Hints(title="Dari umpan", source="feed")
    sitemap = Hints(title="Dari peta", published_at=AT, authors=("Siti",), source="sitemap")
    listed = Hints(title="Dari daftar", published_at=FETCHED, source="list")
    wanted = Hints(
        title="Dari umpan", published_at=AT, authors=("Siti",), source="feed", dated_by="sitemap"
    )
    for order in ([feed, sitemap, listed], [listed, feed, sitemap], [sitemap, listed, feed]):
        known = NO_HINTS
        for found in order:
            known = known.completed(found)
        assert known == wanted
        assert known.completed(replace(feed, title="Lain")) == known, "the first of a feed's stays"
        assert known.completed(NO_HINTS) == known, "what is absent later is no change"
        assert Hints.from_fields(json.loads(json.dumps(known.to_fields()))) == known


def test_hints_of_older_logs_are_read() -> None:
    old = {"title": "A", "published_at": "2025-02-28T00:00:00+07:00", "date_only": True}
    assert Hints.from_fields(old).precision == "day"
    assert Hints.from_fields(old).source is None
