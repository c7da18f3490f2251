"""One client's connection: requests in their order, answers, tunnels with TLS."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final, Protocol, cast

from replica.certificate import Authority
from replica.faults import Faults
from replica.wire import BadRequest, Request, simple

_LONGEST_HEAD: Final = 64 * 1024
_END: Final = b"\r\n\r\n"


class Responder(Protocol):
    """The server, as its connections see it."""

    faults: Faults
    authority: Authority

    def arrived(self, connection: "Connection") -> None:
        """Take note of a new client."""

    def gone(self, connection: "Connection") -> None:
        """Take note that a client has gone."""

    def knows(self, host: str) -> bool:
        """Return whether the server answers for the host."""

    def is_control(self, request: Request, tunnel: str | None) -> bool:
        """Return whether the request is to the controls."""

    def note(self, host: str, path: str, status: int, size: int) -> None:
        """Write a line of the log."""

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something that a connection waits for."""

    def respond(self, request: Request, tunnel: str | None) -> bytes | None:
        """Return the bytes of the answer; None where the connection is to be cut."""


class Connection(asyncio.Protocol):
    """Reads requests, one after the other, and writes what the replica answers.

    After CONNECT the same object reads what comes out of the tunnel.
    """

    def __init__(self, replica: Responder) -> None:
        self._replica = replica
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._tunnel: str | None = None
        self._is_waiting = (
            False  # for a pause before an answer, a handshake, or the client's reading
        )

    # -- asyncio.Protocol ----------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has come."""
        self._transport = cast("asyncio.Transport", transport)
        self._replica.arrived(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - given by asyncio
        """The client has gone."""
        self._transport = None
        self._replica.gone(self)

    def data_received(self, data: bytes) -> None:
        """Bytes have come, of the client or out of the tunnel."""
        self._buffer += data
        self._advance()

    def pause_writing(self) -> None:
        """The client reads too slowly."""
        self._is_waiting = True

    def resume_writing(self) -> None:
        """The client has caught up."""
        self._resume()

    # -- for the replica -----------------------------------------------------------------------

    def cut(self) -> None:
        """End the connection without a word."""
        if self._transport is not None:
            self._transport.abort()

    # -- inside --------------------------------------------------------------------------------

    def _advance(self) -> None:
        while not self._is_waiting and self._transport is not None:
            try:
                request = self._take()
            except BadRequest:
                self._write(simple(400, "text/plain", b"not an HTTP/1.1 request\n"), closes=True)
                return
            if request is None:
                return
            self._handle(request)

    def _take(self) -> Request | None:
        """Return the next whole request in the buffer."""
        end = self._buffer.find(_END)
        if end < 0:
            if len(self._buffer) > _LONGEST_HEAD:
                raise BadRequest("head too long")
            return None
        request = Request.parse(bytes(self._buffer[:end]))
        whole = end + len(_END) + request.length
        if len(self._buffer) < whole:
            return None
        request.body = bytes(self._buffer[end + len(_END) : whole])
        del self._buffer[:whole]
        return request

    def _handle(self, request: Request) -> None:
        if request.method == "CONNECT":
            self._open_tunnel(request.target.rpartition(":")[0])
            return
        latency = self._replica.faults.latency
        if latency > 0 and not self._replica.is_control(request, self._tunnel):
            self._is_waiting = True
            loop = asyncio.get_running_loop()
            loop.call_later(latency, self._later, lambda: self._answer(request))
            return
        self._answer(request)

    def _answer(self, request: Request) -> None:
        answer = self._replica.respond(request, self._tunnel)
        if answer is None:
            self.cut()
        else:
            self._write(answer, closes=not request.keeps_alive)

    def _write(self, data: bytes, *, closes: bool) -> None:
        if self._transport is None:
            return
        self._transport.write(data)
        if closes:
            self._transport.close()
            self._transport = None

    def _later(self, act: Callable[[], None]) -> None:
        if self._transport is not None:
            act()
            self._resume()

    def _resume(self) -> None:
        self._is_waiting = False
        self._advance()

    def _open_tunnel(self, host: str) -> None:
        transport = self._transport
        if transport is None:
            return
        if not self._replica.knows(host):
            self._write(simple(502, "text/plain", b"no such host here\n"), closes=True)
            return
        self._tunnel = host
        self._is_waiting = True
        transport.pause_reading()  # until the handshake's protocol is in place
        transport.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        if host in self._replica.faults.down:
            self._replica.note(host, "CONNECT", 0, 0)
            transport.close()  # after what was written: the host resets, not the proxy
            return
        self._replica.spawn(self._shake_hands(transport))

    async def _shake_hands(self, transport: asyncio.Transport) -> None:
        loop = asyncio.get_running_loop()
        context = self._replica.authority.context
        try:
            inner = await loop.start_tls(transport, self, context, server_side=True)
        except (OSError, asyncio.CancelledError):  # ssl.SSLError is an OSError
            transport.abort()
            self.connection_lost(None)
            return
        if inner is None or inner.is_closing():  # the client went during the handshake
            self.connection_lost(None)
            return
        self._transport = inner
        self._resume()
