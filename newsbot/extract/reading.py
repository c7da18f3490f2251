"""The entry point of extraction: it decides what a page is and reads it accordingly."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, islice
from typing import Final

from lxml.etree import _Element as Element

from newsbot.extract.article import BuiltArticle, build_article
from newsbot.extract.document import Document, decode, parse
from newsbot.extract.feed import read_feed
from newsbot.extract.feed_source import find_feed
from newsbot.extract.json_pages import is_json, read_json_feed, read_json_list
from newsbot.extract.links import has_items, next_article_page, next_list_page, read_links
from newsbot.extract.metadata import Metadata, read_metadata
from newsbot.extract.non_article import judge_page
from newsbot.extract.requisites import read_requisites
from newsbot.extract.select import text_of, unmatched_keys
from newsbot.extract.sitemap import is_sitemap, read_sitemap
from newsbot.extract.stand_in_words import NonArticle
from newsbot.extract.stylesheet import read_stylesheet
from newsbot.models import Article, Extraction, Page, Requisite
from newsbot.sites.finders import ListPage
from newsbot.sites.site import Site

_LINE: Final = 60  # characters: a shorter text, found without rules, is a button or a notice
_STORY: Final = (
    140  # characters of text that a page needs to be an article without its URL or its headline
)
_SIGNED_STORY: Final = 500  # of one that does not declare to be an article
_TEASER: Final = 300  # for each heading with a link: a list of teasers has fewer
_LONGEST_TITLE: Final = 200  # characters, of a page without an article
_NEAR: Final = 8  # elements around a heading that may be its link


def extract(page: Page, site: Site) -> Extraction:
    """Return everything that can be extracted from the page.

    The page's role decides how it is read: a page of a list by that list's rules, whatever its URL
    is. If the site sent something else (a feed, a page without an article), its content decides. A
    page with a status other than 2xx yields nothing: error pages of news sites are full of links to
    articles.
    """
    if not 200 <= page.status < 300:
        return Extraction("other", notes=(f"http-{page.status}",))
    if page.role == "requisite":
        return _style_sheet(page)
    source = decode(page)
    if page.role == "sitemap":
        return read_sitemap(source, page, site)
    start = find_feed(source, is_expected=page.role == "feed")
    if start is not None:
        return read_feed(source, start, page, site)
    if page.role == "feed":
        return _other_feed(source, page, site)
    listing = _list_of(page, site)
    if listing is not None and listing.json_ is not None:
        return read_json_list(source, page, site, listing)
    document = parse(source, page.url) if source.strip() else None
    if document is None:
        return Extraction("empty")
    if page.role == "list":
        return _list(document, page, site, listing)
    if site.is_article(page.url):
        return _article(document, page, site)
    return _unexpected(document, page, site)


def _article(document: Document, page: Page, site: Site) -> Extraction:
    metadata = read_metadata(document)
    built = build_article(document, metadata, page, site)
    at = built.article.published_at or page.fetched_at
    missed = unmatched_keys(document, site, at.date())
    names = built.site_names
    judged = judge_page(document, metadata, built.article, names, by_rules=built.by_rules)
    if judged is not None or not _is_story(built):
        return replace(_without_article(document, built.notes, judged), unmatched=missed)
    return Extraction(
        "article",
        articles=(built.article,),
        next_page=next_article_page(document, page, site),
        notes=built.notes,
        unmatched=missed,
        requisites=_requisites(document, metadata, built, site),
    )


def _requisites(
    document: Document, metadata: Metadata, built: BuiltArticle, site: Site
) -> tuple[Requisite, ...]:
    wanted = site.archive.requisites
    if wanted == "none":
        return ()
    return read_requisites(document, metadata, built.pictures if wanted == "article" else None)


def _style_sheet(page: Page) -> Extraction:
    return Extraction("other", requisites=read_stylesheet(decode(page), page.url))


def _other_feed(source: str, page: Page, site: Site) -> Extraction:
    """Return what stands at the address of a feed and is neither RSS nor Atom."""
    if is_sitemap(source):
        found = read_sitemap(source, page, site)
        return replace(found, notes=(*found.notes, "sitemap-among-feeds"))
    if is_json(source):
        return read_json_feed(source, page, site)
    return Extraction("other" if source.strip() else "empty", notes=("feed-not-xml",))


def _list_of(page: Page, site: Site) -> ListPage | None:
    """Return the list in the seed that the page belongs to, if any."""
    if page.role != "list" or page.position is None:
        return None
    return site.list_at(page.position.url)


def _list(document: Document, page: Page, site: Site, listing: ListPage | None) -> Extraction:
    links = read_links(document, page, site, listing)
    # Pages after the end of a list still link to popular articles beside it: do not follow them.
    whole = bool(links) and (listing is None or has_items(document, site, listing))
    return Extraction(
        "list",
        links=links,
        next_page=next_list_page(document, page, site, listing) if whole and listing else None,
        notes=("list-items-not-found",) if links and not whole else (),
    )


def _unexpected(document: Document, page: Page, site: Site) -> Extraction:
    """Return what a page turns out to be whose URL is not that of an article."""
    links = read_links(document, page, site, None)
    if links:
        return Extraction("list", links=links)
    metadata = read_metadata(document)
    is_declared = _declares_article(metadata)
    built = None
    if is_declared or site.has_any_host:
        built = build_article(document, metadata, page, site)
        if _is_evident(built.article, document, is_declared=is_declared):
            return Extraction(
                "article", (built.article,), notes=built.notes,
                requisites=_requisites(document, metadata, built, site),
            )  # fmt: skip
    title = built.article.title if built is not None else None
    wanted = () if built is None else _requisites(document, metadata, built, site)
    return replace(_without_article(document, ()), title=title, requisites=wanted)


def _is_evident(article: Article, document: Document, *, is_declared: bool) -> bool:
    """Return whether a page is an article, though its address does not tell.

    One that does not declare it has a longer text that somebody signed or dated, and is no list of
    teasers.
    """
    if is_declared:
        return len(article.text) >= _STORY
    fewest = max(_SIGNED_STORY, _TEASER * _linked_headings(document))
    is_signed = article.published_at is not None or bool(article.authors)
    return article.title is not None and is_signed and len(article.text) >= fewest


def _linked_headings(document: Document) -> int:
    """Return the number of headings below the first level that are links or have one."""
    return sum(
        any(
            one.tag == "a" for one in chain(_first(heading.iter()), _first(heading.iterancestors()))
        )
        for heading in document.root.iter("h2", "h3", "h4")
    )


def _first(elements: Iterator[Element]) -> Iterator[Element]:
    """Return the nearest elements: in a hostile page there may be thousands."""
    return islice(elements, _NEAR)


def _is_story(built: BuiltArticle) -> bool:
    """Return whether the page has an article: a headline and a text or pictures.

    A text found by heuristics must be longer than a line, or every page would have an article; on a
    page without a headline, whose title comes from a feed, it must be a story.
    """
    article = built.article
    if article.title is None:
        return False
    if built.by_rules or article.kind != "article":
        return bool(article.text or (article.images and article.kind != "article"))
    return len(article.text) >= (_STORY if "title" in article.missing else _LINE)


def _without_article(
    document: Document, notes: tuple[str, ...], judged: NonArticle | None = None
) -> Extraction:
    text = text_of(next(document.root.iter("body"), document.root))
    title = next((text_of(one) for one in document.root.iter("title")), "") or text
    if judged is None:
        judged = NonArticle("other" if text else "empty")
    return Extraction(
        judged.kind, notes=notes, title=title[:_LONGEST_TITLE] or None, wall=judged.wall
    )


def _declares_article(metadata: Metadata) -> bool:
    return bool(metadata.article) or (metadata.first("og:type") or "").lower() == "article"
