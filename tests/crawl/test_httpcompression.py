"""What our middleware makes of a coded body is what Scrapy's own makes of it."""

import gzip
import random
import zlib
from collections.abc import Callable

import brotli
import pytest
from backports import zstd
from scrapy.downloadermiddlewares.httpcompression import (
    ACCEPTED_ENCODINGS,
    HttpCompressionMiddleware,
)
from scrapy.utils._compression import _DecompressionMaxSizeExceeded

from newsbot.crawl.middlewares.httpcompression import CompressionMiddleware

PLAIN = b"".join(random.Random(1).choice((b"berita ", b"kantor ", b"<p>")) for _ in range(20_000))
PACKED = gzip.compress(PLAIN)
BROKEN = bytearray(PACKED)
BROKEN[len(PACKED) // 2] ^= 0xFF


@pytest.mark.parametrize(
    "body",
    [
        PACKED,
        gzip.compress(b""),
        PACKED + gzip.compress(b"a second member"),
        PACKED + b"rubbish",
        PACKED[:-20],
        PACKED[:100],
        bytes(BROKEN),
        b"",
        b"not gzip at all",
    ],
)
def test_gzip(body: bytes) -> None:
    assert outcome(CompressionMiddleware, body) == outcome(HttpCompressionMiddleware, body)


def outcome(of: type[HttpCompressionMiddleware], body: bytes) -> bytes | type[Exception]:
    try:
        return of._decode(body, b"gzip", 10_000_000)
    except Exception as error:  # noqa: BLE001 - which one it is must be the same
        return type(error)


def test_a_bomb_is_refused() -> None:
    with pytest.raises(_DecompressionMaxSizeExceeded):
        CompressionMiddleware._decode(gzip.compress(bytes(5_000_000)), b"gzip", 1_000_000)


@pytest.mark.parametrize(
    ("coding", "compress"),
    [(b"deflate", zlib.compress), (b"br", brotli.compress), (b"zstd", zstd.compress)],
)
def test_other_codings_are_left_to_scrapy(
    coding: bytes, compress: Callable[[bytes], bytes]
) -> None:
    """Also sees that no other package has put itself in the place of one that Scrapy needs."""
    assert coding in ACCEPTED_ENCODINGS
    assert CompressionMiddleware._decode(compress(PLAIN), coding, 10_000_000) == PLAIN
