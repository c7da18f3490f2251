"""The doctor's requests are as polite as a crawl's."""

import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from newsbot.config import load_config
from newsbot.doctor.fetch import Client, ProbeFailed, RobotsForbid
from newsbot.sites.loading import site_of
from tests.webserver import reply, serving

_SEED = """
name = "dermaga"
title = "Kabar Dermaga"
kind = "publisher"
language = "id"
time_zone = "Asia/Jakarta"
hosts = ["127.0.0.1"]
feeds = ["http://127.0.0.1:{port}/feed"]
[urls]
article = "."
[politeness]
delay = 0.0
"""


def test_the_crawl_delay_of_a_robots_txt_is_kept() -> None:
    asked: list[tuple[str, float]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, time.monotonic()))
            reply(self, 200, "User-agent: *\nCrawl-delay: 0.3\nDisallow: /no\n", "text/plain")

    with serving(Handler) as port:
        site = site_of(_SEED.format(port=port), "a seed")
        client = Client(site, load_config(private_addresses=True))
        for path in ("/first", "/second", "/third"):
            client.get(f"http://127.0.0.1:{port}{path}")
    paths = [path for path, _ in asked]
    times = [at for _, at in asked]
    assert paths == ["/robots.txt", "/first", "/second", "/third"]
    assert times[2] - times[1] >= 0.3
    assert times[3] - times[2] >= 0.3


class Moved(BaseHTTPRequestHandler):
    """Redirects, each address to the one behind its question mark."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.path == "/robots.txt":
            reply(self, 200, "User-agent: *\nDisallow: /no\n", "text/plain")
        elif self.path == "/loop":
            reply(self, 302, Location="/loop")
        elif target := self.path.partition("?")[2]:
            reply(self, 302, Location=target)
        else:
            reply(self, 200, "here")


@pytest.fixture
def moved() -> Iterator[tuple[Client, str, list[str]]]:
    made: Any = type("Made", (Moved,), {"asked": []})
    with serving(made) as port:
        site = site_of(_SEED.format(port=port), "a seed")
        client = Client(site, load_config(private_addresses=True))
        yield client, f"http://127.0.0.1:{port}", made.asked


def test_each_hop_of_a_redirect_is_asked_of_robots_txt(
    moved: tuple[Client, str, list[str]],
) -> None:
    client, base, asked = moved
    found = client.get(f"{base}/a?/b")
    assert (found.url, found.redirects) == (f"{base}/b", (f"{base}/b",))
    with pytest.raises(RobotsForbid, match="/no: robots"):
        client.get(f"{base}/a?/no")
    assert asked == ["/robots.txt", "/a?/b", "/b", "/a?/no"]


def test_redirects_end_and_stay_on_the_web(moved: tuple[Client, str, list[str]]) -> None:
    client, base, _ = moved
    with pytest.raises(ProbeFailed, match="more than 10 redirects"):
        client.get(f"{base}/loop")
    with pytest.raises(ProbeFailed, match="which is not on the web"):
        client.get(f"{base}/a?{base.replace('http', 'ftp')}/file")
