"""HTTP/1.x messages as bytes: where the head ends, what the body is, what must be redacted.

No header is re-serialised: lines are kept as they were received. Sources: RFC 9112 for the framing,
WARC 1.1 section 6.3 for the content of a ``response`` record.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import IO

_PIECE = 64 * 1024
_MAX_SIZE_LINE = 4096  # bytes; extensions are rare and short
_MAX_TRAILER = 64 * 1024  # bytes; it is searched again with each piece that arrives
END_OF_HEAD = re.compile(rb"\n\r?\n")
_FOLD = re.compile(rb"\r?\n[ \t]+")
_STATUS = re.compile(rb"[^ \t\r\n]++[ \t]++(\d{3})")
_SIZE_START = re.compile(rb"[0-9A-Fa-f]{1,16}[ \t]*(?:;[^\r\n]*)?\r?\Z")
_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,16})[ \t]*(;[^\r\n]*)?\r?\n")
_LINE_END = re.compile(rb"\r?\n")
_TRAILER = re.compile(rb"((?:[^\r\n][^\n]*\n)*)\r?\n")
_TRANSFER_ENCODING = re.compile(rb"(?im)^transfer-encoding(?=[ \t]*:)")
_COMPRESSED_TYPE = re.compile(
    r"(?i)(?:image/(?!svg|bmp|x-)|audio/|video/|font/woff|application/zip)"
)

ORIGINAL_TRANSFER_ENCODING = b"X-Archive-Orig-Transfer-Encoding"
REDACTED = b"[redacted]"
SECRET_HEADERS = ("cookie", "authorization", "proxy-authorization")

Body = bytes | IO[bytes]


@dataclass(frozen=True)
class HttpHead:
    """The start line and header lines of a message, ending with the empty line."""

    raw: bytes

    @cached_property
    def status(self) -> int | None:
        """The status code of a response, None where the start line has none."""
        match = _STATUS.match(self.raw)
        return int(match[1]) if match else None

    def get(self, name: str) -> str | None:
        """Return the first value of the header, folded lines joined, decoded as ISO-8859-1."""
        return next(iter(self.get_all(name)), None)

    def get_all(self, name: str) -> list[str]:
        """Return all values of the header in order, decoded as ISO-8859-1."""
        return self._fields.get(name.lower().encode("ascii"), [])

    @property
    def is_chunked(self) -> bool:
        """Whether the body is framed in chunks."""
        return any("chunked" in value.lower() for value in self.get_all("transfer-encoding"))

    @property
    def is_compressed(self) -> bool:
        """Whether the body is compressed, by its coding or by its type."""
        if self.get("content-encoding") not in (None, "", "identity"):
            return True
        return _COMPRESSED_TYPE.match(self.get("content-type") or "") is not None

    @property
    def media_type(self) -> str:
        """The media type in lower case, as index lines have it; ``unk`` where none is given."""
        return (self.get("content-type") or "unk").split(";")[0].strip().lower() or "unk"

    @cached_property
    def _fields(self) -> dict[bytes, list[str]]:
        fields: dict[bytes, list[str]] = {}
        for line in _FOLD.sub(b" ", self.raw).splitlines()[1:]:
            key, colon, value = line.partition(b":")
            if colon:
                fields.setdefault(key.strip().lower(), []).append(value.strip().decode("latin-1"))
        return fields


def split_head(message: bytes) -> tuple[HttpHead, int]:
    """Return the message's head and the offset of its body.

    Interim (1xx) responses before the final one are skipped. A message that ends within its head
    has no body.
    """
    start = 0
    while True:
        match = END_OF_HEAD.search(message, start)
        if match is None:
            return HttpHead(message[start:]), len(message)
        head = HttpHead(message[start : match.end()])
        status = head.status
        if status is None or not 100 <= status < 200 or status == 101:
            return head, match.end()
        start = match.end()


def pieces(body: Body, start: int = 0) -> Iterator[bytes]:
    """Yield the body from the offset on, in pieces of at most 64 KiB (one piece when in memory)."""
    if isinstance(body, bytes):
        if start < len(body):
            yield body[start:] if start else body
        return
    body.seek(start)
    while piece := body.read(_PIECE):
        yield piece


def archived_head(head: HttpHead) -> bytes:
    """Return the head to store: a Transfer-Encoding line is renamed, nothing else changes."""
    return _TRANSFER_ENCODING.sub(ORIGINAL_TRANSFER_ENCODING, head.raw)


def redact(message: bytes, secret: Iterable[str] = SECRET_HEADERS) -> bytes:
    """Return a request with the values of secret headers replaced, and its body as it was."""
    lines = _lines_of(tuple(secret))
    if lines.search(message) is None:
        return message
    head, end = split_head(message)
    return lines.sub(rb"\g<1>\g<2>" + REDACTED, head.raw) + message[end:]


@cache
def _lines_of(names: tuple[str, ...]) -> re.Pattern[bytes]:
    any_name = b"|".join(re.escape(name.encode("ascii")) for name in names)
    return re.compile(rb"(?im)^(" + any_name + rb")([ \t]*:[ \t]*)[^\r\n]*(\r?\n[ \t]+[^\r\n]*)*")


def unchunked(head: HttpHead, body: bytes) -> bytes:
    """Return a stored body without chunked framing, which other programs keep; else as it is."""
    if not head.is_chunked or _CHUNK_SIZE.match(body) is None:
        return body
    dechunker, plain = Dechunker(), bytearray()
    try:
        for piece in dechunker.feed(body):
            plain += piece
    except ChunkedError as error:
        plain += error.rest
    return bytes(plain)


class ChunkedError(ValueError):
    """The chunked framing is broken; the body bytes before the fault are valid.

    ``rest`` are the bytes that were fed and not yielded, from the fault on.
    """

    rest = b""


class Dechunker:
    """Removes the chunked framing from a body, piece by piece (RFC 9112, section 7.1).

    ``trailer`` holds the trailer lines once ``finished`` is true.
    """

    def __init__(self) -> None:
        self.trailer = b""
        self.finished = False
        self._buffer = b""
        self._at = 0  # the buffer is consumed up to here
        self._left = 0
        self._step: Callable[[], bytes | None] = self._size

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the body bytes in the data.

        Raises:
            ChunkedError: a chunk's size or line end is missing or malformed.
        """
        self._buffer, self._at = self._buffer[self._at :] + data, 0
        while self._at < len(self._buffer) and not self.finished:
            try:
                piece = self._step()
            except ChunkedError as error:
                error.rest = self._buffer[self._at :]
                raise
            if piece is None:  # a line is incomplete
                return
            if piece:
                yield piece

    def close(self) -> None:
        """Check where the body ends; a connection may be cut anywhere within its framing.

        Raises:
            ChunkedError: it ends in what is not the start of a chunk.
        """
        rest = self._buffer[self._at :]
        if rest and self._step == self._size and _SIZE_START.match(rest) is None:
            error = ChunkedError(f"not a chunk size: {rest[:40]!r}")
            error.rest = rest
            raise error

    def _size(self) -> bytes | None:
        match = _CHUNK_SIZE.match(self._buffer, self._at)
        if match is None:
            start = self._buffer[self._at : self._at + _MAX_SIZE_LINE + 1]
            if b"\n" in start or len(start) > _MAX_SIZE_LINE:
                raise ChunkedError(f"not a chunk size: {start[:40]!r}")
            return None
        self._left = int(match[1], 16)
        self._at = match.end()
        self._step = self._data if self._left else self._trailer
        return b""

    def _data(self) -> bytes | None:
        piece = self._buffer[self._at : self._at + self._left]
        self._at += len(piece)
        self._left -= len(piece)
        if not self._left:
            self._step = self._end
        return piece

    def _end(self) -> bytes | None:
        match = _LINE_END.match(self._buffer, self._at)
        if match is None:
            start = self._buffer[self._at : self._at + 40]
            if start == b"\r":
                return None
            raise ChunkedError(f"no line end after a chunk: {start!r}")
        self._at = match.end()
        self._step = self._size
        return b""

    def _trailer(self) -> bytes | None:
        match = _TRAILER.match(self._buffer, self._at)
        if match is None:
            if len(self._buffer) - self._at > _MAX_TRAILER:
                raise ChunkedError(f"a trailer longer than {_MAX_TRAILER} bytes")
            return None
        self.trailer, self.finished = match[1], True
        return b""
