"""Uploads closed WARC files during the crawl, and then removes them from the spool."""

import json
import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Event

from newsbot.archive.manifest import FileEntry
from newsbot.errors import NewsbotError, StoreError
from newsbot.files import disk_errors
from newsbot.landing.spool import Journal, journal_lines
from newsbot.landing.upload import describe, store_file
from newsbot.stores.retry import RetryPolicy
from newsbot.stores.store import Store

logger = logging.getLogger(__name__)

_UPLOADED = "sent.jsonl"  # files in the store whose size and SHA-256 were read back


class EarlyUploader:
    """Uploads a run's closed WARC files, one after the other, in a thread of its own.

    A file that cannot be uploaded stays in the spool, is tried again with the next one, and lands
    with the run at the latest.
    """

    def __init__(self, folder: Path, store: Store, prefix: str, sync: Callable[[], None]) -> None:
        """Prepare; nothing is uploaded yet.

        Args:
            folder: the run's, in the spool.
            store: where the run will land.
            prefix: the run's folder there, with a closing slash.
            sync: syncs the journals to disk. Their lines must be safe before the records in the
                store, which cannot be truncated any more.
        """
        self._folder, self._store, self._prefix, self._sync = folder, store, prefix, sync
        self._stopped = Event()
        self._retry_policy = RetryPolicy(wait=self._stopped.wait)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="early-upload")
        self._uploaded = Journal(folder / _UPLOADED)
        self._pending: list[Future[None]] = []

    def send(self, _closed: Path) -> None:
        """Upload the file that was just closed and those that failed before."""
        self._pending.append(self._pool.submit(self._send_all))

    def close(self) -> None:
        """Finish the current file and upload no more; landing does the rest."""
        self._stopped.set()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._uploaded.close()
        for sending in self._pending:
            if not sending.cancelled():
                sending.result()

    def _send_all(self) -> None:
        for path in sorted((self._folder / "files" / "warc").glob("*.warc.gz")):
            if self._stopped.is_set():
                return
            try:
                self._send(path)
            except NewsbotError as error:
                logger.warning("%s: not uploaded yet, stays in the spool: %s", path.name, error)
                return

    def _send(self, path: Path) -> None:
        files = self._folder / "files"
        self._sync()
        with disk_errors(files):
            entry = describe(files, path.relative_to(files).as_posix())
        self._retry_policy.do(partial(self._store_file, entry))
        self._uploaded.add(json.dumps(entry.model_dump()))
        self._uploaded.sync()
        with disk_errors(files):
            path.unlink()

    def _store_file(self, entry: FileEntry) -> None:
        if self._stopped.is_set():  # retries of an unavailable store end with the crawl
            raise StoreError("the crawl has ended; the file lands with the run")
        store_file(self._folder / "files", self._store, self._prefix, entry)


def uploaded_early(folder: Path) -> tuple[FileEntry, ...]:
    """Return the files of the run in the spool folder that are in the store already."""
    path = folder / _UPLOADED
    if not path.is_file():
        return ()
    entries = [FileEntry.model_validate_json(line) for line in journal_lines(path)]
    return tuple({entry.name: entry for entry in entries}.values())
