"""Reads single records of landed WARC files, with one range request each.

A record is found by file, offset and length, as articles and the crawl log give them; the record
that a revisit refers to, by URL and date.
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
from isal import isal_zlib

from newsbot.archive.snapshots import LandedFile, Snapshot, run_of_warc
from newsbot.errors import FixityError, ObjectMissing
from newsbot.layout import INDEX, RunRef
from newsbot.stores.retry import RetryPolicy
from newsbot.stores.store import Store
from newsbot.warc.content_coding import decoded
from newsbot.warc.http1 import split_head, unchunked
from newsbot.warc.records import target_of

_BYTES_AFTER = 4096  # bytes; the request and metadata records that follow a response are shorter
LARGEST_BODY = 128 * 1024 * 1024  # bytes of a decoded body: four times what a crawl decodes
_FETCH_TIME = re.compile(rb"(?m)^fetchTimeMs: (\d+)\r?$")
_MAX_INDEXES = 8  # cached, one a run; some 5 MB for 10,000 exchanges


@dataclass(frozen=True, slots=True)
class MemberRange:
    """The byte range of a record's gzip member in a WARC file."""

    file: str
    offset: int
    length: int

    @classmethod
    def from_fields(cls, fields: Mapping[str, Any]) -> "MemberRange":
        """Return the range from an article's source, a crawl line's record or an index line."""
        return cls(
            fields.get("file") or fields["filename"], int(fields["offset"]), int(fields["length"])
        )


@dataclass(frozen=True)
class Record:
    """A record as stored: the bytes of its gzip member, its headers and its block."""

    member: bytes
    headers: Mapping[str, str]  # names in lower case
    date: datetime
    block: bytes

    @property
    def uncompressed(self) -> bytes:
        """The bytes of the record as in a WARC file without compression."""
        data: bytes = isal_zlib.decompress(self.member, wbits=31)
        return data

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
        """HTTP status of a response; None for a resource record, such as a rendered DOM."""
        if self.kind == "resource":
            return None
        found: int | None = self._message[0].status
        return found

    @property
    def content_type(self) -> str | None:
        """The Content-Type header; the last one if there are several, as the crawler takes it."""
        if self.kind == "resource":
            return self.headers["content-type"]
        values = self._message[0].get_all("content-type")
        return values[-1] if values else None

    @property
    def url(self) -> str:
        """The target URI."""
        return target_of(self.headers) or ""

    @property
    def body(self) -> bytes:
        """A response's body without its codings, or a resource record's block.

        Raises:
            ExtractionFailed: the body as received cannot be decoded.
        """
        return self.decoded_body()

    def decoded_body(self, limit: int = LARGEST_BODY) -> bytes:
        """Return ``body``, of at most ``limit`` bytes (0 for no limit).

        Raises:
            ExtractionFailed: it cannot be decoded, or is larger.
        """
        if self.kind == "resource":
            return self.block
        head, body = self._message
        return decoded(unchunked(head, body), head.get_all("content-encoding"), limit)


class RecordReader:
    """Reads records of a store, caching where files are; safe for several threads."""

    def __init__(self, store: Store, retry_policy: RetryPolicy = RetryPolicy()) -> None:  # noqa: B008
        self._store = store
        self._retry_policy = retry_policy
        self._homes: dict[str, RunRef | None] = {}
        self._indexes: dict[RunRef, dict[tuple[str, str], bytes]] = {}
        self._lock = Lock()  # of the homes
        self._index_lock = Lock()

    def read(self, member: MemberRange, home: RunRef | None = None) -> Record:
        """Return the record in that range; ``home`` is the run that has the file, if known.

        Raises:
            ObjectMissing: the file is not in this store.
            FixityError: there is no complete record in the range.
            StoreError: it could not be read.
        """
        return self.read_with_end(member, home)[0]

    def read_with_end(
        self, member: MemberRange, home: RunRef | None = None
    ) -> tuple[Record, datetime]:
        """Return the record, and when its exchange ended (UTC), as its metadata record says."""
        data = self._bytes(member, home)
        where = f"{self._store.url}: {member.file} at {member.offset}"
        record = parse_member(data[: member.length], where)
        return record, _end_of_exchange(record, data[member.length :])

    def _bytes(self, member: MemberRange, home: RunRef | None) -> bytes:
        file = self._file(member.file, home)
        return self._retry_policy.do(
            lambda: file.read_range(member.offset, member.length + _BYTES_AFTER)
        )

    def referred_to(self, revisit: Record, files: Iterable[str]) -> bytes | None:
        """Return the index line of the record that a revisit refers to; None if there is none.

        Args:
            files: WARC files whose runs are searched (the manifest's ``refers_to``, or the run's
                own).
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
            if file in self._homes:
                return self._homes[file]
        home = self._retry_policy.do(lambda: run_of_warc(self._store, file))
        with self._lock:
            return self._homes.setdefault(file, home)

    def _index(self, home: RunRef) -> Mapping[tuple[str, str], bytes]:
        """Return the run's index lines by URL and 14-digit time, cached for the last few runs."""
        with self._index_lock:  # held while reading: others would read the same index again
            if home not in self._indexes:
                while len(self._indexes) >= _MAX_INDEXES:
                    self._indexes.pop(next(iter(self._indexes)))
                try:
                    index = self._retry_policy.do(Snapshot(self._store, home).open(INDEX).read)
                except ObjectMissing:
                    index = b""
                self._indexes[home] = {_index_key(line): line for line in index.splitlines()}
            return self._indexes[home]

    def _file(self, file: str, home: RunRef | None) -> LandedFile:
        ref = home or self.home(file)
        if ref is None:
            raise ObjectMissing(f"{self._store.url}: no run has the file {file}")
        return Snapshot(self._store, ref).open(f"warc/{file}")


def range_of_index_line(line: bytes) -> MemberRange:
    """Return the record's byte range, from its index line."""
    return MemberRange.from_fields(json.loads(line.split(b" ", 2)[2]))


def _index_key(line: bytes) -> tuple[str, str]:
    _, stamp, fields = line.split(b" ", 2)
    return json.loads(fields)["url"], stamp.decode("ascii")


def parse_member(data: bytes, where: str) -> Record:
    """Return the record in one gzip member.

    Raises:
        FixityError: it is not a complete record.
    """
    try:
        for record in ArchiveIterator(io.BytesIO(data), parse_http=False):
            block = record.reader.read()
            if len(block) != record.content_length:
                break
            headers = {name.lower(): value for name, value in record.headers}
            return Record(data, headers, record.record_date, block)
    except (OSError, ValueError) as error:
        raise FixityError(
            f"{where}: no record: {error}; run `newsbot verify` for details"
        ) from error
    raise FixityError(f"{where}: no complete record; run `newsbot verify` for details")


def _end_of_exchange(record: Record, following: bytes) -> datetime:
    """Return the record's date plus the fetch time that the metadata record after it gives."""
    try:
        for other in ArchiveIterator(io.BytesIO(following), parse_http=False):
            if other.headers.get("WARC-Concurrent-To") != record.record_id:
                break
            took = _FETCH_TIME.search(other.reader.read())
            if took is not None:
                return record.date + timedelta(milliseconds=int(took[1]))
    except (OSError, ValueError):
        return record.date  # the bytes read after the record end within another record
    return record.date
