"""Answers that are not as the protocol has them, as servers send them and newsbot keeps them."""

import gzip
import zlib
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import brotli

from newsbot.archive.snapshots import Snapshot, read_run
from newsbot.crawl.journal_lines import CrawlJournal
from newsbot.landing.spool import Spool
from newsbot.landing.upload import land
from newsbot.layout import RunRef
from newsbot.stores.opening import check_store, open_store
from newsbot.warc.exchange import Exchange, Truncation
from newsbot.warc.records import Captured, NoPriorRecords, PriorRecords
from newsbot.warc.writer import WarcWriter
from tests.small_run import REF, manifest

URL = "http://warta.example/berita/1"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
BODY = b"<html><title>Warta</title><p>Satu kalimat dengan \xe9 dan spasi.</p></html>" * 20
PACKED = gzip.compress(BODY, mtime=0)


@dataclass(frozen=True)
class Odd:
    """Bytes that a server sent, and how their reception ended."""

    sent: bytes
    truncated: Truncation | None = None
    method: str = "GET"
    limit: int = 2**24
    error: str | None = None
    is_asked: bool = True  # the request was sent


def coded(coding: bytes, body: bytes) -> Odd:
    head = b"Content-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (coding, len(body))
    return Odd(OK + head + body)


def chunked(framed: bytes) -> Odd:
    return Odd(OK + b"Transfer-Encoding: chunked\r\n\r\n" + framed)


CHUNKS = b"5\r\nabcde\r\n"
ODD = {
    "line feeds alone": Odd(b"HTTP/1.1 200 OK\nContent-Type: text/html\n\n" + BODY),
    "gzip that is plain": coded(b"gzip", BODY),
    "gzip with a wrong checksum": coded(b"gzip", PACKED[:-8] + b"\0" * 4 + PACKED[-4:]),
    "gzip cut in the middle": coded(b"gzip", PACKED[: len(PACKED) // 2]),
    "gzip of one byte": coded(b"gzip", b"\x1f"),
    "gzip of several members": coded(b"gzip", PACKED + PACKED + b"\0\0"),
    "gzip without a body": coded(b"gzip", b""),
    "brotli torn": coded(b"br", brotli.compress(BODY)[:-20]),
    "brotli that is plain": coded(b"br", BODY),
    "deflate without a wrapper": coded(b"deflate", zlib.compress(BODY)[2:-4]),
    "deflate that is plain": coded(b"deflate", BODY),
    "zstd that is plain": coded(b"zstd", BODY),
    "a coding of two": coded(b"gzip, br", BODY),
    "a coding unknown": coded(b"x-secret", BODY),
    "a body that was cut": Odd(OK + b"Content-Length: 9000\r\n\r\n" + BODY, "disconnect"),
    "a body beyond the limit": Odd(OK + b"\r\n" + b"x" * 9000, limit=4000),
    "a length that is too long": Odd(OK + b"Content-Length: 9000\r\n\r\n" + BODY),
    "two lengths": Odd(OK + b"Content-Length: 9\r\nContent-Length: 1500\r\n\r\n" + BODY),
    "a length below zero": Odd(OK + b"Content-Length: -5\r\n\r\n" + BODY),
    "a length of a HEAD": Odd(OK + b"Content-Length: 9000\r\n\r\n", method="HEAD"),
    "a length of no content": Odd(b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n"),
    "a header line cut off": Odd(OK + b"X-Long: " + b"y" * 70_000, "disconnect"),
    "no header at all": Odd(BODY, "unspecified"),
    "no header and much": Odd(b"z" * 1_500_000, "unspecified"),
    "a header that takes all there is": Odd(OK + b"X-A: b\r\n" * 160_000 + b"\r\n" + BODY),
    "no reason phrase": Odd(b"HTTP/1.1 200\r\nContent-Length: 3\r\n\r\nabc"),
    "a malformed status line": Odd(b"HTTP/1.1" + b"\t" * 500 + b"x\r\n\r\n"),
    "bytes that no header has": Odd(OK + b"X-\xe9: \0\xff\r\n: none\r\nX Y : 1\r\n\r\n" + BODY),
    "a carriage return in a header": Odd(OK + b"X: a\rTransfer-Encoding: chunked\r\n\r\n" + BODY),
    "an interim answer": Odd(b"HTTP/1.1 103 Early\r\nLink: </a>\r\n\r\n" + OK + b"\r\n" + BODY),
    "only an interim answer": Odd(b"HTTP/1.1 100 Continue\r\n\r\n", "disconnect"),
    "chunks, then something else": chunked(CHUNKS + BODY),
    "no chunks": chunked(BODY),
    "no last chunk": chunked(CHUNKS),
    "a trailer": chunked(CHUNKS + b"0\r\nX-Sum: 1\r\n\r\n"),
    "not modified, with a length": Odd(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\n\r\n"),
    "a redirect that is not ASCII": Odd(b"HTTP/1.1 302 \xe9\r\nLocation: /b\xc3\xa9\r\n\r\n"),
    "no answer": Odd(b"", error="connection lost\r\n\r\nWARC/1.1"),
    "nothing sent": Odd(b"", error="DNS", is_asked=False),
}  # fmt: skip


def write(spool: Spool, url: str, odd: Odd) -> Captured:
    """Record one exchange as a crawl does."""
    exchange = Exchange(url, odd.method, {"role": "page"}, odd.limit, spool.folder, error=odd.error)
    if odd.is_asked:
        exchange.request += odd.method.encode() + b" / HTTP/1.1\r\nHost: warta.example\r\n\r\n"
    if odd.sent:
        exchange.take(odd.sent)
        exchange.finish(0)
    exchange.truncated = odd.truncated or exchange.truncated
    captured = spool.warc.write_exchange(exchange)
    CrawlJournal(spool).write_exchange(exchange, captured)
    exchange.close()
    return captured


class Recorded:
    """A run that is being recorded, and lands in a store.

    ``before`` finds the records that its revisits refer to.
    """

    def __init__(self, folder: Path, ref: RunRef = REF, before: PriorRecords | None = None) -> None:
        self.ref = ref
        self._store = open_store(str(folder / "archive"))
        check_store(self._store, write=True)
        writer = partial(
            WarcWriter,
            prefix=f"NEWSBOT-{ref.site}-{ref.run}",
            info={"software": "newsbot/0 (test)"},
            prior_records=before or NoPriorRecords(),
        )
        self.spool = Spool(folder / ref.run, {"run": ref.run, "site": ref.site}, writer)

    def land(self, **changes: Any) -> Snapshot:
        """Close and land it."""
        self.spool.close()
        fields = {"run": self.ref.run, "site": self.ref.site, "counts": {"articles": 0}} | changes
        land(self.spool.folder / "files", self._store, manifest(**fields), self.ref.prefix)
        return read_run(self._store, self.ref)


def moment(text: str) -> datetime:
    """An aware time."""
    return datetime.fromisoformat(text)
