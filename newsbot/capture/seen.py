"""The payloads that a run has written, so that one that comes again is not written twice."""

import sqlite3
from datetime import datetime

from newsbot.capture.record import Prior
from newsbot.errors import CaptureError

_TABLE = """
CREATE TABLE payloads (
    sha256 BLOB PRIMARY KEY, record_id TEXT, url TEXT, date TEXT, file TEXT, digest TEXT
) WITHOUT ROWID
"""


class SeenPayloads:
    """By SHA-256, in a temporary file that SQLite removes: no run takes more memory than another.

    Not for more than one thread at a time.

    Raises (all methods):
        CaptureError: the folder for temporary files is full or cannot be written.
    """

    def __init__(self) -> None:
        self._database = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute(_TABLE)

    def find(self, sha256: str) -> Prior | None:
        """The record that holds this payload (SHA-256 in hex)."""
        query = "SELECT record_id, url, date, file, digest FROM payloads WHERE sha256 = ?"
        row = self._run(query, bytes.fromhex(sha256)).fetchone()
        if row is None:
            return None
        record_id, url, date, file, digest = row
        return Prior(record_id, url, datetime.fromisoformat(date), file, digest)

    def add(self, sha256: str, prior: Prior) -> None:
        """Remember the record as the one that holds this payload; the first one stays."""
        self._run(
            "INSERT OR IGNORE INTO payloads VALUES (?, ?, ?, ?, ?, ?)",
            bytes.fromhex(sha256),
            prior.record_id,
            prior.url,
            prior.date.isoformat(),
            prior.file,
            prior.payload_digest,
        )

    def close(self) -> None:
        """Remove the file."""
        self._database.close()

    def _run(self, statement: str, *values: object) -> sqlite3.Cursor:
        try:
            return self._database.execute(statement, values)
        except sqlite3.Error as error:
            raise CaptureError(
                f"the list of this run's payloads in the folder for temporary files: {error}; "
                "make room there, or set TMPDIR to a folder with room"
            ) from error
