"""The wire: an HTTP/1.1 client protocol that keeps the bytes of each exchange.

Stands on private parts of Scrapy 2.19 and Twisted (named in ``tests/capture/test_canary.py``):
Scrapy's signals and middlewares see normalised headers and dechunked bodies only. An Exchange
travels with its own request, in the headers object, so that concurrent ones cannot be mixed up.
"""

from typing import Any, cast

from scrapy.core.downloader.handlers.http11 import (
    _LenientHTTP11ClientFactory,
    _LenientHTTPClientParser,
)
from scrapy.exceptions import ResponseDataLossError
from twisted.internet.defer import Deferred
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure
from twisted.web._newclient import HTTP11ClientProtocol, ResponseDone
from twisted.web.http import PotentialDataLoss
from twisted.web.http_headers import Headers as TxHeaders

from newsbot.warc.exchange import Exchange


class ExchangeHeaders(TxHeaders):
    """Request headers that carry the exchange to the connection that will send them."""

    exchange: Exchange | None = None

    def copy(self) -> "ExchangeHeaders":
        """Twisted copies the headers to add Host; the exchange goes along."""
        twin = cast("ExchangeHeaders", super().copy())
        twin.exchange = self.exchange
        return twin


class _TeeTransport:
    """Hands everything to the transport and keeps what is written."""

    def __init__(self, transport: Any, kept: bytearray) -> None:
        self._transport = transport
        self._kept = kept

    def write(self, data: bytes) -> None:
        self._kept += data
        self._transport.write(data)

    def writeSequence(self, data: Any) -> None:  # noqa: N802 - Twisted's name
        self.write(b"".join(data))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class RecordingProtocol(HTTP11ClientProtocol):
    """Twisted's protocol with Scrapy's parser, keeping the bytes of its request's exchange."""

    _exchange: Exchange | None = None

    def request(self, request: Any) -> "Deferred[Any]":
        """Send the request; the bytes written go to its exchange."""
        self._exchange = exchange = getattr(request.headers, "exchange", None)
        if exchange is not None:
            exchange.begin(self.transport)
            write_to = request.__class__.writeTo
            request.writeTo = lambda transport: write_to(
                request, _TeeTransport(transport, exchange.request)
            )
        answered: Deferred[Any] = super().request(request)
        parser = cast("Any", self)._parser  # noqa: SLF001 - Twisted's own, made just now
        parser.__class__ = _LenientHTTPClientParser  # as Scrapy does it
        return answered

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """Keep the bytes, then let the parser have them; cut the connection at the limit."""
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
        """Return one protocol a connection."""
        return RecordingProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]


class Body(Protocol):
    """Takes a response's body and keeps its start for the spider; the exchange has all of it.

    ``whole`` fires with that and the response's flags: ``partial`` where only the end of the
    connection told that of the body. Cancelled, it cuts the connection.
    """

    def __init__(self, exchange: Exchange, most: int) -> None:
        self.whole: Deferred[tuple[bytes, list[str]]] = Deferred(lambda _: exchange.abort())
        self._kept: list[bytes] = []
        self._most = most
        self._room = most

    def receive(self, answer: Any) -> None:
        """Take the body of this answer of Twisted's."""
        if answer.length == 0:  # it would never end: there is nothing to deliver
            self.whole.callback((b"", []))
        else:
            answer.deliverBody(self)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """Keep what still fits."""
        if self._most and len(data) > self._room:
            data = data[: self._room]
        self._kept.append(data)
        self._room -= len(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802
        """The body has ended, whole or not."""
        if self.whole.called:  # cancelled
            return
        if isinstance(reason.value, ResponseDone):
            self.whole.callback((b"".join(self._kept), []))
        elif isinstance(reason.value, PotentialDataLoss):
            self.whole.callback((b"".join(self._kept), ["partial"]))
        else:
            lost = ResponseDataLossError()
            lost.__cause__ = reason.value
            self.whole.errback(lost)
