"""Scrapy's middleware that decodes content codings, with newsbot's own decoder."""

from http import HTTPStatus

from scrapy import Request
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.utils._compression import _DecompressionMaxSizeExceeded

from newsbot.capture.recorder import ROLE
from newsbot.errors import ExtractionFailed, RequestRefused
from newsbot.ledger.recheck import TOO_LARGE
from newsbot.warc.content_coding import BodyTooLarge, TornBody, decode


class CompressionMiddleware(HttpCompressionMiddleware):
    """Decodes with the same decoder as reprocessing, so that both read the same.

    A body that cannot be decoded fails the request; that of an error or redirect, which nothing
    reads, stays as it is, so that the status decides what becomes of the page.
    """

    def process_response(self, request: Request, response: Response) -> Request | Response:  # type: ignore[override]  # without the deprecated argument
        """Return the response with its body decoded.

        Raises:
            ExtractionFailed: the body is not what its Content-Encoding says, or torn.
            RequestRefused: it is too large when decoded.
        """
        is_part = response.status == HTTPStatus.PARTIAL_CONTENT  # which nothing asks for
        if is_part or (_is_missing(response) and request.meta.get(ROLE) == "article"):
            raise TornBody(None, response.body)
        try:
            return super().process_response(request, response)
        except IgnoreRequest as error:
            raise RequestRefused(TOO_LARGE) from error
        except ExtractionFailed:
            if response.status < HTTPStatus.MULTIPLE_CHOICES:
                raise
            return response

    @staticmethod
    def _decode(body: bytes, encoding: bytes, max_size: int) -> bytes:
        """Return the body without the coding.

        Raises:
            _DecompressionMaxSizeExceeded: the decoded body is larger than ``max_size`` bytes.
            ExtractionFailed: the body is not so encoded, or truncated (br, zstd).
        """
        try:
            return decode(body, encoding.decode("ascii"), max_size)
        except BodyTooLarge as error:
            raise _DecompressionMaxSizeExceeded(error.size, max_size) from error


def _is_missing(response: Response) -> bool:
    """Return whether the connection ended where a body should begin, whose length is not said.

    A body whose length is said to be 0 is empty, not missing.
    """
    has_length = "Content-Length" in response.headers or "Transfer-Encoding" in response.headers
    return not (response.body or has_length) and response.status < HTTPStatus.MULTIPLE_CHOICES
