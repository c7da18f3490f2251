"""A site's lock across hosts: PostgreSQL's advisory lock, on a connection of its own.

The lock lives as long as the connection's session: a crawl that dies gives it up, and one that is
cut off from the server is told so by its heartbeat before the server gives the lock to another.
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
_ANSWER_SECONDS: Final = 20  # without an answer for so long, the connection counts as lost
_LOCK_NOT_AVAILABLE: Final = "55P03"  # PostgreSQL's documentation, appendix A
_PATIENCE: Final = "1s"  # the server needs a moment to see that the last holder has gone
# The server notices a client that is gone after that one has noticed it itself: 60 + 3 x 20 s.
_KEEPALIVE: Final = (
    "-c tcp_keepalives_idle=60 -c tcp_keepalives_interval=20 -c tcp_keepalives_count=3"
)


def is_shared(ledger_url: str) -> bool:
    """Return whether the ledger is one that several hosts can use at once."""
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
        self._end: socket.socket | None = None  # closed, it ends the thread
        self._connection: Connection | None = None

    def acquire(self) -> None:
        """Take it.

        Raises:
            LockHeld: another crawl has it; the message says which, where and since when.
            LedgerError: the server cannot be reached.
        """
        engine = create_engine(
            self._url,
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",  # an open transaction all day would hold up the server
            connect_args={
                "connect_timeout": _ANSWER_SECONDS,
                "tcp_user_timeout": _ANSWER_SECONDS * 1000,
                "options": f"{_KEEPALIVE} -c statement_timeout={_ANSWER_SECONDS * 1000} "
                f"-c lock_timeout={_PATIENCE}",
                "application_name": f"newsbot crawl {self._site}",
            },
        )
        try:
            with ExitStack() as opened:
                self._connection = opened.enter_context(closing(engine.connect()))
                if not self._try():
                    raise LockHeld(f"{self._site}: {self._who()}; nothing was started")
                self._sign()
                opened.pop_all()  # from here on, release() closes it
        except SQLAlchemyError as error:
            raise LedgerError(
                f"{self._site}: the lock on {self._where()} cannot be asked for: {_cause(error)}; "
                "is the server up?"
            ) from error
        ended, self._end = socket.socketpair()
        self._thread = threading.Thread(target=self._beat, args=(ended,), name="lock", daemon=True)
        self._thread.start()

    def release(self) -> None:
        """Give it up."""
        if self._end is not None:
            self._end.close()
            self._thread.join()
        if self._connection is not None:
            try:
                self._connection.close()
            except SQLAlchemyError as error:  # then the server has given it up already
                logger.debug("closing the lock's connection: %s", error)

    def _try(self) -> bool:
        try:
            self._ask("SELECT pg_advisory_lock(:key)")
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
                return False
            raise
        return True

    def _beat(self, ended: socket.socket) -> None:
        with ended:
            self._watch(ended)

    def _watch(self, ended: socket.socket) -> None:
        """See every few seconds that the lock is still ours, and say that we live."""
        while not self._is_over(ended):
            try:
                is_ours = self._ask(
                    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted "
                    "AND pid = pg_backend_pid() AND objsubid = 1 "
                    "AND ((classid::bigint << 32) | objid::bigint) = :key"
                )
                if not is_ours:
                    self._lose("the server has given it up")
                    return
                self._connected().execute(
                    update(locks).where(locks.c.site == self._site).values(heartbeat=_now())
                )
            except SQLAlchemyError as error:
                self._lose(_cause(error))
                return

    def _is_over(self, ended: socket.socket) -> bool:
        """Wait for the next beat; False at once if the server says something, as when it hangs up.

        It gives the lock of a session that it ended to the next one at once.
        """
        server: Any = self._connected().connection.driver_connection
        ready, _, _ = sockets.select([ended, server], [], [], HEARTBEAT_SECONDS)
        return ended in ready

    def _lose(self, why: str) -> None:
        self._on_loss(f"{self._site}: the lock on {self._where()} was lost: {why}")

    def _sign(self) -> None:
        """Leave word who has it, for those who come after."""
        row = {"site": self._site, "host": HOST, "pid": os.getpid()}
        row |= {"since": _now(), "heartbeat": _now()}
        upsert(self._connected(), locks, [row], keep=_always)

    def _who(self) -> str:
        row = self._connected().execute(select(locks).where(locks.c.site == self._site)).first()
        if row is None:
            return "another crawl is running, on another host"
        silent = max(timedelta(0), _now() - row.heartbeat).total_seconds()
        return (
            f"another crawl is running: process {row.pid} on {row.host} since "
            f"{row.since.isoformat(timespec='seconds')}, last heard of {silent:.0f} s ago"
        )

    def _ask(self, query: str) -> Any:
        return self._connected().execute(text(query), {"key": _key(self._site)}).scalar()

    def _connected(self) -> Connection:
        if self._connection is None:
            raise RuntimeError("the lock was not acquired")
        return self._connection

    def _where(self) -> str:
        return self._url.render_as_string(hide_password=True)


def _key(site: str) -> int:
    """Return a number for the site, 63 bits, so that no two sites share one."""
    digest = hashlib.sha256(f"newsbot crawl {site}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def _now() -> datetime:
    return datetime.now(UTC)


def _cause(error: SQLAlchemyError) -> str:
    return str(getattr(error, "orig", None) or error).strip().replace("\n", " ")


def _always(_new: Any) -> Any:
    return text("true")
