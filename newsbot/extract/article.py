"""The article of one document, put together from metadata, container, lines, dates and people."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any, Final
from urllib.parse import urlsplit

from lxml.etree import _Element as Element

from newsbot._version import EXTRACTOR
from newsbot.extract.body import MOST_LINES, Line, TextZone, lines_of
from newsbot.extract.boilerplate import ANYWHERE
from newsbot.extract.bylines import photographers_in
from newsbot.extract.document import Document
from newsbot.extract.generic.body_guess import guess_body
from newsbot.extract.generic.people import authors_of
from newsbot.extract.generic.titles import headline, without_site_name
from newsbot.extract.hints import fill_from_hints
from newsbot.extract.images import read_images
from newsbot.extract.language import language_of
from newsbot.extract.metadata import Metadata
from newsbot.extract.normalise import content_sha256, one_line
from newsbot.extract.published import DateReader
from newsbot.extract.select import (
    all_matches,
    elements,
    first_matches,
    first_value,
    text_of,
)
from newsbot.extract.story import StoryParts, separate_story
from newsbot.extract.urls import article_id, canonical_url, kind_of
from newsbot.models import Article, Author, ExtractorInfo, Image, Kind, Page, Related
from newsbot.sites.seed import Selector
from newsbot.sites.site import Site

_ROLES: Final = ("reporter", "translator", "photographer", "editor")
_EXPECTED_FIELDS: Final[dict[Kind, tuple[str, ...]]] = {
    "article": ("title", "text", "published_at", "authors", "dateline"),
    "photo": ("title", "text", "published_at", "images"),
    "video": ("title", "text", "published_at"),
    "infographic": ("title", "published_at", "images"),
}
_READ_ORIGINAL = re.compile(
    r"^\W*(?:read (?:the )?(?:entire|full|original|whole) (?:article|story|post)"
    r"|(?:artikel|berita|sumber) asli"
    r"|baca (?:artikel|berita) (?:asli|lengkap)(?:nya)?|view original(?: article| post)?)\W*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class BuiltArticle:
    """An article, whether the seed's rules found its text, and notes for the run to count."""

    article: Article
    by_rules: bool
    notes: tuple[str, ...]


def build_article(document: Document, metadata: Metadata, page: Page, site: Site) -> BuiltArticle:
    """Return the article on a page; its ``missing`` names the fields that the page lacks."""
    return _ArticleBuilder(document, metadata, page, site).build()


class _ArticleBuilder:
    def __init__(self, document: Document, metadata: Metadata, page: Page, site: Site) -> None:
        self.document = document
        self.metadata = metadata
        self.page = page
        self.site = site
        self.date_reader = DateReader(document, metadata, page, site)
        self.printed = self.date_reader.printed()
        self.day: date = self._day()
        self.canonical = self._canonical()
        self._containers: list[Element] = []
        self._has_container = False
        self._guessed: Element | None = None
        self._signed_authors: tuple[Author, ...] = ()
        self._notes: list[str] = []
        kind: Any = kind_of(self.canonical, site)
        self.kind: Kind = kind

    def build(self) -> BuiltArticle:
        title = self._title()
        story = self._story(title)
        chosen_date = self.date_reader.choose(
            self.printed, story.dateline_date, story.posted, story.text
        )
        images = read_images(self.document, self._picture_containers(), self.site, self.day, story)
        article = Article(
            id=article_id(self.canonical, self.site),
            url=self.page.url,
            canonical_url=self.canonical,
            site=self.site.name,
            kind=self.kind,
            language=language_of(story.text, self.metadata.language, self.site.language),
            title=title,
            pull_quote=story.pull_quote,
            dateline=story.dateline,
            text=story.text,
            authors=self._authors(story, images),
            source_credit=story.source_credit,
            copyright=story.copyright,
            rights_notice=story.rights_notice,
            section=self._section(),
            tags=tuple(self._tags()),
            images=images,
            related=tuple(self._related(story.related)),
            published_at=chosen_date.at,
            modified_at=self.date_reader.modified(),
            published=chosen_date.how,
            original_url=self._original(story),
            content_sha256=content_sha256(title, story.text),
            extractor=ExtractorInfo(version=EXTRACTOR, rules=self.site.rules_digest),
            fetched_at=self.page.fetched_at.astimezone(UTC),
            sources=self.page.sources,
        )
        article = article.model_copy(update={"missing": _missing(article, self.site)})
        article = fill_from_hints(article, self.page, self.site, self._site_names())
        if chosen_date.refused and chosen_date.at is None:
            self._notes.append("date-refused")
        return BuiltArticle(article, bool(self._containers), tuple(self._notes))

    def _day(self) -> date:
        """Return the day of the article, as far as it is known, which decides on selectors."""
        if self.printed:
            return self.printed[0].moment.at.date()
        return (self.page.hints.published_at or self.page.fetched_at).date()

    # -- text ----------------------------------------------------------------------------------

    def _story(self, title: str | None) -> StoryParts:
        select = self.site.select
        self._containers = self._container()
        bylines: list[str] = []
        lines: list[Line] = []
        if self._containers:
            zones = self._zones()
            lines = lines_of(self.document, self._containers, zones)
            bylines = self._lines_outside_container(select.byline)
            if len(lines) >= MOST_LINES:
                self._notes.append("text-cut")
        elif not self._has_container:
            guessed = guess_body(self.document, self.metadata, self.page.url)
            lines, self._guessed = guessed.lines, guessed.element
            self._signed_authors = guessed.signed
        story = separate_story(
            lines, title=title, kind=self.kind, bylines=bylines,
            drop=[re.compile(pattern) for pattern in self.site.lines.drop],
        )  # fmt: skip
        if story.pull_quote is None:
            story.pull_quote = first_value(self.document, select.pull_quote, self.day)
        return story

    def _container(self) -> list[Element]:
        """Return the elements that contain the text, by the first selector that finds any text.

        If a container exists but is empty, the article has no text: heuristics must not look for it
        elsewhere.
        """
        for selector in self.site.select.container:
            matches = first_matches(self.document, [selector], self.day)
            self._has_container = self._has_container or bool(matches)
            found = [one.element for one in matches if one.element is not None and one.value]
            if found:
                outer = [e for e in found if not any(a in found for a in e.iterancestors())]
                alone = self.kind == "photo" or len(outer) == 1
                return outer if alone else [max(outer, key=_text_length)]
        return []

    def _picture_containers(self) -> list[Element]:
        """Return the elements that may contain pictures: the containers, known or guessed."""
        if self._guessed is None or self.site.select.images:
            return self._containers
        return [self._guessed]

    def _zones(self) -> dict[Element, TextZone]:
        select = self.site.select
        zones: dict[Element, TextZone] = {}
        chosen: list[tuple[TextZone, Iterable[Selector]]] = [
            ("caption", select.caption), ("byline", select.byline),
            ("quote", select.pull_quote), ("removed", select.remove),
        ]  # fmt: skip
        if self.kind == "photo":
            chosen = chosen[1:]
        for container in self._containers if self.kind != "photo" else ():
            zones.update(dict.fromkeys(container.iter("figcaption"), "caption"))
        for zone, selectors in chosen:
            for element in elements(self.document, selectors, self.day):
                zones[element] = zone
        for container in self._containers:
            zones.pop(container, None)
        return zones

    def _lines_outside_container(self, selectors: Iterable[Selector]) -> list[str]:
        """Return the lines of the selected elements that are outside the container."""
        outer = [
            element
            for element in elements(self.document, selectors, self.day)
            if not any(a in self._containers for a in [element, *element.iterancestors()])
        ]
        return [line.text for line in lines_of(self.document, outer, {})]

    # -- fields --------------------------------------------------------------------------------

    def _title(self) -> str | None:
        chosen = first_value(self.document, self.site.select.title, self.day)
        names = self._site_names()
        if chosen:
            return without_site_name(one_line(chosen), names, self.page.url) or None
        return headline(self.document, self.metadata, names, self.page.url)

    def _authors(self, story: StoryParts, images: tuple[Image, ...]) -> tuple[Author, ...]:
        found = list(story.authors)
        if not found:
            found = self._fallback_authors()
        elif not self._containers and all(one.role == "editor" for one in found):
            found = [*(one for one in self._fallback_authors() if one.role == "reporter"), *found]
        if self.kind == "photo" and not any(one.role == "photographer" for one in found):
            found += photographers_in([*(image.credit for image in images), *story.credits])
        return tuple(dict.fromkeys(found))

    def _fallback_authors(self) -> list[Author]:
        """Return the authors named by JSON-LD, in their roles in the seed, else by heuristics."""
        declared = [
            Author(name=name, role=role)
            for key, role in self.site.select.people.items()
            for name in self.metadata.names(key)
        ]
        if declared and self._containers:
            return sorted(declared, key=lambda one: _ROLES.index(one.role))
        return authors_of(self.document, self.metadata, self._site_names(), self._signed_authors)

    def _site_names(self) -> list[str | None]:
        meta = self.metadata.first("og:site_name", "application-name")
        publisher = (self.metadata.first("publisher") or "").partition("(")[0]
        return [self.site.title, meta, publisher, *self.metadata.names("publisher")]

    def _section(self) -> str | None:
        chosen = first_value(self.document, self.site.select.section, self.day)
        return (
            chosen or self.metadata.text("articleSection") or self.metadata.first("article:section")
        )

    def _tags(self) -> list[str]:
        chosen = [
            found.value for found in first_matches(self.document, self.site.select.tags, self.day)
        ]
        if not chosen:
            declared = self.metadata.meta.get("article:tag", ())
            chosen = self.metadata.strings("keywords") or list(declared)
        if len(chosen) == 1:
            chosen = chosen[0].split(",")
        tags = (one_line(tag).lstrip("#").strip() for tag in chosen)
        return list(dict.fromkeys(tag for tag in tags if tag))

    def _related(self, found: list[Related]) -> Iterable[Related]:
        """Yield the related articles; one without a URL gets that of a link with its title."""
        if self._guessed is not None:
            found = _merged_by_title(self._related_lines(self._guessed), found)
        unlinked = {one.title for one in found if one.url is None}
        links: dict[str, str] = {}
        for anchor in self.document.root.iter("a") if unlinked else ():
            title = text_of(anchor)
            if title in unlinked and (url := self.document.url(anchor.get("href"))):
                links.setdefault(title, url)
        for one in found:
            url = one.url or links.get(one.title)
            if url is not None and self.site.owns(url):
                url = canonical_url(url, self.site)
            yield Related(title=one.title, url=url)

    def _related_lines(self, element: Element) -> Iterator[Related]:
        """Yield the "Baca juga" links in an element: a guessed text often lacks those lines."""
        for line in element.iter("p", "li"):
            found = ANYWHERE.match(text_of(line))
            if found is not None and found[0].target == "related" and found[1]:
                urls = (self.document.url(anchor.get("href")) for anchor in line.iter("a"))
                yield Related(title=one_line(found[1]), url=next(filter(None, urls), None))

    def _original(self, story: StoryParts) -> str | None:
        for found in all_matches(self.document, self.site.select.original, self.day):
            reference = found.element.get("href") if found.element is not None else found.value
            if url := self.document.url(reference or found.value):
                return url
        if self.site.kind != "aggregator":
            return None
        if story.original_url is not None:
            return story.original_url
        for anchor in self.document.root.iter("a"):
            if _READ_ORIGINAL.match(text_of(anchor)) and (
                url := self.document.url(anchor.get("href"))
            ):
                return url
        declared = self.metadata.canonical
        return (
            declared
            if declared and not self.site.owns(declared) and urlsplit(declared).path.strip("/")
            else None
        )

    def _canonical(self) -> str:
        """Return the page's canonical link if it is to the same article, else the canonical URL."""
        here = canonical_url(self.page.url, self.site)
        declared = self.metadata.canonical
        if declared is None or not self.site.is_article(declared):
            return here
        there = canonical_url(declared, self.site)
        numbered = not article_id(here, self.site).startswith("sha256:")
        if numbered and article_id(there, self.site) != article_id(here, self.site):
            return here
        return there


def _merged_by_title(first: Iterable[Related], more: Iterable[Related]) -> list[Related]:
    """Return the related articles of both, each title once."""
    found: dict[str, Related] = {}
    for one in [*first, *more]:
        found.setdefault(one.title, one)
    return list(found.values())


def _text_length(element: Element) -> int:
    return len(text_of(element))


def _missing(article: Article, site: Site) -> tuple[str, ...]:
    expected = _EXPECTED_FIELDS[article.kind]
    if site.kind == "aggregator" and site.select.original:
        expected += ("original_url",)
    return tuple(name for name in expected if not getattr(article, name))
