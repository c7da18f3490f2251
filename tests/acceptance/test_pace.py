"""A site that asks for fewer requests gets fewer, and loses no story by it."""

from collections.abc import Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from itertools import pairwise
from pathlib import Path
from time import monotonic, time

import pytest

from tests.acceptance.conftest import Bench
from tests.webserver import reply, serving

SEED = """
name = "kabarpasar"
title = "Kabar Pasar"
kind = "publisher"
language = "id"
time_zone = "Asia/Jakarta"
hosts = ["127.0.0.1"]
feeds = ["http://127.0.0.1:{port}/rss"]
[urls]
article = '^/cerita/'
"""
STORY = (
    "Pedagang di pasar itu menurunkan harga cabai setelah pasokan dari desa kembali lancar, kata "
    "kepala pasar, dan pembeli kembali ramai sejak akhir pekan lalu."
)
STORIES = 4


class Market(BaseHTTPRequestHandler):
    """A site that answers the first requests for stories with ``refusals``, then well."""

    refusals: list[tuple[int, str | None]]
    stories = STORIES
    robots = ""
    asked: list[tuple[float, str, int]]

    def do_GET(self) -> None:
        now = monotonic()
        if self.path == "/robots.txt":
            status, body, kind = 200, self.robots, "text/plain"
        elif self.path == "/rss":
            status, body, kind = 200, self._feed(), "application/rss+xml"
        else:
            title = self.path.rpartition("/")[2]
            body = f"<article><h1>Judul {title} dari pasar</h1><p>{STORY}</p></article>"
            status, kind = 200, "text/html; charset=utf-8"
        wait = None
        if self.path.startswith("/cerita/") and self.refusals:
            status, wait = self.refusals.pop(0)
            body = "later"
        self.asked.append((now, self.path, status))
        reply(self, status, body, kind, Retry_After=wait)

    def _feed(self) -> str:
        base = f"http://127.0.0.1:{self.server.server_port}/cerita"
        items = "".join(
            f"<item><title>{n}</title><link>{base}/{n}</link></item>" for n in range(self.stories)
        )
        return f"<rss version='2.0'><channel><title>x</title>{items}</channel></rss>"


@pytest.fixture
def market() -> Iterator[tuple[int, type[Market]]]:
    made = type("Made", (Market,), {"asked": [], "refusals": []})
    with serving(made) as port:
        yield port, made


@pytest.fixture
def reader(market: tuple[int, type[Market]], tmp_path: Path) -> Bench:
    seed = tmp_path / "kabarpasar.toml"
    seed.write_text(SEED.format(port=market[0]))
    environment = {"NEWSBOT_PRIVATE_ADDRESSES": "true", "NEWSBOT_SEEDS": str(tmp_path)}
    return Bench(str(tmp_path / "archive"), tmp_path / "var", environment)


def waited(site: type[Market]) -> float:
    """The seconds between the first refusal and the next request."""
    times = [at for at, _, status in site.asked if status in (429, 503)][:1]
    return min(at for at, _, _ in site.asked if at > times[0]) - times[0]


@pytest.mark.parametrize(
    ("form", "status"),
    [("seconds", 429), ("date", 503), pytest.param("none", 429, marks=pytest.mark.endurance)],
)
def test_a_busy_site_is_waited_for(
    reader: Bench, market: tuple[int, type[Market]], form: str, status: int
) -> None:
    _, site = market
    ahead = {"seconds": "3", "date": formatdate(time() + 4, usegmt=True), "none": None}[form]
    site.refusals.append((status, ahead))
    done = reader.crawl("publisher", "site=kabarpasar", CONCURRENT_REQUESTS="1")
    assert done.returncode == 0, done.stderr
    assert len(reader.articles()) == STORIES
    if form != "date":  # how long a date is ahead depends on when the crawl came
        assert waited(site) >= {"seconds": 2.9, "none": 1.9}[form]
    assert "is busy: next request in" in done.stderr


@pytest.mark.endurance
def test_a_burst_of_refusals_is_one(reader: Bench, market: tuple[int, type[Market]]) -> None:
    """More requests are in flight than a host may refuse in a row, and all are refused."""
    _, site = market
    site.stories = 12
    site.refusals += [(429, "2")] * 12
    done = reader.crawl("publisher", "site=kabarpasar")
    assert done.returncode == 0, done.stderr
    assert len(reader.articles()) == 12


def test_a_request_that_is_told_to_wait_is_repeated(
    reader: Bench, market: tuple[int, type[Market]]
) -> None:
    """More often than requests that fail are: here those are repeated once."""
    _, site = market
    site.stories = 1
    site.refusals += [(503, "1")] * 3
    done = reader.crawl("publisher", "site=kabarpasar")
    assert done.returncode == 0, done.stderr
    assert [status for _, path, status in site.asked if path.startswith("/c")] == [503] * 3 + [200]


def test_a_site_that_asks_for_hours_is_left_to_the_next_crawl(
    reader: Bench, market: tuple[int, type[Market]]
) -> None:
    _, site = market
    site.refusals.append((429, "7200"))
    done = reader.crawl("publisher", "site=kabarpasar", CONCURRENT_REQUESTS="1")
    assert done.returncode == 3, done.stderr
    assert "127.0.0.1 asks for 7200 s without requests (429): the rest is left" in done.stdout
    assert [status for _, path, status in site.asked if path.startswith("/cerita/")] == [429]
    again = reader.crawl("publisher", "site=kabarpasar")
    assert again.returncode == 0, again.stderr
    assert len(reader.articles()) == STORIES


def test_the_delay_of_robots_txt_is_kept(reader: Bench, market: tuple[int, type[Market]]) -> None:
    _, site = market
    site.robots = "User-agent: *\nCrawl-delay: 0.5\n"
    done = reader.crawl("publisher", "site=kabarpasar")
    assert done.returncode == 0, done.stderr
    times = [at for at, path, _ in site.asked if path != "/robots.txt"]
    assert min(after - before for before, after in pairwise(times)) >= 0.45
