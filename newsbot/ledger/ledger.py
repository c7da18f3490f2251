"""Opening the ledger, and its queries.

Rows of captures, payloads and articles exist for landed runs only, so what a lost spool held is
never taken for known.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock
from sqlalchemy import (
    URL,
    Connection,
    Engine,
    Insert,
    Select,
    Table,
    create_engine,
    event,
    func,
    inspect,
    select,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from newsbot.capture.record import Prior
from newsbot.errors import ConfigError, LedgerError
from newsbot.ledger.schema import articles, captures, payloads, runs, urls, walks

SCHEMA_VERSIONS = ("0001", "0002")  # oldest first; the last is the one this code works with
BUSY_SECONDS = 30  # how long a writer waits for another crawl's write
_BATCH = 500  # rows or parameters a statement; SQLite takes 32,766 parameters


@dataclass(frozen=True, slots=True)
class KnownArticle:
    """The newest landed revision of an article."""

    canonical_url: str
    article_id: str
    site: str
    revision: int
    content_sha256: str
    fetched_at: datetime
    title: str | None
    text_sha256: str
    original_url: str | None


class Ledger:
    """The ledger, open. Use ``Ledger.open``; safe for use from several threads.

    Raises (all methods):
        LedgerError: the database refused; the message says what to do.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, url: str) -> "Ledger":
        """Open the ledger at the SQLAlchemy URL, make or migrate its tables.

        Raises:
            ConfigError: not a database URL.
            LedgerError: cannot be opened, or made by a newer newsbot.
        """
        try:
            parsed = make_url(url)
            if parsed.get_backend_name() == "sqlite" and parsed.database:
                Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
            engine = create_engine(parsed)
        except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
            raise ConfigError(
                f"NEWSBOT_DATABASE_URL: {error}; write sqlite:////path/to/file or "
                "postgresql+psycopg://user@host/name"
            ) from error
        except OSError as error:
            raise LedgerError(f"{url}: cannot be made: {error.strerror}") from error
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _set_up_sqlite)
        ledger = cls(engine)
        with ledger._errors(), _one_at_a_time(parsed):
            _migrate(engine)
        return ledger

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    # -- URLs --------------------------------------------------------------------------------

    def see(
        self, site: str, links: Iterable[tuple[str, str | None]], now: datetime
    ) -> dict[str, tuple[str, datetime]]:
        """Write down URLs seen, before any is fetched; what was there stays.

        Args:
            links: canonical URL and the page it was seen on.

        Returns:
            For each URL its state (pending, known, gone) and when it was first seen.
        """
        found = dict(links)
        rows = [
            {
                "url": url,
                "site": site,
                "state": "pending",
                "first_seen": now,
                "discovered_from": origin,
                "failures": 0,
            }
            for url, origin in found.items()
        ]
        if rows:
            with self._write() as connection:
                insert_new(connection, urls, rows)
        return self.states(found)

    def states(self, wanted: Iterable[str]) -> dict[str, tuple[str, datetime]]:
        """State and first sight of those of the URLs that are in the ledger."""
        found: dict[str, tuple[str, datetime]] = {}
        with self._read() as connection:
            for batch in _batches(list(wanted)):
                query = select(urls.c.url, urls.c.state, urls.c.first_seen)
                for row in connection.execute(query.where(urls.c.url.in_(batch))):
                    found[row.url] = (row.state, row.first_seen)
        return found

    def pending(self, site: str) -> list[tuple[str, str | None]]:
        """URLs seen and never fetched, oldest first, with the page each was seen on."""
        query = (
            select(urls.c.url, urls.c.discovered_from)
            .where(urls.c.site == site, urls.c.state == "pending")
            .order_by(urls.c.first_seen, urls.c.url)
        )
        with self._read() as connection:
            return [(row.url, row.discovered_from) for row in connection.execute(query)]

    # -- articles ----------------------------------------------------------------------------

    def article(self, canonical_url: str) -> KnownArticle | None:
        """The newest landed revision of the article."""
        return self._article(articles.c.canonical_url == canonical_url)

    def same_content(self, content_sha256: str, not_url: str) -> KnownArticle | None:
        """The earliest landed article of another URL with this very title and text."""
        query = (
            select(articles)
            .where(articles.c.content_sha256 == content_sha256, articles.c.canonical_url != not_url)
            .order_by(articles.c.fetched_at)
            .limit(1)
        )
        return self._one_article(query)

    def copies_of(self, original_url: str) -> list[KnownArticle]:
        """Landed articles that name this URL as their original."""
        query = select(articles).where(articles.c.original_url == original_url)
        with self._read() as connection:
            return [_known(row) for row in connection.execute(query)]

    def _article(self, condition: Any) -> KnownArticle | None:
        query = select(articles).where(condition).order_by(articles.c.revision.desc()).limit(1)
        return self._one_article(query)

    def _one_article(self, query: Select[Any]) -> KnownArticle | None:
        with self._read() as connection:
            row = connection.execute(query).first()
        return None if row is None else _known(row)

    # -- records (capture.warc's Known) --------------------------------------------------------

    def payload(self, sha256: str) -> Prior | None:
        """The landed record that holds these payload bytes."""
        with self._read() as connection:
            row = connection.execute(select(payloads).where(payloads.c.sha256 == sha256)).first()
        if row is None:
            return None
        return Prior(row.record_id, row.url, row.date, row.file, row.digest)

    def response(self, url: str) -> Prior | None:
        """The landed record of the URL's last response."""
        with self._read() as connection:
            row = connection.execute(select(captures).where(captures.c.url == url)).first()
        if row is None:
            return None
        return Prior(row.record_id, row.url, row.record_date, row.file, row.payload_digest or "")

    # -- walks -------------------------------------------------------------------------------

    def last_walk(self, list_url: str) -> datetime | None:
        """When a walk of the list last reached its end."""
        with self._read() as connection:
            return connection.execute(
                select(walks.c.completed).where(walks.c.list_url == list_url)
            ).scalar()

    def complete_walk(self, list_url: str, site: str, completed: datetime) -> None:
        """Write down that a walk of the list, reached its end then."""
        with self._write() as connection:
            row = {"list_url": list_url, "site": site, "completed": completed}
            upsert(connection, walks, [row], keep=lambda new: new.completed >= walks.c.completed)

    # -- runs --------------------------------------------------------------------------------

    def chain_head(self, site: str) -> tuple[str, str] | None:
        """Run id and manifest SHA-256 of the site's newest landed run."""
        query = (
            select(runs.c.run, runs.c.manifest_sha256)
            .where(runs.c.site == site, runs.c.manifest_sha256.is_not(None))
            .order_by(runs.c.started.desc())
            .limit(1)
        )
        with self._read() as connection:
            row = connection.execute(query).first()
        return None if row is None else (row.run, row.manifest_sha256)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read from, for queries of other modules."""
        with self._read() as connection:
            yield connection

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One write transaction, for other modules."""
        with self._write() as connection:
            yield connection

    # -- connections -------------------------------------------------------------------------

    @contextmanager
    def _read(self) -> Iterator[Connection]:
        with self._errors(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        with self._errors(), self._engine.connect() as connection:
            if self._engine.dialect.name == "sqlite":
                connection.execute(text("BEGIN IMMEDIATE"))  # wait now, not at the first write
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            cause = getattr(error, "orig", None) or error
            where = self._engine.url.render_as_string(hide_password=True)
            raise LedgerError(
                f"ledger {where}: {cause}; is its disk full or its server down? If it is damaged, "
                "put back a copy of it"
            ) from error


def upsert(
    connection: Connection, table: Table, rows: list[dict[str, Any]], keep: Callable[[Any], Any]
) -> None:
    """Insert rows; where the key is there, take the new row if ``keep(new)`` holds.

    ``keep`` gets the statement's ``excluded`` columns and returns a condition.
    """
    if not rows:
        return
    statement = _insert(connection, table)
    keys = [column.name for column in table.primary_key]
    changed = {c.name: statement.excluded[c.name] for c in table.columns if c.name not in keys}
    statement = statement.on_conflict_do_update(
        index_elements=keys, set_=changed, where=keep(statement.excluded)
    )
    for batch in _batches(rows):
        connection.execute(statement, batch)


def insert_new(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert those rows whose key is not there yet."""
    statement = _insert(connection, table).on_conflict_do_nothing()
    for batch in _batches(rows):
        connection.execute(statement, batch)


def _insert(connection: Connection, table: Table) -> Any:
    dialect: Mapping[str, Callable[[Table], Insert]] = {
        "sqlite": sqlite.insert,
        "postgresql": postgresql.insert,
    }
    return dialect[connection.dialect.name](table)


def _batches(rows: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(rows), _BATCH):
        yield rows[start : start + _BATCH]


def _known(row: Any) -> KnownArticle:
    return KnownArticle(
        canonical_url=row.canonical_url,
        article_id=row.article_id,
        site=row.site,
        revision=row.revision,
        content_sha256=row.content_sha256,
        fetched_at=row.fetched_at,
        title=row.title,
        text_sha256=row.text_sha256,
        original_url=row.original_url,
    )


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")  # what was said to be known must survive
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _migrate(engine: Engine) -> None:
    with engine.connect() as connection:
        version = None
        if inspect(connection).has_table("alembic_version"):
            version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if version == SCHEMA_VERSIONS[-1]:
        return
    if version is not None and version not in SCHEMA_VERSIONS:
        raise LedgerError(
            f"ledger {engine.url.render_as_string(hide_password=True)}: its version {version} is "
            f"newer than this newsbot's {SCHEMA_VERSIONS[-1]}; upgrade newsbot"
        )
    from alembic import command
    from alembic.config import Config as AlembicConfig

    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _one_at_a_time(url: URL) -> AbstractContextManager[Any]:
    """Keeps two processes from making the same SQLite tables at once."""
    if url.get_backend_name() != "sqlite" or not url.database:
        return nullcontext()
    return FileLock(f"{url.database}.lock", timeout=BUSY_SECONDS)


def count(connection: Connection, table: Table) -> int:
    """Rows of the table."""
    return connection.execute(select(func.count()).select_from(table)).scalar_one()
