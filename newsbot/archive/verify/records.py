"""The records of a run, as far as they were read: what its other files refer to."""

import io
from collections.abc import Iterator
from dataclasses import replace
from typing import Protocol

from newsbot.archive.snapshots import Snapshot
from newsbot.warc.check import CheckedRecord, WarcCheck


class NotRead(Exception):
    """It is not known which record is at a place: its file is missing or damaged there."""


class Finder(Protocol):
    """Finds the record at a place that a line names."""

    def find(self, file: str, offset: int, length: int) -> CheckedRecord | None:
        """Return the record; None if there is none.

        Args:
            length: of its gzip member, as the line says.

        Raises:
            NotRead: the place could not be read.
        """


class RunRecords:
    """The records of a run's WARC files, which were all read."""

    def __init__(self) -> None:
        self._checks: dict[str, WarcCheck] = {}
        self._unread: set[str] = set()

    def add(self, file: str, check: WarcCheck) -> None:
        """Take the records of a file, by its name without folder."""
        self._checks[file] = check

    def add_unread(self, file: str) -> None:
        """Take notice of a file that is listed and cannot be read."""
        self._unread.add(file)

    def find(self, file: str, offset: int, length: int = 0) -> CheckedRecord | None:  # noqa: ARG002
        """Return the record at the place; see ``Finder``."""
        if file in self._unread:
            raise NotRead
        check = self._checks.get(file)
        if check is None:
            return None
        record = check.records.get(offset)
        if record is None and not check.is_read(offset):
            raise NotRead
        return record

    def has_id(self, record_id: str) -> bool:
        """Return whether one of the files has a record of that id, requests included.

        Raises:
            NotRead: none was found, and a file is missing.
        """
        if any(record_id in check.ids for check in self._checks.values()):
            return True
        if not self.is_complete:
            raise NotRead
        return False

    @property
    def is_complete(self) -> bool:
        """Whether all records of all files were read."""
        return not self._unread and not any(one.is_damaged for one in self._checks.values())

    def __iter__(self) -> Iterator[tuple[str, CheckedRecord]]:
        """Yield each record with the name of its file."""
        for file, check in self._checks.items():
            for record in check.records.values():
                yield file, record

    @property
    def count(self) -> int:
        """The number of records, requests included."""
        return sum(check.count for check in self._checks.values())

    def repeated_ids(self) -> Iterator[tuple[str, str]]:
        """Yield each record id that an earlier file has too, with the later file's name."""
        seen: set[str] = set()
        for file, check in self._checks.items():
            for record_id in sorted(seen & check.ids):
                yield file, record_id
            seen |= check.ids


class StoredRecords:
    """The records of another run, or of one whose WARC files are not all there: read one by one."""

    def __init__(self, run: Snapshot) -> None:
        self._run = run
        self._existing = set(run.paths())

    def find(self, file: str, offset: int, length: int) -> CheckedRecord | None:
        """Return the record at the place; see ``Finder``."""
        path = f"warc/{file}"
        if path not in self._existing:
            raise NotRead
        stored = self._run.open(path)
        check = WarcCheck(stored.name, is_of_newsbot=True)
        member = io.BytesIO(stored.read_range(offset, length))
        if any(not fault.is_remark for fault in check.run(member)):
            return None
        return replace(check.records[0], offset=offset) if 0 in check.records else None
