"""A seed that does not fit its site is said to be that, by a crawl and by the doctor."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from newsbot.config import load_config
from newsbot.doctor.site import SiteExamination
from newsbot.sites.loading import load_site
from tests.acceptance.conftest import Bench
from tests.webserver import reply, serving

SEED = """
name = "kabarhutan"
title = "Kabar Hutan"
kind = "publisher"
language = "id"
time_zone = "Asia/Jakarta"
hosts = ["127.0.0.1"]
feeds = ["http://127.0.0.1:{port}/rss"]
[urls]
article = '^/berita/'
"""


class Forest(BaseHTTPRequestHandler):
    """A site whose stories have other addresses than the seed says."""

    def do_GET(self) -> None:
        base = f"http://127.0.0.1:{self.server.server_port}"
        links = "".join(f"<item><link>{base}/kabar/{n}</link></item>" for n in range(3))
        body = f"<rss version='2.0'><channel><title>x</title>{links}</channel></rss>"
        is_feed = self.path == "/rss"
        reply(self, 200 if is_feed else 404, body if is_feed else "", "application/rss+xml")


@pytest.fixture
def forest() -> Iterator[int]:
    with serving(Forest) as port:
        yield port


def test_a_feed_without_articles_is_named(forest: int, tmp_path: Path) -> None:
    seed = tmp_path / "kabarhutan.toml"
    seed.write_text(SEED.format(port=forest))
    environment = {"NEWSBOT_PRIVATE_ADDRESSES": "true", "NEWSBOT_SEEDS": str(tmp_path)}
    bench = Bench(str(tmp_path / "archive"), tmp_path / "var", environment)
    done = bench.crawl("publisher", "site=kabarhutan")
    assert done.returncode == 3, done.stderr
    base = f"http://127.0.0.1:{forest}"
    links = [f"{base}/kabar/{n}" for n in range(3)]
    said = f"no link of {base}/rss matches hosts and urls.article: {', '.join(links)}"
    assert said in done.stdout
    config = load_config(private_addresses=True)
    feed = next(iter(SiteExamination(load_site(seed), config, None, None).checks()))
    assert (feed.name, feed.verdict, list(feed.details)) == ("feed", "wrong", links)
