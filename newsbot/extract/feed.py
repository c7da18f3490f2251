"""RSS, RDF and Atom feeds, parsed leniently: publishers write them with many errors."""

import html
import re
from collections.abc import Iterator
from itertools import islice
from zoneinfo import ZoneInfo

from lxml import etree
from lxml.etree import _Element as Element

from newsbot.addresses import resolve
from newsbot.extract.dates import Moment, parse
from newsbot.extract.hints import hints_from
from newsbot.extract.normalise import one_line
from newsbot.models import Extraction, Link, Page
from newsbot.sites.site import Site

_FEED_START = re.compile(
    r"\A[\s\ufeff]*+(?>(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>]*>)\s*+)*+<(?:rss|feed|rdf:RDF)\b",
    re.DOTALL | re.IGNORECASE,
)
_DECLARATION = re.compile(r"\A[\s\ufeff]*(?:<\?xml[^>]{0,200}\?>)?")
_DATE_TAGS = ("pubDate", "published", "date", "issued", "created", "updated", "modified")
_MOST_OTHERS = 3
_TAG = re.compile(r"<[^<>]{1,300}>")


def is_feed(source: str) -> bool:
    """Return whether the first element of a document is that of a feed."""
    return _FEED_START.match(source[:6000]) is not None


def read_feed(source: str, page: Page, site: Site) -> Extraction:
    """Return the articles that a feed names, in the order of the feed, with title and date."""
    parser = etree.XMLParser(
        recover=True, resolve_entities=False, no_network=True, remove_comments=True,
        remove_pis=True, load_dtd=False, strip_cdata=False,
    )  # fmt: skip
    body = _DECLARATION.sub("", source, count=1).encode("utf-8", "replace")
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None:
        return Extraction("feed", notes=("feed-malformed",))
    items = [e for e in root.iter() if _local_name(e) in ("item", "entry")]
    links = dict.fromkeys(_links(items, page, site))
    notes: tuple[str, ...] = () if items else ("feed-without-items",)
    if not re.search(r"</\s*(?:rss|feed|rdf:RDF)\s*>\s*\Z", source[-200:], re.IGNORECASE):
        notes += ("feed-cut-off",)
    others = () if links else tuple(islice(_other_links(items, page), _MOST_OTHERS))
    return Extraction("feed", links=tuple(links), notes=notes, other_links=others)


def _other_links(items: list[Element], page: Page) -> Iterator[str]:
    """Yield the first link of each item."""
    for item in items:
        yield from islice(_candidate_urls(item, page.url), 1)


def _links(items: list[Element], page: Page, site: Site) -> Iterator[Link]:
    seen: set[str] = set()
    for item in items:
        url = next(filter(site.is_article, _candidate_urls(item, page.url)), None)
        if url is None or url in seen:
            continue
        seen.add(url)
        hints = hints_from(
            "feed",
            title=_plain_text(_child_text(item, "title")),
            published=_published(item, page, site),
            authors=_child_texts(item, "creator", "author"),
            categories=_child_texts(item, "category", "subject"),
            picture=next(_pictures(item, page.url), None),
        )
        yield Link(url, hints)


def _candidate_urls(item: Element, base: str) -> Iterator[str]:
    """Yield the possible URLs of an item: its links first, then its guid or id."""
    guids: list[str] = []
    for child in item:
        name = _local_name(child)
        if name == "link" and (child.get("rel") or "alternate") == "alternate":
            candidate = child.get("href") or child.text
            if url := resolve(base, candidate):
                yield url
        elif name in ("guid", "id", "origLink") and (child.text or "").strip().startswith("http"):
            guids.append((child.text or "").strip())
    yield from guids


def _pictures(item: Element, base: str) -> Iterator[str]:
    """Yield the pictures of an item: those of Media RSS, also in a group, then enclosures."""
    media = [*item.iter("{*}content"), *item.iter("{*}thumbnail")]
    for element in [*media, *item.iter("{*}enclosure"), *item.iter("{*}link")]:
        if _is_picture(element) and (
            url := resolve(base, element.get("url") or element.get("href"))
        ):
            yield url


def _is_picture(element: Element) -> bool:
    name = _local_name(element)
    if name == "link" and element.get("rel") != "enclosure":
        return False
    kind = element.get("medium") or (element.get("type") or "").partition("/")[0]
    return kind == "image" or (name == "thumbnail" and not kind)


def _published(item: Element, page: Page, site: Site) -> Moment | None:
    zone = ZoneInfo(site.time_zone)
    for name in _DATE_TAGS:
        value = _child_text(item, name)
        if value and (moment := parse(value, zone, page.fetched_at)) is not None:
            return moment
    return None


def _child_text(item: Element, name: str) -> str | None:
    for child in item:
        if _local_name(child) == name:
            return "".join(map(str, child.itertext()))
    return None


def _child_texts(item: Element, *tags: str) -> Iterator[str]:
    """Yield the texts of these children; in Atom an author's name and a category's term."""
    for child in item:
        if _local_name(child) not in tags:
            continue
        of_atom = next((one for one in child if _local_name(one) == "name"), None)
        text = "".join(map(str, (child if of_atom is None else of_atom).itertext()))
        if value := _plain_text(child.get("term") or text):
            yield value


def _plain_text(text: str | None) -> str | None:
    """Return text without mark-up; HTML in feeds is sometimes escaped twice."""
    if text is None:
        return None
    return one_line(_TAG.sub(" ", html.unescape(html.unescape(text)))) or None


def _local_name(element: Element) -> str:
    tag = element.tag
    return str(tag).rpartition("}")[2]
