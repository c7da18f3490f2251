"""Records per second of our WARC writer and of warcio's, for the same 60 KB responses."""

import io
import random
import statistics
import tempfile
import time
from pathlib import Path

from newsbot.warc.exchange import Exchange
from newsbot.warc.writer import WarcWriter

RECORDS = 300
ROUNDS = 5


class _Transport:
    def getPeer(self) -> object:  # noqa: N802 - Twisted's name
        return type("Peer", (), {"host": "127.0.0.1"})()


def _bodies() -> list[bytes]:
    rng = random.Random(1)
    words = [f"kata{number}" for number in range(3000)]
    return [
        b"<html>" + " ".join(rng.choice(words) for _ in range(8000)).encode()[:60_000] + b"</html>"
        for _ in range(RECORDS)
    ]


def _ours(bodies: list[bytes]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        writer = WarcWriter(Path(folder), "NEWSBOT-bench", {"software": "bench"})
        started = time.perf_counter()
        for number, body in enumerate(bodies):
            exchange = Exchange(f"http://x.example/{number}", "GET")
            exchange.begin(_Transport())
            exchange.request += b"GET / HTTP/1.1\r\nHost: x.example\r\n\r\n"
            exchange.take(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            exchange.finish(0)
            writer.write_exchange(exchange)
            exchange.close()
        spent = time.perf_counter() - started
        writer.close()
    return 2 * len(bodies) / spent  # response and request; our metadata record is not counted


def _warcio(bodies: list[bytes]) -> float:
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    with tempfile.NamedTemporaryFile() as file:
        writer = WARCWriter(file, gzip=True)
        started = time.perf_counter()
        for number, body in enumerate(bodies):
            url = f"http://x.example/{number}"
            headers = StatusAndHeaders("200 OK", [("Content-Length", str(len(body)))], "HTTP/1.1")
            response = writer.create_warc_record(
                url, "response", payload=io.BytesIO(body), http_headers=headers
            )
            request_headers = StatusAndHeaders(
                "GET / HTTP/1.1", [("Host", "x.example")], is_http_request=True
            )
            request = writer.create_warc_record(url, "request", http_headers=request_headers)
            writer.write_request_response_pair(request, response)
        file.flush()
        spent = time.perf_counter() - started
    return 2 * len(bodies) / spent


def main() -> None:
    """Print both rates and their ratio, medians of alternating rounds."""
    bodies = _bodies()
    pairs = [(_ours(bodies), _warcio(bodies)) for _ in range(ROUNDS)]
    ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"newsbot {ours:8.0f} records/s\nwarcio  {theirs:8.0f} records/s\nratio   {ratio:8.1f}")
