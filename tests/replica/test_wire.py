"""The wire: validators, coding, framing, keeping connections, and faults."""

import asyncio
import gzip
import re
from collections.abc import Awaitable, Callable

from replica import Replica, Running, World
from tests.replica.conftest import fetch

URL = "http://www.antaranews.com"


def test_304_by_tag_and_by_date(shared: Running):
    url = shared.truth()[0]["canonical_url"]
    whole = fetch(shared.proxy_url, url)
    assert whole.status == 200
    tag, date = whole.headers["etag"], whole.headers["last-modified"]
    for headers in ({"If_None_Match": tag}, {"If_Modified_Since": date}):
        reply = fetch(shared.proxy_url, url, **headers)
        assert (reply.status, reply.body) == (304, b"")
        assert reply.headers["etag"] == tag
    assert fetch(shared.proxy_url, url, If_None_Match='"other"').status == 200
    both = {"If_None_Match": '"other"', "If_Modified_Since": date}
    assert fetch(shared.proxy_url, url, **both).status == 200
    old = "Thu, 01 Jan 2015 00:00:00 GMT"
    assert fetch(shared.proxy_url, url, If_Modified_Since=old).status == 200


def test_bodies_come_plain_gzipped_and_in_chunks_and_always_the_same_way(shared: Running):
    ways = set()
    for one in shared.truth():
        url = one["canonical_url"]
        plain = fetch(shared.proxy_url, url)
        reply = fetch(shared.proxy_url, url, Accept_Encoding="gzip, deflate")
        coding = reply.headers.get("content-encoding")
        assert "content-encoding" not in plain.headers
        assert plain.body == (gzip.decompress(reply.body) if coding else reply.body)
        is_chunked = reply.headers.get("transfer-encoding") == "chunked"
        assert is_chunked == ("content-length" not in reply.headers)
        assert is_chunked == ("transfer-encoding" in plain.headers)
        ways.add((coding, is_chunked))
    assert ways == {("gzip", True), ("gzip", False), (None, True), (None, False)}


def test_head_has_the_headers_and_no_body(shared: Running):
    url = shared.truth()[0]["canonical_url"]
    whole, head = fetch(shared.proxy_url, url), fetch(shared.proxy_url, url, "HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["etag"] == whole.headers["etag"]
    assert fetch(shared.proxy_url, url, "DELETE").status == 405


def test_trackers_change_nothing(shared: Running):
    url = shared.truth()[0]["canonical_url"]
    tracked = fetch(shared.proxy_url, f"{url}?utm_source=antaranews&utm_medium=desktop")
    assert tracked.headers["etag"] == fetch(shared.proxy_url, url).headers["etag"]


def _serve(talk: Callable[[Replica], Awaitable[None]]) -> Replica:
    """Run a conversation with a replica in this process."""

    async def main() -> Replica:
        async with Replica(World(1, 10)) as replica:
            await talk(replica)
        return replica

    return asyncio.run(main())


def test_requests_in_one_go_are_answered_in_order_on_one_connection():
    async def talk(replica: Replica) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", replica.port)
        head = "HTTP/1.1\r\nHost: www.antaranews.com\r\n"
        writer.write(f"GET /robots.txt {head}\r\nGET /indeks/1 {head}\r\n".encode())
        writer.write(f"GET /robots.txt {head}Connection: close\r\n\r\n".encode())
        answers = await reader.read()
        assert re.findall(rb"HTTP/1.1 (\d+) ", answers) == [b"200", b"404", b"200"]
        writer.close()

    replica = _serve(talk)
    assert [entry.status for entry in replica.log] == [200, 404, 200]


def test_http_1_0_and_what_is_no_request():
    async def talk(replica: Replica) -> None:
        for request, status in (
            (b"GET http://www.antaranews.com/terkini HTTP/1.0\r\n\r\n", b"200"),
            (b"NONSENSE\r\n\r\n", b"400"),
            (b"GET http://unknown.example/ HTTP/1.0\r\n\r\n", b"502"),
            (b"CONNECT unknown.example:443 HTTP/1.1\r\n\r\n", b"502"),
        ):
            reader, writer = await asyncio.open_connection("127.0.0.1", replica.port)
            writer.write(request)
            answer = await reader.read()
            assert answer.split()[1] == status
            assert b"Transfer-Encoding" not in answer
            writer.close()

    _serve(talk)


def test_it_ends_with_clients_still_connected_and_a_handshake_unfinished():
    kept: list[asyncio.StreamWriter] = []

    async def talk(replica: Replica) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", replica.port)
        writer.write(b"GET /robots.txt HTTP/1.1\r\n")
        reader, tunnel = await asyncio.open_connection("127.0.0.1", replica.port)
        tunnel.write(b"CONNECT www.antaranews.com:443 HTTP/1.1\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        kept.extend((writer, tunnel))

    async def main() -> None:
        async with asyncio.timeout(600):
            async with Replica(World(1, 4)) as replica:
                await talk(replica)
            for writer in kept:
                writer.close()

    asyncio.run(main())


def test_latency_comes_before_each_answer():
    async def talk(replica: Replica) -> None:
        replica.faults.latency = 0.05
        reader, writer = await asyncio.open_connection("127.0.0.1", replica.port)
        request = b"GET http://www.antaranews.com/robots.txt HTTP/1.0\r\n\r\n"
        begun = asyncio.get_running_loop().time()
        writer.write(request)
        assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
        assert asyncio.get_running_loop().time() - begun >= 0.05
        writer.close()

    _serve(talk)
