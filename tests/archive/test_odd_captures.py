"""What newsbot's writer keeps of odd answers is no fault: `verify` may remark on it, and passes."""

from pathlib import Path

import pytest

from newsbot.archive.verify import verify_run
from tests.odd_captures import BODY, ODD, OK, URL, Odd, Recorded, write
from tests.verified import found

# What is worth a remark: whoever reads the record should know that the server sent it so.
REMARKED = {
    "gzip that is plain": "Content-Encoding is gzip, but the body is not so encoded",
    "gzip with a wrong checksum": "the body cannot be decoded; so it was sent: Error -3",
    "gzip cut in the middle": "the body ends in the middle of its Content-Encoding, gzip",
    "brotli torn": "the body ends in the middle of its Content-Encoding, br",
    "brotli that is plain": "Content-Encoding is br, but the body cannot be decoded",
    "deflate that is plain": "Content-Encoding is deflate, but the body cannot be decoded",
    "zstd that is plain": "Content-Encoding is zstd, but the body is not so encoded",
    "a length that is too long": "is not as long as its Content-Length says",
    "two lengths": "is not as long as its Content-Length says",
    "a carriage return in a header": "the body is not chunked; so it was sent",
    "no header and much": "its HTTP header does not end",
    "a header that takes all there is": "its HTTP header does not end",
}


@pytest.mark.parametrize("name", ODD)
def test_an_odd_answer_is_no_fault(tmp_path: Path, name: str) -> None:
    run = Recorded(tmp_path)
    write(run.spool, URL, ODD[name])
    landed = run.land()
    remarks = list(verify_run(landed))
    assert all(remark.is_remark for remark in remarks), [str(one) for one in remarks]
    if name in REMARKED:
        assert any(REMARKED[name] in str(remark) for remark in remarks), [str(r) for r in remarks]
    assert found(tmp_path / "archive") == remarks


def test_an_answer_that_came_again_is_no_fault(tmp_path: Path) -> None:
    """As revisits within a run, and of unchanged pages of which nothing is known."""
    run = Recorded(tmp_path)
    for number in range(3):
        write(run.spool, f"{URL}{number}", Odd(OK + b"\r\n" + BODY))
    write(run.spool, URL, Odd(b"HTTP/1.1 304 Not Modified\r\n\r\n"))
    assert list(verify_run(run.land())) == []


def test_a_remark_is_one_line_however_often_it_applies(tmp_path: Path) -> None:
    run = Recorded(tmp_path)
    for number in range(30):
        body = b"%d" % number + BODY
        head = b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)
        write(run.spool, f"{URL}{number}", Odd(OK + head + body))
    (remark,) = verify_run(run.land())
    assert remark.count == 30
    assert "so it was sent: 30 times, first at " in str(remark)
