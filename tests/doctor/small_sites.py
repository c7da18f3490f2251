"""Small news sites of our own, as publishing systems make them, served on loopback."""

import html
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler
from xml.sax.saxutils import escape

from tests.webserver import reply, serving

JAKARTA = timezone(timedelta(hours=7))
_PLACES = (
    "Ambon",
    "Bitung",
    "Cirebon",
    "Depok",
    "Ende",
    "Fakfak",
    "Garut",
    "Jambi",
    "Kupang",
    "Luwuk",
)
_EVENTS = ("panen raya padi", "pasar ikan baru", "jembatan desa dibuka", "lomba perahu layar")
_TEXT = (
    "Warga menyambut kabar itu dengan gembira karena pekerjaan sudah ditunggu sejak tahun lalu. "
    "Kepala dinas mengatakan anggaran untuk tahun ini telah disetujui dan tidak akan dipotong. "
)
Site = dict[str, str]
"""Path, with its query, to body; a path of one host only has the host before it."""


@dataclass(frozen=True, slots=True)
class Story:
    """One story; ``path`` is where it is."""

    number: int
    title: str
    slug: str
    section: str
    published: datetime
    path: str = ""

    @property
    def text(self) -> str:
        """Four paragraphs."""
        return "".join(f"<p>{self.title}, bagian {part}. {_TEXT}</p>" for part in range(1, 5))


def stories(count: int, path: Callable[[Story], str]) -> list[Story]:
    """Return stories, the newest first, four a day, each at the path of its own."""
    made = []
    for number in range(count, 0, -1):
        title = (
            f"{_EVENTS[number % 4].capitalize()} di {_PLACES[number % 10]} untuk kali ke {number}"
        )
        at = datetime(2025, 11, 1, 5, 30, tzinfo=JAKARTA) + timedelta(hours=6) * number
        one = Story(
            number, title, title.lower().replace(" ", "-"), ("kota", "desa")[number % 2], at
        )
        made.append(Story(one.number, one.title, one.slug, one.section, one.published, path(one)))
    return made


@dataclass
class Publisher:
    """What a publishing system makes of stories: pages, lists of ten, a feed, a sitemap."""

    stories: list[Story]
    base: str
    name: str = "Kabar Dermaga"
    head: str = ""
    language: str = "id"
    more: Site = field(default_factory=dict)

    def page(self, title: str, body: str, head: str = "") -> str:
        """Return a page with the site's menu and foot."""
        menu = '<nav><a href="/">Beranda</a> <a href="/tentang-kami/">Tentang Kami</a></nav>'
        return (
            f'<!doctype html><html lang="{self.language}"><head><title>{html.escape(title)}</title>'
            f"{self.head}{head}</head><body>{menu}{body}<footer>{self.name} 2025</footer></body>"
            "</html>"
        )

    def articles(self, markup: Callable[[Story], str]) -> Site:
        """Return the pages of all stories."""
        return {s.path: self.page(f"{s.title} - {self.name}", markup(s)) for s in self.stories}

    def lists(
        self, first: str, nth: Callable[[int], str], pager: Callable[[int, int], str]
    ) -> Site:
        """Return the pages of a list; ``pager`` gives the links on page N of M."""
        parts = [self.stories[at : at + 10] for at in range(0, len(self.stories), 10)]
        made = {}
        for number, part in enumerate(parts, 1):
            cards = "".join(f'<h2><a href="{s.path}">{s.title}</a></h2>' for s in part)
            body = f"<main>{cards}{pager(number, len(parts))}</main>"
            made[first if number == 1 else nth(number)] = self.page(self.name, body)
        return made

    def feed(self, count: int = 10) -> str:
        """Return an RSS feed of the newest stories."""
        items = "".join(
            f"<item><title>{escape(s.title)}</title><link>{escape(self.base + s.path)}</link>"
            f"<pubDate>{s.published:%a, %d %b %Y %H:%M:%S %z}</pubDate></item>"
            for s in self.stories[:count]
        )
        return f'<rss version="2.0"><channel><title>{self.name}</title>{items}</channel></rss>'

    def sitemap(self, *paths: str) -> str:
        """Return a sitemap of all stories, or of these paths."""
        named = paths or tuple(s.path for s in self.stories)
        urls = "".join(f"<url><loc>{escape(self.base + path)}</loc></url>" for path in named)
        return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'

    def index(self, *paths: str) -> str:
        """Return an index of sitemaps."""
        urls = "".join(f"<sitemap><loc>{self.base}{path}</loc></sitemap>" for path in paths)
        return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</sitemapindex>'


def plain(story: Story) -> str:
    """Return an article of no known system."""
    at = story.published.isoformat()
    return f'<article><h1>{story.title}</h1><time datetime="{at}">{at}</time>{story.text}</article>'


def printed(story: Story) -> str:
    """Return an article whose time is printed, without a zone."""
    at = f"{story.published:%d/%m/%Y %H:%M}"
    return f'<article><h1>{story.title}</h1><p class="date">{at}</p>{story.text}</article>'


def copied(story: Story) -> str:
    """Return an article with a link to its original."""
    link = f'<p><a href="https://asal.example/b/{story.number}">Read Entire Article</a></p>'
    return f"{plain(story)}{link}"


def of_newkarma(story: Story) -> str:
    """Return an article in the mark-up of a theme of WordPress."""
    at = story.published.isoformat()
    return (
        '<article class="post"><header class="entry-header">'
        f'<h1 class="entry-title">{story.title}</h1><div class="gmr-metacontent">'
        f'<span class="cat-links"><a href="/category/{story.section}/">'
        f'{story.section}</a></span><time class="entry-date published" datetime="{at}">{at}</time>'
        f'</div></header><div class="entry-content entry-content-single">{story.text}'
        f'<div class="gmr-related-post"><a href="/x/">Lainnya</a></div></div></article>'
    )


@contextmanager
def served(make: Callable[[str], Site], asked: list[str] | None = None) -> Iterator[str]:
    """Serve the site that is made for its base address, http://127.0.0.1:port; yield that."""
    pages: Site = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host = self.headers["Host"].partition(":")[0]
            if asked is not None:
                asked.append(f"{host}{self.path}")
            body = pages.get(f"{host}{self.path}", pages.get(self.path))
            if body is None:
                reply(self, 404, "tidak ada")
            elif body.startswith("302 "):
                reply(self, 302, Location=body[4:])
            else:
                is_xml = body.startswith(("<rss", "<urlset", "<sitemapindex"))
                reply(self, 200, body, "text/xml" if is_xml else "text/html; charset=utf-8")

    with serving(Handler) as port:
        base = f"http://127.0.0.1:{port}"
        pages.update(make(base))
        yield base


# -- whole sites -----------------------------------------------------------------------------------


def wordpress(base: str) -> Site:
    """Return a site of WordPress whose articles are in no folder, with Yoast's sitemaps."""
    named = Publisher(stories(60, lambda s: f"/{s.slug}/"), base)
    named.head = (
        '<meta name="generator" content="WordPress 6.8"><link rel="stylesheet" '
        'href="/wp-content/themes/newkarma/style.css"><link rel="alternate" '
        'type="application/rss+xml" href="/comments/feed/" title="Umpan Komentar"><link '
        'rel="alternate" type="application/rss+xml" href="/feed/">'
    )
    pager = '<a class="next page-numbers" href="/page/2/">Berikutnya</a>'
    return {
        "/robots.txt": f"User-agent: *\nDisallow: /wp-admin/\nSitemap: {base}/sitemap_index.xml\n",
        "/feed/": named.feed(),
        "/sitemap_index.xml": named.index(
            "/post-sitemap.xml", "/page-sitemap.xml", "/category-sitemap.xml"
        ),
        "/post-sitemap.xml": named.sitemap(),
        "/page-sitemap.xml": named.sitemap("/tentang-kami/", "/pedoman-media-siber-kami-di-sini/"),
        "/category-sitemap.xml": named.sitemap("/category/kota/", "/category/desa/"),
        "/tentang-kami/": named.page("Tentang Kami", "<h1>Tentang Kami</h1><p>Redaksi.</p>"),
        **named.articles(of_newkarma),
        **named.lists(
            "/",
            lambda n: f"/page/{n}/",
            lambda n, m: pager.replace("2", str(n + 1)) if n < m else "",
        ),
    }


def by_query(base: str) -> Site:
    """Return a site whose articles differ in their query, with a feed and a list, no sitemap."""
    named = Publisher(stories(60, lambda s: f"/baca.php?id={s.number + 400}"), base)
    return {
        "/rss.xml": named.feed(),
        **named.articles(printed),
        **named.lists(
            "/", lambda n: f"/?page={n}", lambda n, m: f'<a href="/?page={n + 1}">Lama</a>'
        ),
    }


def at_home(base: str) -> Site:
    """Return a site whose articles differ from its home page in their query only."""
    named = Publisher(stories(30, lambda s: f"/?p={s.number + 400}"), base)
    named.head = '<link rel="alternate" type="application/rss+xml" href="/?feed=rss2">'

    def pager(number: int, last: int) -> str:
        return f'<a href="/?paged={number + 1}">{number + 1}</a>'

    lists = named.lists("/", lambda n: f"/?paged={n}", pager)
    return {"/?feed=rss2": named.feed(), **named.articles(plain), **lists}


def by_list(base: str) -> Site:
    """Return a site without feed and sitemap, whose list has a link to its next page."""
    named = Publisher(stories(60, lambda s: f"/{s.section}/{s.slug}"), base)

    def pager(number: int, last: int) -> str:
        return f'<a rel="next" href="/lama/{number + 1}x">Lebih lama</a>' if number < last else ""

    return {**named.articles(plain), **named.lists("/", lambda n: f"/lama/{n}x", pager)}


def aggregator(base: str) -> Site:
    """Return a site that copies the articles of others, and has a feed."""
    named = Publisher(stories(20, lambda s: f"/{s.published:%Y/%m}/{s.slug}.html"), base)
    named.head = '<link rel="alternate" type="application/rss+xml" href="/umpan">'
    home = named.lists("/", lambda n: f"/arsip/{n}", lambda n, m: "")
    return {"/umpan": named.feed(20), **named.articles(copied), **home}


def made_by_scripts(base: str) -> Site:
    """Return a site whose home page is empty without a browser."""
    return {
        "/": '<html><head><script src="/app.js"></script></head><body><div id="root"></div></body>'
    }


def forbidden(base: str) -> Site:
    """Return a site whose robots.txt forbids it."""
    return {"/robots.txt": "User-agent: *\nDisallow: /\n", "/": "<p>Berita</p>"}


def a_shop(base: str) -> Site:
    """Return a site that has pages of text, and no news."""
    names = ("panci", "wajan", "ember", "sapu", "gayung", "lampu")
    links = "".join(
        f'<a href="/barang/{name}-merah-besar">{name} merah besar</a>' for name in names
    )
    page = "<html><body><h1>{}</h1><p>" + "Barang ini kuat dan dapat dipakai setiap hari. " * 6
    goods = {f"/barang/{name}-merah-besar": page.format(name) for name in names}
    return {"/": f"<html><body><h1>Toko</h1>{links}</body></html>", **goods}


def moved(base: str) -> Site:
    """Return a site whose home page is on another host."""
    there = base.replace("127.0.0.1", "localhost")
    return {**by_list(there), "127.0.0.1/": f"302 {there}/"}
