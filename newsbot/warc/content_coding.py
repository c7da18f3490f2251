"""The one decoder of content codings (RFC 9110, 8.4): for crawls, reprocessing, verify and export.

A body that ends in the middle is refused (``TornBody``): half a page would pass for a whole one.
What is whole and badly closed is taken, as by browsers: a gzip or deflate stream without its
checksum, or with a wrong one; what follows the last gzip member is left out. An empty body is empty
in every coding: responses without content (304, 404) may name one. Unknown codings are not decoded.
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
_RAW: Final = -15  # wbits: a deflate stream alone
_GZIP_MAGIC: Final = b"\x1f\x8b"


class BodyTooLarge(ExtractionFailed):
    """A body larger than allowed when decoded; ``size`` bytes were decoded until then."""

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(f"its decoded body is larger than {limit} bytes")
        self.size = size


class TornBody(ExtractionFailed):
    """A body that ends or is damaged in the middle; ``partial`` is what was decoded until then.

    Args:
        coding: its content coding; None if it has none, and what came is a part.
    """

    def __init__(self, coding: str | None, partial: bytes) -> None:
        what = f"its Content-Encoding is {coding}, but the body" if coding else "the body"
        super().__init__(f"{what} is torn in the middle")
        self.partial = partial


def decoded(body: bytes, content_encodings: Iterable[str], limit: int = 0) -> bytes:
    """Return the body without its codings.

    Args:
        content_encodings: the values of the header's lines, in order.
        limit: the most bytes that a decoded body may have; 0 for no limit.

    Raises:
        TornBody: the body ends in the middle.
        ExtractionFailed: the body is not so encoded, or is too large.
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
    while body and (not plain or body.startswith(_GZIP_MAGIC)):
        decoder, start = zlib.decompressobj(_GZIP), len(plain)
        fault: Exception | None = None
        try:
            for piece in _pieces(decoder, body):
                _append(plain, piece, limit)
            if not decoder.eof:
                fault = EOFError("it ends early")
        except zlib.error as error:
            fault = error
        if fault is not None:
            del plain[start:]
            if _append_unchecked(plain, body, limit):
                break  # its checksum is wrong or missing
            raise TornBody("gzip", bytes(plain)) if plain else _damaged("gzip", fault)
        body = decoder.unused_data
    return bytes(plain)


def _append_unchecked(plain: bytearray, member: bytes, limit: int) -> bool:
    """Add a gzip member's data whatever its checksum; return whether the data is whole.

    It is if its stream ends and has the length that the trailer says, where there is one.
    """
    decoder, start = zlib.decompressobj(_RAW), len(plain)
    try:
        for piece in _pieces(decoder, member[_header_length(member) :]):
            _append(plain, piece, limit)
    except (zlib.error, IndexError, ValueError):
        return False
    size = decoder.unused_data[4:8]
    is_as_long = len(size) < 4 or int.from_bytes(size, "little") == (len(plain) - start) % 2**32
    return decoder.eof and is_as_long


def _header_length(member: bytes) -> int:
    """Return the length of a gzip member's header (RFC 1952, 2.3).

    Raises:
        IndexError, ValueError: it ends within the header.
    """
    flags, at = member[3], 10
    if flags & 4:  # FEXTRA
        at += 2 + int.from_bytes(member[10:12], "little")
    for flag in (8, 16):  # FNAME, FCOMMENT: each ends in a zero
        if flags & flag:
            at = member.index(0, at) + 1
    return at + 2 * bool(flags & 2)  # FHCRC


def _deflate(body: bytes, limit: int) -> bytes:
    is_wrapped = _is_zlib(body)
    decoder, plain = zlib.decompressobj(_RAW), bytearray()  # some servers send it without a wrapper
    try:
        for piece in _pieces(decoder, body[2:] if is_wrapped else body):
            _append(plain, piece, limit)
    except zlib.error as error:
        if plain:
            raise TornBody("deflate", bytes(plain)) from error
        raise _damaged("deflate", error) from error
    if not decoder.eof:
        raise TornBody("deflate", bytes(plain))
    return bytes(plain)


def _is_zlib(body: bytes) -> bool:
    """Return whether the body begins with a zlib header (RFC 1950, 2.2)."""
    return len(body) > 1 and body[0] & 15 == 8 and int.from_bytes(body[:2], "big") % 31 == 0


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
        if plain:
            raise TornBody("br", bytes(plain)) from error
        raise _damaged("br", error) from error
    if not decoder.is_finished():
        raise TornBody("br", bytes(plain))
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
                raise TornBody("zstd", bytes(plain))
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
