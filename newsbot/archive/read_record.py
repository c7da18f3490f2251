"""Reads single records of landed WARC files, with one range read each.

A record is found by its place (file, offset, length), as articles and the crawl log give it; what a
revisit refers to, by the URL and date it names.
"""

import io
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from threading import Lock
from typing import Any

from fastwarc.warc import ArchiveIterator

from newsbot.archive.snapshots import LandedFile, Snapshot, run_of_warc
from newsbot.errors import FixityError, ObjectMissing
from newsbot.layout import INDEX, RunRef
from newsbot.stores.retry import RetryPolicy
from newsbot.stores.store import Store
from newsbot.warc.content_coding import decoded
from newsbot.warc.http1 import split_head

_BESIDE = 4096  # bytes; the request and metadata records that follow a response are shorter
_FETCH_TIME = re.compile(rb"(?m)^fetchTimeMs: (\d+)\r?$")
_INDEXES = 8  # of runs that are kept in memory; some 5 MB for 10,000 exchanges


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record's gzip member is."""

    file: str
    offset: int
    length: int

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> "Place":
        """From a source, a crawl line's record or an index line."""
        return cls(
            fields.get("file") or fields["filename"], int(fields["offset"]), int(fields["length"])
        )


@dataclass(frozen=True)
class Record:
    """A record as it is stored: its member's bytes, and what its headers say."""

    member: bytes
    headers: Mapping[str, str]  # names in lower case
    date: datetime
    block: bytes

    @property
    def kind(self) -> str:
        """The WARC-Type."""
        return self.headers["warc-type"]

    @property
    def record_id(self) -> str:
        """The WARC-Record-ID."""
        return self.headers["warc-record-id"]

    @cached_property
    def _message(self) -> tuple[Any, bytes]:
        head, end = split_head(self.block)
        return head, self.block[end:]

    @property
    def status(self) -> int | None:
        """HTTP status of a response; what we made of one, such as a DOM, has none."""
        if self.kind == "resource":
            return None
        found: int | None = self._message[0].status
        return found

    @property
    def content_type(self) -> str | None:
        """The HTTP header; the last one if there are several, as the crawler takes it."""
        if self.kind == "resource":
            return self.headers["content-type"]
        values = self._message[0].get_all("content-type")
        return values[-1] if values else None

    @property
    def body(self) -> bytes:
        """A response's body without its content coding, or what we made of it.

        Raises:
            ExtractionFailed: the body as it was sent cannot be decoded.
        """
        if self.kind == "resource":
            return self.block
        head, body = self._message
        return decoded(body, head.get_all("content-encoding"))


class Records:
    """Reads records of a store, and remembers where files are; for several threads."""

    def __init__(self, store: Store, patience: RetryPolicy = RetryPolicy()) -> None:  # noqa: B008
        self._store = store
        self._patience = patience
        self._homes: dict[str, RunRef | None] = {}
        self._indexes: dict[RunRef, dict[tuple[str, str], bytes]] = {}
        self._lock = Lock()  # of the two above

    def read(self, place: Place, home: RunRef | None = None) -> Record:
        """Return the record at that place; ``home`` is the run it is in, where that is known.

        Raises:
            ObjectMissing: the file is not in this store.
            FixityError: there is no whole record there.
            StoreError: it could not be read.
        """
        return self.read_beside(place, home)[0]

    def read_beside(self, place: Place, home: RunRef | None = None) -> tuple[Record, datetime]:
        """The record, and when its exchange ended (UTC): its date, and what metadata adds."""
        data = self._bytes(place, home)
        where = f"{self._store.url}: {place.file} at {place.offset}"
        record = parsed(data[: place.length], where)
        return record, _ended(record, data[place.length :])

    def _bytes(self, place: Place, home: RunRef | None) -> bytes:
        file = self._file(place.file, home)
        return self._patience.do(lambda: file.read_range(place.offset, place.length + _BESIDE))

    def referred_to(self, revisit: Record, files: Iterable[str]) -> bytes | None:
        """The index line of the record that a revisit refers to; None if none of the runs has it.

        Args:
            files: WARC files that it may be in (the manifest's ``refers_to``, or the run's own).
        """
        url = revisit.headers.get("warc-refers-to-target-uri", "")
        date = revisit.headers.get("warc-refers-to-date", "")
        stamp = "".join(character for character in date if character.isdigit())[:14]
        homes = dict.fromkeys(self.home(file) for file in files)
        found = (self._index(home).get((url, stamp)) for home in homes if home is not None)
        return next(filter(None, found), None)

    def home(self, file: str) -> RunRef | None:
        """Return the run that has the WARC file; None if it is not in this store."""
        with self._lock:
            if file not in self._homes:
                self._homes[file] = run_of_warc(self._store, file)
            return self._homes[file]

    def _index(self, home: RunRef) -> Mapping[tuple[str, str], bytes]:
        """The run's index lines by URL and 14-digit time; the last few runs' are remembered."""
        with self._lock:
            if home not in self._indexes:
                while len(self._indexes) >= _INDEXES:
                    self._indexes.pop(next(iter(self._indexes)))
                try:
                    lines = Snapshot(self._store, home).open(INDEX).read().splitlines()
                except ObjectMissing:
                    lines = []
                self._indexes[home] = {_key(line): line for line in lines}
            return self._indexes[home]

    def _file(self, file: str, home: RunRef | None) -> LandedFile:
        ref = home or self.home(file)
        if ref is None:
            raise ObjectMissing(f"{self._store.url}: no run there has the file {file}")
        return Snapshot(self._store, ref).open(f"warc/{file}")


def place_of(line: bytes) -> Place:
    """Return the record's place, from its index line."""
    return Place.of(json.loads(line.split(b" ", 2)[2]))


def _key(line: bytes) -> tuple[str, str]:
    _, stamp, fields = line.split(b" ", 2)
    return json.loads(fields)["url"], stamp.decode("ascii")


def parsed(member: bytes, where: str) -> Record:
    """Return the record in one gzip member.

    Raises:
        FixityError: it is not a whole record.
    """
    try:
        for record in ArchiveIterator(io.BytesIO(member), parse_http=False):
            block = record.reader.read()
            if len(block) != record.content_length:
                break
            headers = {name.lower(): value for name, value in record.headers}
            return Record(member, headers, record.record_date, block)
    except (OSError, ValueError) as error:
        raise FixityError(
            f"{where}: no record there: {error}; `newsbot verify` says more"
        ) from error
    raise FixityError(f"{where}: no whole record there; `newsbot verify` says more")


def _ended(record: Record, beside: bytes) -> datetime:
    """Return the record's date plus the fetch time that the metadata record after it gives."""
    try:
        for other in ArchiveIterator(io.BytesIO(beside), parse_http=False):
            if other.headers.get("WARC-Concurrent-To") != record.record_id:
                break
            took = _FETCH_TIME.search(other.reader.read())
            if took is not None:
                return record.date + timedelta(milliseconds=int(took[1]))
    except (OSError, ValueError):
        return record.date  # what was read beside the record ends within the next one
    return record.date
