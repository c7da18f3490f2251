"""List pages: the articles they link to, with title and date, and the following page."""

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
from newsbot.extract.hints import hints_from
from newsbot.extract.normalise import one_line
from newsbot.extract.select import elements, first_matches, text_of
from newsbot.extract.urls import canonical_url, page_number
from newsbot.models import Link, Page
from newsbot.sites.finders import ListPage
from newsbot.sites.site import Site

# What themes of Pelican and WordPress put before the headline in a link's title.
_PERMALINK = re.compile(
    r"^(?:permalink|permanent link|tautan permanen)(?: to| ke)?:? ", re.IGNORECASE
)
_LONGEST_DATE: Final = 60
_CARD_HEIGHT: Final = 6
_MOST_NODES_IN_CARD: Final = 80
_MOST_LINKS: Final = 3000  # the largest real page seen has 481


@dataclass(slots=True)
class _LinkedArticle:
    """What the links on the page say about one article."""

    url: str
    titles: list[str] = field(default_factory=list)
    moment: Moment | None = None


def read_links(
    document: Document, page: Page, site: Site, listing: ListPage | None
) -> tuple[Link, ...]:
    """Return the articles that a page links to, each once, in their order on the page.

    Args:
        listing: the list in the seed that the page belongs to; if the page has its items, other
            links to articles are ignored.
    """
    everywhere = list(islice(_article_anchors(document, site, [document.root]), _MOST_LINKS))
    chosen = elements(document, listing.items, None) if listing is not None else []
    anchors = list(_article_anchors(document, site, chosen)) or everywhere
    articles_in = _articles_in(everywhere)
    linked: dict[str, _LinkedArticle] = {}
    for anchor, url, key in anchors[:_MOST_LINKS]:
        entry = linked.setdefault(key, _LinkedArticle(url))
        if title := _title(anchor):
            entry.titles.append(title)
        if entry.moment is None:
            entry.moment = _date_in_card(anchor, key, articles_in, page, site)
    return tuple(_link(entry) for entry in linked.values())


def has_items(document: Document, site: Site, listing: ListPage) -> bool:
    """Return whether the page has items of the list, and not only links beside it."""
    if not listing.items:
        return True
    chosen = elements(document, listing.items, None)
    return next(_article_anchors(document, site, chosen), None) is not None


def next_list_page(document: Document, page: Page, site: Site, listing: ListPage) -> str | None:
    """Return the URL of the next list page, by the seed's ``pages`` template or its selector."""
    if listing.pages is not None:
        return listing.page_url((1 if page.position is None else page.position.number) + 1)
    here = canonical_url(page.url, site)
    for one in first_matches(document, listing.next, None):
        link = one.element if one.element is not None and one.element.tag == "a" else None
        url = document.url(link.get("href") if link is not None else one.value)
        if url is not None and site.owns(url) and canonical_url(url, site) != here:
            return url
    return None


def next_article_page(document: Document, page: Page, site: Site) -> str | None:
    """Return the URL of a multi-page article's next page, by selector, else by page number."""
    here = canonical_url(page.url, site)
    next_number = page_number(page.url, site) + 1
    for one in first_matches(document, site.select.next_page, None):
        url = document.url(one.element.get("href") if one.element is not None else one.value)
        if (
            url is not None
            and canonical_url(url, site) == here
            and page_number(url, site) > next_number - 1
        ):
            return url
    match = site.article_match(page.url)
    number = match.groupdict().get("number") if match is not None else None
    if not number:
        return None
    link = rf"{number}[^\"'<>\s]{{0,300}}[=/]{next_number}(?!\d)"
    if re.search(link, document.source) is None:  # cheaper than a check of every link
        return None
    for anchor in document.root.iter("a"):
        href = anchor.get("href") or ""
        url = document.url(href) if number in href else None
        if (
            url is not None
            and page_number(url, site) == next_number
            and canonical_url(url, site) == here
        ):
            return url
    return None


def _article_anchors(
    document: Document, site: Site, roots: list[Element]
) -> Iterator[tuple[Element, str, str]]:
    """Yield the links to articles within the roots: the anchor, its URL, its canonical URL."""
    for root in roots:
        for anchor in root.iter("a"):
            url = document.url(anchor.get("href"))
            if url is not None and site.is_article(url):
                yield anchor, url, canonical_url(url, site)


def _articles_in(anchors: list[tuple[Element, str, str]]) -> dict[Element, set[str]]:
    """Return the articles linked from within each element near a link, as canonical URLs."""
    inside: dict[Element, set[str]] = defaultdict(set)
    for anchor, _, key in anchors:
        for ancestor in islice(anchor.iterancestors(), _CARD_HEIGHT):
            inside[ancestor].add(key)
    return inside


def _title(anchor: Element) -> str | None:
    title = _PERMALINK.sub("", one_line(anchor.get("title") or ""))
    return title or text_of(anchor) or None


def _date_in_card(
    anchor: Element, key: str, inside: dict[Element, set[str]], page: Page, site: Site
) -> Moment | None:
    """Return the date in the link's card, its largest ancestor without links to other articles."""
    card: Element | None = None
    for height, ancestor in enumerate(anchor.iterancestors()):
        if height >= _CARD_HEIGHT or inside.get(ancestor, {key}) != {key}:
            break
        card = ancestor
    if card is None:
        return None
    zone = ZoneInfo(site.time_zone)
    for number, node in enumerate(card.iter()):
        if number >= _MOST_NODES_IN_CARD:
            return None
        if node.tag in ("script", "style", "h1", "h2", "h3"):
            continue
        for text in (node.get("datetime"), node.text, node.tail if node is not card else None):
            value = one_line(text or "")
            if not value or len(value) > _LONGEST_DATE or not DATE_LIKE.match(value):
                continue
            if node.tag != "a" and (moment := parse(value, zone, page.fetched_at)):
                return moment
    return None


def _link(entry: _LinkedArticle) -> Link:
    title = max(entry.titles, key=len, default=None)
    return Link(entry.url, hints_from("list", title=title, published=entry.moment))
