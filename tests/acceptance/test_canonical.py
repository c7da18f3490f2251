"""Pages that all have the canonical link of one of them are articles of their own."""

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
[[lists]]
url = "http://127.0.0.1:{port}/"
[urls]
article = '^/berita/'
"""


class Gazette(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        links = "".join(f"<li><a href=/berita/{n}/judul>Judul {n}</a>" for n in (3, 2, 1))
        number = self.path.removeprefix("/berita/").partition("/")[0]
        if self.path == "/":
            reply(self, 200, f"<html lang=id><body><ul>{links}</ul></body></html>")
        elif number.isdigit():
            text = f"<h1>Berita {number} dari desa</h1><p>{TEXTS[int(number)]}</p>"
            head = "<title>Warta</title><link rel=canonical href=/berita/1/judul>"
            reply(self, 200, f"<html lang=id><head>{head}</head><body><article>{text}")
        else:
            reply(self, 404)


@pytest.fixture
def port() -> Iterator[int]:
    with serving(Gazette) as port:
        yield port


def test_each_page_is_its_own_article_and_stays_so(tmp_path: Path, port: int) -> None:
    seed = tmp_path / "warta.toml"
    seed.write_text(SEED.format(port=port))
    bench = Bench(str(tmp_path / "archive"), tmp_path / "var", {"NEWSBOT_PRIVATE_ADDRESSES": "1"})
    done = bench.crawl("publisher", f"site={seed}")
    assert done.returncode == 0, done.stderr
    stored = {one["canonical_url"]: one for one in bench.articles()}
    pages = {f"http://127.0.0.1:{port}/berita/{n}/judul" for n in (1, 2, 3)}
    assert stored.keys() == pages
    assert len({one["id"] for one in stored.values()}) == 3
    assert bench.crawl("publisher", f"site={seed}", "recheck=all").returncode == 0
    assert len(bench.articles()) == 3, "no revision"
    done = bench.newsbot("reprocess", "2000-01-01..2100-12-31", "--to", bench.store_url)
    assert done.returncode == 0, done.stderr
    derived = [ref for ref in bench.runs() if "+" in ref.run]
    lines = [line for ref in derived for line in bench.lines(ref, "articles")]
    assert {one["canonical_url"] for one in lines} == pages
