"""Scrapy's own commands work in the checkout, politely, and leave nothing behind."""

import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from tests.webserver import reply, serving

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def base() -> Iterator[str]:
    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            rules = "User-agent: *\nDisallow: /closed\n"
            page = f"<h1>Halo {self.headers['User-Agent']}</h1>"
            reply(self, 200, rules if self.path == "/robots.txt" else page)

    with serving(Site) as port:
        yield f"http://127.0.0.1:{port}"


# A public name that leads inside, as no file of names on this machine need have it.
SCRAPY = """
from tests.capture.wirecrawl import resolve_as
resolve_as({"inside.example": "127.0.0.1"})
from scrapy.cmdline import execute
execute()
"""


def scrapy(folder: Path, *arguments: str, private: bool = True) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "NEWSBOT_STATE": str(folder / "var"), "NEWSBOT_STORE": str(folder / "archive"),
        "NEWSBOT_CONTACT": "ops@warta.example", "NEWSBOT_PRIVATE_ADDRESSES": str(private),
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "-c", SCRAPY, *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_fetch_and_shell(base: str, tmp_path: Path) -> None:
    fetched = scrapy(tmp_path, "fetch", f"{base}/a")
    assert "<h1>Halo newsbot/" in fetched.stdout
    assert "(+ops@warta.example)" in fetched.stdout
    shown = scrapy(tmp_path, "shell", f"{base}/a", "-c", "response.css('h1::text').get()")
    assert "Halo newsbot/" in shown.stdout
    for done in (fetched, shown):
        assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    assert list(tmp_path.iterdir()) == []


def test_robots_and_the_address_guard_hold(base: str, tmp_path: Path) -> None:
    closed = scrapy(tmp_path, "fetch", f"{base}/closed", "-s", "LOG_LEVEL=DEBUG")
    assert "Forbidden by robots.txt" in closed.stderr
    assert closed.stdout.strip() == ""
    named = base.replace("127.0.0.1", "inside.example")
    private = scrapy(tmp_path, "fetch", f"{named}/a", private=False)
    assert "is not an address of the public internet" in private.stderr
    assert private.stdout.strip() == ""
