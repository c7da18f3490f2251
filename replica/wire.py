"""HTTP/1.1 as bytes: parsed requests, and responses prepared to be sent many times."""

import gzip
import hashlib
import time
import zlib
from dataclasses import dataclass
from datetime import UTC as _UTC
from email.utils import format_datetime, formatdate, parsedate_to_datetime
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from replica.pages import SiteDocument

_PIECES: Final = (1460, 4096, 8192)  # sizes of chunks, in turn
_MIN_COMPRESSED: Final = 400  # bytes; smaller bodies are not compressed
_GZIP_SHARE: Final = 80  # percent of addresses that compress
_CHUNKED_SHARE: Final = 35  # percent of addresses that send chunks


class BadRequest(Exception):
    """The bytes are not a valid request."""


@dataclass(slots=True)
class Request:
    """A request's head and body; header names are in lower case."""

    method: str
    target: str
    version: str
    headers: dict[str, str]
    body: bytes = b""

    @classmethod
    def parse(cls, head: bytes) -> "Request":
        """Return a request from its head, without the empty line.

        Raises:
            BadRequest: the request line has not three parts, or the length is not a number.
        """
        lines = head.decode("latin-1").split("\r\n")
        words = lines[0].split(" ")
        if len(words) != 3 or not words[2].startswith("HTTP/1."):
            raise BadRequest(lines[0])
        headers: dict[str, str] = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        if not headers.get("content-length", "0").isdigit():
            raise BadRequest(headers["content-length"])
        return cls(words[0], words[1], words[2], headers)

    @property
    def length(self) -> int:
        """The body's size in bytes."""
        return int(self.headers.get("content-length", "0"))

    @property
    def keeps_alive(self) -> bool:
        """Whether the connection stays open after the response."""
        option = self.headers.get("connection", self.headers.get("proxy-connection", "")).lower()
        return option != "close" if self.version == "HTTP/1.1" else option == "keep-alive"

    def address(self, tunnel: str | None) -> tuple[str, str]:
        """Return host and target: of absolute form, else of the tunnel, else of the Host header."""
        if self.target.startswith("/"):
            host = tunnel or _without_port(self.headers.get("host", ""))
            return host, self.target
        parts = urlsplit(self.target)
        target = parts.path or "/"
        return parts.hostname or "", f"{target}?{parts.query}" if parts.query else target


class PreparedResponse:
    """A document ready to be sent: plain or gzipped, whole or in chunks, depending on its address.

    The same address is always sent in the same way.
    """

    def __init__(
        self, document: SiteDocument, address: str, *, retry_after: int | None = None
    ) -> None:
        self.document = document
        self.etag = f'"{hashlib.sha256(document.body).hexdigest()[:20]}"'
        draw = zlib.crc32(address.encode())
        self._is_chunked = draw % 100 < _CHUNKED_SHARE
        self._plain = document.body
        self._gzipped: bytes | None = None
        if draw // 100 % 100 < _GZIP_SHARE and len(document.body) >= _MIN_COMPRESSED:
            self._gzipped = gzip.compress(document.body, 5, mtime=0)
        self._retry_after = retry_after
        self._encoded: dict[tuple[bool, bool], tuple[bytes, bytes]] = {}

    @property
    def size(self) -> int:
        """Its approximate size in memory, in bytes."""
        return 2 * len(self._plain) + 2 * len(self._gzipped or b"")

    def is_unmodified(self, request: Request) -> bool:
        """Return whether the client has this version (RFC 9110, 13.2.2: ETag before date)."""
        if self.document.status != HTTPStatus.OK or self.document.modified is None:
            return False
        if (tags := request.headers.get("if-none-match")) is not None:
            return self.etag in tags or tags.strip() == "*"
        if (since := request.headers.get("if-modified-since")) is not None:
            try:
                return self.document.modified.replace(microsecond=0) <= parsedate_to_datetime(since)
            except (ValueError, TypeError):
                return False
        return False

    def not_modified(self) -> bytes:
        """Return a 304."""
        return b"".join((_status(304), _date(), *self._validators(), b"\r\n"))

    def encode(self, request: Request) -> tuple[bytes, int]:
        """Return the response's bytes, and the size of its body as sent, without framing."""
        is_gzipped = self._gzipped is not None and "gzip" in request.headers.get(
            "accept-encoding", ""
        )
        in_chunks = self._is_chunked and request.version == "HTTP/1.1"
        known = self._encoded.get((is_gzipped, in_chunks))
        payload = self._gzipped if is_gzipped and self._gzipped is not None else self._plain
        if known is None:
            known = self._framed(payload, is_gzipped=is_gzipped, in_chunks=in_chunks)
            self._encoded[is_gzipped, in_chunks] = known
        head, framed = known
        closing = b"" if request.keeps_alive else b"Connection: close\r\n"
        start = (_status(self.document.status), _date(), closing, head)
        if request.method == "HEAD":
            return b"".join(start), 0
        return b"".join((*start, framed)), len(payload)

    def _framed(self, payload: bytes, *, is_gzipped: bool, in_chunks: bool) -> tuple[bytes, bytes]:
        document = self.document
        lines = [f"Server: replica\r\nContent-Type: {document.content_type}\r\n".encode()]
        lines += self._validators()
        if document.content_type.startswith("font/"):  # browsers ask other hosts for that
            lines.append(b"Access-Control-Allow-Origin: *\r\n")
        if document.location:
            lines.append(f"Location: {document.location}\r\n".encode())
        if self._retry_after is not None:
            lines.append(b"Retry-After: %d\r\n" % self._retry_after)
        if self._gzipped is not None:
            lines.append(b"Vary: Accept-Encoding\r\n")
        if is_gzipped:
            lines.append(b"Content-Encoding: gzip\r\n")
        if in_chunks:
            return b"".join([*lines, b"Transfer-Encoding: chunked\r\n\r\n"]), _chunks(payload)
        return b"".join([*lines, b"Content-Length: %d\r\n\r\n" % len(payload)]), payload

    def _validators(self) -> list[bytes]:
        if self.document.modified is None:
            return []
        utc = format_datetime(self.document.modified.astimezone(_UTC), usegmt=True)
        return [f"ETag: {self.etag}\r\nLast-Modified: {utc}\r\n".encode()]


def simple(status: int, content_type: str, body: bytes) -> bytes:
    """Return a response that is sent once, such as that of a control."""
    head = f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    return b"".join((_status(status), _date(), head.encode(), body))


def _chunks(payload: bytes) -> bytes:
    framed: list[bytes] = []
    start = 0
    while start < len(payload):
        piece = payload[start : start + _PIECES[len(framed) % len(_PIECES)]]
        framed.append(b"%x\r\n%s\r\n" % (len(piece), piece))
        start += len(piece)
    return b"".join([*framed, b"0\r\n\r\n"])


def _status(status: int) -> bytes:
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n".encode()


def _date() -> bytes:
    return f"Date: {formatdate(time.time(), usegmt=True)}\r\n".encode()


def _without_port(authority: str) -> str:
    return authority.rpartition(":")[0] if authority.rpartition(":")[2].isdigit() else authority
