"""Drafts of sites that are built otherwise: where stories are found, and what is said if not."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import urlsplit

import pytest

from newsbot.doctor.drafting import NoDraft
from newsbot.doctor.drafting.zones import zone_of_site
from newsbot.hints import Hints
from newsbot.sites.draft import DraftKey
from tests.doctor import small_sites
from tests.doctor.small_sites import Publisher, Site, Story, plain, stories
from tests.doctor.test_drafting import drafted


def _by_month(story: Story) -> str:
    return f"/{story.published:%Y/%m}/{story.slug}"


def _cards(some: Sequence[Story]) -> str:
    return "".join(f'<h2><a href="{s.path}">{s.title}</a></h2>' for s in some)


def _home(base: str, more: str, head: str = "", shown: int = 6) -> tuple[Publisher, Site]:
    """Return a publisher of 40 stories and its pages: articles, and a home page with a few."""
    named = Publisher(stories(40, _by_month), base, head=head)
    home = named.page("Kabar", f"<main>{_cards(named.stories[:shown])}{more}</main>")
    return named, {"/": home, **named.articles(plain)}


def test_numbered_links_lead_to_pages_by_the_stories_before_them() -> None:
    def make(base: str) -> Site:
        numbers = "".join(f'<a href="/arsip?mulai={10 * n}">{n + 1}</a>' for n in range(4))
        named, pages = _home(base, numbers, shown=10)
        for start in range(0, 40, 10):
            body = _cards(named.stories[start : start + 10])
            pages[f"/arsip?mulai={start}"] = named.page("Kabar", body + numbers)
        return pages

    (listing,) = drafted(make).site().lists
    assert urlsplit(listing.page_url(3) or "")[2:4] == ("/arsip", "mulai=20")


def test_days_of_a_calendar_are_no_pages_but_lists_of_days() -> None:
    def make(base: str) -> Site:
        days = "".join(f'<a href="/indeks/2025/11/{d:02}">{d}</a>' for d in range(1, 11))
        named, pages = _home(base, days)
        for day in range(1, 11):
            some = [s for s in named.stories if s.published.day == day]
            pages[f"/indeks/2025/11/{day:02}"] = named.page("Indeks", _cards(some))
        return pages

    lists = drafted(make).get("lists")
    assert urlsplit(lists[-1]["url"]).path == "/indeks/{yyyy}/{mm}/{dd}"


def test_the_api_of_wordpress_is_the_list_where_a_button_loads_more() -> None:
    def make(base: str) -> Site:
        head = '<link rel="https://api.w.org/" href="/wp-json/">'
        named, pages = _home(base, "<button>Muat lagi</button>", head)
        for number in (1, 2):
            some = named.stories[20 * (number - 1) : 20 * number]
            query = "per_page=20" + (f"&page={number}" if number > 1 else "")
            pages[f"/wp-json/wp/v2/posts?{query}"] = json.dumps([_post(base, s) for s in some])
        return pages

    draft = drafted(make)
    (listing,) = draft.site().lists
    assert (listing.page_url(2) or "").endswith("/wp-json/wp/v2/posts?per_page=20&page=2")
    assert listing.json_ is not None
    assert listing.json_.url == "link"
    assert "read: 40 articles" in _key(draft.keys, "lists").why


def _post(base: str, story: Story) -> Mapping[str, object]:
    return {"link": base + story.path, "title": {"rendered": story.title},
            "date": f"{story.published:%Y-%m-%dT%H:%M:%S}"}  # fmt: skip


def test_of_an_index_that_names_feeds_the_sitemap_itself_is_taken() -> None:
    def make(base: str) -> Site:
        named, pages = _home(base, "")
        people = [f"/penulis/penulis-{number}.xml" for number in range(5)]
        return {
            **pages,
            **dict.fromkeys(people, named.feed()),
            "/robots.txt": f"Sitemap: {base}/sitemapindex.xml\n",
            "/sitemapindex.xml": named.index(*people, "/rss.xml", "/sitemap.xml"),
            "/sitemap.xml": named.sitemap(),
            "/rss.xml": named.feed(),
        }

    assert [urlsplit(url).path for url in drafted(make).site().sitemaps] == ["/sitemap.xml"]


def test_of_a_home_page_in_a_folder_the_sitemap_is_at_the_root() -> None:
    def make(base: str) -> Site:
        named = Publisher(stories(30, lambda s: f"/id/berita/{s.slug}"), base)
        english = [f"/en/news/{s.slug}" for s in named.stories]
        return {
            "/": f"302 {base}/id/",
            "/id/": named.page("Kabar", _cards(named.stories[:8])),
            "/id/feed/": named.feed(),
            "/sitemap.xml": named.sitemap(*(s.path for s in named.stories), *english),
            **named.articles(plain),
        }

    site = drafted(make).site()
    assert [urlsplit(url).path for url in site.sitemaps] == ["/sitemap.xml"]
    assert not site.is_article("http://127.0.0.1/en/news/panen-raya-padi-di-ambon")


def test_stories_stand_behind_thousands_of_tags() -> None:
    def make(base: str) -> Site:
        named, pages = _home(base, "")
        tags = "".join(f'<a href="/tag/kata-{number}">kata</a>' for number in range(3100))
        return {**pages, "/": named.page("Kabar", tags + _cards(named.stories[:9]))}

    assert drafted(make).site().is_article("http://127.0.0.1/2025/11/kabar-baru")


def test_the_pages_have_the_slash_that_the_site_redirects_to() -> None:
    def make(base: str) -> Site:
        named = Publisher(stories(30, _by_month), base)
        lists = named.lists(
            "/", "/hal/page{}/".format, lambda n, m: f'<a href="/page{n + 1}">{n}</a>'
        )
        moved = {f"/page{n}": f"302 {base}/page{n}/" for n in (2, 3)}
        at = {f"/page{n}/": lists[f"/hal/page{n}/"] for n in (2, 3)}
        return {"/": lists["/"], **moved, **at, **named.articles(plain)}

    assert drafted(make).get("lists")[0]["pages"].endswith("/page{page}/")


def test_what_is_not_reached_and_not_taken_is_said() -> None:
    def make(base: str) -> Site:
        head = (
            '<link rel="alternate" type="application/rss+xml" href="https://umpan.example/kabar">'
            '<link rel="alternate" type="application/rss+xml" href="/umpan">'
        )
        named, pages = _home(base, "", head)
        elsewhere = named.feed().replace(base, "https://lama.example")
        return {**pages, "/umpan": elsewhere, "/robots.txt": "User-agent: *\nDisallow: /feed\n"}

    said = "\n".join(drafted(make).remarks)
    for part in (
        "a feed on another host, which is not taken: https://umpan.example/kabar",
        "/umpan: it is no feed, or names no page of the site",
        "no feed was found", "no sitemap of articles was found", "older stories",
        "robots.txt forbids 3 pages that were looked for",
    ):  # fmt: skip
        assert part in said, said


def test_articles_in_another_language_are_named() -> None:
    def make(base: str) -> Site:
        named, pages = _home(base, "")
        text = "<p>The mayor said that the new bridge will be opened by the council in May.</p>" * 4
        for story in named.stories[:2]:
            body = plain(story).split("<p>", 1)[0]
            pages[story.path] = named.page(story.title, f"{body}{text}</article>")
        return {**pages, "/feed/": named.feed()}

    assert any("in another language (en)" in one for one in drafted(make).remarks)


def test_articles_that_robots_txt_forbids_are_the_reason() -> None:
    def make(base: str) -> Site:
        return {**_home(base, "")[1], "/robots.txt": "User-agent: *\nDisallow: /2025/\n"}

    with pytest.raises(NoDraft, match=r"robots\.txt forbids it, as all pages tried"):
        drafted(make)


@pytest.mark.parametrize(("theme", "sure"), [("newkarma", "sure"), ("majalahpro", "likely")])
def test_a_selector_of_a_preset_known_from_memory_is_not_sure(theme: str, sure: str) -> None:
    def make(base: str) -> Site:
        pages = small_sites.wordpress(base)
        return {path: body.replace("newkarma", theme) for path, body in pages.items()}

    container = _key(drafted(make).keys, "select.container")
    assert container.sure == sure
    assert ("memory" in container.why) is (sure == "likely")


def _hints(hours: float, count: int = 20) -> dict[str, Hints]:
    """Stories with times in UTC, and addresses with the day where they happened."""
    zone, made = timezone(timedelta(hours=hours)), {}
    for number in range(count):
        at = datetime(2025, 2, 3, 0, 20, tzinfo=zone) + timedelta(hours=15, minutes=41) * number
        url = f"https://kabar.test/{at:%Y/%m/%d}/kabar-{number}/"
        made[url] = Hints(published_at=at.astimezone(UTC))
    return made


@pytest.mark.parametrize(
    ("host", "language", "hours", "zone", "sure"),
    [
        ("kabar.id", "id", 9, "Asia/Jayapura", "sure"),
        ("kabar.test", "en", 7, "Etc/GMT-7", "guess"),
        ("kabar.test", "en", -5, "Etc/GMT+5", "guess"),
        ("kabar.test", "en", 0, "UTC", "guess"),
    ],
)
def test_days_in_addresses_tell_the_zone_of_times_in_utc(
    host: str, language: str, hours: float, zone: str, sure: str
) -> None:
    found = zone_of_site(host, [], _hints(hours), language)
    assert (found.value, found.sure) == (zone, sure), found.why


def _key(keys: Sequence[DraftKey], name: str) -> DraftKey:
    (found,) = (one for one in keys if one.key == name)
    return found
