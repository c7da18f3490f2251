"""One crawl of a site at a time: the crawl itself holds a file lock while it runs."""

import json
import os
import socket
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from filelock import FileLock, Timeout

from newsbot.errors import LockHeld


class SiteLock:
    """The lock of one site, as a context manager; ends with the process, however it ends.

    Raises:
        LockHeld: another crawl has it; the message says which process, where and since when.
    """

    def __init__(self, state: Path, site: str) -> None:
        folder = state / "locks"
        folder.mkdir(parents=True, exist_ok=True)
        self._site = site
        self._lock = FileLock(folder / f"{site}.lock", timeout=0)
        self._holder = folder / f"{site}.holder.json"

    def __enter__(self) -> "SiteLock":
        try:
            self._lock.acquire()
        except Timeout as error:
            raise LockHeld(f"{self._site}: {self._who()}; nothing was started") from error
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
        self._lock.release()

    def _who(self) -> str:
        try:
            holder = json.loads(self._holder.read_text(encoding="utf-8"))
            return (
                f"another crawl is running: process {holder['pid']} on {holder['host']} "
                f"since {holder['since']}"
            )
        except (OSError, ValueError, KeyError):  # the holder is just writing it
            return "another crawl is running"
