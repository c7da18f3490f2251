"""A small forward proxy on loopback that carries all of the browser's traffic.

A browser's own hooks see names; addresses are chosen below them. So the browser resolves nothing
and connects to this proxy alone, which checks each host with the guard and connects to exactly the
address that was checked, or forwards to the operator's proxy where one is configured. Any user of
the machine can connect to loopback: only clients with the random password are served. Tunnels to
hosts that ``terminator`` names are decrypted on the way.
"""

import asyncio
import base64
import logging
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit

from newsbot.capture import guard
from newsbot.capture.terminator import Connection, TlsTerminator
from newsbot.errors import AddressRefused

logger = logging.getLogger(__name__)

_PIECE = 64 * 1024
_MAX_HEAD = 64 * 1024  # bytes; browsers send far less
_CONNECT_SECONDS = 20.0  # for one address of a host
_BAD_GATEWAY = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"
_UNAUTHORIZED = (
    b"HTTP/1.1 407 Proxy Authentication Required\r\n"
    b'Proxy-Authenticate: Basic realm="newsbot"\r\n'
    b"Content-Length: 0\r\nConnection: close\r\n\r\n"
)
_HOP_BY_HOP = (b"connection", b"keep-alive", b"proxy-connection", b"proxy-authorization")

UpstreamProxy = Callable[[str, str], str | None]
"""The operator's proxy for a scheme and a host, as a URL; None for a direct connection."""


@dataclass
class FilteringProxy:
    """Serves CONNECT and absolute-form requests from ``start`` to ``close``.

    ``refused`` has the hosts that the guard refused, ``addresses`` the address of each host it
    connected to. Clients authenticate with ``username`` and ``password`` (Basic); each proxy has a
    password of its own.
    """

    upstream: UpstreamProxy = lambda _scheme, _host: None
    guarded: bool = True
    blocks: Callable[[str], bool] = lambda _host: False
    terminator: TlsTerminator | None = None
    refused: dict[str, AddressRefused] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    port: int = 0
    username: str = "newsbot"
    password: str = field(default_factory=secrets.token_urlsafe, repr=False)
    _connections: set["asyncio.Task[None]"] = field(default_factory=set)

    @property
    def url(self) -> str:
        """The URL to set as the browser's proxy."""
        return f"http://127.0.0.1:{self.port}"

    def tls_version(self, host: str) -> str | None:
        """Return the TLS version of a host whose tunnels are decrypted here; None for others."""
        return None if self.terminator is None else self.terminator.versions.get(host)

    async def start(self) -> None:
        """Listen on a free port of loopback."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=_MAX_HEAD)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and end all connections."""
        self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._answer(reader, writer)
        except AddressRefused as error:
            logger.warning("browser: %s", error)  # the connection ends without an answer
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError) as error:
            logger.debug("browser's proxy: %s: %s", type(error).__name__, error)
            with suppress(OSError):
                writer.write(_BAD_GATEWAY)
                await writer.drain()
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if not self._is_authorized(head):
            writer.write(_UNAUTHORIZED)
            await writer.drain()
            return
        method, target, _ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
        if method == "CONNECT":
            await self._tunnel(target, reader, writer)
        else:
            await self._forward(head, urlsplit(target), reader, writer)

    def _is_authorized(self, head: bytes) -> bool:
        """Return whether the request has our password; compared in constant time."""
        given = _header(head, b"proxy-authorization") or b""
        return secrets.compare_digest(given, _basic(self.username, self.password).encode("ascii"))

    async def _tunnel(
        self, target: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        name, _, port = target.rpartition(":")
        host = name.strip("[]")
        remote, proxy = await self._connect("https", host, int(port))
        try:
            answer = _ESTABLISHED if proxy is None else await _tunnel(remote, target, proxy)
            ending = self.terminator if _is_established(answer) else None
            if ending is not None and ending.ends(host):
                await ending.encrypt(host, remote[1])
                writer.write(answer)
                await ending.accept(writer)
            else:
                writer.write(answer)
            await _relay((reader, writer), remote)
        finally:
            remote[1].close()

    async def _forward(
        self,
        head: bytes,
        url: SplitResult,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        """Forward one request and its response, then end the connection: no second can follow."""
        remote, proxy = await self._connect("http", url.hostname or "", url.port or 80)
        try:
            remote[1].write(_forwarded_head(head, url, proxy))
            remote[1].write(await reader.readexactly(_length(head)))
            response = await remote[0].readuntil(b"\r\n\r\n")
            writer.write(_without_hop_by_hop(response) + b"Connection: close\r\n\r\n")
            await _copy(remote[0], writer)
        finally:
            remote[1].close()

    async def _connect(
        self, scheme: str, host: str, port: int
    ) -> tuple[Connection, SplitResult | None]:
        """Return a connection for the host, and the operator's proxy if it is connected to that."""
        if self.blocks(host):
            raise ConnectionRefusedError(f"{host} is blocked")
        proxy = self.upstream(scheme, host)
        try:
            if self.guarded:
                guard.check_host(host)
            if proxy is not None:
                parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
                connection = await _open_connection(parts.hostname or "", parts.port or 80)
                return connection, parts
            addresses = await guard.resolve(host, port) if self.guarded else [host]
        except AddressRefused as error:
            self.refused[host] = error
            raise
        return await self._first_of(addresses, host, port), None

    async def _first_of(self, addresses: list[str], host: str, port: int) -> Connection:
        failed: OSError = ConnectionError(f"{host} has no address")
        for address in addresses:
            try:
                connection = await _open_connection(address, port)
            except OSError as error:
                failed = error
                continue
            self.addresses[host] = connection[1].get_extra_info("peername")[0]
            return connection
        raise failed


async def _tunnel(remote: Connection, target: str, proxy: SplitResult) -> bytes:
    """Have the operator's proxy make a tunnel; return its answer, which says whether it did."""
    remote[1].write(_request_head(f"CONNECT {target} HTTP/1.1", target, proxy))
    return await remote[0].readuntil(b"\r\n\r\n")


def _is_established(answer: bytes) -> bool:
    return answer.split(b" ", 2)[1:2] == [b"200"]


async def _open_connection(host: str, port: int) -> Connection:
    async with asyncio.timeout(_CONNECT_SECONDS):
        return await asyncio.open_connection(host, port, limit=_MAX_HEAD)


async def _relay(one: Connection, other: Connection) -> None:
    """Copy both ways until either side ends."""
    copies = [
        asyncio.ensure_future(_copy(one[0], other[1])),
        asyncio.ensure_future(_copy(other[0], one[1])),
    ]
    try:
        await asyncio.wait(copies, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for copy in copies:
            copy.cancel()
        await asyncio.gather(*copies, return_exceptions=True)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(_PIECE):
        writer.write(data)
        await writer.drain()


def _request_head(line: str, host: str, proxy: SplitResult) -> bytes:
    lines = [line, f"Host: {host}", *_authorization(proxy)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _forwarded_head(head: bytes, url: SplitResult, proxy: SplitResult | None) -> bytes:
    """Return the request's head for the next hop: absolute form for a proxy, else origin form."""
    kept = _without_hop_by_hop(head)
    if proxy is None:
        method, _, version = kept.split(b"\r\n", 1)[0].split(b" ", 2)
        target = (url.path or "/") + (f"?{url.query}" if url.query else "")
        line = b" ".join((method, target.encode("latin-1"), version))
        kept = line + b"\r\n" + kept.split(b"\r\n", 1)[1]
    extra = ["Connection: close", *(_authorization(proxy) if proxy else ())]
    return kept + ("\r\n".join(extra) + "\r\n\r\n").encode("latin-1")


def _without_hop_by_hop(head: bytes) -> bytes:
    lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    kept = [one for one in lines if one.partition(b":")[0].strip().lower() not in _HOP_BY_HOP]
    return b"\r\n".join(kept) + b"\r\n"


def _length(head: bytes) -> int:
    return int(_header(head, b"content-length") or 0)


def _header(head: bytes, name: bytes) -> bytes | None:
    """Return the header's first value; ``name`` is in lower case."""
    for line in head.split(b"\r\n")[1:]:
        key, _, value = line.partition(b":")
        if key.strip().lower() == name:
            return value.strip()
    return None


def _authorization(proxy: SplitResult) -> list[str]:
    if not proxy.username:
        return []
    basic = _basic(unquote(proxy.username), unquote(proxy.password or ""))
    return [f"Proxy-Authorization: {basic}"]


def _basic(username: str, password: str) -> str:
    """Return the value of an Authorization header (RFC 7617)."""
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode("ascii")
