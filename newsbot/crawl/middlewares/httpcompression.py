"""Scrapy's middleware that decodes content codings, with newsbot's own decoder."""

from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.utils._compression import _DecompressionMaxSizeExceeded

from newsbot.warc.content_coding import BodyTooLarge, decode


class CompressionMiddleware(HttpCompressionMiddleware):
    """Decodes with the same decoder as reprocessing, so that both read the same."""

    @staticmethod
    def _decode(body: bytes, encoding: bytes, max_size: int) -> bytes:
        """Return the body without the coding.

        Raises:
            _DecompressionMaxSizeExceeded: the decoded body is larger than ``max_size`` bytes.
            ExtractionFailed: the body is not so encoded, or truncated.
        """
        try:
            return decode(body, encoding.decode("ascii"), max_size)
        except BodyTooLarge as error:
            raise _DecompressionMaxSizeExceeded(error.size, max_size) from error
