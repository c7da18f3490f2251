"""Writes WARC 1.1: one gzip member for each record, digests of stored bytes, headers as received.

Sources: WARC 1.1 (ISO 28500:2017) and its annotations at iipc/warc-specifications. Two documented
differences from the wire: a Transfer-Encoding line is renamed and the body dechunked (so that block
and payload digests pass every checker), and a 304 is a revisit record with an empty block, whose
head is in its metadata record: with the head in the block, players show a blank page for it.
"""

import base64
import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import IO, Final

from newsbot.errors import CaptureError
from newsbot.files import disk_errors
from newsbot.warc import cdxj, http1
from newsbot.warc.exchange import SPILL_AT, Exchange, new_buffer
from newsbot.warc.files import ROLL_AT, WarcFiles
from newsbot.warc.payloads import SeenPayloads
from newsbot.warc.records import (
    IDENTICAL_PAYLOAD,
    SERVER_NOT_MODIFIED,
    Block,
    Captured,
    NoPriorRecords,
    Prior,
    PriorRecords,
    base32_digest,
    new_id,
    timestamp,
    warc_fields,
)


@dataclass(frozen=True, slots=True)
class _Response:
    """A response as it was read, with the payload that a record stores."""

    head: http1.HttpHead
    payload: http1.Body
    length: int  # bytes of the payload
    framing: dict[str, str]  # what the metadata record says of the wire
    sha1: str  # of the payload, as in a record
    sha256: str  # of the payload, hex


@dataclass(frozen=True, slots=True)
class _ResponseRecord:
    """A response or revisit record to be written."""

    kind: str
    headers: dict[str, str]
    block: Block
    prior: Prior | None  # the record that a revisit refers to
    id: str = field(default_factory=new_id)


_MOST_BEHIND_HEAD: Final = 64 * 1024  # bytes kept of what stands behind the head of a 304


class WarcWriter:
    """Writes the WARC files of one run; not thread-safe.

    Files are named ``NEWSBOT-<site>-<run>-<serial>.warc.gz`` and carry ``.open`` until closed. Each
    record is flushed to the operating system; ``sync`` forces them to disk.

    Raises (all methods):
        CaptureError: the disk is full or the folder cannot be written.
    """

    def __init__(
        self,
        folder: Path,
        prefix: str,
        info: Mapping[str, str],
        prior_records: PriorRecords | None = None,
        roll_at: int = ROLL_AT,
        secret_headers: Iterable[str] = http1.SECRET_HEADERS,
        on_written: Callable[[Exchange, Captured], None] = lambda _exchange, _captured: None,
        on_rolled: Callable[[Path], None] = lambda _path: None,
        last_serial: int = 0,
    ) -> None:
        """Prepare; files are numbered after ``last_serial``, which the run has already."""
        self._folder = folder
        self._prefix = prefix
        self._files = WarcFiles(folder, prefix, info, roll_at, on_rolled, last_serial)
        self._prior_records: PriorRecords = prior_records or NoPriorRecords()
        self._secret = tuple(secret_headers)
        self._on_written = on_written
        self._payloads = SeenPayloads()  # of this run

    # -- exchanges ---------------------------------------------------------------------------

    def write_exchange(self, exchange: Exchange) -> Captured:
        """Write the response or revisit, request and metadata records of one exchange: all or none.

        ``on_written`` is called when all are written; if it fails, the records are removed.
        """
        with disk_errors(self._folder), ExitStack() as spilled:
            self._files.roll_if_due()
            start = self._files.size
            try:
                if exchange.received:
                    captured = self._write_response(exchange, spilled)
                else:
                    captured = self._write_failed(exchange)
                self._files.flush()
                self._on_written(exchange, captured)
            except (OSError, CaptureError):
                self._files.cut(start)
                raise
            self._remember(exchange.url, captured)
            return captured

    def _write_response(self, exchange: Exchange, spilled: ExitStack) -> Captured:
        response = self._read_response(exchange, spilled)
        record = self._response_record(exchange, response)
        offset, size = self._files.append(
            record.kind, record.id, exchange.started, record.headers, record.block
        )
        head, digest = response.head, record.headers.get("WARC-Payload-Digest")
        index = cdxj.line(
            exchange.url,
            exchange.started,
            mime="warc/revisit" if record.kind == "revisit" else head.media_type,
            # with the status of a 304, players show it as a page without content
            status=None if head.status == HTTPStatus.NOT_MODIFIED else head.status,
            digest=digest,
            offset=offset,
            length=size,
            filename=self._files.filename,
        )
        self._write_request(exchange, record.id)
        self._write_metadata(exchange, record.id, response.framing)
        return Captured(
            record_id=record.id,
            record_type=record.kind,
            file=self._files.filename,
            offset=offset,
            length=size,
            date=exchange.started,
            status=head.status,
            payload_digest=digest,
            payload_sha256=response.sha256 if digest else None,
            payload_length=response.length,
            ended=datetime.fromtimestamp(
                exchange.started.timestamp() + exchange.ended_after, tz=UTC
            ),
            etag=head.get("etag"),
            last_modified=head.get("last-modified"),
            error=exchange.error,
            truncated=exchange.truncated,
            refers_to=self._earlier_file(record.prior),
            index=index,
        )

    def _read_response(self, exchange: Exchange, spilled: ExitStack) -> _Response:
        message = exchange.body()
        start = message if isinstance(message, bytes) else _first_bytes(message)
        head, end = http1.split_head(start)
        payload, length, framing = self._payload(message, end, head)
        if not isinstance(payload, bytes):
            spilled.enter_context(payload)
        if head.status == HTTPStatus.NOT_MODIFIED:
            kept = head.raw + b"".join(http1.pieces(payload))[:_MOST_BEHIND_HEAD]
            framing["originalHead"] = base64.b64encode(kept).decode("ascii")
        return _Response(head, payload, length, framing, *_digests(payload))

    def _response_record(self, exchange: Exchange, response: _Response) -> _ResponseRecord:
        """Return the record of a response: a revisit if an earlier record has its payload."""
        head = response.head
        headers = self._exchange_headers(exchange)
        if head.status == HTTPStatus.NOT_MODIFIED:
            prior = self._prior_records.response(exchange.url)
            headers |= self._revisit_headers(SERVER_NOT_MODIFIED, prior)
            return _ResponseRecord("revisit", headers, Block(b""), prior)
        prior = None
        if response.length and exchange.truncated is None:
            prior = self._find_payload(response.sha256)
        headers["WARC-Payload-Digest"] = response.sha1
        stored = http1.archived_head(head)
        if prior is not None:
            headers |= self._revisit_headers(IDENTICAL_PAYLOAD, prior)
            kind, block = "revisit", Block(stored)
        else:
            kind = "response"
            block = Block(stored, response.payload, response.length, head.is_compressed)
        if exchange.truncated is not None:
            headers["WARC-Truncated"] = exchange.truncated
        headers["Content-Type"] = "application/http;msgtype=response"
        return _ResponseRecord(kind, headers, block, prior)

    def _write_failed(self, exchange: Exchange) -> Captured:
        """Write an exchange without a response: its request, if one was sent, and the error."""
        record_id = new_id()
        if exchange.request:
            offset, size = self._write_request(exchange, None, record_id)
            self._write_metadata(exchange, record_id, {})
        else:
            offset, size = self._write_metadata(exchange, None, {}, record_id)
        return Captured(
            record_id=record_id,
            record_type="request" if exchange.request else "metadata",
            file=self._files.filename,
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
        self, message: http1.Body, start: int, head: http1.HttpHead
    ) -> tuple[http1.Body, int, dict[str, str]]:
        """Return the payload to store, its length in bytes, and its framing for the metadata."""
        pieces, framing = http1.pieces(message, start), dict[str, str]()
        if head.is_chunked:
            framing["originalTransferEncoding"] = ", ".join(head.get_all("transfer-encoding"))
            pieces = _dechunked(pieces, framing)
        if isinstance(message, bytes):
            payload = b"".join(pieces)
            return payload, len(payload), framing
        spilled = self._spill(pieces)
        return spilled, spilled.seek(0, os.SEEK_END), framing

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
        block = Block(http1.redact(bytes(exchange.request), self._secret))
        return self._files.append(
            "request", record_id or new_id(), exchange.started, headers, block
        )

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
            **exchange.notes,
        }
        headers = {"WARC-Target-URI": exchange.url, "Content-Type": "application/warc-fields"}
        if concurrent_to is not None:
            headers["WARC-Concurrent-To"] = concurrent_to
        block = Block(warc_fields(fields))
        return self._files.append(
            "metadata", record_id or new_id(), exchange.started, headers, block
        )

    def _exchange_headers(self, exchange: Exchange) -> dict[str, str]:
        headers = {"WARC-Target-URI": exchange.url}
        if exchange.ip_address is not None:
            headers["WARC-IP-Address"] = exchange.ip_address
        protocols = ["http/1.1"]
        if exchange.tls_version is not None:
            protocols.append(exchange.tls_version.lower().replace("v", "/"))
        headers["WARC-Protocol"] = ", ".join(protocols)
        return headers

    def _remember(self, url: str, of: Captured) -> None:
        """Remember a complete payload, so that later records of this run can refer to it."""
        if of.record_type != "response" or of.status != HTTPStatus.OK or of.truncated is not None:
            return
        if of.payload_length and of.payload_sha256 and of.payload_digest:
            prior = Prior(of.record_id, url, of.date, of.file, of.payload_digest)
            self._payloads.add(of.payload_sha256, prior)

    def _find_payload(self, sha256: str) -> Prior | None:
        return self._payloads.find(sha256) or self._prior_records.payload(sha256)

    def _earlier_file(self, prior: Prior | None) -> str | None:
        """Return the file of a record if it is of an earlier run."""
        return prior.file if prior and not prior.file.startswith(self._prefix) else None

    def _revisit_headers(self, profile: str, prior: Prior | None) -> dict[str, str]:
        headers = {"WARC-Profile": profile}
        if prior is not None:
            headers["WARC-Refers-To"] = prior.record_id
            headers["WARC-Refers-To-Target-URI"] = prior.url
            # The second, as indexes have it: ReplayWeb.page takes the first response from that
            # time on, and for a fraction the page's next version (docs/decisions/0077).
            headers["WARC-Refers-To-Date"] = timestamp(prior.date, "seconds")
        return headers

    # -- other records -----------------------------------------------------------------------

    def write_resource(
        self, url: str, date: datetime, content_type: str, content: bytes, of: str | None = None
    ) -> Captured:
        """Write a ``resource`` record of derived content; ``of`` is the record it belongs to."""
        headers = {"WARC-Target-URI": url}
        return self._write_derived("resource", date, headers, content_type, content, of)

    def write_details(
        self, url: str, date: datetime, content_type: str, content: bytes, of: str
    ) -> Captured:
        """Write a ``metadata`` record about the record ``of``."""
        headers = {"WARC-Target-URI": url}
        return self._write_derived("metadata", date, headers, content_type, content, of)

    def _write_derived(
        self, kind: str, date: datetime, headers: dict[str, str], content_type: str,
        content: bytes, of: str | None,
    ) -> Captured:  # fmt: skip
        if of is not None:
            headers["WARC-Concurrent-To"] = of
        headers["Content-Type"] = content_type
        with disk_errors(self._folder):
            self._files.roll_if_due()
            start, record_id = self._files.size, new_id()
            try:
                offset, size = self._files.append(kind, record_id, date, headers, Block(content))
                self._files.flush()
            except OSError:
                self._files.cut(start)
                raise
        sha1, sha256 = _digests(content)
        return Captured(
            record_id=record_id,
            record_type=kind,
            file=self._files.filename,
            offset=offset,
            length=size,
            date=date,
            status=None,
            payload_digest=sha1,
            payload_sha256=sha256,
            payload_length=len(content),
            ended=date,
        )

    def sync(self) -> None:
        """Force what was written to disk."""
        self._files.sync()

    def close(self) -> Path | None:
        """Sync the open file and give it its final name; return its path, None if there is none."""
        self._payloads.close()
        return self._files.close()


def _first_bytes(message: IO[bytes]) -> bytes:
    """Return the start of a spilled message, long enough for any head."""
    message.seek(0)
    return message.read(SPILL_AT)


def _dechunked(pieces: Iterable[bytes], framing: dict[str, str]) -> Iterator[bytes]:
    """Yield the body without its chunks; add a trailer or an error to the framing.

    From a fault on, the bytes are kept as they came.
    """
    dechunker, pieces = http1.Dechunker(), iter(pieces)
    try:
        for piece in pieces:
            yield from dechunker.feed(piece)
        dechunker.close()
    except http1.ChunkedError as error:
        framing["framingError"] = str(error)
        yield error.rest
        yield from pieces
    if dechunker.trailer:
        framing["trailer"] = base64.b64encode(dechunker.trailer).decode("ascii")


def _digests(payload: http1.Body) -> tuple[str, str]:
    sha1, sha256 = hashlib.sha1(usedforsecurity=False), hashlib.sha256()
    for piece in http1.pieces(payload):
        sha1.update(piece)
        sha256.update(piece)
    return base32_digest(sha1.digest()), sha256.hexdigest()


def _milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)
