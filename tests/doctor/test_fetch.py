"""The doctor's requests are as polite as a crawl's."""

import time
from http.server import BaseHTTPRequestHandler

from newsbot.config import load_config
from newsbot.doctor.fetch import Client
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
