"""Scrapy's middleware, which takes content codings off responses, with newsbot's own decoder."""

from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.utils._compression import _DecompressionMaxSizeExceeded

from newsbot.warc.content_coding import BodyTooLarge, decode


class CompressionMiddleware(HttpCompressionMiddleware):
    """Decodes what a crawl reads as reprocessing will decode what it stored."""

    @staticmethod
    def _decode(body: bytes, encoding: bytes, max_size: int) -> bytes:
        """Return the body without the coding.

        Raises:
            _DecompressionMaxSizeExceeded: it would be larger than ``max_size`` bytes.
            ExtractionFailed: it is not what the coding says, or torn.
        """
        try:
            return decode(body, encoding.decode("ascii"), max_size)
        except BodyTooLarge as error:
            raise _DecompressionMaxSizeExceeded(error.size, max_size) from error
