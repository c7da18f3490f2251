"""An article that was found at another address is known at its own, and at both for readers."""

import json
import sqlite3
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from tests.acceptance.conftest import Bench
from tests.ledger.test_canonical import TEXTS
from tests.webserver import reply, serving

SEED = """
name = "warta"
title = "Warta"
kind = "publisher"
language = "id"
time_zone = "Asia/Jakarta"
hosts = ["127.0.0.1"]
recheck = ["365d"]
[[lists]]
url = "http://127.0.0.1:{port}/"
[urls]
article = '^/(berita|lama|ringkas)/'
"""


class Gazette(BaseHTTPRequestHandler):
    """Story 1 is redirected to, story 2 is named by a canonical link, 3 is as linked."""

    links: tuple[str, ...]
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        kind, _, number = self.path.strip("/").partition("/")
        if self.path == "/":
            links = "".join(f'<li><a href="{one}">Warta {one}</a>' for one in self.links)
            reply(self, 200, f"<html lang=id><body><ul>{links}</ul></body></html>")
        elif kind == "lama":
            reply(self, 301, Location=f"/berita/{number}")
        elif number.isdigit():
            text = f"<h1>Berita {number} dari desa</h1><p>{TEXTS[int(number)]}</p>"
            head = f"<title>Warta</title><link rel=canonical href=/berita/{number}>"
            reply(self, 200, f"<html lang=id><head>{head}</head><body><article>{text}")
        else:
            reply(self, 404)


@pytest.fixture
def port() -> Iterator[int]:
    Gazette.links, Gazette.asked = ("/lama/1", "/ringkas/2", "/berita/3"), []
    with serving(Gazette) as port:
        yield port


def aliases_of(bench: Bench) -> dict[str, str]:
    with sqlite3.connect(bench.state / "ledger.sqlite") as ledger:
        found = dict(ledger.execute("SELECT url, canonical_url FROM aliases"))
    ledger.close()
    return found


def test_it_is_not_fetched_again_from_its_own_address(tmp_path: Path, port: int) -> None:
    seed, base = tmp_path / "warta.toml", f"http://127.0.0.1:{port}"
    seed.write_text(SEED.format(port=port))
    bench = Bench(str(tmp_path / "archive"), tmp_path / "var", {"NEWSBOT_PRIVATE_ADDRESSES": "1"})
    assert bench.crawl("publisher", f"site={seed}").returncode == 0
    learned = {f"{base}/lama/1": f"{base}/berita/1", f"{base}/ringkas/2": f"{base}/berita/2"}
    assert aliases_of(bench) == learned
    events = bench.lines(bench.runs()[-1], "events")
    named = {one["url"]: one["canonical"] for one in events if one["event"] == "alias"}
    assert named == learned

    Gazette.links = ("/berita/1", "/berita/2", "/berita/3")
    Gazette.asked.clear()
    assert bench.crawl("publisher", f"site={seed}").returncode == 0
    assert Gazette.asked == ["/robots.txt", "/"]
    assert len(bench.articles()) == 3

    for path in bench.state.glob("ledger.sqlite*"):
        path.unlink()
    assert bench.newsbot("recover", "--rebuild-ledger").returncode == 0
    assert aliases_of(bench) == learned
    shown = bench.newsbot("show", f"{base}/lama/1", "--json")
    assert shown.returncode == 0, shown.stderr
    assert json.loads(shown.stdout)["url"] == f"{base}/berita/1"
