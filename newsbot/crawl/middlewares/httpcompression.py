"""Takes the content coding off responses: gzip, which nearly all have, with ISA-L."""

from isal import isal_zlib
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware

_GZIP = 31  # wbits: a gzip header and trailer are expected


class CompressionMiddleware(HttpCompressionMiddleware):
    """Scrapy's own, which takes three times as long for gzip; it still has all that is unusual."""

    @staticmethod
    def _decode(body: bytes, encoding: bytes, max_size: int) -> bytes:
        """The body without the coding; what is cut off or broken comes as far as it goes.

        Raises:
            _DecompressionMaxSizeExceeded: it would be larger than ``max_size`` bytes.
        """
        if encoding in (b"gzip", b"x-gzip"):
            member = isal_zlib.decompressobj(wbits=_GZIP)
            try:
                plain: bytes = member.decompress(body, max_length=max_size)
            except isal_zlib.error:  # type: ignore[misc]
                plain = b""
            if member.eof and not member.unused_data:
                return plain
        return HttpCompressionMiddleware._decode(body, encoding, max_size)  # noqa: SLF001
