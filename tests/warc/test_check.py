"""Each fault that other checkers pass is made, found, and named with its place."""

import base64
import gzip
import hashlib
import io
from collections.abc import Callable

import brotli
import pytest

from newsbot.warc.check import WarcCheck
from newsbot.warc.fault import Fault

BODY = b"<html>Satu kalimat.</html>"


def sha1(data: bytes) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(data).digest()).decode()


def record(kind: str, number: int, block: bytes, **changes: str | None) -> bytes:
    """A record with right headers but for the changes; None takes a header away."""
    headers = {
        "WARC-Type": kind,
        "WARC-Record-ID": f"<urn:uuid:00000000-0000-4000-8000-{number:012d}>",
        "WARC-Date": "2025-02-28T08:00:00Z",
        "WARC-Target-URI": "http://x.example/",
        "WARC-Block-Digest": sha1(block),
        "Content-Type": f"application/http;msgtype={kind}",
        "Content-Length": str(len(block)),
    }
    for name, value in changes.items():
        headers[name.replace("_", "-")] = value  # type: ignore[assignment]
    lines = [f"{name}: {value}" for name, value in headers.items() if value is not None]
    return ("WARC/1.1\r\n" + "\r\n".join(lines) + "\r\n\r\n").encode() + block + b"\r\n\r\n"


def response(
    number: int = 1, head: bytes = b"", body: bytes = BODY, **changes: str | None
) -> bytes:
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n" + head + b"\r\n" + body
    return record("response", number, block, **{"WARC-Payload-Digest": sha1(body), **changes})


def request(number: int = 2, method: bytes = b"GET", **changes: str | None) -> bytes:
    block = method + b" / HTTP/1.1\r\nHost: x.example\r\n\r\n"
    return record("request", number, block, **changes)


def check(*records: bytes, join: Callable[[tuple[bytes, ...]], bytes] | None = None) -> list[Fault]:
    data = join(records) if join else b"".join(gzip.compress(record) for record in records)
    return list(WarcCheck("x.warc.gz").run(io.BytesIO(data)))


def only(faults: list[Fault]) -> str:
    assert len(faults) == 1, [str(fault) for fault in faults]
    return f"{faults[0].what}: {faults[0].detail}"


ID1 = "<urn:uuid:00000000-0000-4000-8000-000000000001>"


def test_a_good_file_has_no_fault() -> None:
    warc = WarcCheck("x.warc.gz")
    first = gzip.compress(response())
    data = first + gzip.compress(request(**{"WARC-Concurrent-To": ID1}))
    assert list(warc.run(io.BytesIO(data))) == []
    assert warc.count == 2
    assert warc.records[0].length == len(first)
    assert warc.records[0].status == 200


@pytest.mark.parametrize("cut", [1, 5, 30])
def test_a_torn_tail(cut: int) -> None:
    data = gzip.compress(response()) + gzip.compress(request())
    faults = list(WarcCheck("x.warc.gz").run(io.BytesIO(data[:-cut])))
    assert "truncated" in faults[-1].what
    assert faults[-1].offset == len(gzip.compress(response()))


def test_several_records_in_one_member() -> None:
    whole = gzip.compress(response() + request())
    assert "several records in one gzip member" in only(check(join=lambda _: whole))


def test_not_gzip_at_all() -> None:
    assert "not gzip" in check(join=lambda _: response())[0].what


def test_an_empty_file() -> None:
    assert "contains no record" in only(check(join=lambda _: b""))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"WARC-Date": None}, "mandatory header warc-date is missing"),
        ({"WARC-Record-ID": None}, "mandatory header warc-record-id is missing"),
        ({"WARC-Type": None}, "mandatory header warc-type is missing"),
        ({"WARC-Target-URI": None}, "mandatory header warc-target-uri is missing"),
        ({"WARC-Date": "2025-02-28 08:00"}, "is not a W3C date"),
        ({"WARC-Date": "2025-13-28T08:00:00Z"}, "is not a W3C date"),
        ({"WARC-Record-ID": "urn:uuid:1"}, "is not a URI in angle brackets"),
        ({"WARC-Type": "answer"}, "unknown WARC-Type: 'answer'"),
        ({"WARC-Block-Digest": sha1(b"x")}, "the block is not that of its digest"),
        ({"WARC-Payload-Digest": sha1(b"x")}, "the payload is not that of its digest"),
        ({"WARC-Payload-Digest": "crc32:77"}, "uses an unknown algorithm"),
        ({"Content-Length": "12"}, "Content-Length is wrong"),
        ({"Content-Length": "many"}, "is not a number: 'many'"),
    ],
)
def test_a_header_fault(change: dict[str, str | None], says: str) -> None:
    faults = check(response(**change))
    assert any(says in str(fault) for fault in faults), [str(fault) for fault in faults]
    assert faults[0].offset == 0


def test_a_decoded_body_that_keeps_content_encoding() -> None:
    assert "Content-Encoding is gzip" in only(check(response(head=b"Content-Encoding: gzip\r\n")))
    packed = gzip.compress(BODY)
    assert check(response(head=b"Content-Encoding: gzip\r\n", body=packed)) == []
    damaged = packed[:12] + b"\xff\xff" + packed[14:]
    assert check(response(head=b"Content-Encoding: gzip\r\n", body=damaged)) != []


@pytest.mark.parametrize(
    "body", [BODY, gzip.compress(BODY, mtime=0)[:-8] + b"\0" * 8], ids=["plain", "checksum"]
)
def test_a_body_that_came_with_a_wrong_coding_is_a_remark_in_newsbots_own_files(
    body: bytes,
) -> None:
    info = {"Content-Type": "application/warc-fields", "WARC-Target-URI": None}
    own = record("warcinfo", 9, b"hostname: x\r\nsoftware: newsbot/0.2 (CPython)\r\n", **info)
    other = record("warcinfo", 9, b"software: newsbotlike/0.2\r\n", **info)
    page = response(head=b"Content-Encoding: gzip\r\n", body=body)
    (remark,) = check(own, page)
    assert remark.is_remark
    assert "so it was sent" in remark.what
    (fault,) = check(other, page)
    assert not fault.is_remark
    faults = check(own, response(head=b"Content-Encoding: gzip\r\n", WARC_Payload_Digest=sha1(b"")))
    assert "the payload is not that of its digest" in faults[0].what
    assert not faults[0].is_remark


@pytest.mark.parametrize("end", [b"\n\n", b"\n\r\n", b"\r\n\r\n"])
def test_the_head_of_a_response_may_end_as_it_came(end: bytes) -> None:
    block = b"HTTP/1.1 200 OK\nContent-Type: text/html" + end + BODY
    assert check(record("response", 1, block, WARC_Payload_Digest=sha1(BODY))) == []
    damaged = record("response", 1, block, WARC_Payload_Digest=sha1(b"x"))
    assert "the payload is not that of its digest" in only(check(damaged))


def test_of_several_codings_the_last_is_compared() -> None:
    head = b"Content-Encoding: gzip, br\r\n"
    assert check(response(head=head, body=brotli.compress(BODY))) == []
    both = b"Content-Encoding: br\r\nContent-Encoding: gzip\r\n"
    assert check(response(head=both, body=gzip.compress(BODY))) == []
    assert "is not so encoded" in only(check(response(head=both)))


@pytest.mark.parametrize("length", ["\u00b2", "9" * 5000])
def test_a_length_that_is_none(length: str) -> None:
    assert check(response(head=b"Content-Length: %s\r\n" % length.encode("latin-1"))) == []


def test_a_dechunked_body_that_keeps_transfer_encoding() -> None:
    faults = check(response(head=b"Transfer-Encoding: chunked\r\n"))
    assert "Transfer-Encoding is chunked" in only(faults)
    framed = b"1a\r\n" + BODY + b"\r\n0\r\n\r\n"
    assert check(response(head=b"Transfer-Encoding: chunked\r\n", body=framed)) == []


def test_a_body_of_another_length_than_http_says() -> None:
    head = b"Content-Length: 900\r\n"
    assert "Content-Length is 900" in only(check(response(head=head)))
    assert check(response(head=head, **{"WARC-Truncated": "disconnect"})) == []
    to_head = request(method=b"HEAD", **{"WARC-Concurrent-To": ID1})
    assert check(response(head=head, body=b""), to_head) == []
    to_get = request(**{"WARC-Concurrent-To": ID1})
    assert "Content-Length is 900" in only(check(response(head=head, body=b""), to_get))


def test_duplicate_record_ids() -> None:
    assert "same WARC-Record-ID" in only(check(response(1), response(1)))


def test_a_dangling_concurrent_to() -> None:
    other = "<urn:uuid:00000000-0000-4000-8000-000000000009>"
    assert "names no record of this file" in only(check(request(**{"WARC-Concurrent-To": other})))


@pytest.mark.parametrize(
    ("headers", "says"),
    [
        ({}, "a revisit without WARC-Profile"),
        ({"WARC-Profile": "http://x"}, "unknown revisit profile"),
        (
            {"WARC-Profile": "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"},
            "without WARC-Payload-Digest",
        ),
        (
            {
                "WARC-Profile": "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest",
                "WARC-Payload-Digest": sha1(BODY),
            },
            "refers to no record",
        ),
    ],
)
def test_a_revisit_fault(headers: dict[str, str], says: str) -> None:
    block = b"HTTP/1.1 200 OK\r\n\r\n"
    faults = check(
        record(
            "revisit", 1, block, **{"Content-Type": "application/http;msgtype=response"}, **headers
        )
    )
    assert says in only(faults)


def test_large_records_are_read_in_pieces() -> None:
    body = b"0123456789abcdef" * 100_000
    head = b"Content-Length: %d\r\n" % len(body)
    assert check(response(head=head, body=body)) == []
