"""The browser's proxy: what it lets through, what it refuses, and by which address."""

import asyncio
import base64
import socket
import ssl
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from newsbot.capture.proxy import FilteringProxy
from newsbot.capture.terminator import TlsTerminator
from newsbot.errors import AddressRefused
from newsbot.sites.access import SiteAccess
from newsbot.sites.loading import load_site
from tests.capture.test_guard import answers
from tests.capture.wireserver import Script, WireServer
from tests.gated import VARIABLES, gated

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok"
HOSTS = [
    "127.0.0.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "[::1]",
    "localhost",
    "[::ffff:7f00:1]",
]


async def asked(proxy: FilteringProxy, message: bytes) -> bytes:
    """All that the proxy answers to a message."""
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    writer.write(message)
    try:
        return await asyncio.wait_for(reader.read(), 20)
    finally:
        writer.close()


def run(proxy: FilteringProxy, *messages: bytes) -> list[bytes]:
    async def main() -> list[bytes]:
        await proxy.start()
        try:
            return [await asked(proxy, message) for message in messages]
        finally:
            await proxy.close()

    return asyncio.run(main())


def basic(value: str) -> str:
    return f"Proxy-Authorization: Basic {base64.b64encode(value.encode()).decode()}\r\n"


PASSWORD = "kata sandi"
OURS = basic(f"newsbot:{PASSWORD}")
Proxy = partial(FilteringProxy, password=PASSWORD)


def get(host: str, port: int, more: str = "", allowed: str = OURS) -> bytes:
    line = f"GET http://{host}:{port}/a?b=1 HTTP/1.1\r\nHost: {host}\r\n"
    return f"{line}{allowed}{more}\r\n".encode()


def connect(host: str, port: int, allowed: str = OURS) -> bytes:
    line = f"CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n"
    return f"{line}{allowed}\r\n".encode()


@pytest.mark.parametrize(
    "allowed",
    [
        "",
        "Proxy-Authorization:\r\n",
        "Proxy-Authorization: Basic\r\n",
        f"Proxy-Authorization: Bearer {PASSWORD}\r\n",
        "Proxy-Authorization: Basic \xff\r\n",
        basic("newsbot:"),
        basic("newsbot:kata"),
        basic(PASSWORD),
        basic(f"other:{PASSWORD}"),
        OURS.replace("Proxy-", ""),
    ],
)
def test_a_client_without_the_password_is_refused(allowed: str) -> None:
    with WireServer({"/a?b=1": Script([OK], close=True)}) as server:
        proxy = Proxy(guarded=False)
        where = ("127.0.0.1", server.port)
        answers = run(proxy, get(*where, allowed=allowed), connect(*where, allowed=allowed))
        assert all(answer.startswith(b"HTTP/1.1 407 ") for answer in answers)
        assert all(b'Proxy-Authenticate: Basic realm="newsbot"\r\n' in one for one in answers)
        assert not server.log
    assert not proxy.addresses


def test_each_proxy_has_a_password_that_nobody_guesses_and_no_log_shows() -> None:
    one, other = FilteringProxy(), FilteringProxy()
    assert one.password != other.password
    assert len(one.password) > 40
    assert one.password not in repr(one)


@pytest.mark.parametrize("host", HOSTS)
def test_private_addresses_are_refused_in_any_form(host: str) -> None:
    with WireServer({"/a?b=1": Script([OK], close=True)}) as server:
        proxy = Proxy()
        answered = run(proxy, get(host, server.port), connect(host, server.port))
        assert answered == [b"", b""]
        assert not server.log
    assert list(proxy.refused) == [host.strip("[]")]


def test_a_name_is_judged_by_what_it_resolves_to_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second answer of a name server that changes its mind is never asked for."""
    said = iter([("8.8.8.8",), ("127.0.0.1",)])
    monkeypatch.setattr(socket, "getaddrinfo", lambda *given, **more: answers(*next(said))(*given))
    dialled: list[str] = []

    async def dial(host: str, port: int) -> Any:
        dialled.append(host)
        raise ConnectionError("not in a test")

    monkeypatch.setattr("newsbot.capture.proxy._open_connection", dial)
    proxy = FilteringProxy()
    with pytest.raises(ConnectionError, match="not in a test"):
        asyncio.run(proxy._connect("https", "rebinds.example", 443))
    with pytest.raises(AddressRefused):
        asyncio.run(proxy._connect("https", "rebinds.example", 443))
    assert dialled == ["8.8.8.8"]


def test_what_it_lets_through_arrives_as_it_was_sent() -> None:
    with WireServer({"/a?b=1": Script([OK], close=True)}) as server:
        proxy = Proxy(guarded=False)
        (answer,) = run(
            proxy, get("127.0.0.1", server.port, "Proxy-Connection: keep-alive\r\nX: é\r\n")
        )
        assert answer.endswith(b"\r\nConnection: close\r\n\r\nok")
        (exchanged,) = server.log["/a?b=1"]
    assert exchanged.request.startswith(
        b"GET /a?b=1 HTTP/1.1\r\nHost: 127.0.0.1\r\nX: \xc3\xa9\r\n"
    )
    assert b"proxy-" not in exchanged.request.lower()
    assert proxy.addresses == {"127.0.0.1": "127.0.0.1"}


def test_behind_the_operators_proxy_names_are_that_proxys_to_resolve() -> None:
    with WireServer({"/a?b=1": Script([OK], close=True)}) as server:
        upstream = server.base.replace("//", "//name:pass%20word@")
        proxy = Proxy(lambda _scheme, _host: upstream)
        through, refused = run(proxy, get("name.example", 80), get("10.0.0.1", 80))
        assert through.endswith(b"ok")
        assert refused == b""
        (exchanged,) = server.log["/a?b=1"]
    assert exchanged.request.startswith(b"GET http://name.example:80/a?b=1 HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic bmFtZTpwYXNzIHdvcmQ=\r\n" in exchanged.request


def test_blocked_hosts_and_nonsense_get_no_connection() -> None:
    proxy = Proxy(blocks=lambda host: host == "iklan.example")
    first, second, third = run(
        proxy,
        get("iklan.example", 80),
        f"nonsense\r\n{OURS}\r\n".encode(),
        connect("no.example", 99999999),
    )
    assert first.startswith(b"HTTP/1.1 502")
    assert second.startswith(b"HTTP/1.1 502")
    assert third.startswith(b"HTTP/1.1 502") or third == b""


async def status_of(proxy: FilteringProxy, port: int) -> bytes:
    """What a page of the host answers to a client of the proxy that takes any certificate."""
    anybody = ssl.create_default_context()
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    await proxy.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    try:
        writer.write(connect("127.0.0.1", port))
        answer = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " in answer:
            await writer.start_tls(anybody)
            writer.write(b"GET /rss HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = await reader.readuntil(b"\r\n")
        return answer
    finally:
        writer.close()
        await proxy.close()


def test_a_host_is_verified_by_the_seeds_authority(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    with gated(tmp_path / "one") as gate, gated(tmp_path / "other"):
        site = load_site(gate.folder / "kabargerbang.toml")
        access = SiteAccess.of(site, VARIABLES)
        port = int(site.feeds[0].url.split(":")[2].split("/")[0])
        proxy = Proxy(guarded=False, terminator=TlsTerminator(access))
        assert b" 403 " in asyncio.run(status_of(proxy, port))
        assert proxy.tls_version("127.0.0.1") == "TLSv1.3"
        of_another = SiteAccess.of(load_site(tmp_path / "other" / "kabargerbang.toml"), VARIABLES)
        proxy = Proxy(guarded=False, terminator=TlsTerminator(of_another))
        assert b" 502 " in asyncio.run(status_of(proxy, port))
    assert len(gate.here) == 1
    assert "browser: 127.0.0.1: its certificate is refused" in caplog.text
