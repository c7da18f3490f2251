"""One exchange as bytes, from the request to the record; independent of Scrapy."""

import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Literal, cast

SPILL_AT = 1024 * 1024  # bytes of a response kept in memory; more goes to disk

Truncation = Literal["disconnect", "length", "time", "unspecified"]


@dataclass(slots=True)
class Exchange:
    """One request and its response, as bytes.

    ``purpose`` is what it is fetched for, as in the crawl log. ``limit`` is the largest number of
    response bytes to keep; beyond it the connection is cut and ``truncated`` becomes ``length``.
    ``folder`` is where a large response is spilled to.
    """

    url: str
    method: str
    purpose: Mapping[str, Any] = field(default_factory=dict)
    limit: int = 0
    folder: Path | None = None
    referrer: str | None = None
    proxied: bool = False
    request: bytearray = field(default_factory=bytearray)
    response: IO[bytes] = field(init=False)
    received: int = 0
    complete: bool = False
    truncated: Truncation | None = None
    error: str | None = None
    ip_address: str | None = None
    tls_version: str | None = None
    tls_cipher: str | None = None
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    first_byte_after: float | None = None
    ended_after: float = 0.0
    notes: dict[str, str] = field(default_factory=dict)  # further lines of the metadata record
    _clock: float = field(default_factory=time.monotonic)
    _connection: Any = None

    def __post_init__(self) -> None:
        self.response = new_buffer(self.folder)

    def begin(self, transport: Any) -> None:
        """Reset the exchange: the request is about to be sent on this connection."""
        self.request.clear()
        if self.received:
            self.response.close()
            self.response = new_buffer(self.folder)
        self.received, self.complete, self.truncated = 0, False, None
        self.started, self._clock = datetime.now(UTC), time.monotonic()
        self._connection = transport
        self.first_byte_after = None
        self.ip_address = None if self.proxied else getattr(transport.getPeer(), "host", None)
        handle: Any = transport.getHandle() if hasattr(transport, "getHandle") else None
        if hasattr(handle, "get_protocol_version_name"):
            self.tls_version = handle.get_protocol_version_name()
            self.tls_cipher = handle.get_cipher_name()

    def abort(self) -> None:
        """Cut the exchange's connection."""
        if self._connection is not None:
            self._connection.abortConnection()

    def take(self, data: bytes) -> bytes:
        """Keep response bytes up to the limit; return those that were kept."""
        if self.first_byte_after is None:
            self.first_byte_after = time.monotonic() - self._clock
        if self.limit and self.received + len(data) > self.limit:
            data = data[: self.limit - self.received]
            self.truncated = "length"
        self.response.write(data)
        self.received += len(data)
        return data

    def finish(self, rest: int) -> None:
        """Mark the response as complete; the last ``rest`` bytes taken do not belong to it."""
        self.complete = True
        if rest:
            self.received -= rest
            self.response.truncate(self.received)
        self.ended_after = time.monotonic() - self._clock

    def body(self) -> bytes | IO[bytes]:
        """Return the response's bytes: in memory when small, else the file they were spilled to."""
        if self.received <= SPILL_AT:
            self.response.seek(0)
            return self.response.read()
        return self.response

    def close(self) -> None:
        """Discard the bytes."""
        self.response.close()


def new_buffer(folder: Path | None) -> IO[bytes]:
    """Return a buffer that moves to an unnamed file in the folder beyond SPILL_AT bytes."""
    return cast(
        "IO[bytes]",
        tempfile.SpooledTemporaryFile(max_size=SPILL_AT, dir=str(folder) if folder else None),
    )
