"""The three stacks that fetch the same pages, and the cost of a run of each."""

import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil

from replica import Running, running

ROOT: Final = Path(__file__).resolve().parents[1]
CACHE: Final = ROOT / ".cache" / "benchmarks"
CONCURRENCY: Final = 16
PAGE_BYTES: Final = 84_000
PINNED: Final = (
    "scrapy-webarchive==0.5.3",
    "warc-knot==0.2.5",
    "cdxj-indexer==1.4.5",
    "wacz==0.5.0",
)

_SETTINGS: Final = {  # of all three
    "LOG_LEVEL": "ERROR",
    "DOWNLOAD_DELAY": "0",
    "CONCURRENT_REQUESTS": str(CONCURRENCY),
    "CONCURRENT_REQUESTS_PER_DOMAIN": str(CONCURRENCY),
    "DOWNLOAD_VERIFY_CERTIFICATES": "False",
}
_SPIDER: Final = """
import pathlib, scrapy

class Stack(scrapy.Spider):
    name = "stack"
    custom_settings = {
        "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
        "TELNETCONSOLE_ENABLED": False, "REMOTE_CONTROL_ENABLED": False,
    }

    async def start(self):
        for url in pathlib.Path(self.urls).read_text().split():
            yield scrapy.Request(url)

    def parse(self, response):
        assert response.body
"""
_ASSEMBLED: Final = (
    _SPIDER.replace(
        '"REMOTE_CONTROL_ENABLED": False,',
        '"REMOTE_CONTROL_ENABLED": False, "SW_EXPORT_URI": "archive/",\n'
        '        "EXTENSIONS": {"scrapy_webarchive.extensions.WaczExporter": 500},\n'
        '        "FEEDS": {"articles.jsonl": {"format": "jsonlines"}},',
    )
    .replace(
        "        assert response.body\n",
        "        document = trafilatura.bare_extraction(\n"
        "            response.body, url=response.url, include_comments=False, with_metadata=True)\n"
        "        if document is not None:\n"
        '            yield {"url": response.url, "title": document.title, "text": document.text}\n',
    )
    .replace("import pathlib, scrapy", "import pathlib, scrapy, trafilatura")
)


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of one run: wall-clock and processor seconds, peaks of memory in MB.

    ``cpu`` is that of the crawl with all its processes, ``server`` that of the site's process.
    """

    pages: int
    seconds: float
    cpu: float
    server: float
    crawler_mb: float
    worker_mb: float


@contextmanager
def site(articles: int, page_bytes: int = PAGE_BYTES) -> Iterator[Running]:
    """Yield the synthetic site, with articles of the current template, in its own process."""
    with running(articles=articles, template="T3", page_bytes=page_bytes) as replica:
        yield replica


def newsbot(
    replica: Running, articles: int, *, ledger: str | None = None, workers: int | None = None
) -> Cost:
    """Return the cost of a crawl by newsbot of the newest articles, with everything enabled."""
    with tempfile.TemporaryDirectory() as folder:
        seeds = Path(folder) / "seeds"
        seeds.mkdir()
        (seeds / "antara.toml").write_text(_seed())
        environment = {
            "NEWSBOT_STORE": f"{folder}/archive",
            "NEWSBOT_STATE": f"{folder}/var",
            "NEWSBOT_SEEDS": str(seeds),
            "NEWSBOT_CONTACT": "https://example.org/benchmark",
            "NEWSBOT_REQUISITES": "none",  # the others fetch no pictures either
        }
        if ledger is not None:
            environment["NEWSBOT_DATABASE_URL"] = ledger
        if workers is not None:
            environment["NEWSBOT_WORKERS"] = str(workers)
        command = [sys.executable, "-m", "scrapy", "crawl", "antara", "-a", f"limit={articles}"]
        settings = _SETTINGS | {"AUTOTHROTTLE_ENABLED": "False"}
        return _run(command, settings, environment, ROOT, replica)


def plain(replica: Running, urls: Sequence[str]) -> Cost:
    """Return the cost of plain Scrapy, which only downloads."""
    return _spider(_SPIDER, {}, urls, replica)


def assembled(replica: Running, urls: Sequence[str]) -> Cost:
    """Return the cost of Scrapy with scrapy-webarchive, and trafilatura in the callback."""
    return _spider(_ASSEMBLED, {"PYTHONPATH": str(_assembled_packages())}, urls, replica)


def fetched(replica: Running, since: int) -> list[str]:
    """Return the URLs that the site has served since that entry of its log, but robots.txt."""
    return [
        f"https://{host}{path}"
        for host, path, status, _ in replica.log()[since:]
        if status == 200 and path != "/robots.txt"
    ]


def _seed() -> str:
    """Return ANTARA's seed without politeness, with one list that is walked to its end."""
    text = (ROOT / "seeds" / "antara.toml").read_text()
    text = re.sub(r"(?s)^feeds = \[.*?\]\n", "", text, flags=re.MULTILINE)
    text = re.sub(r"max_pages = \d+", "max_pages = 5000", text)
    text = re.sub(r"(?s)\[schedule\].*?(?=^\[|\Z)", "", text, flags=re.MULTILINE)
    text = re.sub(r"delay = [\d.]+", "delay = 0.0", text)
    return re.sub(r"concurrency = \d+", f"concurrency = {CONCURRENCY}", text)


def _assembled_packages() -> Path:
    """Install the assembled stack's packages once; return their folder."""
    folder = CACHE / "assembled"
    if not (folder / ".ready").exists():
        print("installing the assembled stack ...", flush=True)
        uv = [str(Path(sys.executable).parent / "uv"), "pip", "install", "--quiet"]
        where = ["--python", sys.executable, "--target", str(folder), "--no-deps"]
        subprocess.run([*uv, *where, *PINNED], check=True)
        (folder / ".ready").touch()
    return folder


def _spider(code: str, environment: dict[str, str], urls: Sequence[str], replica: Running) -> Cost:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "stack.py").write_text(code)
        (folder / "urls").write_text("\n".join(urls))
        command = [sys.executable, "-m", "scrapy", "runspider", "stack.py", "-a", "urls=urls"]
        return _run(command, _SETTINGS, environment, folder, replica)


def _run(
    command: list[str],
    settings: dict[str, str],
    environment: dict[str, str],
    folder: Path,
    replica: Running,
) -> Cost:
    for name, value in settings.items():
        command = [*command, "-s", f"{name}={value}"]
    proxy = {"http_proxy": replica.proxy_url, "https_proxy": replica.proxy_url, "no_proxy": ""}
    server = psutil.Process(replica.pid)
    pages = len(replica.log())
    before = _cpu(server)
    started = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, env={**os.environ, **environment, **proxy}, stdout=subprocess.DEVNULL
    )
    peaks = _Peaks(process.pid)
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)  # reaped above, for its usage
    peaks.stop()
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with status {process.returncode}")
    served = _cpu(server) - before
    return Cost(
        pages=len(replica.log()) - pages,
        seconds=seconds,
        cpu=used.ru_utime + used.ru_stime,
        server=served,
        crawler_mb=peaks.crawler,
        worker_mb=peaks.worker,
    )


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


class _Peaks(threading.Thread):
    """Records the peak memory of a process and of its children, in MB."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.crawler = self.worker = 0.0
        self._pid = pid
        self._ended = threading.Event()
        self.start()

    def run(self) -> None:
        while not self._ended.wait(0.2):
            self.crawler = max(self.crawler, _peak(self._pid))
            for child in _children(self._pid):
                self.worker = max(self.worker, _peak(child))

    def stop(self) -> None:
        self._ended.set()
        self.join()


def _peak(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):  # it has just ended
        return 0.0
    found = re.search(r"VmHWM:\s+(\d+)", status)
    return int(found[1]) / 1024 if found else 0.0


def _children(pid: int) -> list[int]:
    try:
        return [child.pid for child in psutil.Process(pid).children()]
    except psutil.NoSuchProcess:
        return []
