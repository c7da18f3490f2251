"""Feeds and lists in JSON: JSON Feed 1.1 (https://jsonfeed.org) and the answers of APIs."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import Any, Final
from zoneinfo import ZoneInfo

import jmespath

from newsbot.addresses import resolve
from newsbot.extract.dates import Moment, parse
from newsbot.extract.document import parse as parse_html
from newsbot.extract.hints import hints_from
from newsbot.extract.links import read_links
from newsbot.extract.normalise import one_line
from newsbot.extract.select import text_of
from newsbot.models import Extraction, Link, Page
from newsbot.sites.finders import JsonList, ListPage
from newsbot.sites.site import Site

_MOST_ITEMS: Final = 10_000
_MOST_OTHERS: Final = 3
_MOST_NAMES: Final = 50

# What an item of a JSON Feed has; version 1.0 had one author.
_FEED: Final = JsonList(
    url="url || external_url || id", title="title", published="date_published",
    modified="date_modified", authors="authors[].name || author.name", categories="tags",
    picture="image || banner_image",
)  # fmt: skip


def is_json(source: str) -> bool:
    """Return whether the document seems to be a JSON object or array."""
    return source[:100].lstrip("\ufeff \t\r\n")[:1] in ("{", "[")


def read_json_feed(source: str, page: Page, site: Site) -> Extraction:
    """Return the articles that a JSON Feed names, in its order."""
    document = _load(source)
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        return Extraction("other", notes=("feed-not-json-feed",))
    found = list(_links(document["items"], _FEED, page, site))
    notes = _notes("feed", document["items"]) if document["items"] else ("feed-without-items",)
    return replace(_of_links("feed", found, site), notes=notes)


def read_json_list(source: str, page: Page, site: Site, listing: ListPage) -> Extraction:
    """Return the articles on a page of a list in JSON, and the URL of its following page."""
    rule = listing.json_ or JsonList()
    document = _load(source)
    if document is None:
        return Extraction("other", notes=("list-not-json",))
    notes: tuple[str, ...] = ()
    if rule.html is not None:
        found = _links_in_html(_text(_search(rule.html, document)), page, site, listing)
    else:
        items = _search(rule.items, document)
        if not isinstance(items, list):
            return Extraction("other", notes=("list-items-not-found",))
        found, notes = list(_links(items, rule, page, site)), _notes("list", items)
    following = _next_page(document, page, listing, rule) if found else None
    return replace(_of_links("list", found, site), next_page=following, notes=notes)


def _notes(kind: str, items: list[Any]) -> tuple[str, ...]:
    return (f"{kind}-too-long",) if len(items) > _MOST_ITEMS else ()


def _load(source: str) -> Any:
    try:
        return json.loads(source.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return None


def _search(expression: str | None, document: Any) -> Any:
    """Return the value of an expression; None where the document does not have it."""
    if expression is None:
        return None
    try:
        return jmespath.search(expression, document)
    except jmespath.exceptions.JMESPathError:  # a function was given another type
        return None


def _of_links(kind: Any, found: list[Link], site: Site) -> Extraction:
    links: dict[str, Link] = {}
    for link in found:
        if site.is_article(link.url):
            links.setdefault(link.url, link)
    others = () if links else tuple(link.url for link in found[:_MOST_OTHERS])
    return Extraction(kind, links=tuple(links.values()), other_links=others)


def _links(items: list[Any], rule: JsonList, page: Page, site: Site) -> Iterator[Link]:
    for item in islice(items, _MOST_ITEMS):
        if not isinstance(item, Mapping):
            continue
        url = resolve(page.url, _text(_search(rule.url, item)))
        if url is None:
            continue
        modified = _moment(_search(rule.modified, item), page, site)
        hints = hints_from(
            "feed" if rule is _FEED else "list",
            title=_plain(_search(rule.title, item)),
            published=_moment(_search(rule.published, item), page, site),
            authors=_words(_search(rule.authors, item)),
            categories=_words(_search(rule.categories, item)),
            picture=resolve(page.url, _text(_search(rule.picture, item))),
        )
        yield Link(url, hints, modified.at if modified else None)


def _links_in_html(html: str, page: Page, site: Site, listing: ListPage) -> list[Link]:
    document = parse_html(html, page.url) if html.strip() else None
    return [] if document is None else list(read_links(document, page, site, listing))


def _next_page(document: Any, page: Page, listing: ListPage, rule: JsonList) -> str | None:
    number = 1 if page.position is None else page.position.number
    following = _text(_search(rule.next, document))
    if rule.next is None or listing.pages is not None:
        return listing.page_url(number + 1, following or None)
    return resolve(page.url, following)


def _moment(value: Any, page: Page, site: Site) -> Moment | None:
    return parse(_text(value), ZoneInfo(site.time_zone), page.fetched_at) if value else None


def _words(value: Any) -> Iterator[str]:
    for one in islice(value if isinstance(value, list) else [value], _MOST_NAMES):
        if text := _plain(one):
            yield text


def _plain(value: Any) -> str | None:
    """Return text without mark-up: APIs give headlines as HTML."""
    text = _text(value)
    if "<" in text or "&" in text:
        document = parse_html(f"<p>{text}</p>", "https://x.invalid/")
        text = "" if document is None else text_of(document.root)
    return one_line(text) or None


def _text(value: Any) -> str:
    """Return a string or a number as text; empty for anything else."""
    is_text = isinstance(value, str | int | float) and not isinstance(value, bool)
    return str(value) if is_text else ""
