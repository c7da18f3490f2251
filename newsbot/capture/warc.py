"""Writes WARC 1.1: one gzip member a record, digests of what is stored, nothing re-serialised.

Sources: WARC 1.1 (ISO 28500:2017) and its annotations at iipc/warc-specifications. Two documented
differences from the wire: a Transfer-Encoding line is renamed and the body dechunked (so that block
and payload digests pass every checker), and a 304 is stored with ``Content-Length: 0``.
"""

import base64
import hashlib
import os
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Protocol, cast

from isal import isal_zlib

from newsbot.capture import cdxj, http1
from newsbot.capture.exchange import SPILL_AT, Exchange, new_buffer
from newsbot.errors import CaptureError

ROLL_AT = 1024**3  # bytes: the size that WARC 1.1, annex C, recommends
GZIP_LEVEL = 2  # ISA-L: 4,300 records/s of 60 KB, 5 % larger than zlib at 6 (docs/decisions.md)
IDENTICAL_PAYLOAD = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
SERVER_NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"


@dataclass(frozen=True, slots=True)
class Captured:
    """Where an exchange was written.

    ``payload_sha256`` (hex) is that of the stored payload, ``payload_digest`` its sha1 in base32 as
    the record says. A failed exchange without a response has only its request (or metadata) record.
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


@dataclass(frozen=True, slots=True)
class Prior:
    """A landed record that a revisit can refer to."""

    record_id: str
    url: str
    date: datetime
    file: str
    payload_digest: str


class Known(Protocol):
    """What earlier runs captured; only of landed runs."""

    def payload(self, sha256: str) -> Prior | None:
        """The record with these payload bytes."""

    def response(self, url: str) -> Prior | None:
        """The record of the URL's last response."""


class NothingKnown:
    """No earlier run: every payload is new."""

    def payload(self, sha256: str) -> Prior | None:  # noqa: ARG002 - the Known protocol
        """No record with this payload."""
        return None

    def response(self, url: str) -> Prior | None:  # noqa: ARG002 - the Known protocol
        """No earlier response of this URL."""
        return None


@dataclass(slots=True)
class _Block:
    """A record's content: a head in memory and a payload in memory or on disk."""

    head: bytes
    payload: http1.Body = b""
    payload_length: int = 0

    def pieces(self) -> Iterator[bytes]:
        if self.head:
            yield self.head
        yield from http1.pieces(self.payload)

    @property
    def length(self) -> int:
        return len(self.head) + self.payload_length


class WarcWriter:
    """Writes the WARC files of one run; not for more than one thread at a time.

    Files are named ``NEWSBOT-<site>-<run>-<serial>.warc.gz`` and carry ``.open`` until closed. Each
    record is flushed to the operating system; ``sync`` puts them on the disk.

    Raises (all methods):
        CaptureError: the disk is full or the folder cannot be written.
    """

    def __init__(
        self,
        folder: Path,
        prefix: str,
        info: Mapping[str, str],
        known: "Known | None" = None,
        roll_at: int = ROLL_AT,
        secret_headers: Iterable[str] = http1.SECRET_HEADERS,
        on_index: Callable[[str], None] = lambda _line: None,
    ) -> None:
        self._folder = folder
        self._prefix = prefix
        self._info = dict(info)
        self._known: Known = known or NothingKnown()
        self._roll_at = roll_at
        self._secret = tuple(secret_headers)
        self._on_index = on_index
        self._here: dict[str, Prior] = {}  # payloads of this run, by SHA-256
        self._serial = 0
        self._file: IO[bytes] | None = None
        self._info_id = ""
        self._good = 0  # the file's length up to the last whole record

    # -- exchanges ---------------------------------------------------------------------------

    def write_exchange(self, exchange: Exchange) -> Captured:
        """Write the response or revisit, the request and the metadata of one exchange."""
        with disk_errors(self._folder):
            self._roll_if_due()
            if not exchange.received:
                return self._write_failed(exchange)
            with ExitStack() as spilled:
                return self._write_answered(exchange, spilled)

    def _write_answered(self, exchange: Exchange, spilled: ExitStack) -> Captured:
        message = exchange.body()
        start = message if isinstance(message, bytes) else b"".join(_first(message))
        head, end = http1.split_head(start)
        payload, length, framing = self._payload(message, end, head)
        if not isinstance(payload, bytes):
            spilled.enter_context(payload)
        sha1, sha256 = _digests(payload)
        block = _Block(http1.archived_head(head), payload, length)
        record_id, status = _new_id(), head.status
        headers = self._exchange_headers(exchange)
        kind, prior = "response", None
        if status == 304:
            prior = self._known.response(exchange.url)
            kind, block = "revisit", _Block(http1.not_modified_head(head))
            framing["originalHead"] = base64.b64encode(head.raw).decode("ascii")
            headers |= self._revisit(SERVER_NOT_MODIFIED, prior)
            payload_digest = None
        else:
            payload_digest = sha1
            headers["WARC-Payload-Digest"] = sha1
            prior = self._find(sha256) if length and exchange.truncated is None else None
            if prior is not None:
                kind, block = "revisit", _Block(block.head)
                headers |= self._revisit(IDENTICAL_PAYLOAD, prior)
        if exchange.truncated is not None:
            headers["WARC-Truncated"] = exchange.truncated
        headers["Content-Type"] = "application/http;msgtype=response"
        offset, size = self._write(kind, record_id, exchange.started, headers, block)
        mime = (head.get("content-type") or "unk").split(";")[0].strip().lower() or "unk"
        self._on_index(
            cdxj.line(
                exchange.url,
                exchange.started,
                mime="warc/revisit" if kind == "revisit" else mime,
                status=status,
                digest=payload_digest,
                offset=offset,
                length=size,
                filename=self.filename,
            )
        )
        if kind == "response" and length and status == 200 and exchange.truncated is None:
            self._here.setdefault(
                sha256,
                Prior(record_id, exchange.url, exchange.started, self.filename, sha1),
            )
        self._write_request(exchange, record_id)
        self._write_metadata(exchange, record_id, framing)
        return Captured(
            record_id=record_id,
            record_type=kind,
            file=self.filename,
            offset=offset,
            length=size,
            date=exchange.started,
            status=status,
            payload_digest=payload_digest,
            payload_sha256=sha256 if payload_digest else None,
            payload_length=length,
            ended=datetime.fromtimestamp(
                exchange.started.timestamp() + exchange.ended_after, tz=UTC
            ),
            etag=head.get("etag"),
            last_modified=head.get("last-modified"),
            error=exchange.error,
            truncated=exchange.truncated,
            refers_to=prior.file if prior and not prior.file.startswith(self._prefix) else None,
        )

    def _write_failed(self, exchange: Exchange) -> Captured:
        """Nothing came back: the request, if one was sent, and what went wrong."""
        record_id = _new_id()
        if exchange.request:
            offset, size = self._write_request(exchange, None, record_id)
            self._write_metadata(exchange, record_id, {})
        else:
            offset, size = self._write_metadata(exchange, None, {}, record_id)
        return Captured(
            record_id=record_id,
            record_type="request" if exchange.request else "metadata",
            file=self.filename,
            offset=offset,
            length=size,
            date=exchange.started,
            status=None,
            payload_digest=None,
            payload_sha256=None,
            payload_length=0,
            ended=datetime.now(UTC),
            error=exchange.error,
        )

    def _payload(
        self, message: http1.Body, start: int, head: http1.Head
    ) -> tuple[http1.Body, int, dict[str, str]]:
        """The stored payload, its length in bytes, and what metadata says of its framing."""
        if not head.is_chunked:
            if isinstance(message, bytes):
                return message[start:], len(message) - start, {}
            payload = self._spill(http1.pieces(message, start))
            return payload, payload.seek(0, os.SEEK_END), {}
        framing = {"originalTransferEncoding": ", ".join(head.get_all("transfer-encoding"))}
        dechunker = http1.Dechunker()
        spilled = self._spill(_dechunked(dechunker, http1.pieces(message, start), framing))
        if dechunker.trailer:
            framing["trailer"] = base64.b64encode(dechunker.trailer).decode("ascii")
        length = spilled.seek(0, os.SEEK_END)
        if length > SPILL_AT:
            return spilled, length, framing
        with spilled:
            spilled.seek(0)
            return spilled.read(), length, framing

    def _spill(self, pieces: Iterable[bytes]) -> IO[bytes]:
        spilled = new_buffer(self._folder)
        for piece in pieces:
            spilled.write(piece)
        return spilled

    def _write_request(
        self, exchange: Exchange, response_id: str | None, record_id: str | None = None
    ) -> tuple[int, int]:
        headers = self._exchange_headers(exchange)
        if response_id is not None:
            headers["WARC-Concurrent-To"] = response_id
        headers["Content-Type"] = "application/http;msgtype=request"
        block = _Block(http1.redact(bytes(exchange.request), self._secret))
        return self._write("request", record_id or _new_id(), exchange.started, headers, block)

    def _write_metadata(
        self,
        exchange: Exchange,
        concurrent_to: str | None,
        framing: Mapping[str, str],
        record_id: str | None = None,
    ) -> tuple[int, int]:
        fields = {
            "via": exchange.referrer,
            "fetchTimeMs": round(exchange.ended_after * 1000),
            "firstByteMs": _milliseconds(exchange.first_byte_after),
            "tlsCipher": exchange.tls_cipher,
            "fetchError": exchange.error and re.sub(r"\s+", " ", exchange.error),
            **framing,
        }
        headers = {"WARC-Target-URI": exchange.url}
        if concurrent_to is not None:
            headers["WARC-Concurrent-To"] = concurrent_to
        headers["Content-Type"] = "application/warc-fields"
        block = _Block(_warc_fields(fields))
        return self._write("metadata", record_id or _new_id(), exchange.started, headers, block)

    def _exchange_headers(self, exchange: Exchange) -> dict[str, str]:
        headers = {"WARC-Target-URI": exchange.url}
        if exchange.ip_address is not None:
            headers["WARC-IP-Address"] = exchange.ip_address
        protocols = ["http/1.1"]
        if exchange.tls_version is not None:
            protocols.append(exchange.tls_version.lower().replace("v", "/"))
        headers["WARC-Protocol"] = ", ".join(protocols)
        return headers

    def _find(self, sha256: str) -> Prior | None:
        return self._here.get(sha256) or self._known.payload(sha256)

    def _revisit(self, profile: str, prior: Prior | None) -> dict[str, str]:
        headers = {"WARC-Profile": profile}
        if prior is not None:
            headers["WARC-Refers-To"] = prior.record_id
            headers["WARC-Refers-To-Target-URI"] = prior.url
            headers["WARC-Refers-To-Date"] = timestamp(prior.date)
        return headers

    # -- other records -----------------------------------------------------------------------

    def write_resource(self, url: str, date: datetime, content_type: str, content: bytes) -> str:
        """Write a ``resource`` record of something we made; returns its record id."""
        with disk_errors(self._folder):
            self._roll_if_due()
            record_id = _new_id()
            headers = {"WARC-Target-URI": url, "Content-Type": content_type}
            self._write("resource", record_id, date, headers, _Block(content))
            return record_id

    # -- files -------------------------------------------------------------------------------

    @property
    def filename(self) -> str:
        """The name, once closed, of the file being written."""
        return f"{self._prefix}-{self._serial:05d}.warc.gz"

    def sync(self) -> None:
        """Put what was written on the disk."""
        if self._file is not None:
            with disk_errors(self._folder):
                os.fsync(self._file.fileno())

    def close(self) -> Path | None:
        """Finish the file being written: on the disk, under its final name; returns its path."""
        if self._file is None:
            return None
        with disk_errors(self._folder):
            os.fsync(self._file.fileno())
            self._file.close()
            self._file = None
            path = self._folder / self.filename
            path.with_name(path.name + ".open").rename(path)
            sync_folder(self._folder)
        return path

    def _roll_if_due(self) -> None:
        if self._file is not None and self._good >= self._roll_at:
            self.close()
        if self._file is None:
            self._serial += 1
            path = self._folder / (self.filename + ".open")
            self._file = path.open("xb", buffering=0)
            sync_folder(self._folder)
            self._good = 0
            self._info_id = _new_id()
            headers = {
                "WARC-Filename": self.filename,
                "Content-Type": "application/warc-fields",
            }
            block = _Block(_warc_fields(self._info))
            self._write("warcinfo", self._info_id, datetime.now(UTC), headers, block)

    def _write(
        self, kind: str, record_id: str, date: datetime, headers: dict[str, str], block: _Block
    ) -> tuple[int, int]:
        """Append one record as one gzip member; returns its offset and length in bytes.

        A record that cannot be written whole is cut off again, so the file stays readable.
        """
        file = cast("IO[bytes]", self._file)
        lines = ["WARC/1.1", f"WARC-Type: {kind}", f"WARC-Record-ID: {record_id}"]
        lines.append(f"WARC-Date: {timestamp(date)}")
        if kind != "warcinfo":
            lines.append(f"WARC-Warcinfo-ID: {self._info_id}")
        lines += [f"{name}: {value}" for name, value in headers.items()]
        lines.append(f"WARC-Block-Digest: {_sha1(block.pieces())}")
        lines.append(f"Content-Length: {block.length}")
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8")
        offset = self._good
        try:
            for piece in _member(head, block):
                _write_all(file, piece)
        except OSError:
            file.truncate(offset)
            file.seek(offset)
            raise
        self._good = file.tell()
        return offset, self._good - offset


def timestamp(date: datetime) -> str:
    """A WARC-Date: W3C date and time in UTC with microseconds."""
    return date.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def sync_folder(folder: Path) -> None:
    """Put a folder's names on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class disk_errors:  # noqa: N801 - reads as a statement
    """Turns an OSError of the spool's folder into a CaptureError that says what to do."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, OSError):
            raise CaptureError(
                f"{self._folder}: cannot write: {error.strerror}; what was written is kept: "
                "make room (or mend the folder) and start the crawl again"
            ) from error


def _member(head: bytes, block: _Block) -> Iterator[bytes]:
    """The record as one gzip member, in one piece when its payload is in memory."""
    if isinstance(block.payload, bytes):
        whole = b"".join((head, block.head, block.payload, b"\r\n\r\n"))
        yield isal_zlib.compress(whole, GZIP_LEVEL, wbits=31)
        return
    member = isal_zlib.compressobj(GZIP_LEVEL, isal_zlib.DEFLATED, 31)
    yield member.compress(head)
    for piece in block.pieces():
        yield member.compress(piece)
    yield member.compress(b"\r\n\r\n") + member.flush()


def _write_all(file: IO[bytes], data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[file.write(view) :]


def _first(message: IO[bytes]) -> Iterator[bytes]:
    """As much of a spilled message as any head needs."""
    message.seek(0)
    yield message.read(SPILL_AT)


def _dechunked(
    dechunker: http1.Dechunker, pieces: Iterable[bytes], framing: dict[str, str]
) -> Iterator[bytes]:
    try:
        for piece in pieces:
            yield from dechunker.feed(piece)
    except http1.ChunkedError as error:
        framing["framingError"] = str(error)


def _digests(payload: http1.Body) -> tuple[str, str]:
    sha1, sha256 = hashlib.sha1(usedforsecurity=False), hashlib.sha256()
    for piece in http1.pieces(payload):
        sha1.update(piece)
        sha256.update(piece)
    return _base32(sha1.digest()), sha256.hexdigest()


def _sha1(pieces: Iterable[bytes]) -> str:
    sha1 = hashlib.sha1(usedforsecurity=False)
    for piece in pieces:
        sha1.update(piece)
    return _base32(sha1.digest())


def _base32(digest: bytes) -> str:
    return "sha1:" + base64.b32encode(digest).decode("ascii")


def _warc_fields(fields: Mapping[str, object]) -> bytes:
    lines = [f"{name}: {value}\r\n" for name, value in fields.items() if value is not None]
    return "".join(lines).encode("utf-8")


def _milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)


def _new_id() -> str:
    return f"<urn:uuid:{uuid.uuid4()}>"
