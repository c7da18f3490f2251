"""Sitemaps: a site's pages for robots (sitemaps.org, protocol 0.9, and Google's news tags).

A sitemap is XML or plain text; robots.txt names some in its ``Sitemap`` lines.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from lxml import etree
from lxml.etree import _Element as Element

from newsbot.addresses import resolve
from newsbot.extract.dates import Moment, parse
from newsbot.extract.feed import read_feed
from newsbot.extract.feed_source import find_feed
from newsbot.extract.hints import hints_from
from newsbot.extract.normalise import one_line
from newsbot.models import Extraction, Link, Page
from newsbot.sites.site import Site

_ROOT = re.compile(r"<(?:[\w.-]{1,40}:)?(?:urlset|sitemapindex)[\s>/]", re.IGNORECASE)
_END = re.compile(r"</\s*(?:[\w.-]{1,40}:)?(?:urlset|sitemapindex)\s*>\s*\Z", re.IGNORECASE)
_START: Final = 6000  # characters that may precede the first element
_MOST_URLS: Final = 50_000  # the protocol's limit for one file
_MOST_OTHERS: Final = 3


def is_sitemap(source: str) -> bool:
    """Return whether the document is a sitemap or an index of sitemaps in XML."""
    return _ROOT.search(source[:_START]) is not None


def read_sitemap(source: str, page: Page, site: Site) -> Extraction:
    """Return the articles, or the further sitemaps, that a sitemap or a robots.txt names."""
    if urlsplit(page.url).path == "/robots.txt":
        return Extraction("sitemap", sitemaps=tuple(_of_robots(source, page)))
    start = find_feed(source)
    if start is not None:
        return read_feed(source, start, page, site)
    if is_sitemap(source):
        return _read_xml(source, page, site)
    urls = _plain_urls(source, page)
    if urls is None:
        return Extraction("other", notes=("sitemap-not-xml",))
    return _of_links([Link(url) for url in urls], site)


def _read_xml(source: str, page: Page, site: Site) -> Extraction:
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, remove_comments=True,
        remove_pis=True, load_dtd=False, encoding="utf-8",
    )  # fmt: skip
    try:
        root = etree.fromstring(source.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        return Extraction("sitemap", notes=("sitemap-malformed",))
    urls = root.iter("{*}url")
    entries = [_link(entry, page, site) for entry in islice(urls, _MOST_URLS)]
    nested = [_link(entry, page, site) for entry in islice(root.iter("{*}sitemap"), _MOST_URLS)]
    found = _of_links([one for one in entries if one is not None], site)
    notes: tuple[str, ...] = () if _END.search(source[-200:]) else ("sitemap-cut-off",)
    if next(urls, None) is not None:
        notes += ("sitemap-too-long",)
    sitemaps = tuple(dict.fromkeys(one for one in nested if one is not None))
    return Extraction(
        "sitemap", links=found.links, sitemaps=sitemaps, notes=notes, other_links=found.other_links
    )


def _of_links(found: list[Link], site: Site) -> Extraction:
    """Return a sitemap's articles, each once; without any, the first of its other links."""
    links: dict[str, Link] = {}
    for link in found:
        if site.is_article(link.url):
            links.setdefault(link.url, link)
    others = () if links else tuple(link.url for link in found[:_MOST_OTHERS])
    return Extraction("sitemap", links=tuple(links.values()), other_links=others)


def _link(entry: Element, page: Page, site: Site) -> Link | None:
    """Return the page or sitemap of an entry; None if it has no usable address."""
    texts = dict(_texts(entry))
    url = resolve(page.url, texts.get("loc"))
    if url is None:
        return None
    modified = _moment(texts.get("lastmod"), page, site)
    hints = hints_from(
        "sitemap",
        title=one_line(texts.get("title", "")),
        published=_moment(texts.get("publication_date"), page, site),
        categories=texts.get("keywords", "").split(","),
        picture=resolve(page.url, texts.get("picture")),
    )
    return Link(url, hints, modified.at if modified else None)


def _texts(entry: Element) -> Iterator[tuple[str, str]]:
    """Yield name and text of an entry's own elements and of those about its news and picture."""
    for child in entry.iterchildren("{*}loc", "{*}lastmod"):
        yield _name(child), child.text or ""
    for news in entry.iterchildren("{*}news"):
        for child in news.iterchildren("{*}title", "{*}publication_date", "{*}keywords"):
            yield _name(child), child.text or ""
    for picture in islice(entry.iterchildren("{*}image"), 1):
        for child in picture.iterchildren("{*}loc"):
            yield "picture", child.text or ""


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _moment(text: str | None, page: Page, site: Site) -> Moment | None:
    return parse(text, ZoneInfo(site.time_zone), page.fetched_at) if text else None


def _of_robots(source: str, page: Page) -> Iterator[Link]:
    for line in islice(source.splitlines(), _MOST_URLS):
        name, _, value = line.partition(":")
        if name.strip().lower() == "sitemap" and (url := resolve(page.url, value)) is not None:
            yield Link(url)


def _plain_urls(source: str, page: Page) -> list[str] | None:
    """Return the URLs of a sitemap in plain text, one a line; None if it is none."""
    lines = [line.strip() for line in islice(source.splitlines(), _MOST_URLS)]
    lines = [line for line in lines if line]
    if not lines or not all(line.startswith(("http://", "https://")) for line in lines):
        return None
    return [url for line in lines if (url := resolve(page.url, line)) is not None]
