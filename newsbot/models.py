"""The data types of newsbot: extraction turns a Page into an Extraction, which holds an Article.

The field descriptions here are the only documentation of the fields: ``docs/article.md`` and the
JSON schema are generated from them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from newsbot.hints import NO_HINTS, Hints, Precision

Kind = Literal["article", "photo", "video", "infographic", "live"]
Access = Literal["paywalled"]
AuthorRole = Literal["reporter", "translator", "editor", "photographer", "agency"]


class _ArticlePart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Author(_ArticlePart):
    """A person or agency that the page credits with the article."""

    name: str = Field(description="Name as printed, with white space collapsed.")
    role: AuthorRole = Field(
        description="What the page says the person did; reporter for a byline without a role; "
        "agency for an agency, a team or desk, a site or an account, whatever it did."
    )


class Dateline(_ArticlePart):
    """Where and by which agency the story was filed, as printed before its first sentence."""

    place: str | None = Field(None, description='Place or places: "Jakarta", "Serang, Banten".')
    agency: str | None = Field(None, description='Agency in the brackets: "ANTARA", "ANTARA/JACX".')
    raw: str = Field(description="The whole dateline as printed, without the closing dash.")


class RecordPlace(_ArticlePart):
    """Where a WARC record is in the store."""

    file: str = Field(description="WARC file name, unique in the store.")
    offset: int = Field(description="Byte offset of the record's gzip member.")
    length: int = Field(description="Length in bytes of the record's gzip member.")
    record_id: str = Field(description="WARC-Record-ID, <urn:uuid:…>.")


class Image(_ArticlePart):
    """A picture that belongs to the article."""

    url: str = Field(description="Absolute URL of the picture.")
    caption: str | None = Field(None, description="Caption without the credit.")
    credit: str | None = Field(None, description='Credit line: "ANTARA FOTO/Budi Setya".')
    record: RecordPlace | None = Field(
        None, description="The record of the picture as it was with this capture, if it was kept."
    )
    sha256: str | None = Field(None, description="SHA-256 (hex) of the picture's bytes, if kept.")


class Related(_ArticlePart):
    """Another article that the page refers its reader to ("Baca juga")."""

    title: str = Field(description="Headline as the page prints it.")
    url: str | None = Field(
        None, description="Absolute URL; the canonical one where it is on the same site."
    )


class Published(_ArticlePart):
    """How the date of publication was determined."""

    raw: str = Field(
        description="The date as printed or as in the mark-up; in ISO 8601 if it is not the page's."
    )
    source: str = Field(
        description="Where it was found: json-ld, meta, time, selector, url, dateline, text …; "
        "htmldate if it was guessed, as a last resort; or, for a page without a date, who gave "
        "it: feed, sitemap, list."
    )
    precision: Precision = Field(description="The smallest unit that the page gives.")
    conflicts: tuple[str, ...] = Field(
        (),
        description='Other dates on the page that contradict it, as "source: raw"; as "zone: …", '
        "what else the name of its time zone means.",
    )


class Source(_ArticlePart):
    """A WARC record that the article was extracted from."""

    role: Literal["page", "next_page", "dom"] = Field(
        "page",
        description="page: the article's page; next_page: a following page; dom: the DOM as "
        "rendered by a browser.",
    )
    run: str | None = Field(None, description="Run whose snapshot holds the record.")
    file: str | None = Field(None, description="WARC file name, unique in the store.")
    offset: int | None = Field(None, description="Byte offset of the record's gzip member.")
    length: int | None = Field(None, description="Length in bytes of the record's gzip member.")
    record_id: str = Field(description="WARC-Record-ID, <urn:uuid:…>.")
    payload_digest: str | None = Field(None, description="sha1:… in base32, as in the record.")


def pages_read(
    sources: Iterable[Mapping[str, Any]],
) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Return each page among an article's sources with the record that was extracted from.

    That record is the page itself or, where a browser rendered the page, its DOM.
    """
    found: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = []
    for source in sources:
        if source.get("role") == "dom" and found:
            found[-1] = (found[-1][0], source)
        else:
            found.append((source, source))
    return found


class ExtractorInfo(_ArticlePart):
    """Which code and rules produced the extracted fields."""

    name: Literal["newsbot"] = Field("newsbot", description="Name of the extraction code.")
    version: str = Field(description="Version of the extraction code.")
    rules: str = Field(description="First 12 hex digits of the SHA-256 of the seed's rules.")


class Revision(_ArticlePart):
    """Which version of the article this is, as of the time the run landed."""

    number: int = Field(
        ge=1,
        description="1 for the first version, one more for each change, in the order of landing: "
        "an imported capture may be older than earlier numbers, and `fetched_at` tells.",
    )
    previous_sha256: str | None = Field(
        None, description="content_sha256 of the revision before it in time, if one is known."
    )
    changed: tuple[str, ...] = Field((), description='What changed: "title", "text" or both.')


class Origin(_ArticlePart):
    """An article that this article is a copy of."""

    url: str | None = Field(None, description="Canonical URL of the original.")
    article_id: str | None = Field(None, description="Its id, if it is in the archive.")
    method: Literal["link", "credit", "text", "earliest"] = Field(
        description="How it was found: by the copy's link, by its credit, by its text, or as the "
        "earliest article with the same text."
    )
    similarity: float | None = Field(
        None, ge=0, le=1, description="Share of the text that both have, from 0 to 1."
    )
    altered: bool | None = Field(
        None, description="Whether the copy has words that the original does not have."
    )
    evidence: str = Field(description="What the finding rests on, in words.")


class MissedRequisite(_ArticlePart):
    """A file that the page needs to look as it did, and that is not in the archive."""

    url: str = Field(description="Its address.")
    why: str = Field(
        description="pending (a later run fetches it), too-large, over-page-limit, tracker, or as "
        "in the crawl log: http-404, robots-forbidden, dns …"
    )


class PageRequisites(_ArticlePart):
    """What the page needs to look as it did: style sheets, fonts, pictures, icons."""

    wanted: int = Field(ge=0, description="Files that the page and its style sheets name.")
    kept: int = Field(ge=0, description="Those that are in the archive, by this or an earlier run.")
    missed: tuple[MissedRequisite, ...] = Field((), description="The others, at most 100.")


class Article(BaseModel):
    """One article as extracted from one capture; a line of ``articles.jsonl.gz``.

    A field that the page does not have is null or empty; if such a page normally has it, it is
    named in ``missing``. No value is made up. Title, date, authors, section, tags and pictures that
    the page does not have come from the feed, sitemap or list that named it, if one gave them;
    ``missing`` names them all the same.
    """

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    schema_: Literal["newsbot.article/1", "newsbot.article/2"] = Field(
        "newsbot.article/2",
        alias="schema",
        description="Version of this schema: 2 added requisites, the records of pictures, access, "
        "the kind live and the role agency.",
    )
    id: str = Field(
        description="`<series host>:<kind>:<number>` where the publisher numbers its articles, "
        "else `sha256:` and 32 hex digits of the canonical URL's hash."
    )
    url: str = Field(description="URL as fetched, after redirects.")
    canonical_url: str = Field(
        description="The one URL that stands for all addresses of this article."
    )
    site: str = Field(description="Name of the seed.")
    kind: Kind = Field("article", description="article, photo, video, infographic or live.")
    language: str | None = Field(None, description="ISO 639-1 code.")
    title: str | None = Field(None, description="Headline, without the site's name.")
    pull_quote: str | None = Field(
        None, description="Sentence printed large above or within the text."
    )
    dateline: Dateline | None = Field(
        None, description="Where and by which agency the story was filed; not repeated in text."
    )
    text: str = Field(
        "",
        description="Paragraphs separated by a blank line, without dateline, pull quote, related "
        "links, byline, credits and notices. List items, table rows (cells separated by |) and "
        "verses are lines of their own within a paragraph; an embedded post or video is given as "
        "its URL.",
    )
    authors: tuple[Author, ...] = Field(
        (), description="Who made the article, in the order of the page; one entry for each name."
    )
    source_credit: str | None = Field(None, description='Agency credited: "Anadolu".')
    copyright: str | None = Field(None, description="Copyright line as printed.")
    rights_notice: str | None = Field(
        None, description="What the page forbids or permits, as printed."
    )
    section: str | None = Field(None, description="Section of the site, as printed.")
    tags: tuple[str, ...] = Field((), description="Tags as printed, without #.")
    images: tuple[Image, ...] = Field((), description="Pictures that belong to the article.")
    related: tuple[Related, ...] = Field(
        (), description='Articles that the text refers to ("Baca juga"), each once.'
    )
    published_at: datetime | None = Field(
        None,
        description="ISO 8601 with the offset that the page gives, else the site's. Read it "
        "together with published.precision: a day without a time is given as midnight, an "
        'hour as its first minute. On a copy, a relative time ("4 hours ago") gives only '
        'the day, and a day named in the text, "(28/2)", takes precedence over it. A span of weeks '
        "or more gives no day: it only confirms one that the text names. Never later "
        "than a day after the fetch, and never before 1995.",
    )
    modified_at: datetime | None = Field(
        None, description="When the page says it was last changed; ISO 8601 with offset."
    )
    published: Published | None = Field(None, description="How published_at was determined.")
    original_url: str | None = Field(
        None,
        description='On a copy: the target of its link to the original, as in "Read Entire '
        'Article" or "This article was first published on …".',
    )
    content_sha256: str = Field(description="SHA-256 (hex) of title, newline, text, in UTF-8.")
    extractor: ExtractorInfo = Field(
        description="Version of the code and of the rules used for extraction."
    )
    missing: tuple[str, ...] = Field(
        (),
        description="Fields that were not found on the page: those that such a page normally has, "
        "and those that a feed, sitemap or list gave in its place.",
    )
    fetched_at: datetime = Field(description="When the response was complete, in UTC.")
    sources: tuple[Source, ...] = Field(
        (), description="The WARC records that the article was extracted from."
    )

    discovered_from: str | None = Field(None, description="Feed, list or page that named the URL.")
    revision: Revision | None = Field(
        None, description="Which version this is, as of the time the run landed."
    )
    origins: tuple[Origin, ...] = Field(
        (), description="On a copy: the articles it repeats, as of the time the run landed."
    )
    access: Access | None = Field(
        None, description="paywalled: the page shows the beginning of the text alone, or says so."
    )
    requisites: PageRequisites | None = Field(
        None, description="What the page needs to look as it did; null where none was looked for."
    )

    def to_json(self) -> str:
        """Return the article as one line of JSON, without a line feed, fields in schema order."""
        return self.model_dump_json(by_alias=True)

    def __reduce__(self) -> tuple[Callable[[str], "Article"], tuple[str]]:
        """Return the article's state for pickle, as JSON.

        Unpickling it takes a quarter of the time that pydantic's own state takes.
        """
        return Article.model_validate_json, (self.to_json(),)


PageRole = Literal["feed", "sitemap", "list", "article", "next_page", "page", "requisite"]


@dataclass(frozen=True, slots=True)
class ListPosition:
    """Where a page stands in one of the seed's lists.

    ``url`` is the list's address as in the seed, even if a redirect gave the page another;
    ``number`` counts the pages of the list from 1.
    """

    url: str
    number: int = 1


@dataclass(frozen=True, slots=True)
class Page:
    """One fetched document, ready for extraction, and why it was requested.

    ``url`` is that of the response, after redirects; ``body`` has its content coding removed;
    ``content_type`` is the header as received; ``fetched_at`` is timezone-aware and in UTC.
    ``position`` is set for a page of a list; ``hints`` come from the feed, sitemap or list that
    named the article. Extraction depends on nothing but this and the seed.
    """

    url: str
    body: bytes
    fetched_at: datetime
    status: int = 200
    content_type: str | None = None
    sources: tuple[Source, ...] = ()
    role: PageRole = "article"
    position: ListPosition | None = None
    hints: Hints = NO_HINTS


@dataclass(frozen=True, slots=True)
class Link:
    """A link to an article or a sitemap, and what the page with the link says about it.

    ``modified_at`` is timezone-aware; for a day without a time, it is the day's first moment.
    """

    url: str
    hints: Hints = NO_HINTS
    modified_at: datetime | None = None

    def in_section(self, section: str | None) -> "Link":
        """Return the link with the section of the feed or list that has it, if it has one."""
        return (
            self if section is None else replace(self, hints=replace(self.hints, section=section))
        )


RequisiteKind = Literal["style", "font", "background", "icon", "picture"]


@dataclass(frozen=True, slots=True)
class Requisite:
    """A file that a page needs to look as it does."""

    url: str
    kind: RequisiteKind


PageKind = Literal[
    "article", "list", "feed", "sitemap", "soft-404", "wall", "needs-browser", "empty", "other"
]  # fmt: skip
WallKind = Literal["consent", "login", "bot", "paywall", "region", "age", "adblock"]


@dataclass(frozen=True, slots=True)
class Extraction:
    """Everything that was extracted from one page.

    ``kind`` is, of a page at an article's address without an article: soft-404 (an error page with
    status 200), wall (``wall`` says which kind), list, needs-browser (scripts build it), empty or
    other. ``next_page`` is the following page of a list or of a multi-page article; ``notes`` are
    short machine-readable remarks, such as ``feed-not-xml``, that the run counts; ``unmatched`` are
    the keys of the seed's ``select`` that found nothing on an article's page (None on other pages);
    ``other_links`` are the first links of a feed or sitemap none of whose links is an article's;
    ``sitemaps`` are those that a sitemap index or a robots.txt names; ``title`` is that of a page
    without an article, or the beginning of its text; ``requisites`` are what an article's page or a
    style sheet needs to look as it does, the most important first.
    """

    kind: PageKind
    articles: tuple[Article, ...] = ()
    links: tuple[Link, ...] = ()
    next_page: str | None = None
    notes: tuple[str, ...] = field(default=())
    unmatched: tuple[str, ...] | None = None
    other_links: tuple[str, ...] = ()
    sitemaps: tuple[Link, ...] = ()
    title: str | None = None
    requisites: tuple[Requisite, ...] = ()
    wall: WallKind | None = None

    @property
    def instead_of_article(self) -> str:
        """What the crawl log calls a page without an article at an article's address."""
        named = ("soft-404", "wall", "needs-browser", "empty")
        if self.kind == "list":
            return "list-at-article"
        return self.kind if self.kind in named else "no-article"


RunOutcome = Literal[
    "finished", "limited", "failed", "timed-out", "killed", "recovered", "imported"
]  # fmt: skip
