"""The ledger's database: SQLite or PostgreSQL, opened, migrated, read and written."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from importlib import import_module
from pathlib import Path
from threading import local
from typing import Any, Self

from filelock import FileLock
from sqlalchemy import (
    URL,
    Connection,
    Engine,
    PoolProxiedConnection,
    Select,
    Table,
    create_engine,
    event,
    inspect,
    text,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from newsbot.errors import ConfigError, LedgerError
from newsbot.ledger.schema import metadata

# Oldest first; this code works with the last one.
SCHEMA_VERSIONS = tuple(f"{number:04}" for number in range(1, 16))
BUSY_SECONDS = 30  # how long a writer waits for another crawl's write
_BATCH = 500  # rows or parameters per statement; SQLite accepts 32,766 parameters
_MIGRATING = 0x6E657773  # PostgreSQL's advisory lock while tables are created: "news"


class Database:
    """An open database, from ``open``; safe for use from several threads.

    Raises (all methods):
        LedgerError: the database refused; the message says what to do.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._compiled: dict[Any, tuple[str, list[str] | None, dict[str, Any]]] = {}
        self._thread = local()  # each thread's connection for quick queries
        self._borrowed: list[PoolProxiedConnection] = []

    @classmethod
    def open(cls, url: str) -> Self:
        """Open the ledger at the SQLAlchemy URL, and create or migrate its tables.

        Raises:
            ConfigError: not a database URL.
            LedgerError: it cannot be opened, or was created by a newer newsbot.
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
            raise LedgerError(f"{url}: cannot be created: {error.strerror}") from error
        if engine.dialect.name not in ("sqlite", "postgresql"):
            raise ConfigError(
                f"NEWSBOT_DATABASE_URL: {engine.dialect.name} is not supported; use sqlite or "
                "postgresql+psycopg"
            )
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _set_up_sqlite)
        opened = cls(engine)
        try:
            with opened._errors():
                _migrate(parsed, engine)
        except BaseException:
            engine.dispose()
            raise
        return opened

    @property
    def kind(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self._engine.dialect.name

    def close(self) -> None:
        """Close all connections."""
        for borrowed in self._borrowed:
            borrowed.close()
        self._borrowed.clear()
        self._engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Yield the connection of one write transaction, committed or rolled back as a whole."""
        with self._errors(), self._engine.connect() as connection:
            if self._engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")  # wait now, not at the first write
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection to read from."""
        with self._errors(), self._engine.connect() as connection:
            yield connection

    def fetch_raw(self, query: Select[*tuple[Any, ...]], **values: str) -> list[Any]:
        """Return the rows of a query as the driver gives them; for queries run for every page.

        It takes a tenth of the time of ``reading``, most of which SQLAlchemy takes. Values are not
        converted: use it for numbers, strings and the existence of rows.
        """
        if query not in self._compiled:
            compiled: Any = query.compile(dialect=self._engine.dialect)
            self._compiled[query] = compiled.string, compiled.positiontup, compiled.params
        sql, order, constants = self._compiled[query]
        named = constants | values
        return self.fetch_raw_sql(sql, [named[name] for name in order] if order else named)

    def fetch_raw_sql(self, query: str, values: Any) -> list[Any]:
        """Return the rows of a statement in the SQL and parameter style of the driver."""
        try:
            borrowed = getattr(self._thread, "borrowed", None) or self._borrow()
            connection: Any = borrowed.driver_connection
            return list(connection.execute(query, values).fetchall())
        except (SQLAlchemyError, self._engine.dialect.loaded_dbapi.Error) as error:
            self._drop_connection()
            raise self._ledger_error(error) from error

    def _borrow(self) -> PoolProxiedConnection:
        """Return a connection for this thread that leaves no transaction open."""
        borrowed = self._engine.raw_connection()
        self._borrowed.append(borrowed)
        if self.kind == "postgresql":
            borrowed.driver_connection.autocommit = True  # type: ignore[union-attr]
        self._thread.borrowed = borrowed
        return borrowed

    def _drop_connection(self) -> None:
        """Drop the thread's connection, so that the next query opens a new one."""
        borrowed = getattr(self._thread, "borrowed", None)
        if borrowed is not None:
            self._thread.borrowed = None
            self._borrowed.remove(borrowed)
            borrowed.invalidate()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise self._ledger_error(error) from error

    def _ledger_error(self, error: Exception) -> LedgerError:
        cause = getattr(error, "orig", None) or error
        where = self._engine.url.render_as_string(hide_password=True)
        return LedgerError(
            f"ledger {where}: {cause}; is its disk full or its server down? If it is damaged, "
            "move it away and run `newsbot recover --rebuild-ledger`"
        )


def upsert(
    connection: Connection,
    table: Table,
    rows: list[dict[str, Any]],
    keep: Callable[[Any], Any],
    columns: tuple[str, ...] | None = None,
) -> None:
    """Insert rows; where the key exists, take the new row if ``keep(new)`` holds.

    Args:
        keep: gets the statement's ``excluded`` columns and returns a condition; a module-level
            function, since the statement is built once for each.
        columns: the columns taken from the new row; without it, all.
    """
    if not rows:
        return
    statement = _upserting(connection.dialect.name, table, keep, columns)
    for batch in batches(_sorted_by_key(rows, _key_names(table))):
        connection.execute(statement, batch)


def insert_new(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert those rows whose key does not exist yet."""
    if not rows:
        return
    statement = _insert(connection.dialect.name, table).on_conflict_do_nothing()
    for batch in batches(_sorted_by_key(rows, _key_names(table))):
        connection.execute(statement, batch)


def batches(rows: list[Any]) -> Iterator[list[Any]]:
    """Yield the rows in lists short enough for one statement."""
    for start in range(0, len(rows), _BATCH):
        yield rows[start : start + _BATCH]


def _sorted_by_key(rows: list[dict[str, Any]], keys: list[str]) -> list[dict[str, Any]]:
    """Return the rows sorted by key: writers that lock in the same order cannot deadlock."""
    return sorted(rows, key=lambda row: [row[key] for key in keys])


def _key_names(table: Table) -> list[str]:
    return [column.name for column in table.primary_key]


@cache
def _upserting(
    kind: str, table: Table, keep: Callable[[Any], Any], columns: tuple[str, ...] | None
) -> Any:
    statement, keys = _insert(kind, table), _key_names(table)
    taken = columns or [column.name for column in table.columns if column.name not in keys]
    return statement.on_conflict_do_update(
        index_elements=keys,
        set_={name: statement.excluded[name] for name in taken},
        where=keep(statement.excluded),
    )


def _insert(kind: str, table: Table) -> Any:
    """Return an INSERT of the dialect; others are not imported, for each takes 0.06 s."""
    return import_module(f"sqlalchemy.dialects.{kind}").insert(table)


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")  # committed rows must survive a power cut
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _migrate(url: URL, engine: Engine) -> None:
    """Bring the tables to the newest version; processes that open at once take turns.

    They take the lock before they connect to a new file: SQLite does not wait to set up its WAL.
    """
    file = url.database if url.get_backend_name() == "sqlite" else None
    if not file or (Path(file).exists() and Path(file).stat().st_size):
        with engine.connect() as connection:
            if _version(connection) == SCHEMA_VERSIONS[-1]:
                return
    turn = FileLock(f"{file}.lock", timeout=BUSY_SECONDS) if file else nullcontext()
    with turn, engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_MIGRATING})"))
        version = _version(connection)
        if version is not None and version not in SCHEMA_VERSIONS:
            raise LedgerError(
                f"ledger {url.render_as_string(hide_password=True)}: its version {version} is "
                f"newer than this newsbot's {SCHEMA_VERSIONS[-1]}; upgrade newsbot"
            )
        if version is None:
            _create(connection)
        else:
            _upgrade(connection)


def _create(connection: Connection) -> None:
    """Create the newest tables directly: the migrations would take ten times as long."""
    metadata.create_all(connection)
    connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)"))
    newest = {"newest": SCHEMA_VERSIONS[-1]}
    connection.execute(text("INSERT INTO alembic_version VALUES (:newest)"), newest)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - 0.3 s, for a ledger of an older version
    from alembic.config import Config as AlembicConfig  # noqa: PLC0415 - the same

    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
