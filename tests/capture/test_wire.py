"""What is in the WARC file is what was on the wire, byte for byte."""

import base64
import gzip
import hashlib
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.capture.conftest import Crawl
from tests.capture.wireserver import HANG, Script, WireServer, certificate

BODY = b"<html><body><p>Satu kalimat saja.</p></body></html>" * 20
OK = b"HTTP/1.1 200 OK\r\n"


def plain(head: bytes, body: bytes = BODY) -> Script:
    return Script([OK + head + b"Content-Length: %d\r\n\r\n" % len(body) + body])


def chunked(*chunks: bytes, head: bytes = b"", trailer: bytes = b"") -> Script:
    framed = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    start = OK + head + b"Transfer-Encoding: chunked\r\n\r\n"
    return Script([start, framed + b"0\r\n" + trailer + b"\r\n"])


SCRIPTS = {
    "/plain": plain(b"Content-Type: text/html\r\nServer: x\r\n"),
    "/gzip": plain(b"Content-Encoding: gzip\r\n", gzip.compress(BODY)),
    "/deflate": plain(b"Content-Encoding: deflate\r\n", zlib.compress(BODY)),
    "/case-and-order": plain(
        b"x-LOWER: 1\r\nContent-type: text/html\r\nX-UPPER:2\r\nEtag:  \"a\" \r\n"
    ),
    "/cookies": plain(b"".join(b"Set-Cookie: c%d=v%d; Path=/\r\n" % (n, n) for n in range(5))),
    "/no-reason": Script([b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok"]),
    "/http10": Script([b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + BODY], close=True),
    "/folded": plain(b"X-Long: first\r\n\tsecond\r\n  third\r\nX-After: 1\r\n"),
    "/bad-line": plain(b"this line has no colon\r\nX-After: 1\r\n"),
    "/latin1": plain(b"X-Name: caf\xe9 \xff\r\n"),
    "/empty": plain(b"", b""),
    "/no-content": Script([b"HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n"]),
    "/brotli": plain(b"Content-Encoding: br\r\n", bytes.fromhex("0b028068656c6c6f03")),
    "/error": Script([b"HTTP/1.1 503 Busy\r\nRetry-After: 9\r\nContent-Length: 4\r\n\r\nbusy"]),
    "/interim": Script(
        [b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", OK + b"Content-Length: 2\r\n\r\nok"]
    ),
}  # fmt: skip
CHUNKED = {
    "/chunked": chunked(BODY[:100], BODY[100:]),
    "/chunked-gzip": chunked(gzip.compress(BODY), head=b"content-encoding: gzip\r\n"),
    "/chunked-trailers": chunked(b"abc", trailer=b"X-Checksum: 900\r\nX-More: 1\r\n"),
    "/chunked-empty": chunked(),
}


@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
def test_response_and_request_are_the_bytes_of_the_wire(
    crawl: Callable[..., Crawl], tmp_path: Path, tls: bool
) -> None:
    context = certificate(tmp_path) if tls else None
    with WireServer(SCRIPTS, context) as server:
        done = crawl([server.base + path for path in SCRIPTS], DOWNLOAD_VERIFY_CERTIFICATES=False)
        for path in SCRIPTS:
            url = server.base + path
            (sent,) = server.log[path]
            final = sent.response.split(b"\r\n\r\n", 1)[1] if path == "/interim" else sent.response
            found = done.of("response", url) + done.of("revisit", url)
            assert len(found) == 1, path
            if found[0].headers["WARC-Type"] == "response":
                assert found[0].block == final, path
            else:
                assert found[0].block == final[: final.index(b"\r\n\r\n") + 4], path
            (request,) = done.of("request", url)
            assert request.block == sent.request, path
            assert request.headers["WARC-Concurrent-To"] == found[0].headers["WARC-Record-ID"]
            assert found[0].headers["WARC-IP-Address"] == "127.0.0.1"
            protocol = found[0].headers["WARC-Protocol"]
            assert ("tls/1.3" in protocol) == tls, protocol


def test_chunked_bodies_lose_their_framing_and_nothing_else(crawl: Callable[..., Crawl]) -> None:
    with WireServer(CHUNKED) as server:
        done = crawl([server.base + path for path in CHUNKED])
        for path, script in CHUNKED.items():
            url = server.base + path
            (record,) = done.of("response", url)
            head, _, framed = server.log[path][0].response.partition(b"\r\n\r\n")
            renamed = head.replace(b"Transfer-Encoding", b"X-Archive-Orig-Transfer-Encoding")
            body = b""
            while framed:
                size, _, framed = framed.partition(b"\r\n")
                length = int(size, 16)
                body, framed = body + framed[:length], framed[length + 2 :] if length else b""
            assert record.block == renamed + b"\r\n\r\n" + body, path
            (metadata,) = done.of("metadata", url)
            assert b"originalTransferEncoding: chunked\r\n" in metadata.block
            assert script.pieces
        (metadata,) = done.of("metadata", server.base + "/chunked-trailers")
        kept = metadata.block.split(b"trailer: ")[1].split(b"\r\n")[0]
        assert base64.b64decode(kept) == b"X-Checksum: 900\r\nX-More: 1\r\n"


def test_what_comes_compressed_is_not_compressed_again(crawl: Callable[..., Crawl]) -> None:
    with WireServer({path: SCRIPTS[path] for path in ("/gzip", "/plain")}) as server:
        done = crawl([server.base + path for path in ("/gzip", "/plain")])
        (path,) = done.folder.glob("*.warc.gz")
        data, kept = path.read_bytes(), {}
        for name in ("/gzip", "/plain"):
            (record,) = done.of("response", server.base + name)
            payload = record.block.split(b"\r\n\r\n", 1)[1]
            kept[name] = payload in data[record.offset : record.offset + record.length]
    assert kept == {"/gzip": True, "/plain": False}


def test_digests_are_those_of_what_is_stored(crawl: Callable[..., Crawl]) -> None:
    def sha1(data: bytes) -> str:
        return "sha1:" + base64.b32encode(hashlib.sha1(data).digest()).decode()

    with WireServer(SCRIPTS | CHUNKED) as server:
        done = crawl([server.base + path for path in SCRIPTS | CHUNKED])
    for record in done.records:
        assert record.headers["WARC-Block-Digest"] == sha1(record.block)
        if record.headers["WARC-Type"] == "response":
            payload = record.block.split(b"\r\n\r\n", 1)[1]
            assert record.headers["WARC-Payload-Digest"] == sha1(payload)


def test_not_modified_is_a_revisit_with_its_head_kept_in_the_metadata(
    crawl: Callable[..., Crawl],
) -> None:
    answer = b'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 77\r\n\r\n'
    with WireServer({"/a": Script([answer])}) as server:
        url = server.base + "/a"
        done = crawl([{"url": url, "headers": {"If-None-Match": '"x"'}}])
    (record,) = done.of("revisit", url)
    assert record.headers["WARC-Profile"].endswith("/revisit/server-not-modified")
    assert record.block == b""
    assert {"Content-Type", "WARC-Payload-Digest"}.isdisjoint(record.headers)
    (metadata,) = done.of("metadata", url)
    kept = metadata.block.split(b"originalHead: ")[1].split(b"\r\n")[0]
    assert base64.b64decode(kept) == answer


def test_the_same_payload_again_is_a_revisit_of_the_first(crawl: Callable[..., Crawl]) -> None:
    scripts = {"/one": plain(b"X-N: 1\r\n"), "/two": plain(b"X-N: 2\r\n")}
    with WireServer(scripts) as server:
        one, two = server.base + "/one", server.base + "/two"
        done = crawl([one, two], CONCURRENT_REQUESTS=1)
        (first,) = done.of("response", one)
        (again,) = done.of("revisit", two)
    assert again.headers["WARC-Profile"].endswith("/revisit/identical-payload-digest")
    assert again.headers["WARC-Refers-To"] == first.headers["WARC-Record-ID"]
    assert again.headers["WARC-Refers-To-Target-URI"] == one
    second = first.headers["WARC-Date"][:19] + "Z"  # as indexes have it: players look there
    assert again.headers["WARC-Refers-To-Date"] == second
    assert again.headers["WARC-Payload-Digest"] == first.headers["WARC-Payload-Digest"]
    assert again.block == OK + b"X-N: 2\r\nContent-Length: %d\r\n\r\n" % len(BODY)


def test_head_and_post(crawl: Callable[..., Crawl]) -> None:
    scripts = {
        "/head": Script([OK + b"Content-Length: 5000\r\nContent-Type: text/html\r\n\r\n"]),
        "/post": plain(b"", b"done"),
    }
    with WireServer(scripts) as server:
        head, post = server.base + "/head", server.base + "/post"
        done = crawl(
            [{"url": head, "method": "HEAD"}, {"url": post, "method": "POST", "body": "a=1&b=2"}]
        )
        for path, url in (("/head", head), ("/post", post)):
            assert done.of("response", url)[0].block == server.log[path][0].response
            assert done.of("request", url)[0].block == server.log[path][0].request
    assert done.of("request", post)[0].block.endswith(b"a=1&b=2")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_every_hop_of_a_redirect_is_recorded(crawl: Callable[..., Crawl], status: int) -> None:
    def hop(to: str) -> Script:
        return Script(
            [f"HTTP/1.1 {status} X\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n".encode()]
        )

    with WireServer({"/a": hop("/b"), "/b": hop("/c"), "/c": plain(b"")}) as server:
        done = crawl([server.base + "/a"])
        for path in ("/a", "/b", "/c"):
            (record,) = done.of("response", server.base + path)
            assert record.block == server.log[path][0].response
    assert done.seen[0]["url"].endswith("/c")


def test_secrets_are_not_stored(crawl: Callable[..., Crawl]) -> None:
    with WireServer({"/a": plain(b"")}) as server:
        headers = {"Cookie": "session=s3cret", "Authorization": "Bearer s3cret", "X-Ok": "1"}
        done = crawl([{"url": server.base + "/a", "headers": headers}])
        assert b"s3cret" in server.log["/a"][0].request
    (request,) = done.of("request", server.base + "/a")
    assert b"s3cret" not in request.block
    assert b"Cookie: [redacted]\r\n" in request.block
    assert b"Authorization: [redacted]\r\n" in request.block
    assert b"X-Ok: 1\r\n" in request.block


def test_through_a_proxy_the_address_is_left_out(crawl: Callable[..., Crawl]) -> None:
    with WireServer({"/a?q=1": plain(b"")}) as server:
        url = "http://news.example/a?q=1"
        done = crawl([{"url": url, "meta": {"proxy": server.base}}])
        (record,) = done.of("response", url)
        assert record.block == server.log["/a?q=1"][0].response
        assert done.of("request", url)[0].block == server.log["/a?q=1"][0].request
    assert "WARC-IP-Address" not in record.headers


def test_32_connections_are_never_mixed_up(crawl: Callable[..., Crawl]) -> None:
    scripts = {
        f"/{n}": plain(b"X-Number: %d\r\n" % n, b"page %d " % n * (n + 1)) for n in range(400)
    }
    with WireServer(scripts) as server:
        done = crawl(
            [server.base + path for path in scripts],
            CONCURRENT_REQUESTS=32,
            CONCURRENT_REQUESTS_PER_DOMAIN=32,
        )
        for path in scripts:
            (record,) = done.of("response", server.base + path)
            assert record.block == server.log[path][0].response
            assert done.of("request", server.base + path)[0].block == server.log[path][0].request
    assert len(done.seen) == 400


def test_a_connection_cut_in_the_body_is_kept_and_marked(crawl: Callable[..., Crawl]) -> None:
    sent = OK + b"Content-Length: 900\r\n\r\n" + b"x" * 500
    with WireServer({"/a": Script([sent], close=True)}) as server:
        done = crawl([server.base + "/a"])
        (record,) = done.of("response", server.base + "/a")
    assert record.block == sent
    assert record.headers["WARC-Truncated"] == "disconnect"
    assert "error" in done.seen[0]


def test_a_time_out_keeps_what_came(crawl: Callable[..., Crawl]) -> None:
    sent = OK + b"Content-Length: 900\r\n\r\n" + b"x" * 500
    with WireServer({"/a": Script([sent, HANG]), "/b": Script([HANG])}) as server:
        for seconds in (1, 8, 64):  # on a busy machine nothing may have come after one
            urls = [server.base + "/a", server.base + "/b"]
            done = crawl(urls, name=f"{seconds}s", DOWNLOAD_TIMEOUT=seconds)
            if done.of("response", urls[0]) and done.of("request", urls[1]):
                break
        (record,) = done.of("response", server.base + "/a")
        assert not done.of("response", server.base + "/b")
        (request,) = done.of("request", server.base + "/b")
        assert request.block == server.log["/b"][-1].request
        (metadata,) = done.of("metadata", server.base + "/b")
    assert record.block == sent
    assert record.headers["WARC-Truncated"] == "time"
    assert b"fetchError: DownloadTimeoutError" in metadata.block


@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
def test_a_time_out_cuts_the_connection(
    crawl: Callable[..., Crawl], tmp_path: Path, tls: bool
) -> None:
    scripts = {
        "/head": Script([HANG]),
        "/body": Script([OK + b"Content-Length: 9\r\n\r\nxxx", HANG]),
        "/later": Script([OK + b"Content-Length: 0\r\n\r\n"], after_hang_ups=2),
    }
    with WireServer(scripts, certificate(tmp_path) if tls else None) as server:
        seconds = {"/head": 5, "/body": 5, "/later": 600}
        done = crawl(
            [
                {"url": server.base + path, "meta": {"download_timeout": most}}
                for path, most in seconds.items()
            ],
            DOWNLOAD_VERIFY_CERTIFICATES=False,
        )
    seen = {line["url"].removeprefix(server.base): line for line in done.seen}
    assert seen["/head"]["error"] == seen["/body"]["error"] == "DownloadTimeoutError"
    assert seen["/later"]["status"] == 200, "it is answered when both connections are cut"


def test_a_long_body_is_cut_at_the_limit_and_marked(crawl: Callable[..., Crawl]) -> None:
    script = Script([OK + b"Content-Length: 4000000\r\n\r\n"] + [b"y" * 100_000] * 40)
    with WireServer({"/a": script}) as server:
        done = crawl([server.base + "/a"], limit=2_000_000)
        (record,) = done.of("response", server.base + "/a")
        assert server.log["/a"][0].response.startswith(record.block)
    assert len(record.block) == 2_000_000
    assert record.headers["WARC-Truncated"] == "length"


@pytest.mark.long
def test_a_500_mb_body_spills_to_disk_and_is_cut_at_the_limit(
    crawl: Callable[..., Crawl],
) -> None:
    script = Script([OK + b"Content-Length: 500000000\r\n\r\n"] + [b"z" * 1_000_000] * 500)
    with WireServer({"/a": script}, keep=1000) as server:
        done = crawl([server.base + "/a"], limit=300_000_000, DOWNLOAD_MAXSIZE=8_000_000)
    (metadata,) = done.of("metadata", server.base + "/a")
    assert b"fetchError: " in metadata.block
    (record,) = done.of("response", server.base + "/a")
    assert record.headers["WARC-Truncated"] == "length"
    assert record.headers["Content-Length"] == "300000000"
    assert done.grown_mb < 150, "the body was held in memory"


def test_https_through_a_proxy_is_recorded_as_sent_inside_the_tunnel(
    crawl: Callable[..., Crawl], tmp_path: Path
) -> None:
    with WireServer({"/a": plain(b"X-A: 1\r\n")}, tunnel=certificate(tmp_path)) as server:
        url = "https://127.0.0.1/a"
        done = crawl(
            [{"url": url, "meta": {"proxy": server.base}}], DOWNLOAD_VERIFY_CERTIFICATES=False
        )
        (record,) = done.of("response", url)
        (request,) = done.of("request", url)
        assert record.block == server.log["/a"][0].response
        assert request.block == server.log["/a"][0].request
    assert request.block.startswith(b"GET /a HTTP/1.1\r\n")
    assert "tls/1.3" in record.headers["WARC-Protocol"]
    assert "WARC-IP-Address" not in record.headers


def test_a_refused_connection_leaves_a_record_of_the_error(crawl: Callable[..., Crawl]) -> None:
    with WireServer({}) as server:
        url = server.base + "/gone"
    done = crawl([url])
    (metadata,) = done.of("metadata", url)
    assert b"fetchError: DownloadConnectionRefusedError" in metadata.block
    assert done.seen[0]["record"] == metadata.headers["WARC-Record-ID"]


def test_each_record_is_found_at_its_place_in_the_index(crawl: Callable[..., Crawl]) -> None:
    import json

    with WireServer(SCRIPTS) as server:
        done = crawl([server.base + path for path in SCRIPTS])
    places = {(r.offset, r.length): r for r in done.records}
    lines = (done.folder / "index.cdxj").read_bytes().splitlines()
    assert lines == sorted(lines)
    assert len(lines) == len(SCRIPTS)
    for line in lines:
        fields = json.loads(line.split(b" ", 2)[2])
        record = places[int(fields["offset"]), int(fields["length"])]
        assert record.headers["WARC-Target-URI"] == fields["url"]
