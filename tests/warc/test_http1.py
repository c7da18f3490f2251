"""Heads and chunked framing, piece by piece."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsbot.warc.http1 import (
    ChunkedError,
    Dechunker,
    archived_head,
    redact,
    split_head,
)
from tests.growth import is_steep


@given(
    chunks=st.lists(st.binary(min_size=1, max_size=300), max_size=8),
    cuts=st.lists(st.integers(0, 3000), max_size=10),
    trailer=st.sampled_from([b"", b"X-A: 1\r\n", b"X-A: 1\r\nX-B: 2\r\n"]),
)
def test_dechunking_does_not_depend_on_how_the_bytes_come(
    chunks: list[bytes], cuts: list[int], trailer: bytes
) -> None:
    framed = b"".join(b"%X;a=b\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    framed += b"0\r\n" + trailer + b"\r\n"
    edges = sorted({0, len(framed), *(cut for cut in cuts if cut < len(framed))})
    dechunker = Dechunker()
    body = b"".join(
        piece for start, end in pairwise(edges) for piece in dechunker.feed(framed[start:end])
    )
    assert body == b"".join(chunks)
    assert dechunker.finished
    assert dechunker.trailer == trailer


@pytest.mark.parametrize("framed", [b"xyz\r\n", b"5\r\nabcdeXX", b"-1\r\n", b"\r\n"])
def test_broken_framing_is_refused(framed: bytes) -> None:
    with pytest.raises(ChunkedError):
        list(Dechunker().feed(framed))


@given(st.binary(max_size=400))
def test_any_bytes_are_split_into_head_and_body(message: bytes) -> None:
    head, end = split_head(message)
    assert message.endswith(head.raw + message[end:])
    assert isinstance(head.get("content-type"), str | None)


def test_the_status_of_a_start_line() -> None:
    lines = {
        b"HTTP/1.1 200 OK": 200, b"HTTP/1.1\t404\tX": 404, b"HTTP/1.1 \t 304": 304,
        b"HTTP/1.1 2x0": None, b"HTTP/1.1": None, b"": None, b"HTTP/1.1" + b"\t" * 16_000: None,
    }  # fmt: skip
    assert {line: split_head(line + b"\r\n\r\n")[0].status for line in lines} == lines


def test_dechunking_takes_time_in_proportion_to_the_number_of_chunks() -> None:
    def seconds(chunks: int) -> float:
        body = b"1\r\na\r\n" * chunks + b"0\r\n\r\n"
        started = time.process_time()
        assert sum(map(len, Dechunker().feed(body))) == chunks
        return time.process_time() - started

    assert not is_steep(seconds, 20_000)


def test_a_trailer_without_end_is_refused() -> None:
    with pytest.raises(ChunkedError, match="trailer"):
        list(Dechunker().feed(b"0\r\n" + b"X-A: 1\r\n" * 20_000))


def test_only_the_transfer_encoding_line_is_renamed() -> None:
    head, _ = split_head(
        b"HTTP/1.1 200 OK\r\nX-A: transfer-encoding: no\r\ntransfer-ENCODING : chunked\r\n\r\n"
    )
    assert archived_head(head) == (
        b"HTTP/1.1 200 OK\r\nX-A: transfer-encoding: no\r\n"
        b"X-Archive-Orig-Transfer-Encoding : chunked\r\n\r\n"
    )


def test_a_folded_secret_goes_as_a_whole_and_the_body_stays() -> None:
    message = b"POST / HTTP/1.1\r\nCookie: a=1;\r\n b=2\r\nX: 1\r\n\r\nCookie: in the body"
    assert redact(message) == (
        b"POST / HTTP/1.1\r\nCookie: [redacted]\r\nX: 1\r\n\r\nCookie: in the body"
    )
