"""The wire: an HTTP/1.1 client protocol that keeps the bytes of each exchange.

Depends on private parts of Scrapy 2.19 and Twisted (named in ``tests/capture/test_canary.py``):
Scrapy's signals and middlewares see normalised headers and dechunked bodies only. An Exchange
travels with its own request, in the headers object, so that concurrent ones cannot be mixed up.
"""

import re
from typing import Any, Final, cast

from scrapy.core.downloader.handlers.http11 import (
    _LenientHTTP11ClientFactory,
    _LenientHTTPClientParser,
)
from scrapy.exceptions import ResponseDataLossError
from twisted.internet.defer import Deferred
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.web._newclient import (
    STATUS,
    BadResponseVersion,
    HTTP11ClientProtocol,
    ResponseDone,
)
from twisted.web.http import PotentialDataLoss
from twisted.web.http_headers import Headers as TxHeaders

from newsbot.warc.exchange import Exchange

_LONGEST_LINE: Final = 64 * 1024  # bytes of a header line
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]++")  # RFC 9110, 5.6.2
_LENGTH = re.compile(rb"[0-9]++(?:[ \t]*+,[ \t]*+[0-9]++)*+")


class ExchangeHeaders(TxHeaders):
    """Request headers that carry the exchange to the connection that will send them."""

    exchange: Exchange | None = None

    def copy(self) -> "ExchangeHeaders":
        """Return a copy that carries the exchange too: Twisted copies headers to add Host."""
        twin = cast("ExchangeHeaders", super().copy())
        twin.exchange = self.exchange
        return twin


class _TeeTransport:
    """Passes everything to the transport, and keeps a copy of what is written."""

    def __init__(self, transport: Any, copy: bytearray) -> None:
        self._transport = transport
        self._copy = copy

    def write(self, data: bytes) -> None:
        self._copy += data
        self._transport.write(data)

    def writeSequence(self, data: Any) -> None:  # noqa: N802 - Twisted's name
        self.write(b"".join(data))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class _Parser(_LenientHTTPClientParser):
    """Scrapy's parser, which also passes over what browsers pass over: the record has all of it."""

    def lineReceived(self, line: bytes) -> None:  # noqa: N802 - Twisted's name
        """Pass over empty lines before the status line (RFC 9112, 2.2)."""
        if self.state != STATUS or line.strip():
            super().lineReceived(line)

    def parseVersion(self, strversion: bytes) -> tuple[bytes, int, int]:  # noqa: N802
        """Return protocol and version; what is no version counts as HTTP/1.0."""
        try:
            return cast("tuple[bytes, int, int]", super().parseVersion(strversion))  # type: ignore[no-untyped-call]
        except BadResponseVersion:
            return b"HTTP", 1, 0

    def headerReceived(self, name: bytes, value: bytes) -> None:  # noqa: N802
        """Take a header whose name is one, and whose framing is known."""
        name = name.rstrip(b" \t")
        is_length = name.lower() == b"content-length"
        if name.lower() == b"transfer-encoding":  # as HttpHead.is_chunked; others frame nothing
            value = b"chunked" if b"chunked" in value.lower() else b""
        if _TOKEN.fullmatch(name) and value and (not is_length or _LENGTH.fullmatch(value)):
            super().headerReceived(name, value)  # type: ignore[no-untyped-call]


class RecordingProtocol(HTTP11ClientProtocol):
    """Twisted's protocol with Scrapy's parser, keeping the bytes of its request's exchange."""

    _exchange: Exchange | None = None

    def request(self, request: Any) -> "Deferred[Any]":
        """Send the request, and copy the bytes that are written to its exchange."""
        self._exchange = exchange = getattr(request.headers, "exchange", None)
        if exchange is not None:
            exchange.begin(self.transport)
            write_to = request.__class__.writeTo
            request.writeTo = lambda transport: write_to(
                request, _TeeTransport(transport, exchange.request)
            )
        answered: Deferred[Any] = super().request(request)
        parser = cast("Any", self)._parser  # noqa: SLF001 - Twisted's own, created by the call above
        parser.__class__ = _Parser  # as Scrapy does
        parser.MAX_LENGTH = _LONGEST_LINE  # Twisted's is 16 KiB; policies and cookies are longer
        return answered

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """Keep the bytes, then pass them to the parser; cut the connection at the limit."""
        exchange = self._exchange
        if exchange is None:
            super().dataReceived(data)  # type: ignore[no-untyped-call]
        elif exchange.truncated is None:
            super().dataReceived(exchange.take(data))  # type: ignore[no-untyped-call]
            if exchange.truncated is not None:
                cast("Any", self.transport).abortConnection()

    def _finishResponse(self, rest: bytes) -> None:  # noqa: N802 - Twisted's name
        exchange, self._exchange = self._exchange, None
        if exchange is not None and exchange.truncated is None:
            exchange.finish(len(rest))
        super()._finishResponse(rest)


class RecordingFactory(_LenientHTTP11ClientFactory):
    """Builds recording protocols for the connection pool."""

    def buildProtocol(self, addr: Any) -> RecordingProtocol:  # noqa: ARG002, N802 - Twisted's name
        """Return a new protocol, one for each connection."""
        return RecordingProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]


class BodyReceiver(Protocol):
    """Receives a response's body and keeps its start for the spider; the exchange has all of it.

    ``finished`` fires with that start and the response's flags: ``partial`` where the body ended
    only with the connection, ``dataloss`` where it ended before its end and that is no failure (the
    setting DOWNLOAD_FAIL_ON_DATALOSS). Cancelling it cuts the connection.
    """

    def __init__(self, exchange: Exchange, limit: int, *, fail_on_loss: bool) -> None:
        self.finished: Deferred[tuple[bytes, list[str]]] = Deferred(lambda _: exchange.abort())
        self._pieces: list[bytes] = []
        self._limit = limit  # bytes; 0 for no limit
        self._left = limit
        self._fail_on_loss = fail_on_loss

    def receive(self, answer: Any) -> None:
        """Receive the body of Twisted's response."""
        if answer.length == 0:  # nothing is delivered, so the end is not reported either
            self.finished.callback((b"", []))
        else:
            answer.deliverBody(self)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """Keep what is below the limit."""
        if self._limit and len(data) > self._left:
            data = data[: self._left]
        self._pieces.append(data)
        self._left -= len(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802
        """Report the end of the body, complete or not."""
        if self.finished.called:  # cancelled
            return
        if isinstance(reason.value, ResponseDone):
            self.finished.callback((b"".join(self._pieces), []))
        elif isinstance(reason.value, PotentialDataLoss):
            self.finished.callback((b"".join(self._pieces), ["partial"]))
        elif not self._fail_on_loss:
            self.finished.callback((b"".join(self._pieces), ["dataloss"]))
        else:
            lost = ResponseDataLossError()
            lost.__cause__ = reason.value
            self.finished.errback(lost)
