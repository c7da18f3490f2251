"""What a page is, and all that it says: the one way into extraction."""

import re
from dataclasses import replace
from typing import Final

from newsbot.extract.article import Built, build
from newsbot.extract.document import Document, decode, parse
from newsbot.extract.feed import is_feed, read_feed
from newsbot.extract.links import has_items, next_article_page, next_list_page, read_links
from newsbot.extract.metadata import Metadata, read
from newsbot.extract.select import text_of, unmatched
from newsbot.models import Extraction, Page, PageKind
from newsbot.sites.site import Site

_SHELL: Final = 400  # letters of visible text; a page built by scripts shows fewer
_SHELL_ROOT = re.compile(
    r"""<div[^>]{0,80}\bid\s*=\s*["']?(?:root|app|__next|__nuxt|___gatsby)\b"""
    r"|enable javascript|aktifkan javascript|requires javascript|javascript is disabled",
    re.IGNORECASE,
)
_LINE: Final = 60  # characters: less, found without rules, is a button or a notice
_STORY: Final = 140  # characters of text that make an article of a page without an article's URL


def extract(page: Page, site: Site) -> Extraction:
    """Return all that one page says, from one parse.

    What the page was asked for says how it is read: a list's page by that list's rules, whatever
    its URL. What came in its place (a feed, a page with no article) is told by the page itself. A
    page that was not answered with 2xx yields nothing: error pages of news sites are full of links
    to articles.
    """
    if not 200 <= page.status < 300:
        return Extraction("other", notes=(f"http-{page.status}",))
    source = decode(page)
    if is_feed(source):
        return read_feed(source, page, site)
    notes = ("feed-not-xml",) if page.role == "feed" else ()
    document = parse(source, page.url) if source.strip() else None
    if document is None:
        return Extraction("empty", notes=notes)
    if notes:
        return Extraction("other", notes=notes)
    if page.role == "list":
        return _list(document, page, site)
    if site.is_article(page.url):
        return _article(document, page, site)
    return _unexpected(document, page, site)


def _article(document: Document, page: Page, site: Site) -> Extraction:
    built = build(document, read(document), page, site)
    at = built.article.published_at or page.fetched_at
    missed = unmatched(document, site, at.date())
    if not _is_story(built):
        return replace(_nothing(document, built.notes), unmatched=missed)
    return Extraction(
        "article",
        articles=(built.article,),
        next_page=next_article_page(document, page, site),
        notes=built.notes,
        unmatched=missed,
    )


def _list(document: Document, page: Page, site: Site) -> Extraction:
    listing = None if page.position is None else site.list_at(page.position.url)
    links = read_links(document, page, site, listing)
    # Past its end a list still shows the popular stories beside it: no reason to go on.
    whole = bool(links) and (listing is None or has_items(document, site, listing))
    return Extraction(
        "list",
        links=links,
        next_page=next_list_page(document, page, site, listing) if whole and listing else None,
        notes=("list-items-not-found",) if links and not whole else (),
    )


def _unexpected(document: Document, page: Page, site: Site) -> Extraction:
    """Read a page whose URL is no article's: whatever it turns out to be."""
    links = read_links(document, page, site, None)
    if links:
        return Extraction("list", links=links)
    metadata = read(document)
    if _claims_article(metadata):
        built = build(document, metadata, page, site)
        if len(built.article.text) >= _STORY:
            return Extraction("article", (built.article,), notes=built.notes)
    return _nothing(document, ())


def _is_story(built: Built) -> bool:
    """Return whether there is an article on the page: a headline and what belongs under it.

    Text that was found by evidence alone must be more than a line, or any page had a story.
    """
    article = built.article
    if article.title is None:
        return False
    if built.by_rules or article.kind != "article":
        return bool(article.text or (article.images and article.kind != "article"))
    return len(article.text) >= _LINE


def _nothing(document: Document, notes: tuple[str, ...]) -> Extraction:
    body = next(document.root.iter("body"), document.root)
    kind: PageKind = "other" if _is_shell(document) or text_of(body) else "empty"
    return Extraction(kind, notes=notes)


def _claims_article(metadata: Metadata) -> bool:
    return bool(metadata.article) or (metadata.first("og:type") or "").lower() == "article"


def _is_shell(document: Document) -> bool:
    """Return whether the page is built by scripts: next to no text, and a root for them to fill."""
    if _SHELL_ROOT.search(document.source) is None:
        return False
    body = next(document.root.iter("body"), document.root)
    return len(text_of(body)) < _SHELL
