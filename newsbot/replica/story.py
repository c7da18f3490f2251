"""One synthetic story: what its page shows, and what a reader should get out of it."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Template = Literal["T1", "T2", "T3"]
MAIN = "www.antaranews.com"
ENGLISH = "en.antaranews.com"
REGIONAL = "megapolitan.antaranews.com"
AGGREGATOR = "rakyatnews.example"
SITES = {
    MAIN: "antara",
    ENGLISH: "antara-en",
    REGIONAL: "antara-megapolitan",
    AGGREGATOR: "rakyatnews",
}
PATHS = {"article": "berita", "photo": "foto", "video": "video", "infographic": "infografik"}
NOTICE_ID = (
    "Dilarang keras mengambil konten, melakukan crawling atau pengindeksan otomatis untuk AI di "
    "situs web ini tanpa izin tertulis dari Kantor Berita ANTARA."
)
DAYS = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September",
    "Oktober", "November", "Desember",
)  # fmt: skip


@dataclass
class Story:
    """A story on one host. ``published`` is aware, in WIB."""

    host: str
    kind: str
    number: int
    slug: str
    template: Template
    language: str
    title: str
    paragraphs: list[str]
    published: datetime
    section: str = ""
    tags: list[str] = field(default_factory=list)
    authors: list[tuple[str, str]] = field(default_factory=list)  # name, role
    place: str | None = None
    agency: str | None = None
    dateline: str | None = None  # as printed, without the dash
    dash: str = "-"
    pull_quote: str | None = None
    glued_quote: bool = False
    credit: str | None = None
    caption: str | None = None
    photo_credit: str | None = None
    related: list[tuple[str, str]] = field(default_factory=list)  # title, URL
    style: Literal["p", "br", "mixed"] = "p"
    pages: int = 1
    version: int = 1

    @property
    def url(self) -> str:
        """The canonical URL."""
        path = "news" if self.host == ENGLISH else PATHS[self.kind]
        return f"https://{self.host}/{path}/{self.number}/{self.slug}"

    @property
    def image(self) -> str:
        """The picture's URL."""
        day = self.published.strftime("%Y/%m/%d")
        return f"https://cdn.antaranews.com/cache/1200x800/{day}/{self.number}.jpg"

    @property
    def copyright(self) -> str:
        """The copyright line, in capitals where the template has it so."""
        word = "Copyright" if self.template == "T3" else "COPYRIGHT"
        return f"{word} © ANTARA {self.published.year}"

    @property
    def notice(self) -> str | None:
        """The notice that forbids taking content, on the current template."""
        return NOTICE_ID if self.template == "T3" and self.kind == "article" else None

    @property
    def date_text(self) -> str:
        """The date as printed on the article's page."""
        at = self.published
        if self.language == "en":
            return f"{at:%B} {at.day}, {at:%Y %H:%M} GMT+700"
        return f"{DAYS[at.weekday()]}, {at.day} {MONTHS[at.month - 1]} {at:%Y %H:%M} WIB"

    def page_paragraphs(self, page: int) -> list[str]:
        """The paragraphs on one of the story's pages, counted from 1."""
        size = -(-len(self.paragraphs) // self.pages)
        return self.paragraphs[(page - 1) * size : page * size]

    def named(self, *roles: str) -> list[str]:
        """Names of those with one of the roles, in order."""
        return [name for name, role in self.authors if role in roles]

    def truth(self) -> dict[str, Any]:
        """What extraction should find, with the field names of an article."""
        has_byline = self.kind == "article"
        precise = self.template == "T1"
        return {
            "id": f"{self.host}:{self.kind}:{self.number}",
            "canonical_url": self.url,
            "site": SITES[self.host],
            "kind": self.kind,
            "language": self.language,
            "title": self.title,
            "pull_quote": self.pull_quote,
            "dateline": _dateline(self),
            "text": "\n\n".join(self.paragraphs),
            "authors": [{"name": name, "role": role} for name, role in self.authors],
            "source_credit": self.credit,
            "copyright": self.copyright if has_byline else None,
            "rights_notice": self.notice,
            "published_at": self.published.replace(
                second=self.published.second if precise else 0
            ).isoformat(),
            "original_url": None,
            "template": self.template,
            "pages": self.pages,
        }


@dataclass
class Copy:
    """A re-post of a story on the aggregator."""

    story: Story
    number: int
    title: str
    posted: datetime

    @property
    def url(self) -> str:
        """The canonical URL."""
        return f"https://{AGGREGATOR}/{self.number}/{self.story.slug}"

    def truth(self) -> dict[str, Any]:
        """What extraction should find."""
        found = self.story.truth()
        found |= {
            "id": f"sha256:{hashlib.sha256(self.url.encode()).hexdigest()[:32]}",
            "canonical_url": self.url,
            "site": "rakyatnews",
            "kind": "article",
            "title": self.title,
            "pull_quote": None,
            "original_url": self.story.url,
            "published_at": None,
            "template": "aggregator",
            "pages": 1,
        }
        return found


def _dateline(story: Story) -> dict[str, str | None] | None:
    if story.dateline is None:
        return None
    return {"place": story.place, "agency": story.agency, "raw": story.dateline}
