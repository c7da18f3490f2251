"""The articles that an article refers to: the original of a copy, and related ones."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice
from urllib.parse import urlsplit

from lxml.etree import _Element as Element

from newsbot.extract.body import lines_of
from newsbot.extract.boilerplate import ANYWHERE
from newsbot.extract.document import Document
from newsbot.extract.metadata import Metadata
from newsbot.extract.normalise import one_line
from newsbot.extract.page_lines import PageLines
from newsbot.extract.pointers import ORIGINAL_LINK, related_label
from newsbot.extract.select import all_matches, text_of
from newsbot.extract.story import StoryParts
from newsbot.extract.urls import canonical_url
from newsbot.models import Related
from newsbot.sites.site import Site

_READ_ORIGINAL = re.compile(rf"^\W*(?:{ORIGINAL_LINK})\W*$", re.IGNORECASE)


def originals(
    document: Document,
    site: Site,
    day: date | None,
    here: str,
    story: StoryParts,
    page: PageLines | None,
) -> Iterator[tuple[str, str | None]]:
    """Yield what may be the URL of a copy's original, the surest first, each with its place.

    A publisher's article is a copy only if it says where it was printed first.

    Args:
        here: the canonical URL of the article itself, which is no original of its own.
        page: all lines of a page whose text was found without rules, and may lack some.
    """

    def elsewhere(urls: Iterable[str | None]) -> str | None:
        """Return the one URL among them that is not the article itself."""
        found = {url for url in urls if url is not None and canonical_url(url, site) != here}
        return found.pop() if len(found) == 1 else None

    yield "select.original", _selected_original(document, site, day)
    yield "line that says where it was first", elsewhere([story.first_printed_url])
    yield "line that says where it was first", elsewhere(page.first_printed() if page else ())
    if site.kind != "aggregator":
        return
    yield "line of the text", elsewhere([story.original_url])
    links = (url for url in _original_links(document) if not site.is_article(url))
    yield "link that says so", elsewhere(islice(links, 1))
    yield "line that names the source", elsewhere(page.sources() if page else ())


def _original_links(document: Document) -> Iterator[str]:
    """Yield the targets of links whose words say that they lead to the original."""
    for anchor in document.root.iter("a"):
        url = document.url(anchor.get("href"))
        if url and urlsplit(url).path.strip("/") and _READ_ORIGINAL.match(text_of(anchor)):
            yield url


def canonical_original(metadata: Metadata, site: Site) -> tuple[str, str | None]:
    """Return the canonical link of a copy, if it is to an article of another site."""
    there = metadata.canonical if site.kind == "aggregator" else None
    is_elsewhere = there and not site.owns(there) and urlsplit(there).path.strip("/")
    return "canonical link", there if is_elsewhere else None


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
    for line in lines_of(document, [element], {}):
        found = ANYWHERE.match(line.text)
        title = found[1] if found and found[0].target == "related" else related_label(line)
        if title:
            urls = (anchor.url for anchor in line.anchors)
            yield Related(title=one_line(title), url=next(filter(None, urls), None))


def _merged_by_title(first: Iterable[Related], more: Iterable[Related]) -> list[Related]:
    """Return the related articles of both, each title once."""
    found: dict[str, Related] = {}
    for one in [*first, *more]:
        found.setdefault(one.title, one)
    return list(found.values())
