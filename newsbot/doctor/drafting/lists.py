"""The lists of a site and how their following pages are found, each tried by fetching page 2."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

from newsbot.doctor.drafting.visit import NEXT_WORDS, Visit, Visited
from newsbot.extract.links import next_list_page, read_links
from newsbot.extract.select import text_of
from newsbot.models import ListPosition
from newsbot.sites.finders import ListPage
from newsbot.sites.presets import Preset
from newsbot.sites.site import Site

_INDEX = re.compile(
    r"indeks|index|terkini|terbaru|latest|berita|news|archives?|arsip|blog|all|semua|recent",
    re.IGNORECASE,
)
# What the address of page 2 has behind that of page 1.
_PAGE_TWO = re.compile(
    r"(?P<before>/(?:page|p|halaman)/|/(?:index|page)?|/?(?:index\.(?:html?|php))?\?(?:[^#]*&)?"
    r"(?:page|paged|halaman|hal|p|pg)=|)2(?P<after>(?:\.html?)?/?(?:&[^#]*)?)"
)
_LONGEST_URL: Final = 1000
_PLAIN_CLASS = re.compile(r"[a-z][a-z0-9_-]*")
_WALKED: Final = 3  # pages
_FEWEST: Final = 3  # articles that a list has
_MOST_INDEXES: Final = 2
_MOST_SECTIONS: Final = 8


@dataclass(frozen=True, slots=True)
class FoundList:
    """A list with its paging, as the seed's keys; ``pages`` is how many of its pages were read."""

    keys: dict[str, Any]
    articles: tuple[str, ...]
    pages: int
    why: str

    @property
    def is_paged(self) -> bool:
        """Whether its second page was seen to have other articles."""
        return self.pages > 1


def find_list(visit: Visit, site: Site, presets: Sequence[Preset]) -> FoundList | None:
    """Return the best list of the site: the home page, else a page named as a list of all."""
    home = _list_at(visit, site, visit.home, presets, may_guess=True)
    if home is not None and home.is_paged:
        return home
    found = [home]
    for url in list(dict.fromkeys(_indexes(visit, site)))[:_MOST_INDEXES]:
        page = visit.page(url)
        listing = None if page is None else _list_at(visit, site, page, presets, may_guess=False)
        if listing is not None and listing.is_paged:
            return listing
        found.append(listing)
    return max(
        (one for one in found if one is not None), key=lambda one: len(one.articles), default=None
    )


def section_lists(visit: Visit, site: Site, articles: Sequence[str]) -> list[FoundList]:
    """Return the lists of the sections that the home page links to; only the first is tried."""
    folders = {urlsplit(url).path.rstrip("/").rpartition("/")[0] for url in articles} - {""}
    linked = dict.fromkeys(url for url, _ in visit.home.anchors if _path(url) in folders)
    urls = [url for url in linked if not site.is_article(url)][:_MOST_SECTIONS]
    page = visit.page(urls[0]) if urls else None
    first = None if page is None else _list_at(visit, site, page, (), may_guess=False)
    if first is None:
        return []
    others = (_like(first, urls[0], url) for url in urls[1:])
    return [first, *(one for one in others if one is not None)]


def _path(url: str) -> str:
    return urlsplit(url).path.rstrip("/")


def _like(first: FoundList, url: str, other: str) -> FoundList | None:
    keys = {"url": other}
    for name, value in first.keys.items():
        if name == "pages":
            if not value.startswith(url):
                return None
            keys["pages"] = other + value.removeprefix(url)
        elif name != "url":
            keys[name] = value
    return FoundList(keys, (), 0, "as the list of another section")


def _indexes(visit: Visit, site: Site) -> Iterator[str]:
    """Yield the pages that the home page names like a list of all articles."""
    for url, text in visit.home.anchors:
        stem = _path(url).rpartition("/")[2].partition(".")[0]
        is_named = _INDEX.fullmatch(text) or _INDEX.fullmatch(stem)
        if is_named and not site.is_article(url) and _path(url) != _path(visit.home.url):
            yield url


def _list_at(
    visit: Visit, site: Site, page: Visited, presets: Sequence[Preset], *, may_guess: bool
) -> FoundList | None:
    """Return the list that a page is, with the first way to its second page that works."""
    articles = _articles(page, site)
    if len(articles) < _FEWEST:
        return None
    for keys, why in _ways_on(page, site, presets if may_guess else ()):
        listing = ListPage.model_validate({"url": page.url, **keys})
        pages = _walk(visit, site, page, listing)
        if len(pages) > 1:
            everything = dict.fromkeys(url for one in pages for url in _articles(one, site))
            read = f"{len(pages)} pages were read, each has other articles"
            return FoundList(
                {"url": page.url, **keys}, tuple(everything), len(pages), f"{why}; {read}"
            )
    return FoundList({"url": page.url}, articles, 1, "no way to a second page was found")


def _walk(visit: Visit, site: Site, page: Visited, listing: ListPage) -> list[Visited]:
    """Return the list's pages to the third, as far as each has articles that none before it has."""
    pages = [page]
    seen = set(_articles(page, site))
    while len(pages) < _WALKED:
        following = _following(visit, site, pages[-1], listing, len(pages))
        fresh = set(_articles(following, site)) - seen if following is not None else set()
        if following is None or not fresh:
            break
        pages.append(following)
        seen |= fresh
    return pages


def _following(
    visit: Visit, site: Site, page: Visited, listing: ListPage, number: int
) -> Visited | None:
    at = replace(page.page, role="list", position=ListPosition(listing.url, number))
    url = next_list_page(page.document, at, site, listing)
    return None if url is None else visit.page(url)


def _articles(page: Visited, site: Site) -> tuple[str, ...]:
    return tuple(link.url for link in read_links(page.document, page.page, site, None))


def _ways_on(
    page: Visited, site: Site, presets: Sequence[Preset]
) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield the possible ways to the second page, the surest first, each with what it rests on."""
    templates = dict.fromkeys(_templates(page))
    for template in list(templates)[:2]:
        yield {"pages": template}, "the list links to its page 2"
    for selector in _next_selectors(page, site):
        yield {"next": [selector]}, "the list links to its following page"
    for preset in presets:
        if preset.pages is not None and not templates:
            yield {"pages": urljoin(page.url, preset.pages)}, f"usual with {preset.name}"


def _templates(page: Visited) -> Iterator[str]:
    """Yield templates made of the links to page 2 of this list."""
    base = re.sub(r"/(?:index\.(?:html?|php))?$|\.html?$", "", page.url.partition("?")[0])
    rels = [link for link in page.document.root.iter("link") if "next" in (link.get("rel") or "")]
    named = [page.document.url(link.get("href")) or "" for link in rels]
    for url in (*named, *(url for url, _ in page.anchors)):
        if not url.startswith(base) or len(url) > _LONGEST_URL or "{" in url:
            continue
        found = _PAGE_TWO.fullmatch(url.removeprefix(base))
        if found is not None:
            yield f"{base}{found['before']}{{page}}{found['after']}"


def _next_selectors(page: Visited, site: Site) -> Iterator[Any]:
    for anchor in page.document.root.iter("a"):
        url = page.document.url(anchor.get("href"))
        if url is None or not site.owns(url) or url == page.url:
            continue
        if "next" in (anchor.get("rel") or "").lower().split():
            yield "a[rel=next]"
        elif re.search(NEXT_WORDS, text_of(anchor)) and not site.is_article(url):
            names = (anchor.get("class") or "").split()
            yield from (
                f"a.{name}" for name in names if _PLAIN_CLASS.fullmatch(name) and "next" in name
            )
            yield from (f"a.{name}" for name in names if "older" in name)
            yield {"css": "a", "text": NEXT_WORDS}
            return
    if any(
        "next" in (link.get("rel") or "").lower().split()
        for link in page.document.root.iter("link")
    ):
        yield {"css": "link[rel=next]", "attr": "href"}
