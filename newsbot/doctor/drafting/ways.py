"""The feeds and sitemaps of a site: those that it names, else those where systems have them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final
from urllib.parse import urljoin, urlsplit

from newsbot.doctor.drafting.visit import Visit
from newsbot.models import Extraction, Link
from newsbot.sites.presets import Preset

_FEED_TYPE = re.compile(
    r"(?:application|text)/(?:rss|atom|rdf|feed)?\+?(?:xml|json)", re.IGNORECASE
)
_FEED_PATH = re.compile(r"/(?:rss|atom|feeds?|umpan)(?:/|\.|$)|\.(?:rss|atom)$|/index\.xml$")
_OF_COMMENTS = re.compile(r"comment|komentar|/wp-json|oembed", re.IGNORECASE)
_FEED_PATHS: Final = ("feed/", "rss.xml", "index.xml", "feed.xml", "atom.xml", "feed.json", "rss")
_SITEMAP_PATHS: Final = (
    "sitemap.xml", "sitemap_index.xml", "news-sitemap.xml", "wp-sitemap.xml",
)  # fmt: skip
_MOST_FEEDS: Final = 3
_MOST_NAMED: Final = 4
_MOST_NESTED: Final = 3
_MOST_LINKS: Final = 10_000  # of all sitemaps
_MOST_FOREIGN: Final = 3
_MOST_ELSEWHERE: Final = 2  # paths tried above or below where they usually are
_OF_LISTS: Final = frozenset(
    "author authors categories category kategori penulis tag tags user users".split()  # noqa: SIM905
)
# Parts of the names of sitemaps; what an index names otherwise is taken for articles.
_ARTICLES = re.compile(r"post|news|article|artikel|berita|stor(?:y|ies)", re.IGNORECASE)
_NO_ARTICLES = re.compile(
    r"page(?!=)|categor|kategori|tag|author|user|taxonom|product|section|topic|attachment|misc",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed that was read; ``named`` is whether the home page names it."""

    url: str
    links: tuple[Link, ...]
    named: bool


@dataclass(slots=True)
class Sitemaps:
    """The sitemaps of a site.

    ``links`` are those of the sitemaps that may have articles, ``sure`` the ones in sitemaps named
    as those of articles; ``others`` are in sitemaps that have none: of pages, sections, tags.
    ``all_read`` is whether none was left out.
    """

    urls: list[str] = field(default_factory=list)
    by_robots: bool = False
    links: list[Link] = field(default_factory=list)
    sure: list[Link] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    all_read: bool = True


def find_feeds(visit: Visit, presets: Sequence[Preset]) -> list[Feed]:
    """Return the feeds of the site that have articles, the home page's own first."""
    named = list(dict.fromkeys(_named_feeds(visit)))[: _MOST_FEEDS + 1]
    found = _with_something_new(Feed(url, links, True) for url, links in _read_feeds(visit, named))
    if found:
        return found[:_MOST_FEEDS]
    usual = [path for preset in presets for path in preset.feeds]
    rest = [
        url
        for url in _usual_places(visit, (*usual, *_FEED_PATHS), at_root=False)
        if url not in named
    ]
    return [Feed(url, links, False) for url, links in islice(_read_feeds(visit, rest), 1)]


def foreign_feeds(visit: Visit) -> list[str]:
    """Return the feeds that the home page names on hosts that are not the site's."""
    foreign = (url for url in _linked_feeds(visit) if not visit.site.owns(url))
    return list(dict.fromkeys(foreign))[:_MOST_FOREIGN]


def unusable_feeds(visit: Visit, feeds: Iterable[Feed]) -> list[str]:
    """Return the feeds that the home page links to in its head, and that give no articles."""
    used = {feed.url for feed in feeds}
    asked = (url for url in _linked_feeds(visit) if visit.site.owns(url) and url not in used)
    return [url for url in dict.fromkeys(asked) if url in visit.failures]


def _usual_places(visit: Visit, paths: Sequence[str], *, at_root: bool) -> list[str]:
    """Return these paths below the home page or the host's root, and the first below the other."""
    home, root = visit.home.url, urljoin(visit.home.url, "/")
    usual, other = (root, home) if at_root else (home, root)
    places = [urljoin(usual, path) for path in paths]
    places += [urljoin(other, path) for path in paths[:_MOST_ELSEWHERE]]
    return list(dict.fromkeys(places))


def _linked_feeds(visit: Visit) -> Iterator[str]:
    document = visit.home.document
    for link in document.root.iter("link"):
        is_feed = "alternate" in (link.get("rel") or "").lower().split() and _FEED_TYPE.match(
            link.get("type") or ""
        )
        url = document.url(link.get("href"))
        title = link.get("title") or ""
        if is_feed and url and not _OF_COMMENTS.search(f"{url} {title}"):
            yield url


def _named_feeds(visit: Visit) -> Iterator[str]:
    yield from filter(visit.site.owns, _linked_feeds(visit))
    for url, _ in visit.home.anchors:
        if _FEED_PATH.search(urlsplit(url).path) and not _OF_COMMENTS.search(url):
            yield url


def _read_feeds(visit: Visit, urls: Iterable[str]) -> Iterator[tuple[str, tuple[Link, ...]]]:
    for url in urls:
        found = visit.read(url, "feed")
        if found is not None and found.kind == "feed" and found.links:
            yield url, found.links
        elif found is not None:
            visit.failures[url] = f"{url}: it is no feed, or names no page of the site"


def _with_something_new(feeds: Iterable[Feed]) -> list[Feed]:
    """Return the feeds without those that only repeat the ones before them, in another form."""
    kept: list[Feed] = []
    seen: set[str] = set()
    for feed in feeds:
        urls = {link.url for link in feed.links}
        if not urls <= seen:
            kept.append(feed)
            seen |= urls
    return kept


def find_sitemaps(visit: Visit, presets: Sequence[Preset]) -> Sitemaps:
    """Return the sitemaps of the site, and what the most telling of them name."""
    found = Sitemaps()
    named = visit.sitemaps_named()
    for url in named[:_MOST_NAMED]:
        if (read := _sitemap(visit, url)) is not None:
            found.urls += _take(visit, found, url, read)
    found.by_robots = bool(found.urls)
    found.all_read = found.all_read and len(named) <= _MOST_NAMED
    if found.urls:
        return found
    usual = [path for preset in presets for path in preset.sitemaps]
    for url in _usual_places(visit, (*usual, *_SITEMAP_PATHS), at_root=True):
        if url not in named and (read := _sitemap(visit, url)) is not None:
            found.urls += _take(visit, found, url, read)
            break
    return found


def _sitemap(visit: Visit, url: str) -> Extraction | None:
    if visit.source_of(url):
        return None  # it was read as a feed
    read = visit.read(url, "sitemap")
    is_one = read is not None and read.kind == "sitemap" and (read.links or read.sitemaps)
    return read if is_one else None


def _take(visit: Visit, found: Sitemaps, url: str, read: Extraction) -> list[str]:
    """Add what a sitemap names; of an index, what its newest and most telling sitemaps name.

    Return the address that a seed needs: of an index that names feeds, too, its sitemaps' own.
    """
    if read.links:
        _add(found, url, read.links)
    nested = [one for one in read.sitemaps if visit.site.owns(one.url)]
    foreign = [one for one in nested if _is_of_others(one.url)]
    wanted = sorted((one for one in nested if one not in foreign), key=_rank, reverse=True)
    found.all_read = found.all_read and len(wanted) <= _MOST_NESTED
    telling = [one for one in foreign if "page" in one.url] + foreign
    named: list[str] = []
    for one in (*wanted[:_MOST_NESTED], *dict.fromkeys(telling[:1])):
        if (inner := _sitemap(visit, one.url)) is not None:
            _add(found, one.url, inner.links)
            found.all_read = found.all_read and not inner.sitemaps
            named += [one.url] if one in wanted else []
    is_mixed = len(named) < len(wanted) <= _MOST_NESTED
    return named if named and is_mixed else [url]


def _add(found: Sitemaps, url: str, links: Iterable[Link]) -> None:
    if _is_of_others(url):
        found.others += [link.url for link in links]
        return
    found.links += islice(links, max(0, _MOST_LINKS - len(found.links)))
    if _ARTICLES.search(_name(url)):
        found.sure += islice(links, max(0, _MOST_LINKS - len(found.sure)))


def _is_of_others(url: str) -> bool:
    """Return whether the sitemap's name, or its folder, is that of pages, lists or authors."""
    *folders, name = urlsplit(url).path.lower().strip("/").split("/")
    is_named = _NO_ARTICLES.search(name) is not None or bool(_OF_LISTS.intersection(folders))
    return is_named and _ARTICLES.search(name.split("-posts-page")[0]) is None


def _name(url: str) -> str:
    return urlsplit(url).path.rpartition("/")[2]


def _rank(link: Link) -> tuple[bool, bool, float]:
    """Return how telling a sitemap is: one of articles, one named so, and the one modified last.

    Some indexes name feeds, too.
    """
    at = link.modified_at
    time = at.timestamp() if at is not None else 0.0
    return _ARTICLES.search(link.url) is not None, "sitemap" in link.url.lower(), time
