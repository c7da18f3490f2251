"""RSS, RDF and Atom feeds, parsed leniently: publishers write them with many errors."""

import html
import re
from collections.abc import Iterator
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

from lxml import etree
from lxml.etree import _Element as Element

from newsbot.addresses import resolve
from newsbot.extract.dates import Moment, parse
from newsbot.extract.feed_source import cut_out, mended
from newsbot.extract.hints import hints_from
from newsbot.extract.normalise import one_line
from newsbot.models import Extraction, Link, Page
from newsbot.sites.site import Site

_DATE_TAGS: Final = ("pubdate", "published", "date", "issued", "created", "updated", "modified")
_MOST_OTHERS: Final = 3
_TAG = re.compile(r"<[^<>]{1,300}>")
# Namespaces whose elements say something of the item itself. Those of others (media:title is a
# picture's, itunes:author a channel's) have names that look the same.
_OF_ITEMS: Final = {
    "http://purl.org/rss/1.0/": "",
    "http://www.w3.org/2005/atom": "",
    "http://purl.org/atom/ns#": "",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dc",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
}
_OF_PREFIXES: Final = {"atom": "", "dc": "dc", "dcterms": "dc", "feedburner": "feedburner"}
_XML_BASE: Final = "{http://www.w3.org/XML/1998/namespace}base"

_Fields = dict[str, list[Element]]


def read_feed(source: str, start: int, page: Page, site: Site) -> Extraction:
    """Return the articles that a feed names, in the order of the feed, with title and date.

    Args:
        start: where its first element begins in the source.
    """
    markup, is_whole = cut_out(source, start)
    root = _parse(markup)
    if root is None:
        return Extraction("feed", notes=("feed-malformed",))
    items = [e for e in root.iter(etree.Element) if _local_name(e) in ("item", "entry")]
    links = tuple(_links(items, page, site))
    notes: tuple[str, ...] = () if items else ("feed-without-items",)
    if not is_whole:
        notes += ("feed-cut-off",)
    others = () if links else tuple(islice(_other_links(items, page), _MOST_OTHERS))
    return Extraction("feed", links=links, notes=notes, other_links=others)


def _parse(markup: str) -> Element | None:
    """Return the root of a feed; one that is not well-formed is mended first."""
    try:
        return etree.fromstring(markup.encode("utf-8", "replace"), _parser(recover=False))
    except etree.XMLSyntaxError:
        pass
    try:
        return etree.fromstring(mended(markup).encode("utf-8"), _parser(recover=True))
    except etree.XMLSyntaxError:
        return None


def _parser(*, recover: bool) -> etree.XMLParser:
    return etree.XMLParser(
        recover=recover, resolve_entities=False, no_network=True, remove_comments=True,
        remove_pis=True, load_dtd=False, strip_cdata=False, encoding="utf-8",
    )  # fmt: skip


def _other_links(items: list[Element], page: Page) -> Iterator[str]:
    """Yield the first link of each item."""
    for item in items:
        yield from islice(_candidate_urls(_fields_of(item), _base(item, page)), 1)


def _links(items: list[Element], page: Page, site: Site) -> Iterator[Link]:
    seen: set[str] = set()
    for item in items:
        fields = _fields_of(item)
        base = _base(item, page)
        url = next(filter(site.is_article, _candidate_urls(fields, base)), None)
        if url is None or url in seen:
            continue
        seen.add(url)
        hints = hints_from(
            "feed",
            title=next(filter(None, map(_plain_text, _texts(fields, "title"))), None),
            published=_published(fields, page, site),
            authors=_authors(fields),
            categories=_categories(fields),
            picture=next(_pictures(item, base), None),
        )
        yield Link(url, hints)


def _fields_of(item: Element) -> _Fields:
    """Return the elements of an item by name, its own before those of Dublin Core."""
    own: _Fields = {}
    further: _Fields = {}
    namespace = etree.QName(item).namespace
    for child in item:
        kind, name = _kind_and_name(child, namespace)
        if kind is not None:
            (further if kind else own).setdefault(name, []).append(child)
    for name, elements in further.items():
        own.setdefault(name, []).extend(elements)
    return own


def _kind_and_name(child: Element, of_item: str | None) -> tuple[str | None, str]:
    """Return an element's kind and lower-case name: "" for an item's own, None for others.

    The namespace decides; where its prefix was not declared, the usual meaning of the prefix.
    """
    namespace, _, name = str(child.tag).rpartition("}")
    if namespace:
        kind = "" if namespace[1:] == of_item else _OF_ITEMS.get(namespace[1:].lower())
        return kind, name.lower()
    prefix, _, local = name.rpartition(":")
    return ("" if not prefix else _OF_PREFIXES.get(prefix.lower())), local.lower()


def _base(item: Element, page: Page) -> str:
    """Return what relative links of an item are resolved against (XML Base)."""
    named = [one.get(_XML_BASE) for one in (item, *item.iterancestors())]
    base = page.url
    for reference in reversed(named):
        base = resolve(base, reference) or base
    return base


def _candidate_urls(fields: _Fields, base: str) -> Iterator[str]:
    """Yield the possible URLs of an item: its links first, then its guid or id."""
    for link in fields.get("link", ()):
        if "alternate" in (link.get("rel") or "alternate").lower().split():
            url = resolve(base, link.get("href") or _text(link))
            if url is not None:
                yield url
    for name in ("origlink", "guid", "id"):
        for one in fields.get(name, ()):
            text = _text(one).strip()
            if text.startswith(("http:", "https:", "/")) and (url := resolve(base, text)):
                yield url


def _pictures(item: Element, base: str) -> Iterator[str]:
    """Yield the pictures of an item: those of Media RSS, also in a group, then enclosures."""
    named = [(one, _local_name(one)) for one in item.iter(etree.Element)]
    media = [one for one in named if one[1] in ("content", "thumbnail")]
    for element, name in [*media, *(one for one in named if one[1] in ("enclosure", "link"))]:
        if _is_picture(element, name) and (
            url := resolve(base, element.get("url") or element.get("href"))
        ):
            yield url


def _is_picture(element: Element, name: str) -> bool:
    if name == "link" and element.get("rel") != "enclosure":
        return False
    kind = element.get("medium") or (element.get("type") or "").partition("/")[0]
    return kind == "image" or (name == "thumbnail" and not kind)


def _published(fields: _Fields, page: Page, site: Site) -> Moment | None:
    zone = ZoneInfo(site.time_zone)
    for name in _DATE_TAGS:
        for value in _texts(fields, name):
            if value and (moment := parse(value, zone, page.fetched_at)) is not None:
                return moment
    return None


def _authors(fields: _Fields) -> Iterator[str]:
    """Yield an item's authors as written: RSS has a name in brackets after an address."""
    for author in (*fields.get("author", ()), *fields.get("creator", ())):
        names = [one for one in author if _local_name(one) == "name"]
        if name := _plain_text(" ".join(map(_text, names)) if names else _text(author)):
            yield name


def _categories(fields: _Fields) -> Iterator[str]:
    for category in (*fields.get("category", ()), *fields.get("subject", ())):
        value = _text(category) or category.get("label") or category.get("term")
        if name := _plain_text(value):
            yield name


def _texts(fields: _Fields, name: str) -> Iterator[str]:
    return map(_text, fields.get(name, ()))


def _text(element: Element) -> str:
    return "".join(map(str, element.itertext()))


def _plain_text(text: str | None) -> str | None:
    """Return text without mark-up; HTML in feeds is sometimes escaped twice."""
    if text is None:
        return None
    return one_line(_TAG.sub(" ", html.unescape(html.unescape(text)))) or None


def _local_name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2].rpartition(":")[2].lower()
