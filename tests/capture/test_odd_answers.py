"""Answers that are not as the protocol has them: what came is kept, and costs no other page."""

from collections.abc import Callable

import pytest

from newsbot.warc.check import WarcCheck
from tests.capture.conftest import Crawl
from tests.capture.test_wire import BODY, OK, plain
from tests.capture.wireserver import Script, WireServer


def test_a_malformed_status_line_costs_that_answer_only(crawl: Callable[..., Crawl]) -> None:
    """16 KB of tabs: once looked at, no other thread of the crawl ever ran again."""
    sent = b"HTTP/1.1" + b"\t" * 16_000 + b"x\r\n\r\n"
    with WireServer({"/a": Script([sent], close=True), "/b": plain(b"")}) as server:
        urls = [server.base + path for path in ("/a", "/b")]
        done = crawl(urls, CONCURRENT_REQUESTS=1)
        kept = [
            record.block for kind in ("response", "metadata") for record in done.of(kind, urls[0])
        ]
        assert done.of("response", urls[1])[0].block == server.log["/b"][0].response
    seen = {line["url"]: line for line in done.seen}
    assert "error" in seen[urls[0]]
    assert seen[urls[1]]["status"] == 200
    assert any(sent in block for block in kept), [block[:99] for block in kept]


def test_long_header_lines_are_read(crawl: Callable[..., Crawl]) -> None:
    policy = b"Content-Security-Policy: " + b"x" * 60_000 + b"\r\n"
    with WireServer({"/a": plain(policy)}) as server:
        done = crawl([server.base + "/a"])
        (record,) = done.of("response", server.base + "/a")
        assert record.block == server.log["/a"][0].response
    assert done.seen[0]["status"] == 200


@pytest.mark.parametrize("fails", [True, False])
def test_data_loss_is_a_failure_or_not_as_the_setting_says(
    crawl: Callable[..., Crawl], fails: bool
) -> None:
    cut = OK + b"Content-Length: 900\r\n\r\n" + b"x" * 500
    open_end = OK + b"Transfer-Encoding: chunked\r\n\r\n1f4\r\n" + b"y" * 500 + b"\r\n"
    scripts = {"/cut": Script([cut], close=True), "/open": Script([open_end], close=True)}
    with WireServer(scripts) as server:
        done = crawl([server.base + path for path in scripts], DOWNLOAD_FAIL_ON_DATALOSS=fails)
        for path in scripts:
            (record,) = done.of("response", server.base + path)
            assert record.headers["WARC-Truncated"] == "disconnect"
            assert record.block.split(b"\r\n\r\n", 1)[1] in (b"x" * 500, b"y" * 500)
    if fails:
        assert {line["error"] for line in done.seen} == {"ResponseDataLossError"}
    else:
        assert [(line["status"], line["size"]) for line in done.seen] == [(200, 500)] * 2


def test_a_body_that_is_not_chunked_as_it_says_is_kept(crawl: Callable[..., Crawl]) -> None:
    begun = OK + b"Transfer-Encoding: chunked\r\n\r\n"
    scripts = {
        "/none": Script([begun + BODY], close=True),
        "/half": Script([begun + b"5\r\nabcde\r\n" + BODY], close=True),
    }
    with WireServer(scripts) as server:
        done = crawl([server.base + path for path in scripts])
    for path, body in {"/none": BODY, "/half": b"abcde" + BODY}.items():
        (record,) = done.of("response", server.base + path)
        assert record.block.split(b"\r\n\r\n", 1)[1] == body
        (metadata,) = done.of("metadata", server.base + path)
        assert b"framingError: not a chunk size" in metadata.block


def test_what_came_is_no_damage_to_the_checker(crawl: Callable[..., Crawl]) -> None:
    scripts = {
        "/line-ends": Script([b"HTTP/1.1 200 OK\nContent-Type: text/html\n\n" + BODY], close=True),
        "/plain": Script([OK + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nplain"]),
    }
    with WireServer(scripts) as server:
        done = crawl([server.base + path for path in scripts])
        for path in scripts:
            (record,) = done.of("response", server.base + path)
            assert record.block == server.log[path][0].response
    (file,) = done.folder.rglob("*.warc.gz")
    with file.open("rb") as opened:
        (found,) = WarcCheck(file.name).run(opened)
    assert "the body is not so encoded" in found.what


@pytest.mark.parametrize(
    "head",
    [
        b"\r\n\r\n" + OK + b"Content-Length: %d\r\n",
        OK.replace(b"HTTP/1.1", b"HTTP/2"),
        OK + b"X-A : b\r\n: c\r\nContent-Length: %d\r\n",
        OK + b"Content-Length: -5\r\n",
        OK + b"Transfer-Encoding: identity\r\nContent-Length: %d\r\n",
    ],
    ids=["empty lines", "version", "names", "length", "transfer"],
)
def test_what_browsers_pass_over_costs_no_page(crawl: Callable[..., Crawl], head: bytes) -> None:
    sent = (head % len(BODY) if b"%d" in head else head) + b"\r\n" + BODY
    with WireServer({"/a": Script([sent], close=True)}) as server:
        done = crawl([server.base + "/a"])
        (record,) = done.of("response", server.base + "/a")
    assert [(line["status"], line["size"]) for line in done.seen] == [(200, len(BODY))]
    assert record.block.endswith(BODY)
