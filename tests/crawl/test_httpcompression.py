"""A crawl decodes bodies as reprocessing does, and refuses those that grow too large."""

import gzip
import zlib
from collections.abc import Callable

import brotli
import pytest
from backports import zstd
from scrapy import Request
from scrapy.downloadermiddlewares.httpcompression import ACCEPTED_ENCODINGS
from scrapy.http import Response
from scrapy.utils._compression import _DecompressionMaxSizeExceeded
from scrapy.utils.test import get_crawler

from newsbot.capture.recorder import ROLE
from newsbot.crawl.middlewares.httpcompression import CompressionMiddleware
from newsbot.errors import ExtractionFailed, RequestRefused
from newsbot.warc.content_coding import TornBody

PLAIN = b"<p>berita</p>" * 20_000
CODINGS: dict[bytes, Callable[[bytes], bytes]] = {
    b"gzip": gzip.compress, b"deflate": zlib.compress,
    b"br": brotli.compress, b"zstd": zstd.compress,
}  # fmt: skip


@pytest.mark.parametrize("coding", CODINGS, ids=lambda coding: coding.decode())
def test_all_that_is_asked_for_is_decoded(coding: bytes) -> None:
    """Also sees that no other package has put itself in the place of one that Scrapy needs."""
    assert coding in ACCEPTED_ENCODINGS
    assert CompressionMiddleware._decode(CODINGS[coding](PLAIN), coding, 10_000_000) == PLAIN


@pytest.mark.parametrize("coding", CODINGS, ids=lambda coding: coding.decode())
def test_a_bomb_is_refused(coding: bytes) -> None:
    with pytest.raises(_DecompressionMaxSizeExceeded):
        CompressionMiddleware._decode(CODINGS[coding](bytes(5_000_000)), coding, 1_000_000)


@pytest.fixture
def middleware() -> CompressionMiddleware:
    return CompressionMiddleware.from_crawler(get_crawler())


@pytest.mark.parametrize("status", [301, 304, 404, 503])
@pytest.mark.parametrize("body", [b"", brotli.compress(PLAIN)[:-5]], ids=["empty", "torn"])
def test_an_error_is_what_its_status_says(
    middleware: CompressionMiddleware, status: int, body: bytes
) -> None:
    request = Request("https://www.antaranews.com/berita/1/x")
    headers = {"Content-Encoding": "br"}
    response = Response(request.url, status, headers, body)
    assert middleware.process_response(request, response).status == status
    if body:
        with pytest.raises(ExtractionFailed):
            middleware.process_response(request, Response(request.url, 200, headers, body))


def test_a_body_that_is_something_else_is_named() -> None:
    with pytest.raises(ExtractionFailed, match="Content-Encoding is br"):
        CompressionMiddleware._decode(PLAIN, b"br", 10_000_000)


@pytest.mark.parametrize(("status", "body"), [(206, PLAIN[:500]), (200, b""), (204, b"")])
def test_a_part_of_an_article_is_no_page(
    middleware: CompressionMiddleware, status: int, body: bytes
) -> None:
    request = Request("https://www.antaranews.com/berita/1/x", meta={ROLE: "article"})
    with pytest.raises(TornBody, match="the body is torn"):
        middleware.process_response(request, Response(request.url, status=status, body=body))


@pytest.mark.parametrize("framing", [{"Content-Length": "0"}, {"Transfer-Encoding": "chunked"}])
def test_an_answer_that_is_said_to_be_empty_is_whole(
    middleware: CompressionMiddleware, framing: dict[str, str]
) -> None:
    request = Request("https://www.antaranews.com/berita/1/x", meta={ROLE: "article"})
    empty = Response(request.url, headers=framing)
    assert middleware.process_response(request, empty).body == b""


def test_a_page_that_grows_too_large_has_a_short_reason(
    middleware: CompressionMiddleware,
) -> None:
    """The reason is counted: an address in it would make each page's its own."""
    request = Request("https://www.antaranews.com/berita/1/x", meta={"download_maxsize": 1000})
    headers = {"Content-Encoding": "gzip"}
    response = Response(request.url, headers=headers, body=gzip.compress(PLAIN))
    with pytest.raises(RequestRefused, match=r"\Atoo-large\Z"):
        middleware.process_response(request, response)
