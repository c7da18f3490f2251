"""ReplayWeb.page in a real headless browser, served on loopback, cut off from everything else."""

import os
import re
import shutil
import subprocess
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Frame

VERSION = "2.5.3"
CHROMIUM = "/usr/bin/chromium-headless-shell"
_CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "newsbot-tests"
_PAGE = """<!doctype html><meta charset="utf-8"><script src="/ui.js"></script>
<replay-web-page source="/package.wacz" url="{url}" ts="{ts}" replaybase="/replay/"
 embed="replayonly" style="height: 800px"></replay-web-page>"""
# The player opens its frame while its service worker is still taking over; when the frame is
# the quicker of the two it waits for ever (7 of 103 on a busy machine).
_WORKER = """<!doctype html><meta charset="utf-8"><script>
navigator.serviceWorker.register("/replay/sw.js?serveIndex=1", {scope: "/replay/"}).then((it) => {
  const worker = it.active ?? it.waiting ?? it.installing;
  const look = () => { window.active = worker.state === "activated"; };
  worker.addEventListener("statechange", look);
  look();
});
</script>"""
_TYPES = {".js": "text/javascript", ".wacz": "application/wacz"}


def installed() -> Path:
    """The folder with ReplayWeb.page's ui.js and sw.js, fetched by npm once into a cache."""
    if shutil.which("npm") is None or not Path(CHROMIUM).exists():
        pytest.skip(f"needs npm and {CHROMIUM} (Debian: npm, chromium-headless-shell)")
    _CACHE.mkdir(parents=True, exist_ok=True)
    folder = _CACHE / f"replaywebpage-{VERSION}"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            command = ["npm", "pack", "--silent", f"replaywebpage@{VERSION}"]
            done = subprocess.run(
                command, cwd=_CACHE, capture_output=True, text=True, timeout=600, check=False
            )
            if done.returncode:
                pytest.skip(f"npm cannot fetch replaywebpage: {done.stderr[-300:]}")
            with tarfile.open(_CACHE / done.stdout.split()[-1]) as packed:
                packed.extractall(folder.with_suffix(".new"), filter="data")
            folder.with_suffix(".new").rename(folder)
    return folder / "package"


class Server(ThreadingHTTPServer):
    """Serves the player and one WACZ, by ranges as a web server does; counts them."""

    def __init__(self, player: Path, package: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files = {
            "/ui.js": player / "ui.js",
            "/replay/sw.js": player / "sw.js",
            "/package.wacz": package,
        }
        self.page = ""
        self.ranges = 0
        self.whole = 0

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        file = self.server.files.get(path)
        if path == "/":
            self._answer(200, self.server.page.encode(), "text/html")
        elif file is None:
            self._answer(404, b"", "text/plain")
        else:
            self._file(file)

    def _file(self, file: Path) -> None:
        data, kind = file.read_bytes(), _TYPES[file.suffix]
        asked = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        if asked is None:
            self.server.whole += file.suffix == ".wacz" and self.command == "GET"
            self._answer(200, data, kind)
            return
        self.server.ranges += file.suffix == ".wacz"
        first, last = asked.groups()
        start = int(first) if first else max(0, len(data) - int(last))
        end = min(int(last), len(data) - 1) if first and last else len(data) - 1
        headers = {"Content-Range": f"bytes {start}-{end}/{len(data)}"}
        self._answer(206, data[start : end + 1], kind, headers)

    def _answer(
        self, status: int, data: bytes, kind: str, headers: dict[str, str] | None = None
    ) -> None:
        self.send_response(status)
        for name, value in {"Accept-Ranges": "bytes", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(package: Path) -> Iterator[Server]:
    """The player on loopback, with this package."""
    with Server(installed(), package) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class Replay:
    """A browser that can reach the server alone."""

    def __init__(self, server: Server, browser: "Browser") -> None:
        self._server = server
        self._browser = browser

    @contextmanager
    def page(self, url: str, ts: str = "") -> Iterator["Frame"]:
        """The frame in which the player shows the archived page."""
        page = self._browser.new_page()
        try:
            self._server.page = _WORKER
            page.goto(self._server.base)
            page.wait_for_function("window.active")
            self._server.page = _PAGE.format(url=url, ts=ts)
            with page.expect_event(
                "framenavigated", lambda frame: frame.url.endswith(f"mp_/{url}"), timeout=600_000
            ) as found:
                page.goto(self._server.base)
            frame = found.value
            frame.wait_for_load_state("load")
            yield frame
        finally:
            page.close()


@contextmanager
def browser() -> Iterator["Browser"]:
    """A headless Chromium for which only 127.0.0.1 exists."""
    from playwright.sync_api import sync_playwright

    arguments = [
        "--no-sandbox", "--disable-dev-shm-usage",
        "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
    ]  # fmt: skip
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        try:
            yield started
        finally:
            started.close()
