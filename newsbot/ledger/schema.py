"""The ledger's tables.

It is a cache of the archive: every row except those of alarms, notices, samples and locks can be
rebuilt from landed runs. Times are UTC, stored without an offset.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    DDL,
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    event,
)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime, stored in UTC by every database."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Convert an aware datetime to a naive one in UTC."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Convert a naive datetime in UTC to an aware one."""
        return None if value is None else value.replace(tzinfo=UTC)


metadata = MetaData()

runs = Table(
    "runs",
    metadata,
    Column("run", String(32), primary_key=True),
    Column("site", String(64), nullable=False),
    Column("started", UtcDateTime, nullable=False),
    Column("finished", UtcDateTime),
    Column("outcome", String(16)),
    Column("exit_status", Integer),
    Column("prefix", Text),
    Column("manifest_sha256", String(64)),  # null until landed
    Column("previous", String(32)),  # the run that its manifest names
    Column("counts", JSON),
    Column("reasons", JSON),  # reasons for an exit status other than 0
    Column("partial", Boolean),  # was to fetch less than everything new: it serves no period
    Column("due", UtcDateTime),  # the period of the schedule that it was started for
    Column("host", String(255)),
    Column("pid", Integer),
    Index("runs_by_site", "site", "started"),
)

urls = Table(
    "urls",
    metadata,
    Column("url", Text, primary_key=True),  # canonical
    Column("site", String(64), nullable=False),
    Column("state", String(8), nullable=False),  # pending, known, gone, failed
    Column("first_seen", UtcDateTime, nullable=False),
    Column("discovered_from", Text),
    Column("failures", Integer, nullable=False, default=0),  # in a row
    Column("failure", String(9)),  # class of the last: gone, hard, soft, temporary
    Column("next_check", UtcDateTime),  # null: pending ones are due now, others never again
    Column("hints", Text),  # JSON: what the pages that name it say of it
    Column("address", Text),  # as that page links to it; null: as url
    Index("urls_by_state", "site", "state", "next_check"),
)

aliases = Table(  # addresses at which an article with another canonical URL was found
    "aliases",
    metadata,
    Column("url", Text, primary_key=True),
    Column("canonical_url", Text, nullable=False),  # as url: it is no alias any more
    Column("since", UtcDateTime, nullable=False),
    Index("aliases_by_canonical", "canonical_url"),
)

url_events = Table(  # gone and back
    "url_events",
    metadata,
    Column("url", Text, primary_key=True),
    Column("time", UtcDateTime, primary_key=True),
    Column("event", String(16), primary_key=True),
    Column("run", String(32), nullable=False),
)

captures = Table(  # the last landed response of each URL that was read to the end
    "captures",
    metadata,
    Column("url", Text, primary_key=True),
    Column("site", String(64), nullable=False),
    Column("run", String(32), nullable=False),
    Column("fetched_at", UtcDateTime, nullable=False),
    Column("status", Integer, nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("payload_sha256", String(64)),  # names the record that holds it, in payloads
    Column("pictures", JSON(none_as_null=True)),  # URLs of the pictures of the article on it
    Column("requisites", JSON(none_as_null=True)),  # [URL, kind] of what a style sheet names
    Column("following", JSON(none_as_null=True)),  # URLs of the article's further pages
)

requisites = Table(  # what pages need to look as they did, and no run has fetched yet
    "requisites",
    metadata,
    Column("site", String(64), primary_key=True),
    Column("url", Text, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("page", Text, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("tries", Integer, nullable=False, default=0),  # runs that asked in vain
    Column("depth", Integer, nullable=False, default=0),  # in style sheets that import each other
    Index("requisites_by_age", "site", "since"),
)

payloads = Table(  # the first landed record with these payload bytes
    "payloads",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("run", String(32), nullable=False),
    Column("record_id", String(64), nullable=False),
    Column("url", Text, nullable=False),
    Column("date", UtcDateTime, nullable=False),
    Column("file", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("offset", BigInteger),
    Column("length", BigInteger),
)

articles = Table(  # every landed revision of every article
    "articles",
    metadata,
    Column("canonical_url", Text, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("article_id", Text, nullable=False),
    Column("site", String(64), nullable=False),
    Column("run", String(32), nullable=False),
    Column("fetched_at", UtcDateTime, nullable=False),
    Column("content_sha256", String(64), nullable=False),
    Column("title", Text),
    Column("text_sha256", String(64), nullable=False),
    Column("original_url", Text),
    Column("extractor", String(32)),
    Column("rules", String(12)),
    Column(
        "pages", JSON(none_as_null=True)
    ),  # its captures: [URL, file, offset, length, payload SHA-256]
    Index("articles_by_id", "article_id"),
    Index("articles_by_content", "content_sha256"),
    Index("articles_by_original", "original_url"),
)

renderings = Table(  # whether pages of a pattern had an article in a browser only, when last tried
    "renderings",
    metadata,
    Column("site", String(64), primary_key=True),
    Column("pattern", Text, primary_key=True),
    Column("needed", Boolean, nullable=False),
    Column("tried", UtcDateTime, nullable=False),
)

walks = Table(  # when a walk of a list, or a reading of a feed, last reached its end
    "walks",
    metadata,
    Column("list_url", Text, primary_key=True),
    Column("site", String(64), nullable=False),
    Column("completed", UtcDateTime, nullable=False),
)

locks = Table(  # who holds, or last held, a site's lock; the lock itself is PostgreSQL's
    "locks",
    metadata,
    Column("site", String(64), primary_key=True),
    Column("host", String(255), nullable=False),
    Column("pid", Integer, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("heartbeat", UtcDateTime, nullable=False),
)

alarms = (
    Table(  # every opening of every alarm; this installation's own, not rebuilt from the archive
        "alarms",
        metadata,
        Column("alarm", String(128), primary_key=True),  # kind/site/time of opening
        Column("kind", String(16), nullable=False),
        Column("site", String(64), nullable=False),  # empty: concerns the whole installation
        Column("opened", UtcDateTime, nullable=False),
        Column("closed", UtcDateTime),
        Column("by_hand", Boolean, nullable=False, default=False),
        Column("message", Text, nullable=False),
        Column("details", JSON, nullable=False),
        Index("alarms_by_site", "site", "kind", "opened"),
    )
)
# As an Index it would have SQLAlchemy load the dialects of both databases, in 0.1 s.
_OPEN_ONCE = "CREATE UNIQUE INDEX alarms_open_once ON alarms (kind, site) WHERE closed IS NULL"
event.listen(alarms, "after_create", DDL(_OPEN_ONCE))  # type: ignore[no-untyped-call]

notices = Table(  # messages about alarms and their recipients, until they are delivered
    "notices",
    metadata,
    Column("alarm", String(128), primary_key=True),
    Column("event", String(8), primary_key=True),  # opened, closed
    Column("target", String(16), primary_key=True),  # a digest: the address holds secrets
    Column("text", Text, nullable=False),
    Column("created", UtcDateTime, nullable=False),
    Column("delivered", UtcDateTime),
    Column("attempts", Integer, nullable=False, default=0),
    Column("next_attempt", UtcDateTime, nullable=False),
    Column("error", Text),
    Index("notices_waiting", "delivered", "next_attempt"),
)

samples = Table(  # free bytes of file systems over time
    "samples",
    metadata,
    Column("host", String(255), primary_key=True),
    Column("folder", String(512), primary_key=True),
    Column("at", UtcDateTime, primary_key=True),
    Column("free", BigInteger, nullable=False),
)

texts = Table(  # the words of landed articles, newest revision, for as long as copies are searched
    "texts",
    metadata,
    Column("doc", BigInteger, primary_key=True, autoincrement=False),  # hash of the URL
    Column("url", Text, nullable=False),  # canonical
    Column("article_id", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("fetched_at", UtcDateTime, nullable=False),
    Column("published_at", UtcDateTime),
    Column("day_only", Boolean, nullable=False),  # published_at is known to the day
    Column("credit", Text),  # the agencies that it names
    Column("original_url", Text),
    Column("words", LargeBinary, nullable=False),
    Index("texts_by_age", "fetched_at"),
)

shingles = Table(  # which texts hold a shingle
    "shingles",
    metadata,
    Column("shingle", BigInteger, primary_key=True, autoincrement=False),
    Column("doc", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

copies = Table(  # the known originals of each copy
    "copies",
    metadata,
    Column("copy", Text, primary_key=True),  # canonical URLs
    Column("original", Text, primary_key=True),
    Column("revision", Integer, nullable=False),  # of the copy
    Column("run", String(32), nullable=False),  # the run that found it
    Column("method", String(8), nullable=False),
    Column("similarity", Float),
    Column("altered", Boolean),
    Column("evidence", Text, nullable=False),
    Index("copies_by_original", "original"),
)

replaced = Table(  # origins replaced by ones found later
    "replaced",
    metadata,
    Column("copy", Text, primary_key=True),
    Column("original", Text, primary_key=True),
    Column("run", String(32), nullable=False),
)

REBUILT = (
    runs, urls, url_events, captures, requisites, payloads, articles, walks, texts, shingles,
    copies, replaced,
)  # fmt: skip
"""Tables that are rebuilt from the store."""
