"""A replica in its own process, and a client that shows what is on the wire."""

import http.client
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest

from replica import Running, running


@dataclass(frozen=True)
class Reply:
    """A response; header names in lower case, the body as sent, less chunk framing."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def fetch(
    proxy_url: str, url: str, method: str = "GET", body: bytes | None = None, **headers: str
) -> Reply:
    """One request through the proxy: by CONNECT for https, in absolute form for http."""
    proxy, parts = urlsplit(proxy_url), urlsplit(url)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    if parts.scheme == "https":
        context = ssl._create_unverified_context()
        tunnel = http.client.HTTPSConnection(
            str(proxy.hostname), proxy.port, timeout=600, context=context
        )
        tunnel.set_tunnel(str(parts.hostname), 443)
        connection: http.client.HTTPConnection = tunnel
    else:
        connection = http.client.HTTPConnection(str(proxy.hostname), proxy.port, timeout=600)
        target = url
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.request(method, target, body=body, headers=named)
        response = connection.getresponse()
        read = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, read, response.read())
    finally:
        connection.close()


@pytest.fixture(scope="package")
def shared() -> Iterator[Running]:
    """A replica for tests that change nothing."""
    with running(articles=60, seed=11) as replica:
        yield replica


@pytest.fixture
def replica() -> Iterator[Running]:
    """A replica of one's own."""
    with running(articles=12, seed=5) as replica:
        yield replica
