"""Crawls the URLs given as JSON on standard input and writes them to WARC files; a command.

Input: {"folder": …, "requests": [{"url", "method", "headers", "body", "meta"}], "settings": {…},
"limit": bytes}. Output: {"seen": what the spider saw, in order of arrival, "grown_mb": …}.
"""

import asyncio
import json
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import scrapy
from scrapy.crawler import AsyncCrawlerProcess

from newsbot.capture.recorder import CAPTURED
from newsbot.sites.access import SiteAccess
from newsbot.sites.loading import unknown_site
from newsbot.warc.exchange import Exchange
from newsbot.warc.records import Captured, NoPriorRecords, Prior
from newsbot.warc.writer import WarcWriter


class Known(NoPriorRecords):
    """What an earlier crawl saw, as its output says."""

    def __init__(self, seen: list[dict[str, Any]]) -> None:
        self._seen = {line["sha256"]: line for line in seen}

    def payload(self, sha256: str) -> Prior | None:
        line = self._seen.get(sha256)
        if line is None:
            return None
        date = datetime.fromisoformat(line["date"])
        return Prior(line["record"], line["url"], date, line["file"], line["digest"])


class Recorder:
    def __init__(self, folder: Path, limit: int, job: dict[str, Any]) -> None:
        self._folder, self._limit = folder, limit
        self._lines: list[str | None] = []
        self.writer = WarcWriter(
            folder,
            job.get("prefix", "NEWSBOT-test"),
            {"software": "test"},
            prior_records=Known(job.get("known", [])),
            on_written=lambda _, captured: self._lines.append(captured.index),
        )
        self._thread = ThreadPoolExecutor(1)
        self.access = SiteAccess.of(unknown_site("http://127.0.0.1/"), {})

    def new_exchange(self, request: scrapy.Request) -> Exchange:
        return Exchange(
            request.url,
            request.method,
            limit=self._limit,
            folder=self._folder,
            proxied=bool(request.meta.get("proxy")),
        )

    async def record(self, exchange: Exchange) -> Captured:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self.writer.write_exchange, exchange)

    def close(self) -> None:
        self._thread.shutdown()
        self.writer.close()
        lines = sorted(line.encode() for line in self._lines if line is not None)
        (self._folder / "index.cdxj").write_bytes(b"".join(line + b"\n" for line in lines))


class WireSpider(scrapy.Spider):
    name = "wire"
    handle_httpstatus_all = True

    def __init__(self, job: dict[str, Any], seen: list[Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.run = SimpleNamespace(
            recording=Recorder(Path(job["folder"]), job.get("limit", 0), job)
        )
        self._job, self._seen = job, seen

    async def start(self) -> Any:
        for asked in self._job["requests"]:
            yield scrapy.Request(
                **asked, callback=self.parse, errback=self.failed, dont_filter=True
            )

    def parse(self, response: Any) -> None:
        captured = response.meta[CAPTURED]
        self._seen.append(
            {
                "url": response.url,
                "status": response.status,
                "size": len(response.body),
                "record": captured.record_id,
                "sha256": captured.payload_sha256,
                "digest": captured.payload_digest,
                "date": captured.date.isoformat(),
                "file": captured.file,
                "asked": response.meta.get("redirect_urls", [response.url])[0],
            }
        )

    def failed(self, failure: Any) -> None:
        captured = failure.request.meta.get(CAPTURED)
        self._seen.append(
            {
                "url": failure.request.url,
                "error": type(failure.value).__name__,
                "record": captured and captured.record_id,
            }
        )

    def closed(self, reason: str) -> None:
        self.run.recording.close()


def resolve_as(names: dict[str, str]) -> None:
    """Let these names resolve to these addresses, and be asked of no server."""
    by_name, info = socket.gethostbyname, socket.getaddrinfo

    def gethostbyname(name: str) -> str:
        return names.get(name) or by_name(name)

    def getaddrinfo(host: Any, *rest: Any, **more: Any) -> Any:
        return info(names.get(host, host), *rest, **more)

    socket.gethostbyname, socket.getaddrinfo = gethostbyname, getaddrinfo


def main() -> None:
    job = json.load(sys.stdin)
    resolve_as(job.get("names", {}))
    seen: list[Any] = []
    settings = {
        "DOWNLOAD_HANDLERS": {
            "http": "newsbot.capture.handler.RecordingHandler",
            "https": "newsbot.capture.handler.RecordingHandler",
        },
        "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
        "REMOTE_CONTROL_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "RETRY_ENABLED": False,
        "PRIVATE_ADDRESSES": True,
        "COOKIES_ENABLED": False,
        "LOG_LEVEL": "ERROR",
        "CONCURRENT_REQUESTS": 64,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 64,
        **job.get("settings", {}),
    }
    Path("/proc/self/clear_refs").write_text("5")  # begins anew to measure the peak
    before = _megabytes("VmHWM")
    process = AsyncCrawlerProcess(settings)
    process.crawl(WireSpider, job=job, seen=seen)
    process.start()
    print(json.dumps({"seen": seen, "grown_mb": _megabytes("VmHWM") - before}))


def _megabytes(name: str) -> float:
    status = Path("/proc/self/status").read_text()  # ru_maxrss would count the parent in
    return int(status.split(f"{name}:")[1].split()[0]) / 1024


if __name__ == "__main__":
    main()
