"""The lists of a site and how their following pages are found, each tried by fetching page 2."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final
from urllib.parse import urlsplit

from newsbot.doctor.drafting.paging import ways_to_next_page
from newsbot.doctor.drafting.trial import spread
from newsbot.doctor.drafting.visit import Visit, Visited
from newsbot.extract.links import next_list_page, read_links
from newsbot.models import ListPosition
from newsbot.sites.finders import ListPage
from newsbot.sites.presets import Preset
from newsbot.sites.site import Site

_INDEX = re.compile(
    r"indeks|index|terkini|terbaru|latest|berita|news|archives?|arsip|blog|all|semua|recent",
    re.IGNORECASE,
)
_OF_DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)([/-])(\d\d)\2(\d\d)(?!\d)")
_TRIED_DAYS: Final = 3
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


def list_of_days(visit: Visit, site: Site) -> FoundList | None:
    """Return the list that has a page for each day, if the home page links to some of them."""
    days = sorted(set(_days(visit, site)), reverse=True)
    for day, url, template in spread(days, _TRIED_DAYS):
        page = visit.page(url)
        articles = () if page is None else _articles(page, site)
        if articles:
            why = f"the home page links to pages of days; read: {len(articles)} articles of {day}"
            return FoundList({"url": template}, articles, 1, why)
    return None


def _days(visit: Visit, site: Site) -> Iterator[tuple[date, str, str]]:
    """Yield the days whose pages are linked: the day, its page, and the address of any day's."""
    for url, _ in visit.home.anchors:
        found = _OF_DAY.search(url)
        if found is None or "{" in url or site.is_article(url):
            continue
        try:
            day = date(int(found[1]), int(found[3]), int(found[4]))
        except ValueError:
            continue  # 2025-02-30
        by = found[2]
        template = f"{url[: found.start()]}{{yyyy}}{by}{{mm}}{by}{{dd}}{url[found.end() :]}"
        yield day, url, template


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
    for keys, why in ways_to_next_page(page, site, presets if may_guess else ()):
        listing = ListPage.model_validate({"url": page.url, **keys})
        pages = _walk(visit, site, page, listing)
        if len(pages) > 1:
            as_answered = _as_redirected(keys, listing, pages[1])
            everything = dict.fromkeys(url for one in pages for url in _articles(one, site))
            read = f"{len(pages)} pages were read, each has other articles"
            return FoundList(
                {"url": page.url, **as_answered}, tuple(everything), len(pages), f"{why}; {read}"
            )
    return FoundList({"url": page.url}, articles, 1, "no way to a second page was found")


def _as_redirected(keys: dict[str, Any], listing: ListPage, second: Visited) -> dict[str, Any]:
    """Return the keys with the slash that the site adds to the addresses of pages, if it does."""
    asked = listing.page_url(2)
    is_added = asked is not None and second.url == f"{asked}/"
    return keys | {"pages": f"{listing.pages}/"} if is_added else keys


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
