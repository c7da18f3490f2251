"""What a page needs to look as it does: style sheets, fonts, backgrounds, icons, pictures.

Scripts, frames and media are left to the browser (``render``).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from lxml.etree import _Element as Element

from newsbot.extract.document import Document
from newsbot.extract.metadata import Metadata
from newsbot.extract.srcset import chosen, matches
from newsbot.extract.stylesheet import read_stylesheet
from newsbot.models import Image, Requisite, RequisiteKind

_MOST: Final = 1000  # of a page; a crawl fetches fewer
_PICTURES: Final = ("img", "amp-img", "source", "image", "video", "input")
_LAZY: Final = (
    "src", "data-src", "data-original", "data-lazy-src", "data-lazy", "data-echo", "data-img",
    "data-image", "data-bg", "data-background", "data-background-image", "poster",
)  # fmt: skip
_LAZY_SETS: Final = ("srcset", "data-srcset", "data-lazy-srcset", "data-src-set")
_TYPES: Final = ("", "image/avif", "image/webp", "image/jpeg", "image/jpg", "image/png",
    "image/gif", "image/svg+xml", "image/apng")  # fmt: skip
_XLINK: Final = "{http://www.w3.org/1999/xlink}href"


@dataclass(frozen=True, slots=True)
class StoryPictures:
    """Where the pictures of an article are: the elements around them, and those in its fields."""

    holders: tuple[Element, ...]
    images: tuple[Image, ...]


def read_requisites(
    document: Document, metadata: Metadata, pictures: StoryPictures | None
) -> tuple[Requisite, ...]:
    """Return what the page names, the most important first; scripts may ask for more.

    Args:
        pictures: those of the article; None for all of the page.
    """
    found: dict[str, Requisite] = {}
    for kind, reference in _references(document, metadata, pictures):
        url = (document.url(reference) or "").partition("#")[0]
        if url and len(found) < _MOST:
            found.setdefault(url, Requisite(url, kind))
    return tuple(found.values())


def _references(
    document: Document, metadata: Metadata, pictures: StoryPictures | None
) -> Iterator[tuple[RequisiteKind, str]]:
    links = list(_links(document))
    yield from (link for link in links if link[0] != "icon")
    yield from _inline(document)
    if pictures is None:
        yield from (("picture", one) for one in _pictures([document.root]))
    else:
        yield from (("picture", one.url) for one in pictures.images)
        yield from (("picture", one) for one in _pictures(pictures.holders))
    yield from (("picture", one) for one in metadata.meta.get("og:image", ())[:3])
    yield from (link for link in links if link[0] == "icon")


def _links(document: Document) -> Iterator[tuple[RequisiteKind, str]]:
    for link in document.root.iter("link"):
        rel, href = (link.get("rel") or "").lower().split(), link.get("href") or ""
        preloaded = (link.get("as") or "").lower() if "preload" in rel else ""
        if ("stylesheet" in rel and "alternate" not in rel) or preloaded == "style":
            yield "style", href
        elif preloaded == "font":
            yield "font", href
        elif any(one.endswith("icon") or one == "apple-touch-icon-precomposed" for one in rel):
            yield "icon", href


def _inline(document: Document) -> Iterator[tuple[RequisiteKind, str]]:
    """Yield what style elements, style attributes and background attributes name."""
    for style in document.root.iter("style"):
        for one in read_stylesheet(style.text or "", document.base):
            yield one.kind, one.url
    if "url(" in document.source:
        for value in _attributes(document, "//@style[contains(., 'url(')]"):
            for one in read_stylesheet(value, document.base):
                yield one.kind, one.url
    for value in _attributes(document, "//@background"):
        yield "background", value


def _attributes(document: Document, path: str) -> Iterator[str]:
    found: Any = document.root.xpath(path)
    yield from map(str, found)


def _pictures(holders: Iterable[Element]) -> Iterator[str]:
    for holder in holders:
        for element in holder.iter(*_PICTURES):
            if element.tag != "source":
                yield from _addresses(element)
            elif _is_taken(element):
                yield from _sets(element)


def _addresses(element: Element) -> Iterator[str]:
    for name in _LAZY if element.tag != "image" else ("href", _XLINK):
        if value := element.get(name):
            yield value
    yield from _sets(element)


def _sets(element: Element) -> Iterator[str]:
    """Yield what a browser takes of the sets of a picture, and the largest of each."""
    for name in _LAZY_SETS:
        if value := element.get(name):
            yield from chosen(value, element.get("sizes") or element.get("data-sizes") or "")


def _is_taken(source: Element) -> bool:
    """Return whether a desktop browser may take this source of a picture.

    It takes the first that it can show; others stand for browsers that cannot.
    """
    # libxml2 puts each source into the one before, since it does not know that they are empty.
    picture = next(source.iterancestors("picture"), None)
    return picture is not None and source is next(
        filter(_can_be_shown, picture.iter("source")), None
    )


def _can_be_shown(source: Element) -> bool:
    kind = (source.get("type") or "").partition(";")[0].strip().lower()
    return kind in _TYPES and matches(source.get("media") or "")
