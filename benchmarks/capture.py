"""A crawl with capture compared with plain Scrapy: time (1,000 pages of 84 KB) and memory."""

import statistics
import subprocess
import sys
import tempfile
import time

from replica import Running, running

PAGES = 1000
MANY = 20_000
ROUNDS = 5
_SCRIPT = """
import sys
from itertools import islice
from pathlib import Path
import scrapy
from scrapy.crawler import AsyncCrawlerProcess
from newsbot.warc.exchange import Exchange
from newsbot.warc.writer import WarcWriter
from newsbot.capture.writerthread import WriterThread
capture, (proxy, folder) = sys.argv[1] == "capture", sys.argv[2:]

class BenchRecorder:
    def __init__(self):
        self.writer = WarcWriter(Path(folder), "NEWSBOT-bench", {"software": "bench"})
        self.thread = WriterThread()
    def new_exchange(self, request):
        return Exchange(request.url, request.method, proxied=True)
    async def record(self, exchange):
        captured = await self.thread.call(self.writer.write_exchange, exchange)
        exchange.close()
        return captured

class Bench(scrapy.Spider):
    name = "bench"
    async def start(self):
        for request in self.requests(32):
            yield request
    def requests(self, most):  # as many as are in progress, as a queue of all would be measured too
        for url in islice(sys.stdin, most):
            yield scrapy.Request(url.strip(), meta={"proxy": proxy})
    def parse(self, response):
        assert len(response.body) > 2_000
        yield from self.requests(1)

if capture:
    Bench.run = BenchRecorder()
ours = "newsbot.capture.handler.RecordingHandler"
stock = "scrapy.core.downloader.handlers.http11.HTTP11DownloadHandler"
process = AsyncCrawlerProcess({
    "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
    "LOG_LEVEL": "ERROR", "TELNETCONSOLE_ENABLED": False, "REMOTE_CONTROL_ENABLED": False,
    "DOWNLOAD_HANDLERS": {"http": ours if capture else stock, "https": stock},
    "CONCURRENT_REQUESTS": 16, "CONCURRENT_REQUESTS_PER_DOMAIN": 16, "COOKIES_ENABLED": False,
})
process.crawl(Bench)
process.start()
if capture:
    Bench.run.thread.close()
    Bench.run.writer.close()
print(int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024)
"""


def _crawl(how: str, proxy: str, urls: list[str]) -> tuple[float, float]:
    """Return wall-clock seconds and peak memory (MB) of one crawl, with start-up."""
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        command = [sys.executable, "-c", _SCRIPT, how, proxy, folder]
        done = subprocess.run(
            command, input="\n".join(urls), text=True, check=True, stdout=subprocess.PIPE
        )
        return time.perf_counter() - started, float(done.stdout)


def _urls(replica: Running) -> list[str]:
    stories = (t for t in replica.truth() if t["site"] == "antara")
    return [t["canonical_url"].replace("https", "http") for t in stories]


def _time() -> None:
    with running(articles=PAGES, template="T3", page_bytes=84_000) as replica:
        urls = _urls(replica)
        _crawl("plain", replica.proxy_url, urls)  # fills the replica's cache
        pairs = [
            (
                _crawl("capture", replica.proxy_url, urls)[0],
                _crawl("plain", replica.proxy_url, urls)[0],
            )
            for _ in range(ROUNDS)
        ]
    ours, plain = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    print(f"with capture {ours:6.2f} s\nwithout      {plain:6.2f} s\nratio        {ratio:6.2f}")


def _memory() -> None:
    with running(articles=MANY, template="T3") as replica:
        urls = _urls(replica)
        few = _crawl("capture", replica.proxy_url, urls[: MANY // 10])[1]
        many = _crawl("capture", replica.proxy_url, urls)[1]
    print(f"peak memory  {few:6.0f} MB at {MANY // 10:,} pages, {many:.0f} MB at {MANY:,}")
    print(f"ratio        {many / few:6.2f}")


def main() -> None:
    """Print times, peak memory and their ratios; times are medians of rounds taken in turn."""
    _time()
    _memory()
