"""Refreshes: the pages that a page sends its reader to, by a ``meta`` element or a header.

Read as browsers do (the HTML Standard, 4.2.5.3, "shared declarative refresh steps").
"""

import re
from dataclasses import dataclass
from typing import Final, cast

from lxml import etree
from lxml.etree import _Element as Element
from scrapy.http import HtmlResponse, Response
from scrapy.utils.response import get_base_url

from newsbot.addresses import resolve
from newsbot.crawl.destinations import Destinations

LONGEST_DELAY: Final = 5.0  # seconds: a page that refreshes later is meant to be read
_MOST_HOPS: Final = 3
_LOOKED_AT: Final = 16 * 1024  # characters of a page; browsers want the element at its start
_CONTENT = re.compile(
    r"\s*+(?P<seconds>\d++)?(?P<fraction>\.[\d.]*+)?(?:\s*+[;,]|\s|\Z)\s*+(?P<rest>.*)", re.DOTALL
)
_URL = re.compile(r"url\s*+=\s*+", re.IGNORECASE)
_REFRESH = etree.XPath(
    "//meta[translate(@http-equiv, 'REFSH', 'refsh') = 'refresh'][not(ancestor::noscript)]"
)


@dataclass(frozen=True, slots=True)
class Refresh:
    """Where a page sends its reader, and after how many seconds; ``url`` None is no page."""

    delay: float
    url: str | None


def refresh_of(response: Response) -> Refresh | None:
    """Return the page's refresh, that of its header first; None if it has none."""
    header = response.headers.get("Refresh")
    if header is not None:
        found = _parse(header.decode("latin-1"), response.url, response.url)
        if found is not None:
            return found
    if not isinstance(response, HtmlResponse):
        return None
    base = get_base_url(response)
    parsed = (_parse(content, base, response.url) for content in _contents(response.text))
    return next((one for one in parsed if one is not None), None)


def why_not_followed(
    refresh: Refresh, response: Response, role: str, hops: int, destinations: Destinations
) -> str | None:
    """Return why a page without content is not looked for where it refreshes to; None if it is.

    Args:
        hops: the refreshes that led to this page.
    """
    if refresh.url is None:
        return "redirect-to-no-address"
    if refresh.url == response.url:
        return "redirect-loop"
    if (refusal := destinations.refusal(role, refresh.url)) is not None:
        return refusal
    if refresh.delay > LONGEST_DELAY:
        return "refresh-later"
    return "too-many-redirects" if hops >= _MOST_HOPS else None


def _contents(text: str) -> list[str]:
    source = text[:_LOOKED_AT].encode("utf-8", "replace")
    try:
        root = etree.fromstring(source, etree.HTMLParser(encoding="utf-8", no_network=True))
    except etree.XMLSyntaxError:  # a page without any element
        return []
    found = [] if root is None else cast("list[Element]", _REFRESH(root))
    return [one.get("content") or "" for one in found]


def _parse(content: str, base: str, page: str) -> Refresh | None:
    found = _CONTENT.match(content)
    if found is None or (found["seconds"] is None and found["fraction"] is None):
        return None
    delay = float((found["seconds"] or "0")[:9])
    rest = _URL.sub("", found["rest"], count=1) if _URL.match(found["rest"]) else found["rest"]
    if rest[:1] in ("'", '"'):
        rest = rest[1:].partition(rest[0])[0]
    address = resolve(base, rest) if rest.strip() else page
    return Refresh(delay, None if address is None else address.partition("#")[0])
