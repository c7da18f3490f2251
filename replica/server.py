"""The server: loopback only; a proxy for its hosts, a web server by Host header, TLS by CONNECT."""

import asyncio
import re
import time
from collections import deque
from collections.abc import Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

from replica import hosts
from replica.certificate import Authority
from replica.connection import Connection
from replica.control import PREFIX, control
from replica.faults import Faults
from replica.looks import Look
from replica.pages import Pages, SiteDocument, TemplateChange
from replica.wire import PreparedResponse, Request, simple
from replica.world import World

_LOOPBACK: Final = ("127.0.0.1", "localhost", "")
_CACHE_BYTES: Final = 1024 * 1024 * 1024  # 5,000 pages of 84 KB: a benchmark requests 4,000 twice
_LOG_LENGTH: Final = 200_000
_TRACKERS: Final = re.compile(r"(?<=[?&])utm_\w+=[^&]*&?")


class Served(NamedTuple):
    """A request that was served; ``status`` 0 is a connection that was cut.

    ``time`` is in seconds since 1970, ``bytes`` the size of the body as sent, without framing.
    """

    time: float
    host: str
    path: str
    status: int
    bytes: int


class Replica:
    """Serves a world within ``async with Replica(world) as replica: …``.

    Args:
        world: what is served; it may be changed at any time.
        port: 0 chooses a free one.
        latency: seconds before each answer.
        assets: give pages style sheets, fonts, backgrounds and real pictures.
        ca: where to write the authority's certificate (PEM), for clients that verify.
    """

    def __init__(
        self,
        world: World,
        port: int = 0,
        *,
        latency: float = 0.0,
        assets: bool = False,
        ca: Path | None = None,
    ) -> None:
        self.world = world
        self.port = port
        self.faults = Faults(latency=latency)
        self.log: deque[Served] = deque(maxlen=_LOG_LENGTH)
        self.authority = Authority(hosts.ALL)
        if ca is not None:
            ca.write_bytes(self.authority.pem)
        self._look = Look() if assets else None
        self._pages = Pages(world, self._look)
        self._cache: dict[tuple[str, str], tuple[PreparedResponse, int]] = {}
        self._cached_bytes = 0
        self._connections: set[Connection] = set()
        self._all_gone = asyncio.Event()
        self._is_ending = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    @property
    def proxy_url(self) -> str:
        """The value for ``http_proxy`` and ``https_proxy``; the controls have this address too."""
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Connection(self), "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._server is not None:
            self._server.close()
        self._is_ending = True
        for connection in list(self._connections):
            connection.cut()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._connections:
            await self._all_gone.wait()
        if self._server is not None:
            await self._server.wait_closed()

    # -- for connections -----------------------------------------------------------------------

    def add_connection(self, connection: Connection) -> None:
        """Add a new client's connection."""
        self._connections.add(connection)

    def remove_connection(self, connection: Connection) -> None:
        """Remove a closed connection; an ending replica waits until none is left."""
        self._connections.discard(connection)
        if self._is_ending and not self._connections:
            self._all_gone.set()

    def serves(self, host: str) -> bool:
        """Return whether the server answers for the host."""
        return host in hosts.ALL

    def is_control(self, request: Request, tunnel: str | None) -> bool:
        """Return whether a request is to the controls, which only the loopback address has."""
        host, target = request.address(tunnel)
        return host in _LOOPBACK and target.startswith(PREFIX)

    def log_request(self, host: str, path: str, status: int, size: int) -> None:
        """Write a line of the log."""
        self.log.append(Served(time.time(), host, path, status, size))

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine of a connection; the replica waits for it at its end."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def respond(self, request: Request, tunnel: str | None) -> bytes | None:
        """Return the bytes of the response; None where the connection is to be cut."""
        host, target = request.address(tunnel)
        if host in _LOOPBACK:
            if target.startswith(PREFIX):
                return simple(*control(self, request))
            host = hosts.MAIN
        if not self.serves(host):
            return simple(502, "text/plain", b"unknown host\n")
        if request.method not in ("GET", "HEAD"):
            self.log_request(host, target, 405, 0)
            return simple(405, "text/plain", b"only GET and HEAD\n")
        if host in self.faults.down:
            self.log_request(host, target, 0, 0)
            return None
        response = self._with_faults(host, target, self._response(host, target))
        if response.is_unmodified(request):
            self.log_request(host, target, 304, 0)
            return response.not_modified()
        data, size = response.encode(request)
        self.log_request(host, target, response.document.status, size)
        return data

    def change_template(self, suffix: str = "-new", *, bare: bool = False) -> None:
        """Give article pages other class names and ids; ``suffix=""`` restores the old ones."""
        self._pages.template_change = TemplateChange(suffix, bare)
        self._forget()

    def repaint(self, url: str) -> None:
        """Put another picture at the address of one, and of its other sizes.

        Raises:
            ValueError: that is no picture's address, or pages have no look.
        """
        self._shown().repaint(url)
        self._forget()

    def restyle(self) -> None:
        """Give pages other colours, by a style sheet that has changed.

        Raises:
            ValueError: pages have no look.
        """
        self._shown().restyle()
        self._forget()

    # -- responses -----------------------------------------------------------------------------

    def _response(self, host: str, target: str) -> PreparedResponse:
        """Return the response, cached until the world or, for an article, its story changes."""
        clean = _TRACKERS.sub("", target).rstrip("?&") if "utm_" in target else target
        key = (host, clean)
        if (known := self._cache.get(key)) is not None:
            response, version = known
            story = response.document.story
            if version == self.world.version or (
                story is not None and self.world.by_number(story.host, story.number) is story
            ):
                return response
        response = PreparedResponse(self._pages.document(host, clean), host + clean)
        self._store(key, response)
        return response

    def _with_faults(self, host: str, target: str, response: PreparedResponse) -> PreparedResponse:
        """Return the response, or a faulty one in its place, which is not cached."""
        if self.faults.is_busy(host, target):
            busy = SiteDocument(503, "text/plain; charset=UTF-8", b"busy\n")
            return PreparedResponse(busy, host + target, retry_after=self.faults.retry_after)
        document = self.faults.apply(host, target, response.document)
        if document is response.document:
            return response
        return PreparedResponse(document, host + target)

    def _shown(self) -> Look:
        if self._look is None:
            raise ValueError("pages have no look here; start the replica with --assets")
        return self._look

    def _forget(self) -> None:
        self._cache.clear()
        self._cached_bytes = 0

    def _store(self, key: tuple[str, str], response: PreparedResponse) -> None:
        self._cache.pop(key, None)
        self._cache[key] = response, self.world.version
        self._cached_bytes += response.size
        if self._cached_bytes > _CACHE_BYTES:
            self._forget()
