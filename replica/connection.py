"""One client's connection: requests in their order, responses, tunnels with TLS."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, Protocol, cast

from replica.certificate import Authority
from replica.faults import Faults
from replica.wire import BadRequest, Request, simple

_MAX_HEAD: Final = 64 * 1024
_END: Final = b"\r\n\r\n"


class Responder(Protocol):
    """What a connection needs of the server."""

    faults: Faults
    authority: Authority

    def add_connection(self, connection: "Connection") -> None:
        """Add a new client's connection."""

    def remove_connection(self, connection: "Connection") -> None:
        """Remove a closed connection."""

    def serves(self, host: str) -> bool:
        """Return whether the server answers for the host."""

    def is_control(self, request: Request, tunnel: str | None) -> bool:
        """Return whether the request is to the controls."""

    def log_request(self, host: str, path: str, status: int, size: int) -> None:
        """Write a line of the log."""

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine of a connection."""

    def respond(self, request: Request, tunnel: str | None) -> bytes | None:
        """Return the bytes of the response; None where the connection is to be cut."""


class Connection(asyncio.Protocol):
    """Reads requests, one after the other, and writes the replica's responses.

    After CONNECT the same object reads what arrives through the tunnel.
    """

    def __init__(self, replica: Responder) -> None:
        self._replica = replica
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._tunnel: str | None = None
        self._is_waiting = False  # for latency, a handshake, or the client's reading

    # -- asyncio.Protocol ----------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Register the new connection."""
        self._transport = cast("asyncio.Transport", transport)
        self._replica.add_connection(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - given by asyncio
        """Unregister the closed connection."""
        self._transport = None
        self._replica.remove_connection(self)

    def data_received(self, data: bytes) -> None:
        """Handle bytes of the client, or of its tunnel."""
        self._buffer += data
        self._advance()

    def pause_writing(self) -> None:
        """Handle no more requests: the client reads too slowly."""
        self._is_waiting = True

    def resume_writing(self) -> None:
        """Handle requests again: the client has caught up."""
        self._resume()

    # -- for the replica -----------------------------------------------------------------------

    def cut(self) -> None:
        """Abort the connection without a response."""
        if self._transport is not None:
            self._transport.abort()

    # -- requests ------------------------------------------------------------------------------

    def _advance(self) -> None:
        while not self._is_waiting and self._transport is not None:
            try:
                request = self._next_request()
            except BadRequest:
                self._write(simple(400, "text/plain", b"not an HTTP/1.1 request\n"), closes=True)
                return
            if request is None:
                return
            self._handle(request)

    def _next_request(self) -> Request | None:
        """Remove the next complete request from the buffer and return it; None if there is none."""
        end = self._buffer.find(_END)
        if end < 0:
            if len(self._buffer) > _MAX_HEAD:
                raise BadRequest("head too long")
            return None
        request = Request.parse(bytes(self._buffer[:end]))
        size = end + len(_END) + request.length
        if len(self._buffer) < size:
            return None
        request.body = bytes(self._buffer[end + len(_END) : size])
        del self._buffer[:size]
        return request

    def _handle(self, request: Request) -> None:
        if request.method == "CONNECT":
            self._open_tunnel(request.target.rpartition(":")[0])
            return
        latency = self._replica.faults.latency
        if latency > 0 and not self._replica.is_control(request, self._tunnel):
            self._is_waiting = True
            loop = asyncio.get_running_loop()
            loop.call_later(latency, self._respond_later, request)
            return
        self._respond(request)

    def _respond(self, request: Request) -> None:
        response = self._replica.respond(request, self._tunnel)
        if response is None:
            self.cut()
        else:
            self._write(response, closes=not request.keeps_alive)

    def _write(self, data: bytes, *, closes: bool) -> None:
        if self._transport is None:
            return
        self._transport.write(data)
        if closes:
            self._transport.close()
            self._transport = None

    def _respond_later(self, request: Request) -> None:
        if self._transport is not None:
            self._respond(request)
            self._resume()

    def _resume(self) -> None:
        self._is_waiting = False
        self._advance()

    def _open_tunnel(self, host: str) -> None:
        transport = self._transport
        if transport is None:
            return
        if not self._replica.serves(host):
            self._write(simple(502, "text/plain", b"unknown host\n"), closes=True)
            return
        self._tunnel = host
        self._is_waiting = True
        transport.pause_reading()  # until the handshake's protocol is in place
        transport.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        if host in self._replica.faults.down:
            self._replica.log_request(host, "CONNECT", 0, 0)
            transport.close()  # after the proxy's response: the host resets the connection
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
