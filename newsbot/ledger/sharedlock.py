"""A site's lock across hosts: PostgreSQL's advisory lock, on a connection of its own.

The lock lives as long as the connection's session. A crawl that dies releases it; one that loses
its connection is notified by its heartbeat before the server grants the lock to another.
"""

import hashlib
import logging
import os
import select as sockets
import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, create_engine, select, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from newsbot.errors import LedgerError, LockHeld
from newsbot.ledger.attempts import HOST
from newsbot.ledger.database import upsert
from newsbot.ledger.schema import locks

logger = logging.getLogger(__name__)

HEARTBEAT_SECONDS: Final = 10.0
_RESPONSE_SECONDS: Final = 20  # without a response for so long, the connection counts as lost
_LOCK_NOT_AVAILABLE: Final = "55P03"  # PostgreSQL's documentation, appendix A
_LOCK_TIMEOUT: Final = "1s"  # the server takes a moment to notice that the last holder disconnected
# The server must notice a lost client later than the client does: after 60 + 3 x 20 s.
_KEEPALIVE: Final = (
    "-c tcp_keepalives_idle=60 -c tcp_keepalives_interval=20 -c tcp_keepalives_count=3"
)


def is_shared(ledger_url: str) -> bool:
    """Return whether several hosts can use the ledger at once."""
    return make_url(ledger_url).get_backend_name() == "postgresql"


class SharedLock:
    """The lock of one site on a PostgreSQL ledger."""

    def __init__(self, ledger_url: str, site: str, on_loss: Callable[[str], None]) -> None:
        """Prepare; nothing is connected yet.

        Args:
            on_loss: called once, from another thread, if the lock is lost.
        """
        self._url = make_url(ledger_url)
        self._site = site
        self._on_loss = on_loss
        self._end: socket.socket | None = None  # closing it ends the thread
        self._connection: Connection | None = None

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            LockHeld: another crawl holds it; the message says which, where and since when.
            LedgerError: the server cannot be reached.
        """
        engine = create_engine(
            self._url,
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",  # an open transaction all day would hold up the server
            connect_args={
                "connect_timeout": _RESPONSE_SECONDS,
                "tcp_user_timeout": _RESPONSE_SECONDS * 1000,
                "options": f"{_KEEPALIVE} -c statement_timeout={_RESPONSE_SECONDS * 1000} "
                f"-c lock_timeout={_LOCK_TIMEOUT}",
                "application_name": f"newsbot crawl {self._site}",
            },
        )
        try:
            with ExitStack() as opened:
                self._connection = opened.enter_context(closing(engine.connect()))
                if not self._try_lock():
                    raise LockHeld(f"{self._site}: {self._holder()}; nothing was started")
                self._record_holder()
                opened.pop_all()  # from here on, release() closes it
        except SQLAlchemyError as error:
            raise LedgerError(
                f"{self._site}: the lock on {self._url_text()} cannot be requested: "
                f"{_cause(error)}; is the server up?"
            ) from error
        ended, self._end = socket.socketpair()
        self._thread = threading.Thread(
            target=self._run_heartbeat, args=(ended,), name="lock", daemon=True
        )
        self._thread.start()

    def release(self) -> None:
        """Release the lock."""
        if self._end is not None:
            self._end.close()
            self._thread.join()
        if self._connection is not None:
            try:
                self._connection.close()
            except SQLAlchemyError as error:  # the server has released it already
                logger.debug("closing the lock's connection: %s", error)

    def _try_lock(self) -> bool:
        try:
            self._query("SELECT pg_advisory_lock(:key)")
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
                return False
            raise
        return True

    def _run_heartbeat(self, ended: socket.socket) -> None:
        with ended:
            self._watch(ended)

    def _watch(self, ended: socket.socket) -> None:
        """Check every few seconds that the lock is still held, and update its heartbeat."""
        while not self._is_released(ended):
            try:
                is_ours = self._query(
                    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted "
                    "AND pid = pg_backend_pid() AND objsubid = 1 "
                    "AND ((classid::bigint << 32) | objid::bigint) = :key"
                )
                if not is_ours:
                    self._report_loss("the server has released it")
                    return
                self._connected().execute(
                    update(locks).where(locks.c.site == self._site).values(heartbeat=_now())
                )
            except SQLAlchemyError as error:
                self._report_loss(_cause(error))
                return

    def _is_released(self, ended: socket.socket) -> bool:
        """Wait for the next heartbeat; return True if the lock is being released.

        It returns early if the server sends something, as when it disconnects: it grants the lock
        of an ended session to the next one at once.
        """
        server: Any = self._connected().connection.driver_connection
        ready, _, _ = sockets.select([ended, server], [], [], HEARTBEAT_SECONDS)
        return ended in ready

    def _report_loss(self, why: str) -> None:
        self._on_loss(f"{self._site}: the lock on {self._url_text()} was lost: {why}")

    def _record_holder(self) -> None:
        """Record the holder, for crawls that find the lock held."""
        row = {"site": self._site, "host": HOST, "pid": os.getpid()}
        row |= {"since": _now(), "heartbeat": _now()}
        upsert(self._connected(), locks, [row], keep=_always)

    def _holder(self) -> str:
        row = self._connected().execute(select(locks).where(locks.c.site == self._site)).first()
        if row is None:
            return "another crawl is running, on another host"
        silent = max(timedelta(0), _now() - row.heartbeat).total_seconds()
        return (
            f"another crawl is running: process {row.pid} on {row.host} since "
            f"{row.since.isoformat(timespec='seconds')}, last heard of {silent:.0f} s ago"
        )

    def _query(self, query: str) -> Any:
        return self._connected().execute(text(query), {"key": _key(self._site)}).scalar()

    def _connected(self) -> Connection:
        if self._connection is None:
            raise RuntimeError("the lock was not acquired")
        return self._connection

    def _url_text(self) -> str:
        return self._url.render_as_string(hide_password=True)


def _key(site: str) -> int:
    """Return a 63-bit number for the site; the probability of a collision is negligible."""
    digest = hashlib.sha256(f"newsbot crawl {site}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def _now() -> datetime:
    return datetime.now(UTC)


def _cause(error: SQLAlchemyError) -> str:
    return str(getattr(error, "orig", None) or error).strip().replace("\n", " ")


def _always(_new: Any) -> Any:
    return text("true")
