"""What feeds and lists say of articles, over crawls, a rebuilt ledger and reprocessing."""

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import ClassVar

import pytest
from sqlalchemy import create_engine, text

from tests.acceptance.conftest import Bench
from tests.webserver import reply, serving

SEED = """
name = "kabarsungai"
title = "Kabar Sungai"
kind = "publisher"
language = "id"
time_zone = "Asia/Jakarta"
hosts = ["127.0.0.1"]
{feeds}
[[lists]]
url = "http://127.0.0.1:{port}/indeks"
[urls]
article = '^/cerita/(?P<number>\\d+)$'
"""
STORY = (
    "Perahu tambang di sungai itu kembali melayani penyeberangan setelah air surut, kata juru "
    "mudi, dan pedagang di kedua tepi membuka lagi kios mereka sejak pagi hari itu juga."
)
PATIENCE = 60  # seconds; a test that waits longer has failed


class River(BaseHTTPRequestHandler):
    """A site whose pages have no headline, date or author; its list and feed have them."""

    listed: tuple[int, ...] = (1, 2)
    fed: tuple[int, ...] = (1, 2, 3, 4)
    corrected = False
    asked: dict[int, threading.Event]

    def do_GET(self) -> None:
        story = re.fullmatch(r"/cerita/(\d+)", self.path)
        if story is not None:
            self._story(int(story[1]))
        elif self.path == "/indeks":
            cards = (
                f'<li><a href="/cerita/{n}">Daftar {n}</a> <i>{n} Feb 2025</i></li>'
                for n in self.listed
            )
            reply(self, 200, f"<html><ul>{''.join(cards)}</ul></html>")
        elif self.path == "/rss":
            self._feed()
        else:
            reply(self, 404)

    def _story(self, number: int) -> None:
        self.asked[number].set()
        if number == 3:  # until the feed is read
            assert self.asked[4].wait(PATIENCE)
        more = " Ralat." if self.corrected and number == 1 else ""
        reply(self, 200, f"<html lang=id><article><p>{STORY} ({number}){more}</p></article></html>")

    def _feed(self) -> None:
        if 3 in self.listed:  # until the list is read
            assert self.asked[3].wait(PATIENCE)
        items = (
            f"<item><title>Umpan {n}</title><link>http://{self.headers['Host']}/cerita/{n}</link>"
            f"<pubDate>Sat, 0{n} Feb 2025 10:00:05 +0700</pubDate>"
            "<author>Siti Rahma</author></item>"
            for n in self.fed
        )
        reply(self, 200, f"<rss><channel>{''.join(items)}</channel></rss>", "application/rss+xml")


@pytest.fixture
def river() -> Iterator[tuple[type[River], int]]:
    class Fresh(River):
        asked: ClassVar = {number: threading.Event() for number in range(1, 5)}

    with serving(Fresh) as port:
        yield Fresh, port


def test_hints_grow_and_are_no_revision(tmp_path: Path, river: tuple[type[River], int]) -> None:
    site, port = river
    seed = tmp_path / "kabarsungai.toml"
    bench = Bench(str(tmp_path / "archive"), tmp_path / "var", {"NEWSBOT_PRIVATE_ADDRESSES": "1"})

    def crawl(recheck: str) -> None:
        done = bench.crawl("publisher", f"site={seed}", f"recheck={recheck}")
        assert done.returncode == 0, done.stderr + done.stdout

    seed.write_text(SEED.format(feeds="", port=port))
    crawl("none")
    assert _known(bench) == {
        1: ("Daftar 1", "list", "day", "2025-02-01T00:00:00+07:00", ()),
        2: ("Daftar 2", "list", "day", "2025-02-02T00:00:00+07:00", ()),
    }

    site.listed = (1, 2, 3)  # the list names story 3 before the feed does
    seed.write_text(SEED.format(feeds=f'feeds = ["http://127.0.0.1:{port}/rss"]', port=port))
    crawl("none")
    new = {
        n: (f"Umpan {n}", "feed", "second", f"2025-02-0{n}T10:00:05+07:00", ("Siti Rahma",))
        for n in (1, 2, 3, 4)
    }
    assert {n: told for n, told in _known(bench).items() if n > 2} == {3: new[3], 4: new[4]}
    hints = _hints(bench)
    assert {one["source"] for one in hints.values()} == {"feed"}
    assert len(hints) == 4
    assert bench.newsbot("recover", "--rebuild-ledger").returncode == 0
    assert _hints(bench) == hints

    site.listed, site.fed = (1, 2), (4,)
    site.corrected = True
    crawl("all")  # the hints of 1 and 2 are better now, and the text of 1 is another
    revised = [one for one in bench.articles() if one["revision"]["number"] > 1]
    assert [(one["url"][-1], one["revision"]["changed"]) for one in revised] == [("1", ["text"])]
    assert _known(bench)[1] == new[1]
    assert _hints(bench) == hints, "what a feed no longer has is no change"

    again = str(tmp_path / "again")
    done = bench.newsbot("reprocess", "2000-01-01..2100-01-01", "--to", again, "--json")
    assert done.returncode == 0, done.stderr
    derived = json.loads(done.stdout)
    assert [(one["same"], one["changed"], one["fields"]) for one in derived] == [
        (2, 0, {}), (2, 0, {}), (1, 0, {}),
    ]  # fmt: skip


def _known(bench: Bench) -> dict[int, tuple[str, str, str, str, tuple[str, ...]]]:
    """What the newest article of each story says that its page does not."""
    found = {}
    for one in bench.articles():
        how = one["published"]
        people = tuple(person["name"] for person in one["authors"])
        told = (one["title"], how["source"], how["precision"], one["published_at"], people)
        found[int(one["url"].rpartition("/")[2])] = told
    return found


def _hints(bench: Bench) -> dict[str, dict[str, object]]:
    engine = create_engine(f"sqlite:///{bench.state / 'ledger.sqlite'}")
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT url, hints FROM urls")).all()
    engine.dispose()
    return {url: json.loads(hints) for url, hints in rows}
