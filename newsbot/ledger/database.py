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

# Oldest first; the last is the one this code works with.
SCHEMA_VERSIONS = tuple(f"{number:04}" for number in range(1, 12))
BUSY_SECONDS = 30  # how long a writer waits for another crawl's write
_BATCH = 500  # rows or parameters a statement; SQLite takes 32,766 parameters
_MIGRATING = 0x6E657773  # PostgreSQL's advisory lock while tables are made: "news"


class Database:
    """A database that is open. Use ``open``; safe for use from several threads.

    Raises (all methods):
        LedgerError: the database refused; the message says what to do.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._compiled: dict[Any, tuple[str, list[str] | None, dict[str, Any]]] = {}
        self._asking = local()  # each thread's connection for quick questions
        self._lent: list[PoolProxiedConnection] = []

    @classmethod
    def open(cls, url: str) -> Self:
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
        for lent in self._lent:
            lent.close()
        self._lent.clear()
        self._engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One write transaction: all of it or nothing."""
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
        """A connection to read from."""
        with self._errors(), self._engine.connect() as connection:
            yield connection

    def ask(self, question: Select[*tuple[Any, ...]], **values: str) -> list[Any]:
        """Return rows as the driver gives them, of a question that is put for every page.

        A tenth of the time that ``reading`` takes, most of which goes into SQLAlchemy. Dates and
        the like do not come out as such: it is for numbers and strings, and for whether there is
        anything to read.
        """
        if question not in self._compiled:
            made: Any = question.compile(dialect=self._engine.dialect)
            self._compiled[question] = made.string, made.positiontup, made.params
        query, order, constants = self._compiled[question]
        named = constants | values
        return self.ask_as_is(query, [named[name] for name in order] if order else named)

    def ask_as_is(self, query: str, values: Any) -> list[Any]:
        """Return the same for a query in the words of the database's driver."""
        try:
            lent = getattr(self._asking, "lent", None) or self._lend()
            connection: Any = lent.driver_connection
            return list(connection.execute(query, values).fetchall())
        except (SQLAlchemyError, self._engine.dialect.loaded_dbapi.Error) as error:
            self._give_up()
            raise self._explained(error) from error

    def _lend(self) -> PoolProxiedConnection:
        """Return a connection for this thread, which never leaves a transaction open."""
        lent = self._engine.raw_connection()
        self._lent.append(lent)
        if self.kind == "postgresql":
            lent.driver_connection.autocommit = True  # type: ignore[union-attr]
        self._asking.lent = lent
        return lent

    def _give_up(self) -> None:
        """Drop the thread's connection: the server may be back for the next question."""
        lent = getattr(self._asking, "lent", None)
        if lent is not None:
            self._asking.lent = None
            self._lent.remove(lent)
            lent.invalidate()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise self._explained(error) from error

    def _explained(self, error: Exception) -> LedgerError:
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
    """Insert rows; where the key is there, take the new row if ``keep(new)`` holds.

    Args:
        keep: gets the statement's ``excluded`` columns and returns a condition; a function of
            some module, for the statement is made once for each.
        columns: what is taken from the new row; without it, all.
    """
    if not rows:
        return
    statement = _upserting(connection.dialect.name, table, keep, columns)
    for batch in batches(_in_order(rows, _keys(table))):
        connection.execute(statement, batch)


def insert_new(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert those rows whose key is not there yet."""
    if not rows:
        return
    statement = _insert(connection.dialect.name, table).on_conflict_do_nothing()
    for batch in batches(_in_order(rows, _keys(table))):
        connection.execute(statement, batch)


def batches(rows: list[Any]) -> Iterator[list[Any]]:
    """Yield the rows in lists that one statement can take."""
    for start in range(0, len(rows), _BATCH):
        yield rows[start : start + _BATCH]


def _in_order(rows: list[dict[str, Any]], keys: list[str]) -> list[dict[str, Any]]:
    """By key: two writers that lock rows in the same order cannot wait for each other."""
    return sorted(rows, key=lambda row: [row[key] for key in keys])


def _keys(table: Table) -> list[str]:
    return [column.name for column in table.primary_key]


@cache
def _upserting(
    kind: str, table: Table, keep: Callable[[Any], Any], columns: tuple[str, ...] | None
) -> Any:
    statement, keys = _insert(kind, table), _keys(table)
    taken = columns or [column.name for column in table.columns if column.name not in keys]
    return statement.on_conflict_do_update(
        index_elements=keys,
        set_={name: statement.excluded[name] for name in taken},
        where=keep(statement.excluded),
    )


def _insert(kind: str, table: Table) -> Any:
    """Return an INSERT of the database at hand; only its dialect is imported, each takes 0.06 s."""
    return import_module(f"sqlalchemy.dialects.{kind}").insert(table)


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")  # what was said to be known must survive
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _migrate(url: URL, engine: Engine) -> None:
    """Bring the tables to the newest version; two processes that open at once take turns.

    They do so before they connect to a new file: SQLite does not wait to make it one with a WAL.
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
    """Make the newest tables at once: the migrations would, in ten times the time."""
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
