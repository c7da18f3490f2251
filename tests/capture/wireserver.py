"""A server that sends exactly the bytes it is told to, and keeps those it got and sent."""

import asyncio
import datetime as dt
import ipaddress
import ssl
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HANG = b"<hang>"  # in a script: send nothing more, until the client hangs up


@dataclass
class Exchanged:
    """One request and its response, byte for byte."""

    request: bytes
    response: bytes = b""


@dataclass
class Script:
    """What to answer to one path: pieces to send, and whether to close afterwards."""

    pieces: list[bytes]
    close: bool = False
    after_hang_ups: int = 0  # answer only once so many clients have hung up on a HANG


@dataclass
class WireServer:
    """Runs in a thread on a free loopback port; also a proxy (absolute form and CONNECT)."""

    scripts: dict[str, Script]
    tls: ssl.SSLContext | None = None
    tunnel: ssl.SSLContext | None = None  # what CONNECT leads to
    keep: int = 0  # bytes of each response to log; 0: all
    log: dict[str, list[Exchanged]] = field(default_factory=lambda: defaultdict(list))
    port: int = 0

    def __enter__(self) -> "WireServer":
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(ready,), daemon=True)
        self._thread.start()
        assert ready.wait(600)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(600)

    @property
    def base(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def _serve(self, ready: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._main(ready))
        self._loop.close()

    async def _main(self, ready: threading.Event) -> None:
        self._stop = asyncio.Event()
        self._hang_ups = asyncio.Semaphore(0)
        self._open: set[asyncio.StreamWriter] = set()
        server = await asyncio.start_server(self._connection, "127.0.0.1", 0, ssl=self.tls)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await self._stop.wait()
        server.close()
        for writer in list(self._open):
            writer.transport.abort()
        await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            while not self._stop.is_set() and await self._answer(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass  # the client went away: some scripts want that
        finally:
            self._open.discard(writer)
            writer.transport.abort()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        if head.startswith(b"CONNECT ") and self.tunnel is not None:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await writer.drain()
            await writer.start_tls(self.tunnel)
            return True
        length = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        request = head + await reader.readexactly(length)
        target = head.split(b" ")[1].decode()
        if target.startswith("http://"):
            target = "/" + target.split("/", 3)[3]
        script = self.scripts[target]
        exchanged = Exchanged(request)
        self.log[target].append(exchanged)
        for _ in range(script.after_hang_ups):
            await self._hang_ups.acquire()
        for piece in script.pieces:
            if piece == HANG:
                stopped = asyncio.create_task(self._stop.wait())
                gone = asyncio.create_task(reader.read())
                await asyncio.wait({stopped, gone}, return_when=asyncio.FIRST_COMPLETED)
                self._hang_ups.release()
                stopped.cancel()
                gone.cancel()
                return False
            if not self.keep or len(exchanged.response) < self.keep:
                exchanged.response += piece
            writer.write(piece)
            await writer.drain()
        return not script.close


def certificate(folder: Path) -> ssl.SSLContext:
    """A server context with a certificate of its own for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
