"""What flows through newsbot: a Page comes in, an Extraction goes out, an Article is what is kept.

The field descriptions here are the one text on what a field means: ``docs/article.md`` and the JSON
schema are made from them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal["article", "photo", "video", "infographic"]
Role = Literal["reporter", "translator", "editor", "photographer"]
Precision = Literal["second", "minute", "hour", "day"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Author(_Part):
    """A person or agency that the page names as having made the article."""

    name: str = Field(description="Name as printed, white space collapsed.")
    role: Role = Field(
        description="What the page says the person did; a plain byline is a reporter."
    )


class Dateline(_Part):
    """Where and by which agency the story was filed, as printed before its first sentence."""

    place: str | None = Field(None, description='Place or places: "Jakarta", "Serang, Banten".')
    agency: str | None = Field(None, description='Agency in the brackets: "ANTARA", "ANTARA/JACX".')
    raw: str = Field(description="The whole dateline as printed, without the closing dash.")


class Image(_Part):
    """A picture that belongs to the article."""

    url: str = Field(description="Absolute URL of the picture.")
    caption: str | None = Field(None, description="Caption without the credit.")
    credit: str | None = Field(None, description='Credit line: "ANTARA FOTO/Budi Setya".')


class Related(_Part):
    """Another story that the page points its reader to ("Baca juga")."""

    title: str = Field(description="Headline as the page gives it.")
    url: str | None = Field(None, description="Absolute URL; on the same site the canonical one.")


class Published(_Part):
    """How ``published_at`` came about."""

    raw: str = Field(description="The date as printed or marked up.")
    source: str = Field(
        description="Where it stood: json-ld, meta, time, selector, url, dateline, text, list …"
    )
    precision: Precision = Field(description="The finest unit the page gives.")
    conflicts: tuple[str, ...] = Field(
        (), description='Other dates on the page that disagree, as "source: raw".'
    )


class Source(_Part):
    """A WARC record that the article was taken from."""

    role: Literal["page", "next_page", "dom"] = Field(
        "page", description="The article's page, a following page, or a browser's rendering."
    )
    run: str | None = Field(None, description="Run that holds the record.")
    file: str | None = Field(None, description="WARC file name, unique in the store.")
    offset: int | None = Field(None, description="Byte offset of the record's gzip member.")
    length: int | None = Field(None, description="Length in bytes of the record's gzip member.")
    record_id: str = Field(description="WARC-Record-ID, <urn:uuid:…>.")
    payload_digest: str | None = Field(None, description="sha1:… in base32, as in the record.")


def pages_read(
    sources: Iterable[Mapping[str, Any]],
) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Of an article's sources, each page with the record it was read from: itself, or its DOM."""
    found: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = []
    for source in sources:
        if source.get("role") == "dom" and found:
            found[-1] = (found[-1][0], source)
        else:
            found.append((source, source))
    return found


class ExtractorInfo(_Part):
    """Which code and rules made the extracted fields."""

    name: Literal["newsbot"] = Field("newsbot", description="Name of the extraction code.")
    version: str = Field(description="Version of the extraction code.")
    rules: str = Field(description="First 12 hex digits of the SHA-256 of the rules in force.")


class Revision(_Part):
    """Which version of the article this is, as known when the run landed."""

    number: int = Field(ge=1, description="1 for the first, one more for each change.")
    previous_sha256: str | None = Field(None, description="content_sha256 of the one before.")
    changed: tuple[str, ...] = Field((), description='Among "title" and "text".')


class Origin(_Part):
    """The story that this article is a copy of."""

    url: str | None = Field(None, description="Canonical URL of the original.")
    article_id: str | None = Field(None, description="Its id, when it is in the archive.")
    method: Literal["link", "credit", "text", "earliest"] = Field(
        description="How it was found: by the copy's link, its credit, its text, or as the first."
    )
    similarity: float | None = Field(None, ge=0, le=1, description="Share of the text in common.")
    altered: bool | None = Field(
        None, description="Whether the copy has words that the original has not."
    )
    evidence: str = Field(description="What was seen, in words.")


class Article(BaseModel):
    """One article as read from one capture; a line of ``articles.jsonl.gz``.

    A field that the page does not have is null or empty and, where one expects it, named in
    ``missing``. Nothing is invented.
    """

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    schema_: Literal["newsbot.article/1"] = Field(
        "newsbot.article/1", alias="schema", description="Version of this schema."
    )
    id: str = Field(
        description="`<series host>:<kind>:<number>` where the publisher numbers its stories, else "
        "`sha256:` and 32 hex digits of the canonical URL's hash."
    )
    url: str = Field(description="URL as fetched, after redirects.")
    canonical_url: str = Field(description="The one URL for all addresses of this article.")
    site: str = Field(description="Name of the seed.")
    kind: Kind = Field("article", description="article, photo, video or infographic.")
    language: str | None = Field(None, description="ISO 639-1 code.")
    title: str | None = Field(None, description="Headline, without the site's name.")
    pull_quote: str | None = Field(None, description="Sentence printed large above the text.")
    dateline: Dateline | None = Field(
        None, description="Where and by which agency the story was filed; lifted out of the text."
    )
    text: str = Field(
        "",
        description="Paragraphs joined by a blank line, without dateline, pull quote, related "
        "links, byline, credits and notices. List items, table rows (cells parted by |) and verses "
        "stand on lines of their own within a paragraph; an embedded post or video is its URL.",
    )
    authors: tuple[Author, ...] = Field(
        (), description="Who made the article, in the order of the page; several names are parted."
    )
    source_credit: str | None = Field(None, description='Agency credited: "Anadolu".')
    copyright: str | None = Field(None, description="Copyright line as printed.")
    rights_notice: str | None = Field(
        None, description="What the page forbids or allows, as printed."
    )
    section: str | None = Field(None, description="Section of the site, as printed.")
    tags: tuple[str, ...] = Field((), description="Tags as printed, without #.")
    images: tuple[Image, ...] = Field((), description="Pictures that belong to the article.")
    related: tuple[Related, ...] = Field(
        (), description='Stories that the text points to ("Baca juga"), each once.'
    )
    published_at: datetime | None = Field(
        None,
        description="ISO 8601 with the offset that the page gives, else the site's. To be read "
        "with published.precision: a day without a time is its midnight, an hour its beginning. "
        'On a copy a relative time ("4 hours ago") gives no more than a day, and gives way to the '
        'day that the text names, "(28/2)". Never later than a day after the fetch, nor before '
        "1995.",
    )
    modified_at: datetime | None = Field(
        None, description="When the page says it was last changed; ISO 8601 with offset."
    )
    published: Published | None = Field(None, description="How published_at came about.")
    original_url: str | None = Field(
        None, description='On a copy: what "Read Entire Article" points at.'
    )
    content_sha256: str = Field(description="SHA-256 (hex) of title, newline, text, in UTF-8.")
    extractor: ExtractorInfo = Field(description="Which code and rules read the page.")
    missing: tuple[str, ...] = Field((), description="Fields expected here and not found.")
    fetched_at: datetime = Field(description="When the response ended, UTC.")
    sources: tuple[Source, ...] = Field((), description="The WARC records it was taken from.")

    discovered_from: str | None = Field(None, description="Feed, list or page that led here.")
    revision: Revision | None = Field(
        None, description="Which version this is, as known when the run landed."
    )
    origins: tuple[Origin, ...] = Field(
        (), description="On a copy: the stories it repeats, as known when the run landed."
    )

    def to_json(self) -> str:
        """The article as one line of JSON, fields in the order of the schema, no line feed."""
        return self.model_dump_json(by_alias=True)

    def __reduce__(self) -> tuple[Callable[[str], "Article"], tuple[str]]:
        """Pickled as JSON: read back in a quarter of the time that pydantic's own state takes."""
        return Article.model_validate_json, (self.to_json(),)


PageRole = Literal["feed", "sitemap", "list", "article", "next_page"]


@dataclass(frozen=True, slots=True)
class ListPosition:
    """Which page of which of the seed's lists a page is.

    ``url`` is the list's address as the seed has it, whatever the page's own is after redirects;
    ``number`` counts the pages of the list from 1.
    """

    url: str
    number: int = 1


@dataclass(frozen=True, slots=True)
class Hints:
    """What a feed, sitemap or list says of an article that it names.

    ``published_at`` is aware; ``date_only`` tells that only its day was given.
    """

    title: str | None = None
    published_at: datetime | None = None
    date_only: bool = False
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()

    def to_fields(self) -> dict[str, Any]:
        """Return what is known, as JSON has it; empty where nothing is."""
        at = self.published_at
        fields = {
            "title": self.title,
            "published_at": at.isoformat() if at is not None else None,
            "date_only": self.date_only,
            "authors": list(self.authors),
            "categories": list(self.categories),
        }
        return {name: value for name, value in fields.items() if value}

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> "Hints":
        """Return the hints from what ``to_fields`` made of them."""
        at = fields.get("published_at")
        return cls(
            title=fields.get("title"),
            published_at=datetime.fromisoformat(at) if at is not None else None,
            date_only=bool(fields.get("date_only")),
            authors=tuple(fields.get("authors", ())),
            categories=tuple(fields.get("categories", ())),
        )


NO_HINTS = Hints()


@dataclass(frozen=True, slots=True)
class Page:
    """One fetched document, ready for extraction, and what it was asked for.

    ``url`` is that of the response, after redirects; ``body`` has its content coding removed;
    ``content_type`` is the header as received; ``fetched_at`` is aware and in UTC. A list's page
    has its ``position``; ``hints`` are those of whoever named the article. Everything that
    extraction may depend on is in here.
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
    """A link to an article, and what the list or feed says of it."""

    url: str
    hints: Hints = NO_HINTS


PageKind = Literal["article", "list", "feed", "empty", "other"]


@dataclass(frozen=True, slots=True)
class Extraction:
    """All that one page says, from one parse.

    ``next_page`` is the following page of a list or of a multi-page article; ``notes`` are short
    machine-readable remarks such as ``feed-not-xml`` that the run counts; ``unmatched`` are the
    keys of the seed's ``select`` that found nothing on an article's page (None on other pages).
    """

    kind: PageKind
    articles: tuple[Article, ...] = ()
    links: tuple[Link, ...] = ()
    next_page: str | None = None
    original_url: str | None = None
    notes: tuple[str, ...] = field(default=())
    unmatched: tuple[str, ...] | None = None


RunOutcome = Literal["finished", "limited", "failed", "timed-out", "killed", "recovered"]
