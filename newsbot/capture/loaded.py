"""Converts a response that a browser has loaded into an exchange to record.

The browser gives decoded bodies. So the head loses Content-Encoding and Transfer-Encoding and gets
the length of the stored body; the metadata record has the original values.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from playwright.async_api import Error

from newsbot.warc.exchange import Exchange

if TYPE_CHECKING:
    from playwright._impl._api_structures import HttpHeader
    from playwright.async_api import Request, Response

_REMOVED = ("content-encoding", "transfer-encoding", "content-length")

_HeaderPairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class LoadedResponse:
    """What the browser reports of a response. ``body`` is None where it cannot give one."""

    method: str
    url: str
    request_headers: _HeaderPairs
    request_body: bytes
    status: int
    reason: str
    headers: _HeaderPairs
    body: bytes | None
    tls: str | None
    started: datetime
    first_byte_after: float | None
    ended_after: float


async def read(response: "Response") -> LoadedResponse:
    """Read everything about a response from the browser, once its body is complete.

    Raises:
        playwright.async_api.Error: the page or the browser was closed.
    """
    request = response.request
    body = None if 300 <= response.status < 400 else await _body(response)
    security = await response.security_details()
    timing = request.timing
    return LoadedResponse(
        method=request.method,
        url=response.url.partition("#")[0],
        request_headers=_without_proxy_headers(_pairs(await request.headers_array())),
        request_body=request.post_data_buffer or b"",
        status=response.status,
        reason=response.status_text,
        headers=_pairs(await response.headers_array()),
        body=body,
        tls=security.get("protocol") if security else None,
        started=datetime.fromtimestamp(timing["startTime"] / 1000, tz=UTC),
        first_byte_after=_seconds(timing["responseStart"]),
        ended_after=_seconds(timing["responseEnd"]) or 0.0,
    )


def read_unfinished(response: "Response") -> LoadedResponse:
    """Read what the browser has told so far of a response whose body it has not received."""
    request, timing = response.request, response.request.timing
    return LoadedResponse(
        method=request.method,
        url=response.url.partition("#")[0],
        request_headers=_without_proxy_headers(list(request.headers.items())),
        request_body=request.post_data_buffer or b"",
        status=response.status,
        reason=response.status_text,
        headers=list(response.headers.items()),
        body=None,
        tls=None,
        started=datetime.fromtimestamp(timing["startTime"] / 1000, tz=UTC),
        first_byte_after=_seconds(timing["responseStart"]),
        ended_after=0.0,
    )


def fill_unanswered(exchange: Exchange, request: "Request") -> Exchange:
    """Write a request without a response into the exchange; return the exchange."""
    headers = _without_proxy_headers(list(request.headers.items()))
    line = _request_line(request.method, request.url)
    exchange.method = request.method
    exchange.request += _head(line, headers) + (request.post_data_buffer or b"")
    exchange.notes["capturedBy"] = "browser, above the decoder"
    exchange.error = "NotFinished: no response until the page was closed"
    return exchange


def fill(exchange: Exchange, loaded: LoadedResponse) -> Exchange:
    """Write the loaded response into the exchange, as bytes; return the exchange."""
    exchange.url, exchange.method = loaded.url, loaded.method
    exchange.started = loaded.started
    exchange.first_byte_after, exchange.ended_after = loaded.first_byte_after, loaded.ended_after
    if loaded.tls is not None:
        exchange.tls_version = loaded.tls.replace(" ", "v")  # "TLS 1.3", as pyOpenSSL writes it
    body = loaded.body or b""
    removed = {name: value for name, value in loaded.headers if name.lower() in _REMOVED}
    kept = [one for one in loaded.headers if one[0].lower() not in _REMOVED]
    kept.append(("Content-Length", str(len(body))))
    exchange.request += (
        _head(_request_line(loaded.method, loaded.url), loaded.request_headers)
        + loaded.request_body
    )
    exchange.take(_head(f"HTTP/1.1 {loaded.status} {loaded.reason}", kept) + body)
    exchange.complete = True
    exchange.notes["capturedBy"] = "browser, above the decoder"
    for name, value in removed.items():
        exchange.notes[f"original{name.title().replace('-', '')}"] = value
    if loaded.body is None and not 300 <= loaded.status < 400:
        exchange.notes["body"] = "not given by the browser"
        exchange.truncated = exchange.truncated or "unspecified"
    return exchange


async def _body(response: "Response") -> bytes | None:
    try:
        return await response.body()
    except Error:  # the browser has discarded the body, or never stored it
        return None


def _pairs(headers: "Iterable[HttpHeader]") -> _HeaderPairs:
    return [(one["name"], one["value"]) for one in headers if not one["name"].startswith(":")]


def _without_proxy_headers(headers: _HeaderPairs) -> _HeaderPairs:
    """Return the headers without those for our proxy, which the server never received."""
    return [one for one in headers if not one[0].lower().startswith("proxy-")]


def _request_line(method: str, url: str) -> str:
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return f"{method} {target} HTTP/1.1"


def _head(line: str, headers: _HeaderPairs) -> bytes:
    lines = [line, *(f"{name}: {_one_line(value)}" for name, value in headers)]
    text = "\r\n".join(lines) + "\r\n\r\n"
    try:
        return text.encode("latin-1")  # as the browser decoded the bytes
    except UnicodeEncodeError:
        return text.encode()


def _one_line(value: str) -> str:
    return value.replace("\r", " ").replace("\n", " ")


def _seconds(milliseconds: float) -> float | None:
    return milliseconds / 1000 if milliseconds >= 0 else None
