"""List pages: the articles they link to, with title and date, and the page that follows."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

from lxml.etree import _Element as Element

from newsbot.extract.dates import DATE_LIKE, Moment, parse
from newsbot.extract.document import Document
from newsbot.extract.normalise import one_line
from newsbot.extract.select import elements, first, text_of
from newsbot.extract.urls import canonical_url, page_number
from newsbot.models import Hints, Link, Page
from newsbot.sites.seed import ListPage
from newsbot.sites.site import Site

_DATE_LENGTH: Final = 60
_CARD_HEIGHT: Final = 6
_MOST_IN_CARD: Final = 80
_MOST_LINKS: Final = 3000  # the largest real page seen has 481


@dataclass(slots=True)
class _Found:
    """What is known of one article while its links on the page are gathered."""

    url: str
    titles: list[str] = field(default_factory=list)
    moment: Moment | None = None


def read_links(
    document: Document, page: Page, site: Site, listing: ListPage | None
) -> tuple[Link, ...]:
    """Return the articles that a page names, each once, in their order on the page.

    Args:
        listing: the seed's list that the page is of; its items, where they are there, are taken
            rather than every link to an article.
    """
    everywhere = list(islice(_anchors(document, site, [document.root]), _MOST_LINKS))
    chosen = elements(document, listing.items, None) if listing is not None else []
    anchors = list(_anchors(document, site, chosen)) or everywhere
    articles_in = _articles_in(everywhere)
    found: dict[str, _Found] = {}
    for anchor, url, key in anchors[:_MOST_LINKS]:
        entry = found.setdefault(key, _Found(url))
        if title := _title(anchor):
            entry.titles.append(title)
        if entry.moment is None:
            entry.moment = _moment(anchor, key, articles_in, page, site)
    return tuple(_link(entry) for entry in found.values())


def has_items(document: Document, site: Site, listing: ListPage) -> bool:
    """Return whether the list's own items are on the page, not only what stands beside them."""
    if not listing.items:
        return True
    chosen = elements(document, listing.items, None)
    return next(_anchors(document, site, chosen), None) is not None


def next_list_page(document: Document, page: Page, site: Site, listing: ListPage) -> str | None:
    """Return the list page after this one, by the seed's ``pages`` template or its selector."""
    if listing.pages is not None:
        number = 1 if page.position is None else page.position.number
        return listing.pages.replace("{page}", str(number + 1))
    here = canonical_url(page.url, site)
    for one in first(document, listing.next, None):
        link = one.element if one.element is not None and one.element.tag == "a" else None
        url = document.url(link.get("href") if link is not None else one.value)
        if url is not None and site.owns(url) and canonical_url(url, site) != here:
            return url
    return None


def next_article_page(document: Document, page: Page, site: Site) -> str | None:
    """Return the page after this one of a multi-page article: by selector, else by page number."""
    here = canonical_url(page.url, site)
    wanted = page_number(page.url) + 1
    for one in first(document, site.select.next_page, None):
        url = document.url(one.element.get("href") if one.element is not None else one.value)
        if url is not None and canonical_url(url, site) == here and page_number(url) > wanted - 1:
            return url
    match = site.article_match(page.url)
    number = match.groupdict().get("number") if match is not None else None
    if not number:
        return None
    link = rf"{number}[^\"'<>\s]{{0,300}}[=/]{wanted}(?!\d)"
    if re.search(link, document.source) is None:  # no need to look at every link
        return None
    for anchor in document.root.iter("a"):
        href = anchor.get("href") or ""
        url = document.url(href) if number in href else None
        if url is not None and page_number(url) == wanted and canonical_url(url, site) == here:
            return url
    return None


def _anchors(
    document: Document, site: Site, roots: list[Element]
) -> Iterator[tuple[Element, str, str]]:
    """Yield links to articles within the roots: the anchor, its URL, its canonical URL."""
    for root in roots:
        for anchor in root.iter("a"):
            url = document.url(anchor.get("href"))
            if url is not None and site.is_article(url):
                yield anchor, url, canonical_url(url, site)


def _articles_in(anchors: list[tuple[Element, str, str]]) -> dict[Element, set[str]]:
    """For each element near a link, the different articles linked from within it."""
    inside: dict[Element, set[str]] = defaultdict(set)
    for anchor, _, key in anchors:
        for ancestor in islice(anchor.iterancestors(), _CARD_HEIGHT):
            inside[ancestor].add(key)
    return inside


def _title(anchor: Element) -> str | None:
    return one_line(anchor.get("title") or "") or text_of(anchor) or None


def _moment(
    anchor: Element, key: str, inside: dict[Element, set[str]], page: Page, site: Site
) -> Moment | None:
    """The date in the card around a link: the largest ancestor that names no other article."""
    card: Element | None = None
    for height, ancestor in enumerate(anchor.iterancestors()):
        if height >= _CARD_HEIGHT or inside.get(ancestor, {key}) != {key}:
            break
        card = ancestor
    if card is None:
        return None
    zone = ZoneInfo(site.time_zone)
    for number, node in enumerate(card.iter()):
        if number >= _MOST_IN_CARD:
            return None
        if node.tag in ("script", "style", "h1", "h2", "h3"):
            continue
        for text in (node.get("datetime"), node.text, node.tail if node is not card else None):
            value = one_line(text or "")
            if not value or len(value) > _DATE_LENGTH or not DATE_LIKE.match(value):
                continue
            if node.tag != "a" and (moment := parse(value, zone, page.fetched_at)):
                return moment
    return None


def _link(entry: _Found) -> Link:
    moment = entry.moment
    return Link(
        entry.url,
        Hints(
            title=max(entry.titles, key=len, default=None),
            published_at=moment.at if moment is not None else None,
            date_only=moment is not None and moment.precision == "day",
        ),
    )
