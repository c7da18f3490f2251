"""The private parts of Scrapy and Twisted that the capture stands on.

When one of these fails after an upgrade, the capture would lose bytes without a word. Do this: keep
the pinned Scrapy minor version in pyproject.toml; find the part's new name or shape in the new
release; change newsbot/capture/wire.py or handler.py to it; see that tests/capture/test_wire.py
passes; then name the new part here.
"""

import inspect

import pytest
from scrapy.core.downloader import Downloader
from scrapy.core.downloader.handlers import http11
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.utils import _download_handlers
from twisted.web import _newclient
from twisted.web.client import Agent, HTTPConnectionPool, _StandardEndpointFactory
from twisted.web.http_headers import Headers

ADVICE = "the capture stands on it: see the head of tests/capture/test_canary.py"
PARTS = [
    (http11, "_LenientHTTPClientParser"),
    (http11, "_LenientHTTP11ClientFactory"),
    (http11, "_RequestBodyProducer"),
    (http11, "_ScrapyAgent"),
    (http11, "_TunnelingAgent"),
    (http11._ScrapyAgent, "_get_agent"),
    (http11.HTTP11DownloadHandler, "download_request"),
    (_download_handlers, "make_response"),
    (_download_handlers, "wrap_twisted_exceptions"),
    (_newclient.HTTP11ClientProtocol, "_finishResponse"),
    (_newclient.HTTP11ClientProtocol, "dataReceived"),
    (_newclient.HTTP11ClientProtocol, "request"),
    (_newclient.Request, "writeTo"),
    (HttpCompressionMiddleware, "_decode"),
    (Crawler, "_create_engine"),  # newsbot/crawl/stopping.py
    (Downloader, "_process_queue"),
    (Agent, "request"),
    (Headers, "copy"),
]


@pytest.mark.parametrize(("owner", "name"), PARTS, ids=str)
def test_the_part_is_there(owner: object, name: str) -> None:
    assert hasattr(owner, name), f"{owner} has no {name} any more; {ADVICE}"


def parameters(function: object) -> list[str]:
    return list(inspect.signature(function).parameters)  # type: ignore[arg-type]


def test_the_parts_take_what_we_give_them() -> None:
    assert parameters(http11._ScrapyAgent.__init__)[1:] == [
        "contextFactory", "connectTimeout", "bindAddress", "pool", "maxsize", "warnsize",
        "fail_on_dataloss", "crawler", "tls_verbose_logging",
    ], ADVICE  # fmt: skip
    assert parameters(http11._ScrapyAgent._get_agent) == ["self", "request", "timeout"], ADVICE
    assert parameters(http11._RequestBodyProducer.__init__) == ["self", "body"], ADVICE
    assert parameters(_download_handlers.make_response) == [
        "url", "status", "headers", "body", "flags", "certificate", "ip_address", "protocol",
        "stop_download",
    ], ADVICE  # fmt: skip
    assert parameters(_newclient.Request.writeTo) == ["self", "transport"], ADVICE
    assert parameters(Agent.request) == ["self", "method", "uri", "headers", "bodyProducer"], ADVICE
    waiting = _newclient.HTTP11ClientProtocol._finishResponse_WAITING
    assert parameters(waiting) == ["self", "rest"], ADVICE


def test_the_pool_builds_its_protocols_with_our_factory() -> None:
    source = inspect.getsource(HTTPConnectionPool)
    assert "self._factory(" in source, f"HTTPConnectionPool._factory: {ADVICE}"


def test_an_agents_endpoints_resolve_with_the_reactor_that_we_set() -> None:
    factory = inspect.getsource(_StandardEndpointFactory)
    assert "HostnameEndpoint(self._reactor" in factory, f"_StandardEndpointFactory: {ADVICE}"
    assert "self._endpointFactory" in inspect.getsource(Agent), ADVICE


def test_the_handler_reads_its_parts_from_where_we_set_them() -> None:
    source = inspect.getsource(http11.HTTP11DownloadHandler.__init__)
    for part in ("_pool", "_contextFactory", "_bind_address", "_crawler"):
        assert f"self.{part}" in source, f"HTTP11DownloadHandler.{part}: {ADVICE}"
    base = inspect.getsource(http11.HTTP11DownloadHandler.__mro__[1])
    assert "self._default_maxsize" in base, f"BaseHttpDownloadHandler._default_maxsize: {ADVICE}"


def test_the_parser_can_be_given_its_class_as_scrapy_gives_it() -> None:
    source = inspect.getsource(http11._LenientHTTP11ClientProtocol.request)
    assert "self._parser.__class__ = _LenientHTTPClientParser" in source, ADVICE
