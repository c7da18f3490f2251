"""Each way to find stories finds all of them by itself, and asks little more the next time."""

import gzip
import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from hashlib import sha1
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.acceptance.conftest import Bench
from tests.webserver import reply, serving

STORIES, ON_PAGE = 20, 6
FIRST_DAY = date(2025, 2, 3)
SEED = """
name = "kabarsungai"
title = "Kabar Sungai"
kind = "publisher"
language = "id"
time_zone = "Asia/Jakarta"
hosts = ["127.0.0.1"]
{rule}
[urls]
article = '^/cerita/(?P<number>\\d+)$'
"""
STORY = (
    "Perahu tambang di sungai itu kembali melayani penyeberangan setelah air surut, kata "
    "juru mudi, dan pedagang di kedua tepi membuka lagi kios mereka sejak pagi hari."
)
RULES = {
    "robots": 'sitemaps = ["{base}/robots.txt"]',
    "sitemap": 'sitemaps = ["{base}/sitemap.xml"]',
    "text": 'sitemaps = ["{base}/sitemap.txt"]',
    "json-feed": 'feeds = ["{base}/feed.json"]',
    "pages": '[[lists]]\nurl = "{base}/api"\npages = "{base}/api?page={{page}}"\n{json}',
    "offset": '[[lists]]\nurl = "{base}/api"\npages = "{base}/api?offset={{offset}}"\n'
    "per_page = 6\n{json}",
    "cursor": '[[lists]]\nurl = "{base}/api"\npages = "{base}/api?after={{cursor}}"\n'
    '{json}\nnext = "after"',
    "link": '[[lists]]\nurl = "{base}/api"\n{json}\nnext = "next"',
    "days": '[[lists]]\nurl = "{base}/indeks/{{yyyy}}/{{mm}}/{{dd}}"',
    "html": '[[lists]]\nurl = "{base}/more"\npages = "{base}/more?page={{page}}"\n'
    '[lists.json]\nhtml = "markup"',
}
JSON = '[lists.json]\nitems = "data"\nurl = "path"\ntitle = "title.rendered"\npublished = "date"'


class River(BaseHTTPRequestHandler):
    """A site that offers its stories in all of these ways; of each day one, the newest first."""

    asked: list[str]
    stories = STORIES
    changed: dict[int, datetime]
    touched: dict[int, datetime]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        parts = urlsplit(self.path)
        query = {name: int(values[0]) for name, values in parse_qs(parts.query).items()}
        story = re.fullmatch(r"/cerita/(\d+)", parts.path)
        if story is not None:
            number = int(story[1])
            more = " Ralat." if number in self.changed else ""
            time = f'<time datetime="{_day(number)}T08:00:00+07:00">pagi</time>'
            text = f"<article><h1>Cerita {number}</h1>{time}<p>{STORY}{more}</p></article>"
            self._send(f"<html lang=id><body>{text}</body></html>", "text/html; charset=utf-8")
        elif parts.path == "/robots.txt":
            self._send(f"User-agent: *\nSITEMAP: {self._base}/sitemap.xml\n", "text/plain")
        elif parts.path == "/sitemap.xml":
            names = ["lama.xml.gz", "baru.xml", "halaman.xml", "../sitemap.xml"]
            self._send(_sitemap("sitemap", [(f"{self._base}/peta/{one}", "") for one in names]))
        elif parts.path.startswith("/peta/") or parts.path == "/sitemap.txt":
            self._sitemap(parts.path.rpartition("/")[2])
        elif parts.path == "/feed.json":
            self._send(json.dumps(self._feed()), "application/feed+json")
        elif parts.path == "/api":
            self._api(query)
        elif parts.path.startswith("/indeks/"):
            day = date.fromisoformat(parts.path.removeprefix("/indeks/").replace("/", "-"))
            number = (day - FIRST_DAY).days + 1
            links = f'<a href="/cerita/{number}">{number}</a><a href="/cerita/1">Pilihan</a>'
            self._send(f"<html><body>{links}</body></html>", "text/html")
        elif parts.path == "/more":
            first = (query.get("page", 1) - 1) * ON_PAGE
            links = "".join(f'<a href="/cerita/{n}">{n}</a>' for n in self._some(first))
            self._send(json.dumps({"markup": links}), "application/json")
        else:
            self.send_error(404)

    @property
    def _base(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"  # type: ignore[attr-defined]

    def _some(self, first: int) -> list[int]:
        return list(range(self.stories, 0, -1))[first : first + ON_PAGE]

    def _api(self, query: dict[str, int]) -> None:
        first = query.get("offset", (query.get("page", 1) - 1) * ON_PAGE)
        if "after" in query:
            first = self.stories + 1 - query["after"]
        numbers = self._some(first)
        if not numbers:
            reply(self, 400, json.dumps({"code": "invalid_page_number"}), "application/json")
            return
        items = [
            {
                "path": f"/cerita/{n}",
                "title": {"rendered": f"Cerita &amp; <b>{n}</b>"},
                "date": str(_day(n)),
            }
            for n in numbers
        ]
        has_more = numbers[-1] > 1
        answer = {"data": items, "after": numbers[-1] if has_more else None}
        answer["next"] = f"/api?after={numbers[-1]}" if has_more else None
        self._send(json.dumps(answer), "application/json")

    def _feed(self) -> dict[str, object]:
        items = [
            {"id": str(n), "url": f"{self._base}/cerita/{n}", "title": f"Cerita {n}"}
            for n in range(1, self.stories + 1)
        ]
        return {"version": "https://jsonfeed.org/version/1.1", "title": "x", "items": items}

    def _sitemap(self, name: str) -> None:
        modified = self.touched | self.changed
        urls = [
            (f"{self._base}/cerita/{n}", str(modified.get(n, _day(n))))
            for n in range(1, self.stories + 1)
        ]
        if name == "sitemap.txt":
            self._send("\n".join(url for url, _ in urls), "text/plain")
        elif name == "lama.xml.gz":
            self._send(_sitemap("url", urls[:15]), "application/gzip", pack=True)
        elif name == "baru.xml":
            self._send(_sitemap("url", urls[15:]))
        else:
            self._send(_sitemap("url", [(f"{self._base}/tentang", "")]))

    def _send(self, body: str, kind: str = "application/xml", *, pack: bool = False) -> None:
        data = gzip.compress(body.encode(), mtime=0) if pack else body.encode()
        etag = f'"{sha1(data, usedforsecurity=False).hexdigest()}"'
        is_same = self.headers["If-None-Match"] == etag
        self.send_response(304 if is_same else 200)
        self.send_header("ETag", etag)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", "0" if is_same else str(len(data)))
        self.end_headers()
        self.wfile.write(b"" if is_same else data)


def _day(number: int) -> date:
    return FIRST_DAY + timedelta(days=number - 1)


def _sitemap(kind: str, entries: list[tuple[str, str]]) -> str:
    root = {"sitemap": "sitemapindex", "url": "urlset"}[kind]
    dated = "<lastmod>{}</lastmod>"
    lines = "".join(
        f"<{kind}><loc>{url}</loc>{dated.format(at.replace(' ', 'T')) if at else ''}</{kind}>"
        for url, at in entries
    )
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{space}">{lines}</{root}>'


@pytest.fixture
def river() -> Iterator[tuple[type[River], int]]:
    handler = type("OneRiver", (River,), {"asked": [], "changed": {}, "touched": {}})
    with serving(handler) as port:
        yield handler, port


def write_seed(folder: Path, rule: str, port: int) -> Path:
    path = folder / "kabarsungai.toml"
    base = f"http://127.0.0.1:{port}"
    path.write_text(SEED.format(rule=RULES[rule].format(base=base, json=JSON)))
    return path


def bench_in(folder: Path) -> Bench:
    return Bench(str(folder / "archive"), folder / "var", {"NEWSBOT_PRIVATE_ADDRESSES": "1"})


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param(name, marks=() if name == "robots" else pytest.mark.endurance)
        for name in RULES
        if name != "days"
    ],
)
def test_each_way_alone_finds_all_stories(
    tmp_path: Path, river: tuple[type[River], int], rule: str
) -> None:
    handler, port = river
    seed, bench = write_seed(tmp_path, rule, port), bench_in(tmp_path)
    done = bench.crawl("publisher", f"site={seed}")
    assert done.returncode == 0, done.stderr + done.stdout
    assert len(bench.articles()) == len({one["url"] for one in bench.articles()}) == STORIES

    handler.asked.clear()
    handler.stories += 1
    done = bench.crawl("publisher", f"site={seed}", "recheck=none")
    assert done.returncode == 0, done.stderr + done.stdout
    assert len(bench.articles()) == STORIES + 1
    fetched = [path for path in handler.asked if path.startswith("/cerita/")]
    assert fetched == [f"/cerita/{STORIES + 1}"]
    assert len(handler.asked) <= 8, handler.asked


def test_a_sitemaps_date_is_a_reason_to_look_again_once(
    tmp_path: Path, river: tuple[type[River], int]
) -> None:
    handler, port = river
    seed, bench = write_seed(tmp_path, "sitemap", port), bench_in(tmp_path)
    assert bench.crawl("publisher", f"site={seed}").returncode == 0
    handler.changed[7] = datetime.now(UTC)
    for touched, expected in ((8, ["/cerita/7", "/cerita/8"]), (9, ["/cerita/9"])):
        handler.touched[touched] = datetime.now(UTC)  # the page is the same: a 304
        handler.asked.clear()
        done = bench.crawl("publisher", f"site={seed}")
        assert done.returncode == 0, done.stderr + done.stdout
        assert sorted(path for path in handler.asked if path.startswith("/cerita/")) == expected
    (revised,) = (one for one in bench.articles() if one["revision"]["number"] == 2)
    assert revised["text"].endswith("Ralat.")


@pytest.mark.parametrize("rule", ["sitemap", pytest.param("days", marks=pytest.mark.slow)])
def test_a_backfill_takes_the_stories_of_its_days(
    tmp_path: Path, river: tuple[type[River], int], rule: str
) -> None:
    """Neither names the day of a story: that of others is seen when the story is read."""
    handler, port = river
    seed, bench = write_seed(tmp_path, rule, port), bench_in(tmp_path)
    done = bench.crawl("publisher", f"site={seed}", f"since={_day(8)}", f"until={_day(14)}")
    assert done.returncode == 0, done.stderr + done.stdout
    found = sorted(int(one["url"].rpartition("/")[2]) for one in bench.articles())
    assert found == list(range(8, 15))
    (ref,) = bench.runs()
    outside = [line for line in bench.lines(ref, "crawl") if line["became"] == "outside-span"]
    others = range(15, STORIES + 1) if rule == "sitemap" else [1]
    assert sorted(line["url"] for line in outside) == sorted(
        f"http://127.0.0.1:{port}/cerita/{n}" for n in others
    )
    if rule == "days":
        asked = {path for path in handler.asked if path.startswith("/indeks/")}
        assert asked == {f"/indeks/{_day(n):%Y/%m/%d}" for n in range(8, 15)}
