"""WARC files that are closed go to the store while the crawl goes on, and then leave the spool."""

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

_SENT = "sent.jsonl"  # what is in the store already; its size and SHA-256 were read back


class EarlyUploader:
    """Sends a run's closed WARC files, one after the other, off the crawl's thread.

    What cannot be sent stays in the spool, is tried again with the next file, and lands with the
    run at the latest.
    """

    def __init__(self, folder: Path, store: Store, prefix: str, sync: Callable[[], None]) -> None:
        """Nothing is sent yet.

        Args:
            folder: the run's, in the spool.
            store: where the run will land.
            prefix: the run's folder there, with a closing slash.
            sync: puts the journals on the disk. Their lines go before the records they are of, for
                what is in the store cannot be cut back any more.
        """
        self._folder, self._store, self._prefix, self._sync = folder, store, prefix, sync
        self._halted = Event()
        self._patience = RetryPolicy(wait=self._halted.wait)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="ahead")
        self._sent = Journal(folder / _SENT)
        self._under_way: list[Future[None]] = []

    def send(self, _closed: Path) -> None:
        """Send the file that was just closed and those that could not be sent before."""
        self._under_way.append(self._pool.submit(self._send_all))

    def close(self) -> None:
        """Finish the file under way and send no more; landing does the rest."""
        self._halted.set()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._sent.close()
        for sending in self._under_way:
            if not sending.cancelled():
                sending.result()

    def _send_all(self) -> None:
        for path in sorted((self._folder / "files" / "warc").glob("*.warc.gz")):
            if self._halted.is_set():
                return
            try:
                self._send(path)
            except NewsbotError as error:
                logger.warning("%s: not stored yet, kept in the spool: %s", path.name, error)
                return

    def _send(self, path: Path) -> None:
        files = self._folder / "files"
        self._sync()
        with disk_errors(files):
            entry = describe(files, path.relative_to(files).as_posix())
        self._patience.do(partial(self._store_file, entry))
        self._sent.add(json.dumps(entry.model_dump()))
        self._sent.sync()
        with disk_errors(files):
            path.unlink()

    def _store_file(self, entry: FileEntry) -> None:
        if self._halted.is_set():  # what waits for a store that is away ends with the crawl
            raise StoreError("the crawl has ended; it lands with the run")
        store_file(self._folder / "files", self._store, self._prefix, entry)


def uploaded_early(folder: Path) -> tuple[FileEntry, ...]:
    """Return what of the run in the spool folder is in the store already."""
    path = folder / _SENT
    if not path.is_file():
        return ()
    entries = [FileEntry.model_validate_json(line) for line in journal_lines(path)]
    return tuple({entry.name: entry for entry in entries}.values())
