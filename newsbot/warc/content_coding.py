"""Takes the content coding off a stored body, as the crawler did before it read the page.

The codings are those that Scrapy's HttpCompressionMiddleware accepts; what it leaves alone (an
unknown coding) is left alone here, and of a body torn in the middle both keep what came.
"""

import sys
import zlib
from collections.abc import Iterable


def decoded(body: bytes, content_encodings: Iterable[str]) -> bytes:
    """The body without its codings; ``content_encodings`` are the header's values in order."""
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
        return zlib.decompressobj(-15).decompress(body)  # raw, as some servers send it


def _brotli(body: bytes) -> bytes:
    import brotli

    return bytes(brotli.decompress(body))


def _zstandard(body: bytes) -> bytes:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return bytes(zstd.ZstdDecompressor().decompress(body))


_DECODERS = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstandard,
}
