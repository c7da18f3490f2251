"""Content of a WARC record, and the data about one after it was written."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Protocol

from newsbot.warc import http1

IDENTICAL_PAYLOAD = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"  # RFC 4648, section 6
_PAIRS = [first + second for first in _BASE32 for second in _BASE32]
_SHIFTS = range(150, -1, -10)
SERVER_NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"


@dataclass(frozen=True, slots=True)
class Captured:
    """Where an exchange was written.

    ``payload_sha256`` (hex) is that of the stored payload, ``payload_digest`` its SHA-1 in base32
    as in the record (of a resource record: the block digest). A failed exchange without a response
    has only its request (or metadata) record.
    """

    record_id: str
    record_type: str
    file: str
    offset: int
    length: int
    date: datetime
    status: int | None
    payload_digest: str | None
    payload_sha256: str | None
    payload_length: int
    ended: datetime
    etag: str | None = None
    last_modified: str | None = None
    error: str | None = None
    truncated: str | None = None
    refers_to: str | None = None  # WARC file of an earlier run that this revisit refers to
    index: str | None = None  # the CDXJ line of a response or revisit


@dataclass(frozen=True, slots=True)
class Prior:
    """A landed record that a revisit can refer to."""

    record_id: str
    url: str
    date: datetime
    file: str
    payload_digest: str


class PriorRecords(Protocol):
    """Finds records of earlier runs that have landed."""

    def payload(self, sha256: str) -> Prior | None:
        """Return the record with this payload; None if there is none."""

    def response(self, url: str) -> Prior | None:
        """Return the response record that holds what the URL last answered; None if there is none.

        A revisit record would not do: players take the nearest response, which may be of a version
        in between.
        """


class NoPriorRecords:
    """Finds no record, as without earlier runs: every payload is new."""

    def payload(self, sha256: str) -> Prior | None:  # noqa: ARG002 - the PriorRecords protocol
        """Return None."""
        return None

    def response(self, url: str) -> Prior | None:  # noqa: ARG002 - the PriorRecords protocol
        """Return None."""
        return None


@dataclass(slots=True)
class Block:
    """A record's content: a head in memory and a payload in memory or on disk.

    ``is_compressed``: the payload is compressed already, so it is stored without compression.
    """

    head: bytes
    payload: http1.Body = b""
    payload_length: int = 0
    is_compressed: bool = False

    def pieces(self) -> Iterator[bytes]:
        """Yield head and payload, in pieces."""
        if self.head:
            yield self.head
        yield from http1.pieces(self.payload)

    @property
    def length(self) -> int:
        """Bytes of head and payload."""
        return len(self.head) + self.payload_length


@lru_cache(maxsize=16)  # the records of an exchange have one date
def timestamp(date: datetime, precision: str = "microseconds") -> str:
    """Return a WARC-Date: W3C date and time in UTC."""
    return date.astimezone(UTC).isoformat(timespec=precision).removesuffix("+00:00") + "Z"


def target_of(headers: Mapping[str, str]) -> str | None:
    """Return the target URI of a record, given its headers with names in lower case.

    WARC/1.0 printed it in angle brackets by mistake, and wget writes it so.
    """
    uri = headers.get("warc-target-uri")
    return uri if uri is None else uri.removeprefix("<").removesuffix(">")


def base32_digest(digest: bytes) -> str:
    """Return a SHA-1 as ``sha1:`` and base32, as in WARC headers.

    The ``base64`` module takes five times as long.
    """
    number = int.from_bytes(digest)
    return "sha1:" + "".join([_PAIRS[number >> shift & 0x3FF] for shift in _SHIFTS])


def warc_fields(fields: Mapping[str, object]) -> bytes:
    """Return an ``application/warc-fields`` block; fields that are None are left out."""
    lines = [f"{name}: {value}\r\n" for name, value in fields.items() if value is not None]
    return "".join(lines).encode("utf-8")


def new_id() -> str:
    """Return a new WARC-Record-ID: a random UUID (RFC 9562, section 5.4).

    There are three for each page: with the ``uuid`` module they take a tenth of the time that its
    records take.
    """
    bits = os.urandom(16).hex()
    variant = "89ab"[int(bits[16], 16) & 3]
    return f"<urn:uuid:{bits[:8]}-{bits[8:12]}-4{bits[13:16]}-{variant}{bits[17:20]}-{bits[20:]}>"
