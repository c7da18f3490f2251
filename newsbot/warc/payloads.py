"""The payloads that a run has written, so that identical ones are not written twice."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from newsbot.errors import CaptureError
from newsbot.warc.records import Prior

_MAX_IN_MEMORY = 1000  # payloads, some 0.6 MB

_TABLE = """
CREATE TABLE payloads (
    sha256 BLOB PRIMARY KEY, record_id TEXT, url TEXT, date TEXT, file TEXT, digest TEXT
) WITHOUT ROWID
"""


class SeenPayloads:
    """Records by payload SHA-256: the latest in memory, others in a temporary SQLite database.

    So memory does not grow with the run. Not thread-safe.

    Raises (all methods):
        CaptureError: the folder for temporary files is full or cannot be written.
    """

    def __init__(self) -> None:
        self._latest: dict[str, Prior] = {}
        self._database = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute(_TABLE)

    def find(self, sha256: str) -> Prior | None:
        """Return the record with this payload (SHA-256 in hex); None if there is none."""
        return self._latest.get(sha256) or self._stored(sha256)

    def add(self, sha256: str, prior: Prior) -> None:
        """Remember the record that holds this payload; the first record of a payload stays."""
        self._latest.setdefault(sha256, prior)
        if len(self._latest) >= _MAX_IN_MEMORY:
            rows = [
                (bytes.fromhex(key), p.record_id, p.url, p.date.isoformat(), p.file,
                 p.payload_digest)
                for key, p in self._latest.items()
            ]  # fmt: skip
            self._run("INSERT OR IGNORE INTO payloads VALUES (?, ?, ?, ?, ?, ?)", rows)
            self._latest.clear()

    def close(self) -> None:
        """Remove the temporary database."""
        self._database.close()

    def _stored(self, sha256: str) -> Prior | None:
        query = "SELECT record_id, url, date, file, digest FROM payloads WHERE sha256 = ?"
        rows = self._run(query, [(bytes.fromhex(sha256),)])
        if not rows:
            return None
        record_id, url, date, file, digest = rows[0]
        return Prior(record_id, url, datetime.fromisoformat(date), file, digest)

    def _run(self, statement: str, values: Iterable[tuple[object, ...]]) -> list[tuple[str, ...]]:
        try:
            return [row for one in values for row in self._database.execute(statement, one)]
        except sqlite3.Error as error:
            raise CaptureError(
                f"the list of this run's payloads (in the folder for temporary files): {error}; "
                "free space there, or set TMPDIR to a folder with space"
            ) from error
