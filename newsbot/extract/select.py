"""A seed's selectors applied to a document."""

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
from newsbot.sites.site import Site
from newsbot.sites.values import Selector

_HIDDEN_TAGS: Final = frozenset({"script", "style", "noscript", "template"})
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
class SelectorMatch:
    """A match of a selector: the element, if it is one, and the selected value."""

    element: Element | None
    _attr: str | None
    _raw: object

    @property
    def value(self) -> str:
        """The attribute or the text, on one line."""
        return _value(self._raw, self._attr)


def first_matches(
    document: Document, selectors: Iterable[Selector], day: date | None
) -> list[SelectorMatch]:
    """Return the matches of the first selector that has any."""
    for selector in selectors:
        if found := list(matches_of(document, selector, day)):
            return found
    return []


def all_matches(
    document: Document, selectors: Iterable[Selector], day: date | None
) -> list[SelectorMatch]:
    """Return the matches of all selectors, in the order of the selectors."""
    return [found for selector in selectors for found in matches_of(document, selector, day)]


def first_value(document: Document, selectors: Iterable[Selector], day: date | None) -> str | None:
    """Return the first non-empty value that the selectors find."""
    for selector in selectors:
        for found in matches_of(document, selector, day):
            if found.value:
                return found.value
    return None


def elements(document: Document, selectors: Iterable[Selector], day: date | None) -> list[Element]:
    """Return the elements that the selectors match, each once, in the order of the selectors."""
    found = (one.element for one in all_matches(document, selectors, day))
    return list(dict.fromkeys(element for element in found if element is not None))


def matches_of(document: Document, selector: Selector, day: date | None) -> Iterator[SelectorMatch]:
    """Yield the matches of one selector, in document order.

    ``day`` is the page's own date: a selector whose ``until`` is before it does not apply.
    """
    if selector.until is not None and day is not None and day > selector.until:
        return
    for one in _query(document, selector):
        element = one if isinstance(one, Element) else None
        if selector.text is None or re.search(selector.text, _value(one, None)):
            yield SelectorMatch(element, selector.attr, one)


def _query(document: Document, selector: Selector) -> list[object]:
    """Return elements or strings, from the index if it supports the selector, else by XPath."""
    known = document.selected.get(selector)
    if known is None:
        indexed = document.index.find(selector.css) if selector.css is not None else None
        if indexed is None:
            result = _xpath(selector)(document.root)
            known = list(result) if isinstance(result, list) else [result]
        else:
            known = list(indexed)
        document.selected[selector] = known
    return known


def _value(one: object, attr: str | None) -> str:
    if not isinstance(one, Element):
        return one_line(str(one))
    if attr is not None:
        return one_line(one.get(attr) or "")
    return text_of(one)


def text_of(element: Element) -> str:
    """Return the element's text on one line, without scripts, with spaces between blocks."""
    if not len(element):
        return one_line(element.text or "")
    pieces: list[str] = []
    hidden: Element | None = None
    for event, node in etree.iterwalk(element, events=("start", "end")):
        if event == "start":
            if hidden is None and node.tag in _HIDDEN_TAGS:
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


def unmatched_keys(document: Document, site: Site, day: date | None) -> tuple[str, ...]:
    """Return the keys of the seed's ``select`` whose selectors match nothing on the page."""
    return tuple(
        key
        for key in site.rules
        if not any(count_matches(document, selector, day) for selector in selectors_of(site, key))
    )


def count_matches(document: Document, selector: Selector, day: date | None) -> int:
    """Return the number of matches of the selector on the page."""
    return sum(1 for _ in matches_of(document, selector, day))


def selectors_of(site: Site, key: str) -> tuple[Selector, ...]:
    """Return the selectors of one key of the seed's ``select``."""
    selectors: tuple[Selector, ...] = getattr(site.select, key)
    return selectors
