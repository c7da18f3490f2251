"""One article from one document: metadata, container, lines, story, dates, people, put together."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any, Final
from urllib.parse import urlsplit

from lxml.etree import _Element as Element

from newsbot._version import EXTRACTOR
from newsbot.extract.body import MOST_LINES, Line, Zone, lines_of
from newsbot.extract.boilerplate import ANYWHERE
from newsbot.extract.bylines import photographers
from newsbot.extract.document import Document
from newsbot.extract.generic.body_guess import guess
from newsbot.extract.generic.people import authors_of
from newsbot.extract.generic.titles import headline, without_site_name
from newsbot.extract.images import read_images
from newsbot.extract.language import language_of
from newsbot.extract.metadata import Metadata
from newsbot.extract.normalise import content_sha256, one_line
from newsbot.extract.published import Dater
from newsbot.extract.select import elements, every, first, first_value, text_of
from newsbot.extract.story import Story, tell
from newsbot.extract.urls import article_id, canonical_url, kind_of
from newsbot.models import Article, Author, ExtractorInfo, Image, Kind, Page, Related
from newsbot.sites.seed import Selector
from newsbot.sites.site import Site

_ROLES: Final = ("reporter", "translator", "photographer", "editor")
_EXPECTED: Final[dict[Kind, tuple[str, ...]]] = {
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
class Built:
    """An article, whether its text was found by the seed's rules, remarks for the run's counts."""

    article: Article
    by_rules: bool
    notes: tuple[str, ...]


def build(document: Document, metadata: Metadata, page: Page, site: Site) -> Built:
    """Return the article on a page; its ``missing`` tells what the page does not have."""
    return _Builder(document, metadata, page, site).build()


class _Builder:
    def __init__(self, document: Document, metadata: Metadata, page: Page, site: Site) -> None:
        self.document = document
        self.metadata = metadata
        self.page = page
        self.site = site
        self.dater = Dater(document, metadata, page, site)
        self.printed = self.dater.printed()
        self.day: date | None = (
            self.printed[0].moment.at.date() if self.printed else page.fetched_at.date()
        )
        self.canonical = self._canonical()
        self._containers: list[Element] = []
        self._has_container = False
        self._guessed: Element | None = None
        self._signed: tuple[Author, ...] = ()
        self._notes: list[str] = []
        kind: Any = kind_of(self.canonical, site)
        self.kind: Kind = kind

    def build(self) -> Built:
        title = self._title()
        story = self._story(title)
        dated = self.dater.choose(self.printed, story.dateline_date, story.posted, story.text)
        images = read_images(self.document, self._holders(), self.site, self.day, story)
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
            published_at=dated.at,
            modified_at=self.dater.modified(),
            published=dated.how,
            original_url=self._original(story),
            content_sha256=content_sha256(title, story.text),
            extractor=ExtractorInfo(version=EXTRACTOR, rules=self.site.rules_digest),
            fetched_at=self.page.fetched_at.astimezone(UTC),
            sources=self.page.sources,
        )
        article = article.model_copy(update={"missing": _missing(article, self.site)})
        if dated.refused and dated.at is None:
            self._notes.append("date-refused")
        return Built(article, bool(self._containers), tuple(self._notes))

    # -- text ----------------------------------------------------------------------------------

    def _story(self, title: str | None) -> Story:
        select = self.site.select
        self._containers = self._container()
        bylines: list[str] = []
        lines: list[Line] = []
        if self._containers:
            zones = self._zones()
            lines = lines_of(self.document, self._containers, zones)
            bylines = self._outer(select.byline)
            if len(lines) >= MOST_LINES:
                self._notes.append("text-cut")
        elif not self._has_container:
            guessed = guess(self.document, self.metadata, self.page.url)
            lines, self._guessed = guessed.lines, guessed.element
            self._signed = guessed.signed
        story = tell(
            lines, title=title, kind=self.kind, bylines=bylines,
            drop=[re.compile(pattern) for pattern in self.site.lines.drop],
        )  # fmt: skip
        if story.pull_quote is None:
            story.pull_quote = first_value(self.document, select.pull_quote, self.day)
        return story

    def _container(self) -> list[Element]:
        """Return the elements that hold the text, by the first selector that finds any text.

        A container that is there and empty means that there is no text, not that it is elsewhere.
        """
        for selector in self.site.select.container:
            every = first(self.document, [selector], self.day)
            self._has_container = self._has_container or bool(every)
            found = [one.element for one in every if one.element is not None and one.value]
            if found:
                outer = [e for e in found if not any(a in found for a in e.iterancestors())]
                alone = self.kind == "photo" or len(outer) == 1
                return outer if alone else [max(outer, key=_weight)]
        return []

    def _holders(self) -> list[Element]:
        """Return where pictures of the article may stand: its container, known or guessed."""
        if self._guessed is None or self.site.select.images:
            return self._containers
        return [self._guessed]

    def _zones(self) -> dict[Element, Zone]:
        select = self.site.select
        zones: dict[Element, Zone] = {}
        chosen: list[tuple[Zone, Iterable[Selector]]] = [
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

    def _outer(self, selectors: Iterable[Selector]) -> list[str]:
        """Return lines of elements that stand outside the container."""
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

    def _authors(self, story: Story, images: tuple[Image, ...]) -> tuple[Author, ...]:
        found = list(story.authors)
        if not found:
            found = self._told_authors()
        elif not self._containers and all(one.role == "editor" for one in found):
            found = [*(one for one in self._told_authors() if one.role == "reporter"), *found]
        if self.kind == "photo" and not any(one.role == "photographer" for one in found):
            found += photographers([*(image.credit for image in images), *story.credits])
        return tuple(dict.fromkeys(found))

    def _told_authors(self) -> list[Author]:
        """Authors by JSON-LD, in the roles that the seed gives its keys, else by meta."""
        told = [
            Author(name=name, role=role)
            for key, role in self.site.select.people.items()
            for name in self.metadata.names(key)
        ]
        if told and self._containers:
            return sorted(told, key=lambda one: _ROLES.index(one.role))
        return authors_of(self.document, self.metadata, self._site_names(), self._signed)

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
        chosen = [found.value for found in first(self.document, self.site.select.tags, self.day)]
        if not chosen:
            told = self.metadata.meta.get("article:tag", ())
            chosen = self.metadata.strings("keywords") or list(told)
        if len(chosen) == 1:
            chosen = chosen[0].split(",")
        tags = (one_line(tag).lstrip("#").strip() for tag in chosen)
        return list(dict.fromkeys(tag for tag in tags if tag))

    def _related(self, found: list[Related]) -> Iterable[Related]:
        """Return the related stories; a text that came without links is given those of the page."""
        if self._guessed is not None:
            found = _united(self._read_also(self._guessed), found)
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

    def _read_also(self, element: Element) -> Iterator[Related]:
        """ "Baca juga" lines: text that is found by evidence often comes without them."""
        for line in element.iter("p", "li"):
            found = ANYWHERE.match(text_of(line))
            if found is not None and found[0].lifts == "related" and found[1]:
                urls = (self.document.url(anchor.get("href")) for anchor in line.iter("a"))
                yield Related(title=one_line(found[1]), url=next(filter(None, urls), None))

    def _original(self, story: Story) -> str | None:
        for found in every(self.document, self.site.select.original, self.day):
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
        told = self.metadata.canonical
        return (
            told if told and not self.site.owns(told) and urlsplit(told).path.strip("/") else None
        )

    def _canonical(self) -> str:
        """The page's own canonical link where it names the same article, else the URL's rules."""
        here = canonical_url(self.page.url, self.site)
        told = self.metadata.canonical
        if told is None or not self.site.is_article(told):
            return here
        there = canonical_url(told, self.site)
        numbered = not article_id(here, self.site).startswith("sha256:")
        if numbered and article_id(there, self.site) != article_id(here, self.site):
            return here
        return there


def _united(first: Iterable[Related], more: Iterable[Related]) -> list[Related]:
    """Return both, each title once."""
    found: dict[str, Related] = {}
    for one in [*first, *more]:
        found.setdefault(one.title, one)
    return list(found.values())


def _weight(element: Element) -> int:
    return len(text_of(element))


def _missing(article: Article, site: Site) -> tuple[str, ...]:
    expected = _EXPECTED[article.kind]
    if site.kind == "aggregator" and site.select.original:
        expected += ("original_url",)
    return tuple(name for name in expected if not getattr(article, name))
