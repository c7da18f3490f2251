"""The articles that an article refers to: the original of a copy, and related ones."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from urllib.parse import urlsplit

from lxml.etree import _Element as Element

from newsbot.extract.boilerplate import ANYWHERE
from newsbot.extract.document import Document
from newsbot.extract.metadata import Metadata
from newsbot.extract.normalise import one_line
from newsbot.extract.select import all_matches, text_of
from newsbot.extract.urls import canonical_url
from newsbot.models import Related
from newsbot.sites.site import Site

_READ_ORIGINAL = re.compile(
    r"^\W*(?:read (?:the )?(?:entire|full|original|whole) (?:article|story|post)"
    r"|(?:artikel|berita|sumber) asli"
    r"|baca (?:artikel|berita) (?:asli|lengkap)(?:nya)?|view original(?: article| post)?)\W*$",
    re.IGNORECASE,
)


def originals(
    document: Document, metadata: Metadata, site: Site, day: date | None, named: str | None
) -> Iterator[tuple[str, str | None]]:
    """Yield what may be the URL of a copy's original, the surest first, each with its place.

    Args:
        named: the URL that a line of the text gives.
    """
    yield "select.original", _selected_original(document, site, day)
    if site.kind != "aggregator":
        return
    yield "line of the text", named
    links = (
        document.url(anchor.get("href"))
        for anchor in document.root.iter("a")
        if _READ_ORIGINAL.match(text_of(anchor))
    )
    yield "link that says so", next(filter(None, links), None)
    there = metadata.canonical
    is_elsewhere = there and not site.owns(there) and urlsplit(there).path.strip("/")
    yield "canonical link", there if is_elsewhere else None


def _selected_original(document: Document, site: Site, day: date | None) -> str | None:
    for found in all_matches(document, site.select.original, day):
        reference = found.element.get("href") if found.element is not None else found.value
        if url := document.url(reference or found.value):
            return url
    return None


def related_articles(
    document: Document, site: Site, guessed: Element | None, found: list[Related]
) -> Iterator[Related]:
    """Yield the related articles; one without a URL gets that of a link with its title.

    Args:
        guessed: the element of a text that was found without rules, which may lack their lines.
        found: those of the text's lines.
    """
    if guessed is not None:
        found = _merged_by_title(_related_lines(document, guessed), found)
    unlinked = {one.title for one in found if one.url is None}
    links: dict[str, str] = {}
    for anchor in document.root.iter("a") if unlinked else ():
        title = text_of(anchor)
        if title in unlinked and (url := document.url(anchor.get("href"))):
            links.setdefault(title, url)
    for one in found:
        url = one.url or links.get(one.title)
        if url is not None and site.owns(url):
            url = canonical_url(url, site)
        yield Related(title=one.title, url=url)


def _related_lines(document: Document, element: Element) -> Iterator[Related]:
    """Yield the "Baca juga" links in an element."""
    for line in element.iter("p", "li"):
        found = ANYWHERE.match(text_of(line))
        if found is not None and found[0].target == "related" and found[1]:
            urls = (document.url(anchor.get("href")) for anchor in line.iter("a"))
            yield Related(title=one_line(found[1]), url=next(filter(None, urls), None))


def _merged_by_title(first: Iterable[Related], more: Iterable[Related]) -> list[Related]:
    """Return the related articles of both, each title once."""
    found: dict[str, Related] = {}
    for one in [*first, *more]:
        found.setdefault(one.title, one)
    return list(found.values())
