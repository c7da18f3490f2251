"""The article of one document, put together from metadata, container, lines, dates and people."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final, TypeVar

from lxml.etree import _Element as Element

from newsbot._version import EXTRACTOR
from newsbot.extract.access import read_access
from newsbot.extract.body import MOST_LINES, Line, TextZone, lines_of
from newsbot.extract.bylines import photographers_in
from newsbot.extract.dates import with_fixed_offset
from newsbot.extract.document import Document
from newsbot.extract.generic.body_guess import guess_body
from newsbot.extract.generic.people import authors_of
from newsbot.extract.generic.titles import headline, without_site_name
from newsbot.extract.hints import fill_from_hints
from newsbot.extract.images import read_images
from newsbot.extract.language import language_of
from newsbot.extract.linked_articles import canonical_original, originals, related_articles
from newsbot.extract.metadata import Metadata
from newsbot.extract.normalise import content_sha256, one_line
from newsbot.extract.organisations import with_roles
from newsbot.extract.page_lines import PageLines
from newsbot.extract.published import DateReader
from newsbot.extract.requisites import StoryPictures
from newsbot.extract.select import (
    elements,
    first_matches,
    first_value,
    text_of,
)
from newsbot.extract.story import StoryParts, separate_story
from newsbot.extract.urls import article_id, canonical_url, kind_of
from newsbot.models import Access, Article, Author, ExtractorInfo, Image, Kind, Page
from newsbot.sites.site import Site
from newsbot.sites.values import Selector

_ROLES: Final = ("reporter", "translator", "photographer", "editor", "agency")
_EXPECTED_FIELDS: Final[dict[Kind, tuple[str, ...]]] = {
    "article": ("title", "text", "published_at", "authors", "dateline"),
    "photo": ("title", "text", "published_at", "images"),
    "video": ("title", "text", "published_at"),
    "infographic": ("title", "published_at", "images"),
    "live": ("title", "text", "published_at"),
}


@dataclass(frozen=True, slots=True)
class BuiltArticle:
    """An article, whether the seed's rules found its text, and notes for the run to count.

    ``evidence`` says what gave a field: the seed's key ("select.title"), or a place on the page.
    """

    article: Article
    by_rules: bool
    notes: tuple[str, ...]
    evidence: Mapping[str, str]
    pictures: StoryPictures
    site_names: tuple[str | None, ...]


def build_article(document: Document, metadata: Metadata, page: Page, site: Site) -> BuiltArticle:
    """Return the article on a page; its ``missing`` names the fields that the page lacks."""
    return _ArticleBuilder(document, metadata, page, site).build()


_Found = TypeVar("_Found")


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
        self._page_lines: PageLines | None = None
        self._signed_authors: tuple[Author, ...] = ()
        self._access: Access | None = None
        self._notes: list[str] = []
        self._evidence: dict[str, str] = {}
        self.kind = self._kind()

    def _kind(self) -> Kind:
        """Return the kind by the address, else live for a live blog."""
        kind: Any = kind_of(self.canonical, self.site)
        types = self.metadata.strings("@type")
        is_live = kind == "article" and any(one.endswith("LiveBlogPosting") for one in types)
        found: Kind = "live" if is_live else kind
        return found

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
            related=tuple(related_articles(self.document, self.site, self._guessed, story.related)),
            published_at=chosen_date.at,
            modified_at=self._modified(),
            published=chosen_date.how,
            original_url=self._first(
                "original_url",
                self._originals(story),
            ),
            content_sha256=content_sha256(title, story.text),
            extractor=ExtractorInfo(version=EXTRACTOR, rules=self.site.rules_digest),
            fetched_at=self.page.fetched_at.astimezone(UTC),
            access=self._access,
            sources=self.page.sources,
        )
        article = article.model_copy(update={"missing": _missing(article, self.site)})
        article = fill_from_hints(article, self.page, self.site, self._site_names())
        if chosen_date.refused and chosen_date.at is None:
            self._notes.append("date-refused")
        selected = elements(self.document, self.site.select.images, self.day)
        pictures = StoryPictures((*selected, *self._picture_containers()), article.images)
        return BuiltArticle(
            article, bool(self._containers), tuple(self._notes), self._evidence, pictures,
            tuple(self._site_names()),
        )  # fmt: skip

    def _originals(self, story: StoryParts) -> Iterable[tuple[str, str | None]]:
        yield from originals(
            self.document, self.site, self.day, self.canonical, story, self._page_lines
        )
        yield canonical_original(self.metadata, self.site)

    def _first(self, field: str, found: Iterable[tuple[str, _Found | None]]) -> _Found | None:
        """Return the first value that is not empty; its place is the field's evidence."""
        for place, value in found:
            if value:
                self._evidence[field] = place
                return value
        return None

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
            self._evidence["text"] = "select.container"
            zones = self._zones()
            lines = lines_of(self.document, self._containers, zones)
            bylines = self._lines_outside_container(select.byline)
            if len(lines) >= MOST_LINES:
                self._notes.append("text-cut")
        elif not self._has_container:
            guessed = guess_body(self.document, self.metadata, self.page.url)
            self._page_lines = PageLines(self.document)
            lines, self._guessed = self._page_lines.with_links(guessed.lines), guessed.element
            self._evidence["text"] = "the longest text, without rules"
            self._signed_authors = guessed.signed
        lines, self._access = read_access(self.metadata, lines)
        story = separate_story(
            lines, title=title, kind=self.kind, bylines=bylines,
            drop=[re.compile(pattern) for pattern in self.site.lines.drop],
        )  # fmt: skip
        if story.pull_quote is None:
            quoted = first_value(self.document, select.pull_quote, self.day)
            story.pull_quote = self._first("pull_quote", [("select.pull_quote", quoted)])
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
            self._evidence["title"] = "select.title"
            return without_site_name(one_line(chosen), names, self.page.url) or None
        found = headline(self.document, self.metadata, names, self.page.url)
        return self._first("title", [("headings and metadata", found)])

    def _authors(self, story: StoryParts, images: tuple[Image, ...]) -> tuple[Author, ...]:
        found = list(story.authors)
        self._evidence["authors"] = "byline"
        if not found:
            found = self._fallback_authors(story.signed)
        elif not self._containers and all(one.role == "editor" for one in found):
            others = self._fallback_authors(story.signed)
            found = [*(one for one in others if one.role == "reporter"), *found]
        if self.kind == "photo" and not any(one.role == "photographer" for one in found):
            found += photographers_in([*(image.credit for image in images), *story.credits])
            self._evidence["authors"] += ", credit of the picture"
        names = {name.casefold() for name in self._site_names() if name}
        return with_roles(found, names)

    def _fallback_authors(self, signed: Iterable[Author]) -> list[Author]:
        """Return the authors named by JSON-LD, in their roles in the seed, else by heuristics."""
        declared = [
            Author(name=name, role=role)
            for key, role in self.site.select.people.items()
            for name in self.metadata.names(key)
        ]
        if declared and self._containers:
            self._evidence["authors"] = f"JSON-LD {', '.join(self.site.select.people)}"
            return sorted(declared, key=lambda one: _ROLES.index(one.role))
        place, found = authors_of(
            self.document, self.metadata, self._site_names(), (*self._signed_authors, *signed)
        )
        self._evidence["authors"] = place
        return found

    def _site_names(self) -> list[str | None]:
        meta = self.metadata.first("og:site_name", "application-name")
        publisher = (self.metadata.first("publisher") or "").partition("(")[0]
        return [self.site.title, meta, publisher, *self.metadata.names("publisher")]

    def _modified(self) -> datetime | None:
        found = self.date_reader.modified()
        if found is None:
            return None
        self._evidence["modified_at"] = found.source
        return with_fixed_offset(found.moment.at)

    def _section(self) -> str | None:
        selected = first_value(self.document, self.site.select.section, self.day)
        found = (
            ("select.section", selected),
            ("JSON-LD articleSection", self.metadata.text("articleSection")),
            ("meta article:section", self.metadata.first("article:section")),
        )
        return self._first("section", found)

    def _tags(self) -> list[str]:
        selected = first_matches(self.document, self.site.select.tags, self.day)
        found = (
            ("select.tags", [one.value for one in selected]),
            ("JSON-LD keywords", self.metadata.strings("keywords")),
            ("meta article:tag", list(self.metadata.meta.get("article:tag", ()))),
        )
        chosen = self._first("tags", found) or []
        if len(chosen) == 1:
            chosen = chosen[0].split(",")
        tags = (one_line(tag).lstrip("#").strip() for tag in chosen)
        return list(dict.fromkeys(tag for tag in tags if tag))

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


def _text_length(element: Element) -> int:
    return len(text_of(element))


def _missing(article: Article, site: Site) -> tuple[str, ...]:
    expected = _EXPECTED_FIELDS[article.kind]
    if site.kind == "aggregator" and site.select.original:
        expected += ("original_url",)
    return tuple(name for name in expected if not getattr(article, name))
