"""Pages are asked for at the address that is linked, byte for byte, as browsers ask for it."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from tests.acceptance.conftest import Bench
from tests.webserver import serving

SEED = """
name = "kabarsawah"
title = "Kabar Sawah"
kind = "publisher"
language = "id"
time_zone = "Asia/Jakarta"
hosts = ["127.0.0.1"]
[[lists]]
url = "http://127.0.0.1:{port}/"
[urls]
article = '^/berita/'
keep_query = ["no"]
"""
STORY = (
    "Petani di dataran itu memulai panen lebih awal karena hujan turun lebih cepat, kata kepala "
    "desa, dan gabah kering mulai dijual ke pasar kabupaten sejak pekan lalu."
)
LINKED = {  # as a page writes it: as a browser asks for it
    "/berita/dua kata": "/berita/dua%20kata",
    "/berita/a//b": "/berita/a//b",
    "/berita/it's(1)+2;x&amp;y$*@": "/berita/it's(1)+2;x&y$*@",
    "/berita/s%28udah%29": "/berita/s%28udah%29",
    "/berita/a|b[1]^": "/berita/a|b[1]%5E",
    "berita/padi é": "/berita/padi%20%C3%A9",
    "/berita/baca?no=2&amp;utm_source=x": "/berita/baca?no=2&utm_source=x",
    "./berita/../berita/jagung#komentar": "/berita/jagung",
    "//127.0.0.1:{port}/berita/tebu": "/berita/tebu",
}


class Field(BaseHTTPRequestHandler):
    """A site that answers only at the addresses that its pages link to."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.path == "/":
            port = str(self.server.server_port)
            links = "".join(
                f'<li><a href="{one.replace("{port}", port)}">Judul</a></li>' for one in LINKED
            )
            self._answer(200, f"<html><body><ul>{links}</ul></body></html>")
        elif self.path in LINKED.values():
            number = list(LINKED.values()).index(self.path)
            self._answer(
                200, f"<article><h1>Judul {number} dari sawah</h1><p>{STORY}</p></article>"
            )
        else:
            self._answer(404, "")

    def _answer(self, status: int, body: str) -> None:
        data = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture
def field() -> Iterator[tuple[int, type[Field]]]:
    made = type("Made", (Field,), {"asked": []})
    with serving(made) as port:
        yield port, made


def test_each_page_is_asked_for_as_it_is_linked(
    field: tuple[int, type[Field]], tmp_path: Path
) -> None:
    port, site = field
    (tmp_path / "kabarsawah.toml").write_text(SEED.format(port=port))
    environment = {"NEWSBOT_PRIVATE_ADDRESSES": "true", "NEWSBOT_SEEDS": str(tmp_path)}
    bench = Bench(str(tmp_path / "archive"), tmp_path / "var", environment)
    done = bench.crawl("publisher", "site=kabarsawah")
    assert done.returncode == 0, done.stderr
    assert sorted(set(site.asked) - {"/", "/robots.txt"}) == sorted(LINKED.values())
    titles = {article["title"] for article in bench.articles()}
    assert titles == {f"Judul {number} dari sawah" for number in range(len(LINKED))}
    again = bench.crawl("publisher", "site=kabarsawah", "recheck=all")
    assert again.returncode == 0, again.stderr
    assert len(bench.articles()) == len(LINKED), "no article is new or changed"
    rebuilt = bench.newsbot("recover", "--rebuild-ledger")
    assert rebuilt.returncode == 0, rebuilt.stderr
    site.asked.clear()
    last = bench.crawl("publisher", "site=kabarsawah", "recheck=all")
    assert last.returncode == 0, last.stderr
    assert set(site.asked) - {"/", "/robots.txt"} == set(LINKED.values()), "as before"
    assert len(bench.articles()) == len(LINKED)
