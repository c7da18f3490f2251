"""A seed's selectors, applied to a document: the first that matches and still holds wins."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from lxml import etree
from lxml.etree import _Element as Element

from newsbot.extract.document import Document
from newsbot.extract.normalise import one_line
from newsbot.sites.seed import Selector
from newsbot.sites.site import Site

_HIDDEN: Final = frozenset({"script", "style", "noscript", "template"})
_BLOCK_TAGS: Final = frozenset(
    [
        "br",
        "p",
        "div",
        "li",
        "ul",
        "ol",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "td",
        "th",
        "tr",
        "figcaption",
    ]
)


@dataclass(frozen=True, slots=True)
class Found:
    """What a selector found: the element, if it was one, and the value asked for."""

    element: Element | None
    _attr: str | None
    _raw: object

    @property
    def value(self) -> str:
        """The attribute or the text, on one line."""
        return _value(self._raw, self._attr)


def first(document: Document, selectors: Iterable[Selector], day: date | None) -> list[Found]:
    """Return what the first selector that finds something finds."""
    for selector in selectors:
        if found := list(apply(document, selector, day)):
            return found
    return []


def every(document: Document, selectors: Iterable[Selector], day: date | None) -> list[Found]:
    """Return what all selectors find, in their order."""
    return [found for selector in selectors for found in apply(document, selector, day)]


def first_value(document: Document, selectors: Iterable[Selector], day: date | None) -> str | None:
    """Return the first value that is not empty."""
    for selector in selectors:
        for found in apply(document, selector, day):
            if found.value:
                return found.value
    return None


def elements(document: Document, selectors: Iterable[Selector], day: date | None) -> list[Element]:
    """Return the elements that all selectors find, each once, in their order."""
    found = (one.element for one in every(document, selectors, day))
    return list(dict.fromkeys(element for element in found if element is not None))


def apply(document: Document, selector: Selector, day: date | None) -> Iterator[Found]:
    """Yield what one selector finds on the page, in document order.

    ``day`` is the page's own date: a selector whose ``until`` lies before it does not hold.
    """
    if selector.until is not None and day is not None and day > selector.until:
        return
    for one in _matches(document, selector):
        element = one if isinstance(one, Element) else None
        if selector.text is None or re.search(selector.text, _value(one, None)):
            yield Found(element, selector.attr, one)


def _matches(document: Document, selector: Selector) -> list[object]:
    """Return elements or strings, by the index where it knows the selector, else by XPath."""
    known = document.found.get(selector)
    if known is None:
        indexed = document.index.find(selector.css) if selector.css is not None else None
        if indexed is None:
            result = _xpath(selector)(document.root)
            known = list(result) if isinstance(result, list) else [result]
        else:
            known = list(indexed)
        document.found[selector] = known
    return known


def _value(one: object, attr: str | None) -> str:
    if not isinstance(one, Element):
        return one_line(str(one))
    if attr is not None:
        return one_line(one.get(attr) or "")
    return text_of(one)


def text_of(element: Element) -> str:
    """Return the element's text on one line, with a space where blocks meet, without scripts."""
    if not len(element):
        return one_line(element.text or "")
    pieces: list[str] = []
    hidden: Element | None = None
    for event, node in etree.iterwalk(element, events=("start", "end")):
        if event == "start":
            if hidden is None and node.tag in _HIDDEN:
                hidden = node
            if hidden is None:
                pieces.append(node.text or "")
            continue
        if hidden is node:
            hidden = None
        if hidden is None and node is not element:
            pieces.append(" " if node.tag in _BLOCK_TAGS else "")
            pieces.append(node.tail or "")
    return one_line("".join(pieces))


@lru_cache(maxsize=4096)
def _xpath(selector: Selector) -> etree.XPath:
    return etree.XPath(selector.expression)


def unmatched(document: Document, site: Site, day: date | None) -> tuple[str, ...]:
    """Return keys of the seed's ``select`` whose selectors find nothing on the page."""
    return tuple(
        key
        for key in site.rules
        if not any(found_by(document, selector, day) for selector in selectors_of(site, key))
    )


def found_by(document: Document, selector: Selector, day: date | None) -> int:
    """Return how many things the selector finds on the page."""
    return sum(1 for _ in apply(document, selector, day))


def selectors_of(site: Site, key: str) -> tuple[Selector, ...]:
    """Return the selectors of one key of the seed's ``select``."""
    selectors: tuple[Selector, ...] = getattr(site.select, key)
    return selectors
