"""One synthetic story: what its page shows, and the ground truth for extraction."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from newsbot.models import Author, AuthorRole, Dateline, Image, Kind, Related
from replica.hosts import AGGREGATOR, ENGLISH, PATHS, PATHS_ENGLISH, SITES

Template = Literal["T1", "T2", "T3", "aggregator"]
BodyForm = Literal["p", "br", "div", "mixed"]
QuoteForm = Literal["block", "inline", "glued"]
RelatedForm = Literal["p", "span", "bare"]
_NOT_WORD = re.compile(r"[^a-z0-9]+")


def slug_of(text: str) -> str:
    """Return the text in lower case with its words joined by hyphens."""
    return _NOT_WORD.sub("-", text.lower()).strip("-")


@dataclass(frozen=True, slots=True)
class SyntheticStory:
    """A story on one host, or a copy of one on the aggregator; times are aware, in WIB.

    ``paragraphs`` hold the text without its dateline. ``related_after`` gives for each of
    ``related`` the paragraph after which it is placed, ``page_starts`` the paragraph with which
    each page after the first begins. ``sidebar`` are the links around the text: fixed when the
    story is made, so that its page changes with the story alone.
    """

    host: str
    kind: Kind
    number: int
    slug: str
    language: str
    template: Template
    title: str
    paragraphs: tuple[str, ...]
    published_at: datetime
    modified_at: datetime
    section: str
    tags: tuple[str, ...]
    authors: tuple[Author, ...] = ()
    dateline: Dateline | None = None
    dash: str = "-"
    pull_quote: str | None = None
    quote_form: QuoteForm = "block"
    source_credit: str | None = None
    copyright: str | None = None
    rights_notice: str | None = None
    images: tuple[Image, ...] = ()
    related: tuple[Related, ...] = ()
    related_after: tuple[int, ...] = ()
    related_form: RelatedForm = "p"
    body_form: BodyForm = "p"
    page_starts: tuple[int, ...] = ()
    has_json_ld: bool = True
    has_empty_canonical: bool = False
    byline_word: Literal["Pewarta", "Oleh"] = "Pewarta"
    original_url: str | None = None
    copy_of: str | None = None
    sidebar: tuple[Related, ...] = ()
    version: int = 1

    @property
    def url(self) -> str:
        """The canonical URL."""
        if self.host == AGGREGATOR:
            return f"https://{self.host}/{slug_of(self.section)}/{self.slug}-{self.number}"
        paths = PATHS_ENGLISH if self.host == ENGLISH else PATHS
        return f"https://{self.host}/{paths[self.kind]}/{self.number}/{self.slug}"

    @property
    def id(self) -> str:
        """The publisher's own id, or on the aggregator a hash of the canonical URL."""
        if self.host == AGGREGATOR:
            return f"sha256:{hashlib.sha256(self.url.encode()).hexdigest()[:32]}"
        return f"{self.host}:{self.kind}:{self.number}"

    @property
    def pages(self) -> int:
        """How many pages the story is spread over."""
        return 1 + len(self.page_starts)

    @property
    def teaser(self) -> str:
        """The beginning of the text, as feeds and lists give it: cut, ending with " ..."."""
        text = "\n".join(self.paragraphs)
        if len(text) <= 200:
            return text
        return f"{text[:200].rpartition(' ')[0].rstrip()} ..."

    def page_range(self, page: int) -> range:
        """Return the positions of the paragraphs on a page; pages count from 1."""
        starts = (0, *self.page_starts, len(self.paragraphs))
        return range(starts[page - 1], starts[page])

    def named(self, *roles: AuthorRole) -> str:
        """Return the names of the authors in these roles, as "A/B"; an agency reports."""
        wanted = {*roles, "agency"} if "reporter" in roles else {*roles}
        return "/".join(author.name for author in self.authors if author.role in wanted)

    def truth(self) -> dict[str, Any]:
        """Return what extraction should find on the page, by an article's field names.

        ``published_at`` is as precise as the page prints it. ``copy_of`` is the id of the story
        that this one repeats.
        """
        return {
            "id": self.id,
            "canonical_url": self.url,
            "site": SITES[self.host],
            "kind": self.kind,
            "language": self.language,
            "title": self.title,
            "pull_quote": self.pull_quote,
            "dateline": self.dateline.model_dump() if self.dateline else None,
            "text": "\n\n".join(self.paragraphs),
            "authors": [author.model_dump() for author in self.authors],
            "source_credit": self.source_credit,
            "copyright": self.copyright,
            "rights_notice": self.rights_notice,
            "section": self._shown_section(),
            "tags": list(self.tags) if self.template != "aggregator" else [],
            "images": [image.model_dump() for image in self.images],
            "related": [one.model_dump() for one in self.related],
            "published_at": self._shown_time(),
            "modified_at": self._shown_change(),
            "original_url": self.original_url,
            "template": self.template,
            "pages": self.pages,
            "copy_of": self.copy_of,
            "version": self.version,
        }

    def _shown_change(self) -> str | None:
        """Return the time of the last change, which only JSON-LD has; None without it."""
        if self.template == "aggregator" or not self.has_json_ld:
            return None
        return self.modified_at.isoformat()

    def _shown_section(self) -> str | None:
        """Return the section; T1 has it in JSON-LD only, the aggregator not at all."""
        if self.template == "aggregator" or (self.template == "T1" and not self.has_json_ld):
            return None
        return self.section

    def _shown_time(self) -> str | None:
        """Return the time as printed: to the second in T1's time element, to the minute elsewhere.

        A third of the copies have their time of posting in a meta element, the others have none.
        """
        if self.template == "aggregator" and not self.has_json_ld:
            return None
        if self.template in ("T1", "aggregator"):
            return self.published_at.isoformat()
        return self.published_at.replace(second=0).isoformat()
