"""Queries about the content of landed runs: articles with revisions, captures, payloads.

Rows exist for landed runs only, so the content of a lost spool is never considered known.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, bindparam, select

from newsbot.ledger.database import Database, batches
from newsbot.ledger.schema import articles, captures, payloads, runs, url_events
from newsbot.models import Requisite
from newsbot.warc.records import Prior

# Run for every page; built once, since building one takes as long as running it. Most pages are
# new: a quick query checks first whether there is any row.
_REVISIONS = (
    select(articles, runs.c.outcome)
    .outerjoin(runs, runs.c.run == articles.c.run)
    .where(articles.c.canonical_url == bindparam("url"))
)
_LAST_LANDED = _REVISIONS.order_by(articles.c.revision.desc()).limit(1)
_SAME_CONTENT = (
    select(articles)
    .where(
        articles.c.content_sha256 == bindparam("digest"),
        articles.c.canonical_url != bindparam("url"),
    )
    .order_by(articles.c.fetched_at)
    .limit(1)
)
_COPIES = select(articles).where(articles.c.original_url == bindparam("url"))
_PAYLOAD = select(payloads).where(payloads.c.sha256 == bindparam("sha256"))
_RESPONSE = (
    select(payloads)
    .join(captures, captures.c.payload_sha256 == payloads.c.sha256)
    .where(captures.c.url == bindparam("url"))
)
_HAS_URL = select(articles.c.revision).where(articles.c.canonical_url == bindparam("url")).limit(1)
_HAS_PAYLOAD = select(payloads.c.length).where(payloads.c.sha256 == bindparam("sha256"))
_IS_NAMED = select(_SAME_CONTENT.exists(), _COPIES.exists())


@dataclass(frozen=True, slots=True)
class RecordPlace:
    """The location of a landed record; names of WARC files are unique in the store."""

    file: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class CapturedPage:
    """A captured page of an article: URL as fetched, record, SHA-256 of its payload."""

    url: str
    record: RecordPlace
    payload_sha256: str | None


@dataclass(frozen=True, slots=True)
class KnownArticle:
    """The newest landed revision of an article.

    ``extractor`` and ``rules`` are the code and rules that extracted it; ``pages`` are its
    captures, the first page first. They are None or empty for what an older newsbot landed.
    ``last_number`` is the highest number of a revision of the article; an imported capture may have
    it, and be older than this one.
    """

    canonical_url: str
    article_id: str
    site: str
    revision: int
    content_sha256: str
    fetched_at: datetime
    title: str | None
    text_sha256: str
    original_url: str | None
    run: str = ""
    extractor: str | None = None
    rules: str | None = None
    pages: tuple[CapturedPage, ...] = ()
    last_number: int = 0

    @property
    def next_number(self) -> int:
        """The number of the next revision."""
        return max(self.revision, self.last_number) + 1


@dataclass(frozen=True, slots=True)
class Validators:
    """Validators of a URL's last landed capture, for conditional requests (RFC 9110, section 13).

    ``fetched_at`` is when it came or, of an article, when it was last confirmed with a 304.
    ``following`` are the further pages of an article whose first page this is, ``pictures`` the
    addresses of the pictures on it, ``requisites`` what a style sheet names, if that is known,
    ``payload_sha256`` (hex) that of what came.
    """

    etag: str | None
    last_modified: str | None
    fetched_at: datetime
    following: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    requisites: tuple[Requisite, ...] | None = None
    payload_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class UrlEvent:
    """An event of a URL: gone or back."""

    time: datetime
    event: str
    run: str


class LandedContent(Database):
    """Queries about articles and records; the WARC writer uses it as what is known."""

    def article(self, canonical_url: str) -> KnownArticle | None:
        """Return the newest landed revision of the article.

        It is the last that landed, but for imported captures that are older than it.
        """
        if not self.fetch_raw(_HAS_URL, url=canonical_url):
            return None
        with self.reading() as connection:
            last = connection.execute(_LAST_LANDED, {"url": canonical_url}).mappings().first()
        if last is None or last["outcome"] != "imported":
            return None if last is None else _known(last)
        return self.revisions(canonical_url)[-1]

    def revisions(self, canonical_url: str) -> list[KnownArticle]:
        """Return all landed revisions of the article, the first one first.

        They are in the order in which they landed; an imported capture stands before those that
        are newer.
        """
        query = _REVISIONS.order_by(articles.c.revision)
        with self.reading() as connection:
            rows = connection.execute(query, {"url": canonical_url}).mappings().all()
        ordered: list[Any] = []
        for row in rows:
            place = len(ordered)
            while (
                row["outcome"] == "imported"
                and place > 0
                and ordered[place - 1]["fetched_at"] > row["fetched_at"]
            ):
                place -= 1
            ordered.insert(place, row)
        last_number = rows[-1]["revision"] if rows else 0
        return [replace(_known(row), last_number=last_number) for row in ordered]

    def same_content(self, content_sha256: str, not_url: str) -> KnownArticle | None:
        """Return the earliest landed article of another URL with the same title and text."""
        return self._one_article(_SAME_CONTENT, digest=content_sha256, url=not_url)

    def same_content_and_copies_known(self, content_sha256: str, url: str) -> tuple[bool, bool]:
        """Return whether ``same_content`` and ``copies_of`` find anything; faster than both."""
        ((has_same, has_copies),) = self.fetch_raw(_IS_NAMED, digest=content_sha256, url=url)
        return bool(has_same), bool(has_copies)

    def copies_of(self, original_url: str) -> list[KnownArticle]:
        """Return landed articles that name this URL as their original."""
        with self.reading() as connection:
            found = connection.execute(_COPIES, {"url": original_url}).mappings()
            return [_known(row) for row in found]

    def _one_article(self, query: Select[Any], **values: str) -> KnownArticle | None:
        with self.reading() as connection:
            row = connection.execute(query, values).mappings().first()
        return None if row is None else _known(row)

    def events_of(self, url: str) -> list[UrlEvent]:
        """Return the events of the URL, the earliest first."""
        query = select(url_events).where(url_events.c.url == url).order_by(url_events.c.time)
        with self.reading() as connection:
            return [UrlEvent(row.time, row.event, row.run) for row in connection.execute(query)]

    # -- records -----------------------------------------------------------------------------

    def payload(self, sha256: str) -> Prior | None:
        """Return the landed record that holds these payload bytes."""
        if not self.fetch_raw(_HAS_PAYLOAD, sha256=sha256):
            return None
        return self._prior(_PAYLOAD, sha256=sha256)

    def payload_place(self, sha256: str) -> RecordPlace | None:
        """Return where in the store the record with these payload bytes is."""
        query = select(payloads).where(payloads.c.sha256 == sha256, payloads.c.length.is_not(None))
        with self.reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else RecordPlace(row.file, row.offset, row.length)

    def response(self, url: str) -> Prior | None:
        """Return the landed record that holds the payload of the URL's last response.

        It is never a revisit, and may be of another URL, or older than that response.
        """
        return self._prior(_RESPONSE, url=url)

    def _prior(self, query: Select[Any], **values: str) -> Prior | None:
        with self.reading() as connection:
            row = connection.execute(query, values).first()
        if row is None:
            return None
        return Prior(row.record_id, row.url, row.date, row.file, row.digest)

    def validators(self, url: str, site: str | None) -> Validators | None:
        """Return the validators of the URL's last landed response, if it had any.

        Args:
            site: whose crawl asks: what another site's crawl fetched was read by other rules; None
                for what no rules read.
        """
        row = self._capture(url)
        if row is None or (row.etag is None and row.last_modified is None):
            return None
        if site is not None and row.site != site:
            return None
        return Validators(
            row.etag, row.last_modified, row.fetched_at, tuple(row.following or ()),
            tuple(row.pictures or ()), _requisites(row.requisites), row.payload_sha256,
        )  # fmt: skip

    def fetched_at(self, wanted: list[str]) -> dict[str, datetime]:
        """Return when each of the URLs was last sent, or confirmed as unmodified; if ever."""
        found: dict[str, datetime] = {}
        with self.reading() as connection:
            for batch in batches(wanted):
                query = select(captures.c.url, captures.c.fetched_at)
                rows = connection.execute(query.where(captures.c.url.in_(batch)))
                found.update((row.url, row.fetched_at) for row in rows)
        return found

    def _capture(self, url: str) -> Any:
        with self.reading() as connection:
            return connection.execute(select(captures).where(captures.c.url == url)).first()


def _requisites(named: list[Any] | None) -> tuple[Requisite, ...] | None:
    return None if named is None else tuple(Requisite(url, kind) for url, kind in named)


def _known(row: Any) -> KnownArticle:
    columns = dict(row)
    columns.pop("outcome", None)
    columns["pages"] = tuple(
        CapturedPage(url, RecordPlace(file, offset, length), sha256)
        for url, file, offset, length, sha256 in columns["pages"] or ()
    )
    return KnownArticle(**columns)


class LandedRuns(Database):
    """Queries about landed runs; ``attempts.History`` has those about attempts."""

    def prefix_of(self, run: str) -> str | None:
        """Return a landed run's folder in the store."""
        with self.reading() as connection:
            return connection.execute(select(runs.c.prefix).where(runs.c.run == run)).scalar()

    def landed_ending(self, mark: str) -> list[tuple[str, str]]:
        """Return run id and folder of the landed runs whose ids end so, the oldest first."""
        query = (
            select(runs.c.run, runs.c.prefix)
            .where(runs.c.manifest_sha256.is_not(None), runs.c.run.endswith(f"-{mark}"))
            .order_by(runs.c.run)
        )
        with self.reading() as connection:
            return [(row.run, row.prefix) for row in connection.execute(query)]

    def chain_head(self, site: str) -> tuple[str, str] | None:
        """Return run id and manifest SHA-256 of the site's run that no other follows.

        It need not have begun last: a run may land late, or a clock be set back.
        """
        landed = and_(runs.c.site == site, runs.c.manifest_sha256.is_not(None))
        followed = select(runs.c.previous).where(landed, runs.c.previous.is_not(None))
        query = (
            select(runs.c.run, runs.c.manifest_sha256)
            .where(landed, runs.c.run.not_in(followed))
            .order_by(runs.c.started.desc())
            .limit(1)
        )
        with self.reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else (row.run, row.manifest_sha256)
