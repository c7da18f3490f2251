"""The pictures of an article, with caption and credit."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from lxml.etree import _Element as Element

from newsbot.extract.bylines import split_credit
from newsbot.extract.document import Document
from newsbot.extract.normalise import one_line
from newsbot.extract.select import elements, text_of
from newsbot.extract.story import StoryParts
from newsbot.models import Image
from newsbot.sites.site import Site

_URL_ATTRIBUTES: Final = ("data-src", "data-original", "data-lazy-src", "src")
_NOT_PICTURES = re.compile(
    r"\.svg(?:$|\?)|/(?:blank|pixel|spacer|loading|placeholder|no-?image)[^/]*$", re.IGNORECASE
)


def read_images(
    document: Document,
    containers: Iterable[Element],
    site: Site,
    day: date | None,
    story: StoryParts,
) -> tuple[Image, ...]:
    """Return the pictures found by the seed's selectors, then those in the text, each once."""
    found: dict[str, Image] = {}
    captions = [text_of(e) for e in elements(document, site.select.caption, day)]
    for holder in elements(document, site.select.images, day):
        for number, image in enumerate(_pictures(holder)):
            if url := _url(document, image):
                caption = _caption(image, holder) or (
                    captions[0] if captions and not number else None
                )
                found.setdefault(url, _new_image(url, caption, story))
    for container in containers:
        for image in _pictures(container):
            if url := _url(document, image):
                found.setdefault(url, _new_image(url, _caption(image, None), story))
    return tuple(found.values())


def _new_image(url: str, caption: str | None, story: StoryParts) -> Image:
    text, credit = split_credit(one_line(caption or ""))
    if credit is None and story.credits:
        credit = story.credits[0]
    return Image(url=url, caption=text, credit=credit)


def _pictures(holder: Element) -> Iterator[Element]:
    return holder.iter("img", "amp-img")


def _url(document: Document, image: Element) -> str | None:
    """Return the picture's URL; if it is loaded lazily, a data attribute has it."""
    for name in _URL_ATTRIBUTES:
        value = (image.get(name) or "").strip()
        url = document.url(value) if value and not value.startswith("data:") else None
        if url is not None and is_picture(url) and not _is_tiny(image):
            return url
    return None


def is_picture(url: str) -> bool:
    """Return whether the URL may be that of a picture, and not of a placeholder or an icon."""
    return not _NOT_PICTURES.search(url) and not _is_placeholder_url(url)


def _is_placeholder_url(url: str) -> bool:
    """Return whether the URL is a directory: ANTARA writes such URLs for missing pictures."""
    return "." not in url.rpartition("/")[2] and "?" not in url


def _is_tiny(image: Element) -> bool:
    return any((image.get(side) or "").strip() in ("0", "1") for side in ("width", "height"))


def _caption(image: Element, holder: Element | None) -> str | None:
    for ancestor in image.iterancestors():
        if ancestor.tag == "figure" or ancestor is holder:
            caption = next(ancestor.iter("figcaption"), None)
            if caption is None and ancestor is holder:
                return text_of(ancestor) or None
            return text_of(caption) if caption is not None else None
    return None
