"""Takes the content coding off a stored body, as the crawler did before it read the page.

The codings are those that Scrapy's HttpCompressionMiddleware accepts; what it leaves alone (an
unknown coding) is left alone here. Of a gzip body torn in the middle both keep what came.
"""

import sys
import zlib
from collections.abc import Iterable

from newsbot.errors import ExtractionFailed


def decoded(body: bytes, content_encodings: Iterable[str]) -> bytes:
    """Return the body without its codings.

    Args:
        content_encodings: the values of the header's lines, in order.

    Raises:
        ExtractionFailed: the body is not what one of its codings says, or is torn.
    """
    codings = [one.strip().lower() for value in content_encodings for one in value.split(",")]
    while codings and codings[-1] in _DECODERS:
        body = _DECODERS[codings.pop()](body)
    return body


def _gzip(body: bytes) -> bytes:
    plain = b""
    while body:
        decoder = zlib.decompressobj(31)
        try:
            plain += decoder.decompress(body)
        except zlib.error:
            return plain
        body = decoder.unused_data
    return plain


def _deflate(body: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(body)
    except zlib.error:
        pass
    try:
        return zlib.decompressobj(-15).decompress(body)  # raw, as some servers send it
    except zlib.error as error:
        raise _damaged("deflate", error) from error


def _brotli(body: bytes) -> bytes:
    import brotli

    try:
        return bytes(brotli.decompress(body))
    except brotli.error as error:
        raise _damaged("br", error) from error


def _zstandard(body: bytes) -> bytes:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    try:
        return bytes(zstd.ZstdDecompressor().decompress(body))
    except zstd.ZstdError as error:
        raise _damaged("zstd", error) from error


def _damaged(coding: str, error: Exception) -> ExtractionFailed:
    return ExtractionFailed(
        f"its Content-Encoding is {coding}, but the body cannot be decoded: {error}"
    )


_DECODERS = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstandard,
}
