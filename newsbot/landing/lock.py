"""The lock that allows one crawl of a site at a time; the crawl holds it while it runs.

On one host it is a file lock; with a ledger that several hosts share, also one of PostgreSQL.
"""

import json
import logging
import os
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from filelock import FileLock, Timeout

from newsbot.errors import LockHeld, LockLost
from newsbot.ledger.sharedlock import SharedLock, is_shared

logger = logging.getLogger(__name__)


class SiteLock:
    """The lock of one site, a context manager; the end of the process releases it too.

    Raises:
        LockHeld: another crawl has it; the message says which process, where and since when.
        LedgerError: the lock is in a shared ledger that cannot be used.
    """

    def __init__(self, state: Path, site: str, ledger_url: str | None = None) -> None:
        folder = state / "locks"
        folder.mkdir(parents=True, exist_ok=True)
        self.lost: LockLost | None = None
        self._on_loss: Callable[[LockLost], None] | None = None
        self._site = site
        self._lock = FileLock(folder / f"{site}.lock", timeout=0)
        self._holder = folder / f"{site}.holder.json"
        self._shared = (
            SharedLock(ledger_url, site, self._lose)
            if ledger_url is not None and is_shared(ledger_url)
            else None
        )

    def when_lost(self, call: Callable[[LockLost], None]) -> None:
        """Call the function, from another thread, once the lock is lost, or now if it is lost."""
        self._on_loss = call
        if self.lost is not None:
            call(self.lost)

    def check(self) -> None:
        """Check that the lock is still held.

        Raises:
            LockLost: it is not.
        """
        if self.lost is not None:
            raise self.lost

    def __enter__(self) -> "SiteLock":
        try:
            self._lock.acquire()
        except Timeout as error:
            raise LockHeld(f"{self._site}: {self._who()}; nothing was started") from error
        if self._shared is not None:
            try:
                self._shared.acquire()
            except BaseException:
                self._lock.release()
                raise
        holder = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "since": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        self._holder.write_text(json.dumps(holder), encoding="utf-8")
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        if self._shared is not None:
            self._shared.release()
        self._lock.release()

    def _lose(self, why: str) -> None:
        self.lost = LockLost(f"{why}; the crawl stops, and its run stays in the spool")
        logger.error("%s", self.lost)
        if self._on_loss is not None:
            self._on_loss(self.lost)

    def _who(self) -> str:
        try:
            holder = json.loads(self._holder.read_text(encoding="utf-8"))
            return (
                f"another crawl is running: process {holder['pid']} on {holder['host']} "
                f"since {holder['since']}"
            )
        except (OSError, ValueError, KeyError):  # the holder is writing it
            return "another crawl is running"
