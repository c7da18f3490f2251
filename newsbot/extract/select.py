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
from newsbot.sites import Selector

# A class or id in a CSS selector: cannot match where the page's source does not have the word.
_WORD = re.compile(r"[.#]([A-Za-z_][\w-]*)")
_HIDDEN: Final = frozenset({"script", "style", "noscript", "template"})
_PARTED: Final = frozenset(
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
_SCREENED: Final = re.compile(r"^[\w\s.#>+~*:()\[\]=\"'-]*$")


@dataclass(frozen=True, slots=True)
class Found:
    """What a selector found: the element, if it was one, and the value asked for."""

    element: Element | None
    value: str


def first(document: Document, selectors: Iterable[Selector], day: date | None) -> list[Found]:
    """What the first selector that finds something finds."""
    for selector in selectors:
        if found := list(apply(document.root, selector, day, document.source)):
            return found
    return []


def every(document: Document, selectors: Iterable[Selector], day: date | None) -> list[Found]:
    """What all selectors find, in their order."""
    return [
        found
        for selector in selectors
        for found in apply(document.root, selector, day, document.source)
    ]


def first_value(document: Document, selectors: Iterable[Selector], day: date | None) -> str | None:
    """The first value that is not empty."""
    for selector in selectors:
        for found in apply(document.root, selector, day, document.source):
            if found.value:
                return found.value
    return None


def elements(document: Document, selectors: Iterable[Selector], day: date | None) -> list[Element]:
    """The elements that all selectors find, each once, in their order."""
    found = (one.element for one in every(document, selectors, day))
    return list(dict.fromkeys(element for element in found if element is not None))


def apply(
    root: Element, selector: Selector, day: date | None, source: str | None = None
) -> Iterator[Found]:
    """What one selector finds under ``root``, in document order.

    ``day`` is the page's own date: a selector whose ``until`` lies before it does not hold. With
    ``source`` a selector that cannot match is passed over without a walk through the tree.
    """
    if selector.until is not None and day is not None and day > selector.until:
        return
    if source is not None and any(word not in source for word in _words(selector)):
        return
    result = _xpath(selector)(root)
    for one in result if isinstance(result, list) else [result]:
        element = one if isinstance(one, Element) else None
        value = _value(one, selector.attr)
        if selector.text is None or re.search(selector.text, _value(one, None)):
            yield Found(element, value)


def _value(one: object, attr: str | None) -> str:
    if not isinstance(one, Element):
        return one_line(str(one))
    if attr is not None:
        return one_line(one.get(attr) or "")
    return text_of(one)


def text_of(element: Element) -> str:
    """The element's text on one line, with a space where blocks meet, without scripts."""
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
            pieces.append(" " if node.tag in _PARTED else "")
            pieces.append(node.tail or "")
    return one_line("".join(pieces))


@lru_cache(maxsize=4096)
def _xpath(selector: Selector) -> etree.XPath:
    return etree.XPath(selector.expression)


@lru_cache(maxsize=4096)
def _words(selector: Selector) -> tuple[str, ...]:
    css = selector.css
    if css is None or not _SCREENED.match(css) or ":not" in css or "," in css:
        return ()
    return tuple(_WORD.findall(re.sub(r"\[[^\]]*\]", "", css)))
