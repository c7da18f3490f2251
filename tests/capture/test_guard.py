"""No page, redirect or name leads the crawl into the network it runs in."""

import asyncio
import ipaddress
import socket
from collections.abc import Callable
from typing import Any

import pytest

from newsbot.capture import guard
from newsbot.errors import AddressRefused
from tests.capture.conftest import Crawl
from tests.capture.wireserver import Script, WireServer

REFUSED = [
    "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "017700000001", "0",
    "127.0.0.1.", "１２７.0.0.1", "127%2e0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1",
    "169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "100.64.0.1", "0.0.0.0",
    "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "[::1]", "[::]", "[fe80::1%25eth0]", "[fc00::1]", "[fec0::1]", "[ff02::1]", "[2001:db8::1]",
    "[::ffff:127.0.0.1]", "[::ffff:a9fe:a9fe]", "[::127.0.0.1]", "[64:ff9b::10.0.0.1]",
    "[64:ff9b:1::808:808]", "[2002:7f00:1::]", "[2001:0:102:304::1]",
    "localhost", "LOCALHOST", "a.localhost", "localhost.localdomain",
]  # fmt: skip
ALLOWED = [
    "8.8.8.8", "134744072", "[2001:4860:4860::8888]", "[::ffff:8.8.8.8]", "[64:ff9b::8.8.8.8]",
    "[2002:808:808::]", "www.antaranews.com", "dead.beef", "localhost.example", "10.example",
]  # fmt: skip
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.mark.parametrize("host", REFUSED)
def test_a_host_that_is_a_private_address_is_refused_in_any_form(host: str) -> None:
    with pytest.raises(AddressRefused, match="NEWSBOT_PRIVATE_ADDRESSES"):
        guard.check_url(f"http://{host}:8080/a")


@pytest.mark.parametrize("host", ALLOWED)
def test_other_hosts_pass(host: str) -> None:
    guard.check_url(f"http://{host}/a")


def answers(*addresses: str) -> Callable[..., Any]:
    def getaddrinfo(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
        return [
            (
                socket.AF_INET6 if ":" in one else socket.AF_INET, socket.SOCK_STREAM, 6, "",
                (one, port),
            )
            for one in addresses
        ]  # fmt: skip

    return getaddrinfo


def test_of_the_addresses_of_a_name_only_public_ones_are_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", answers("10.0.0.1", "8.8.8.8", "::1"))
    assert asyncio.run(guard.resolve("mixed.example", 80)) == ["8.8.8.8"]
    monkeypatch.setattr(socket, "getaddrinfo", answers("10.0.0.1", "::1"))
    with pytest.raises(AddressRefused, match=r"inside\.example \(10\.0\.0\.1\)"):
        asyncio.run(guard.resolve("inside.example", 80))


def test_every_number_of_an_address_means_the_same() -> None:
    for host in ("127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.1"):
        assert guard.parse_address(host) == ipaddress.ip_address("127.0.0.1")


def test_direct_requests_reach_no_private_address(crawl: Callable[..., Crawl]) -> None:
    names = {"inside.example": "127.0.0.1", "metadata.example": "169.254.169.254"}
    with WireServer({"/a": Script([OK])}) as server:
        hosts = ["inside.example", "metadata.example", "127.0.0.1", "2130706433", "0177.0.0.1"]
        urls = [f"http://{host}:{server.port}/a" for host in [*hosts, "[::1]", "localhost"]]
        done = crawl(urls, names=names, PRIVATE_ADDRESSES=False)
        assert {line["url"]: line["error"] for line in done.seen} == dict.fromkeys(
            urls, "AddressRefused"
        )
        assert not server.log
        for url in urls:  # each refusal is in the record
            (record,) = done.of("metadata", url)
            assert b"fetchError: AddressRefused: " in record.block
        opened = crawl(urls[:1], names=names, name="opened")
        assert [line["status"] for line in opened.seen] == [200]
        assert len(server.log["/a"]) == 1


def test_redirects_reach_no_private_address(crawl: Callable[..., Crawl]) -> None:
    def redirect(to: str) -> Script:
        head = f"HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n"
        return Script([head.encode()])

    with WireServer({}) as server:
        targets = {
            "/literal": f"http://127.0.0.1:{server.port}/secret",
            "/decimal": f"http://2130706433:{server.port}/secret",
            "/metadata": "http://169.254.169.254/secret",
            "/six": f"http://[::1]:{server.port}/secret",
        }
        server.scripts.update({path: redirect(to) for path, to in targets.items()})
        server.scripts["/secret"] = Script([OK])
        proxied = [
            {"url": f"http://outside.example{path}", "meta": {"proxy": server.base}}
            for path in targets
        ]
        done = crawl(proxied, PRIVATE_ADDRESSES=False)
        assert [line.get("error") for line in done.seen] == ["AddressRefused"] * len(proxied)
        assert "/secret" not in server.log
        assert len(server.log) == len(proxied)  # the first hops went through the proxy
