"""Serves the synthetic hosts over HTTP/1.1 on loopback: directly, as a proxy, and through CONNECT.

Bodies come plain, gzipped or in chunks, by URL, always the same way; with ETag and Last-Modified.
"""

import asyncio
import contextlib
import gzip
import hashlib
import json
import ssl
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from newsbot.replica.site import HOSTS, Answer, ReplicaSite

CONTROL = "/_replica/"
_MOST_CACHED = 5000  # answers: a benchmark of 84 KB pages then takes about 600 MB
_MODIFIED = "Wed, 30 Sep 2026 07:00:00 GMT"


@dataclass(frozen=True, slots=True)
class _Ready:
    """An answer, ready to be sent in each way."""

    answer: Answer
    etag: str
    packed: bytes
    way: int  # 0 plain, 1 chunked


class Replica:
    """The server, as an async context manager; ``port`` 0 takes a free one.

    ``log`` has a line for each request served: host, target, status, bytes of the body.
    """

    def __init__(self, site: ReplicaSite, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.site = site
        self.port = port
        self.log: list[tuple[str, str, int, int]] = []
        self._tls = tls
        self._cache: dict[tuple[str, str], _Ready] = {}
        self._version = -1
        self._open: set[asyncio.StreamWriter] = set()

    @property
    def proxy_url(self) -> str:
        """What to set http_proxy and https_proxy to."""
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self) -> "Replica":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._server.close()
        for writer in list(self._open):
            writer.transport.abort()
        await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        host = ""
        try:
            while True:
                request = _Request.parse(await reader.readuntil(b"\r\n\r\n"))
                if request.length:
                    request.body = await reader.readexactly(request.length)
                if request.method == "CONNECT":
                    host = request.target.partition(":")[0]
                    writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                    await writer.drain()
                    if self._tls is None:
                        return
                    await writer.start_tls(self._tls)
                    continue
                if not await self._respond(request, host, writer):
                    return
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            return  # the client has gone
        finally:
            self._open.discard(writer)
            writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()

    async def _respond(self, request: "_Request", host: str, writer: asyncio.StreamWriter) -> bool:
        """Answer; False where the connection is to be cut."""
        parts = urlsplit(request.target)
        if parts.hostname is not None:
            host = parts.hostname
        host = host or (request.headers.get("host") or "").partition(":")[0]
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if target.startswith(CONTROL):
            writer.write(self._control(target.removeprefix(CONTROL), request))
            await writer.drain()
            return True
        faults = self.site.faults
        if host in faults.down:
            return False
        if faults.latency:
            await asyncio.sleep(faults.latency)
        if faults.busy > 0 and target != "/robots.txt":
            faults.busy -= 1
            self.log.append((host, target, 503, 0))
            writer.write(
                b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"
            )
        else:
            writer.writelines(self._response(request, host, target))
        await writer.drain()
        return True

    def _response(self, request: "_Request", host: str, target: str) -> list[bytes]:
        ready = self._ready(host, target)
        answer, status = ready.answer, ready.answer.status
        if status == HTTPStatus.OK and request.matches(ready.etag):
            self.log.append((host, target, 304, 0))
            not_modified = (
                f"HTTP/1.1 304 Not Modified\r\nETag: {ready.etag}\r\nServer: replica\r\n\r\n"
            )
            return [not_modified.encode()]
        lines = [
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}",
            "Server: replica",
            f"Content-Type: {answer.content_type}",
        ]
        if status == HTTPStatus.OK:
            lines += [f"ETag: {ready.etag}", f"Last-Modified: {_MODIFIED}", "vary: Accept-Encoding"]
        body = answer.body
        if "gzip" in request.headers.get("accept-encoding", "") and len(body) > 500:
            lines.append("Content-Encoding: gzip")
            body = ready.packed
        self.log.append((host, target, status, len(body)))
        if ready.way == 1:
            lines.append("Transfer-Encoding: chunked")
            framed = _chunks(body)
        else:
            lines.append(f"Content-Length: {len(body)}")
            framed = [body]
        head = ("\r\n".join(lines) + "\r\n\r\n").encode()
        return [head] if request.method == "HEAD" else [head, *framed]

    def _ready(self, host: str, target: str) -> _Ready:
        if self._version != self.site.world.version:
            self._cache.clear()
            self._version = self.site.world.version
        found = self._cache.get((host, target))
        if found is None:
            answer = self.site.answer(host, target)
            etag = f'"{hashlib.sha256(answer.body).hexdigest()[:16]}"'
            packed = gzip.compress(answer.body, 4, mtime=0)
            way = zlib.crc32(f"{host}{target}".encode()) % 2
            if len(self._cache) >= _MOST_CACHED:
                self._cache.clear()
            found = self._cache[host, target] = _Ready(answer, etag, packed, way)
        return found

    def _control(self, what: str, request: "_Request") -> bytes:
        """The controls, for tests in other processes: JSON in, JSON out."""
        arguments = json.loads(request.body) if request.body else {}
        world = self.site.world
        controls: dict[str, Callable[[], Any]] = {
            "truth": lambda: list(world.truth()),
            "log": lambda: self.log,
            "edit": lambda: world.edit(arguments["url"]).truth(),
            "add": lambda: [story.truth() for story in world.add(arguments["count"])],
            "remove": lambda: world.remove(arguments["url"]),
            "fault": lambda: self._fault(arguments),
        }
        body = json.dumps(controls[what](), default=str).encode()
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body

    def _fault(self, changes: dict[str, Any]) -> None:
        for name, value in changes.items():
            if not hasattr(self.site.faults, name):
                raise ValueError(f"no such fault: {name}")
            setattr(self.site.faults, name, set(value) if isinstance(value, list) else value)
        self._cache.clear()


@dataclass(slots=True)
class _Request:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""

    @classmethod
    def parse(cls, head: bytes) -> "_Request":
        lines = head.decode("latin-1").split("\r\n")
        method, target, _ = lines[0].split(" ", 2)
        pairs = (line.partition(":") for line in lines[1:] if line)
        return cls(method, target, {name.lower(): value.strip() for name, _, value in pairs})

    @property
    def length(self) -> int:
        return int(self.headers.get("content-length", 0))

    def matches(self, etag: str) -> bool:
        """Whether the client has it already."""
        if "if-none-match" in self.headers:
            return etag in self.headers["if-none-match"]
        return self.headers.get("if-modified-since") == _MODIFIED


def _chunks(body: bytes) -> list[bytes]:
    framed = []
    for start in range(0, len(body), 8192):
        piece = body[start : start + 8192]
        framed.append(b"%x\r\n%s\r\n" % (len(piece), piece))
    return [*framed, b"0\r\n\r\n"]


def tls_context(folder: str) -> ssl.SSLContext:
    """A certificate of its own for all hosts, made now, kept in the folder."""
    import datetime as dt
    from pathlib import Path

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "newsbot replica")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=2))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(host) for host in HOSTS]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    path = Path(folder) / "replica.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
