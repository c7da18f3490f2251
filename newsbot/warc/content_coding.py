"""The one decoder of content codings (RFC 9110, 8.4): for crawls, reprocessing, verify and export.

A truncated gzip or deflate body, and a gzip body that is damaged after its start, is decoded as far
as possible, as browsers do; such brotli and zstd bodies are refused. An empty body is empty in
every coding: responses without content (304, 404) may name one. Unknown codings are not decoded.
"""

import sys
import zlib
from collections.abc import Callable, Iterable
from typing import Any, Final

import brotli
from isal import isal_zlib

from newsbot.errors import ExtractionFailed

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_PIECE: Final = 64 * 1024  # bytes decoded at once: those before a fault are kept
_GZIP: Final = 31  # wbits: a gzip header and trailer are expected


class BodyTooLarge(ExtractionFailed):
    """A body larger than allowed when decoded; ``size`` bytes were decoded until then."""

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(f"its decoded body is larger than {limit} bytes")
        self.size = size


def decoded(body: bytes, content_encodings: Iterable[str], limit: int = 0) -> bytes:
    """Return the body without its codings.

    Args:
        content_encodings: the values of the header's lines, in order.
        limit: the most bytes that a decoded body may have; 0 for no limit.

    Raises:
        ExtractionFailed: the body is not so encoded, is truncated (br, zstd), or is too large.
    """
    codings = [one.strip().lower() for value in content_encodings for one in value.split(",")]
    while codings and codings[-1] in _DECODERS:
        body = decode(body, codings.pop(), limit)
    return body


def decode(body: bytes, coding: str, limit: int = 0) -> bytes:
    """Return the body without one coding; see ``decoded`` for limit and errors."""
    return _DECODERS[coding](body, limit) if body else b""


def _gzip(body: bytes, limit: int) -> bytes:
    """Return the decoded body; a single member is decoded with ISA-L, three times as fast."""
    member = isal_zlib.decompressobj(wbits=_GZIP)
    try:
        plain: bytes = member.decompress(body, max_length=limit)
    except isal_zlib.error:  # type: ignore[misc]  # its stub
        return _members(body, limit)
    return plain if member.eof and not member.unused_data else _members(body, limit)


def _members(body: bytes, limit: int) -> bytes:
    plain = bytearray()
    while body:
        decoder = zlib.decompressobj(_GZIP)
        try:
            for piece in _pieces(decoder, body):
                _append(plain, piece, limit)
        except zlib.error as error:
            if not plain:
                raise _damaged("gzip", error) from error
            break
        body = decoder.unused_data
    return bytes(plain)


def _deflate(body: bytes, limit: int) -> bytes:
    try:
        return _inflated(zlib.decompressobj(), body, limit)
    except zlib.error:
        pass
    try:
        return _inflated(zlib.decompressobj(-15), body, limit)  # raw, as some servers send it
    except zlib.error as error:
        raise _damaged("deflate", error) from error


def _inflated(decoder: Any, body: bytes, limit: int) -> bytes:
    plain = bytearray()
    for piece in _pieces(decoder, body):
        _append(plain, piece, limit)
    return bytes(plain)


def _pieces(decoder: Any, body: bytes) -> Iterable[bytes]:
    while body and not decoder.eof:
        yield decoder.decompress(body, _PIECE)
        body = decoder.unconsumed_tail
    if not decoder.eof:
        yield decoder.flush()


def _brotli(body: bytes, limit: int) -> bytes:
    decoder, plain = brotli.Decompressor(), bytearray()
    try:
        while piece := decoder.process(body, output_buffer_limit=_PIECE):
            _append(plain, piece, limit)
            body = b""  # the decoder has all input, and returns further output
    except brotli.error as error:
        raise _damaged("br", error) from error
    if not decoder.is_finished():
        raise _damaged("br", EOFError("it is truncated"))
    return bytes(plain)


def _zstandard(body: bytes, limit: int) -> bytes:
    plain = bytearray()
    try:
        while body:
            decoder = zstd.ZstdDecompressor()
            _append(plain, decoder.decompress(body, _PIECE), limit)
            while not decoder.eof and not decoder.needs_input:
                _append(plain, decoder.decompress(b"", _PIECE), limit)
            if not decoder.eof:
                raise _damaged("zstd", EOFError("it is truncated"))
            body = decoder.unused_data
    except zstd.ZstdError as error:
        raise _damaged("zstd", error) from error
    return bytes(plain)


def _append(plain: bytearray, piece: bytes, limit: int) -> None:
    plain += piece
    if limit and len(plain) > limit:
        raise BodyTooLarge(len(plain), limit)


def _damaged(coding: str, error: Exception) -> ExtractionFailed:
    return ExtractionFailed(
        f"its Content-Encoding is {coding}, but the body cannot be decoded: {error}"
    )


_DECODERS: Final[dict[str, Callable[[bytes, int], bytes]]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstandard,
}
