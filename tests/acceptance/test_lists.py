"""A list is walked to its end by its own rules, wherever its pages stand and lead."""

import json
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from tests.acceptance.conftest import Bench
from tests.webserver import serving

PAGES, ON_PAGE = 6, 5
SEED = """
name = "kabarbahari"
title = "Kabar Bahari"
kind = "publisher"
language = "id"
time_zone = "Asia/Jakarta"
hosts = ["127.0.0.1", "localhost"]
[[lists]]
url = "http://{start}"
{rule}
[urls]
article = '^/\\d{{4}}/\\d\\d/\\d\\d/[\\w-]+/$'
"""
STORY = (
    "Kapal nelayan kembali lebih awal karena gelombang di selat itu meninggi sejak pagi, kata "
    "petugas pelabuhan, dan hasil tangkapan turun separuhnya dibandingkan pekan lalu."
)


class Blog(BaseHTTPRequestHandler):
    """A weblog as a common publishing system lays it out: posts, older pages, a box beside them.

    ``localhost`` and addresses without their last slash are redirected, as such systems do.
    """

    asked: list[str]
    added = 0

    def do_GET(self) -> None:
        host, _, port = str(self.headers["Host"]).partition(":")
        self.asked.append(f"{host}{self.path}")
        if host == "localhost" or not self.path.endswith(("/", ".txt")):
            path = self.path if self.path.endswith("/") else f"{self.path}/"
            self._answer(301, "", f"http://127.0.0.1:{port}{path}")
        elif (page := re.fullmatch(r"/(?:kanal/)?(?:page/(\d+)/)?", self.path)) is not None:
            self._list(int(page[1] or 1), "/kanal/" if "kanal" in self.path else "/")
        elif re.fullmatch(r"/\d{4}/\d\d/\d\d/cerita-[\d-]+/", self.path):
            title = self.path.strip("/").rpartition("/")[2].replace("-", " ")
            self._answer(200, f"<article><h1>{title}</h1><p>{STORY}</p></article>")
        else:
            self._answer(404, "nothing here")

    def _list(self, page: int, base: str) -> None:
        if page > PAGES:
            self._answer(404, "no more")
            return
        first = (page - 1) * ON_PAGE - self.added
        posts = "".join(
            f'<h2 class=entry-title><a href="/2025/11/20/cerita-{number}/">Cerita {number}</a></h2>'
            for number in range(max(first, -self.added), first + ON_PAGE)
        )
        older = f'<a class="next page-numbers" href="{base}page/{page + 1}/">Older</a>'
        newest = f"/2025/11/20/cerita-{-self.added}/"
        box = f'<aside><a href="{newest}">Terbaru</a></aside>'
        self._answer(200, posts + (older if page < PAGES else "") + box)

    def _answer(self, status: int, body: str, location: str = "") -> None:
        data = f"<html lang=id><head><title>Kabar</title></head><body>{body}</body></html>".encode()
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture
def blog() -> Iterator[tuple[type[Blog], int]]:
    handler = type("OneBlog", (Blog,), {"asked": []})
    with serving(handler) as port:
        yield handler, port


NUMBERED = 'pages = "http://127.0.0.1:{port}/page/{{page}}/"'
NEXT = 'items = [".entry-title a"]\nnext = ["a.next.page-numbers"]'


@pytest.mark.parametrize(
    ("start", "rule"),
    [
        pytest.param("127.0.0.1:{port}/", NEXT, id="next"),
        pytest.param("localhost:{port}/", NEXT, id="redirected", marks=pytest.mark.slow),
        pytest.param(
            "127.0.0.1:{port}/kanal", NEXT, id="without-slash", marks=pytest.mark.endurance
        ),
        pytest.param("localhost:{port}/", NUMBERED, id="numbered", marks=pytest.mark.endurance),
    ],
)
def test_all_pages_of_a_list_are_walked(
    tmp_path: Path, blog: tuple[type[Blog], int], start: str, rule: str
) -> None:
    handler, port = blog
    seed = tmp_path / "kabarbahari.toml"
    seed.write_text(SEED.format(start=start.format(port=port), rule=rule.format(port=port)))
    bench = Bench(str(tmp_path / "archive"), tmp_path / "var", {"NEWSBOT_PRIVATE_ADDRESSES": "1"})
    done = bench.crawl("publisher", f"site={seed}")
    assert done.returncode == 0, done.stderr + done.stdout
    assert len(bench.articles()) == PAGES * ON_PAGE
    (ref,) = bench.runs()
    lists = [line for line in bench.lines(ref, "crawl") if line["role"] == "list"]
    numbers = [line["list"]["number"] for line in lists if line["became"] == "list"]
    assert sorted(set(numbers)) >= list(range(1, PAGES + 1))
    assert {line["list"]["url"] for line in lists} == {f"http://{start.format(port=port)}"}

    handler.asked.clear()
    handler.added = 1
    done = bench.crawl("publisher", f"site={seed}", "recheck=none")
    assert done.returncode == 0, done.stderr
    assert len(bench.articles()) == PAGES * ON_PAGE + 1
    walked = {path for path in handler.asked if "/page/" in path}
    assert len(walked) <= 1, "it goes no further than what it knew"


@pytest.mark.slow
def test_a_walk_that_ends_at_max_pages_says_so_from_the_first_time(
    tmp_path: Path, blog: tuple[type[Blog], int]
) -> None:
    _, port = blog
    seed = tmp_path / "kabarbahari.toml"
    seed.write_text(SEED.format(start=f"127.0.0.1:{port}/", rule=f"{NEXT}\nmax_pages = 2"))
    bench = Bench(str(tmp_path / "archive"), tmp_path / "var", {"NEWSBOT_PRIVATE_ADDRESSES": "1"})
    done = bench.crawl("publisher", f"site={seed}")
    assert done.returncode == 3, done.stderr
    assert "list-capped: 2 pages of" in done.stdout
    assert "are not the whole list" in done.stdout
    assert len(bench.articles()) == 2 * ON_PAGE
    done = bench.crawl("publisher", f"site={seed}", "recheck=none")
    assert done.returncode == 0, "what it knew was reached"


def test_what_a_list_says_of_an_article_goes_with_its_page(
    tmp_path: Path, blog: tuple[type[Blog], int]
) -> None:
    _, port = blog
    seed = tmp_path / "kabarbahari.toml"
    seed.write_text(SEED.format(start=f"127.0.0.1:{port}/", rule=NEXT))
    bench = Bench(str(tmp_path / "archive"), tmp_path / "var", {"NEWSBOT_PRIVATE_ADDRESSES": "1"})
    assert bench.crawl("publisher", f"site={seed}", "limit=2").returncode == 0
    assert bench.crawl("publisher", f"site={seed}", "limit=2").returncode == 0
    for ref in bench.runs():  # the second crawl has them from the ledger
        lines = [line for line in bench.lines(ref, "crawl") if line["role"] == "article"]
        assert len(lines) == 2
        for line in lines:
            number = re.search(r"cerita-(\d+)", line["url"])
            assert number is not None
            assert line["hints"] == {"title": f"Cerita {number[1]}", "source": "list"}
    done = bench.newsbot("recover", "--rebuild-ledger", "--json")
    assert done.returncode == 0, done.stderr
    pending = json.loads(bench.newsbot("list", "--pending", "--json").stdout)
    assert all(one["hints"]["title"].startswith("Cerita ") for one in pending)
