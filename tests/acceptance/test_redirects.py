"""Pages that redirect or refresh are followed as a browser does, or their outcome says why."""

import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import unquote

import pytest

from newsbot.archive.snapshots import read_run
from tests.acceptance.conftest import Bench
from tests.webserver import reply, serving

SEED = """
name = "kabarpulau"
title = "Kabar Pulau"
kind = "publisher"
language = "id"
time_zone = "Asia/Jakarta"
hosts = ["127.0.0.1"]
feeds = ["http://127.0.0.1:{port}/rss"]
[[lists]]
url = "http://127.0.0.1:{port}/kanal/"
[urls]
article = '^/cerita/(?!masuk)'
"""
STORY = (
    "Kapal penumpang ke pulau itu berlayar lagi setelah ombak mereda, kata petugas pelabuhan, dan "
    "warga yang menunggu sejak Senin dapat pulang sebelum akhir pekan tiba."
)
READ = ("gerbang", "gerbang-jauh", "ejaan-(1)", "segar-diri", "segar-beranda", "segar-pindah")
LOST = {
    "putar": "redirect-loop",
    "bolak": "redirect-loop",
    "ke-kanal": "redirect-to-list",
    "ke-beranda": "redirect-to-list",
    "ke-luar": "redirect-off-site",
    "terus": "too-many-redirects",
    "ke-masuk": "redirect-to-no-article",
    "segar-ke-beranda": "redirect-to-list",
    "segar-putar": "redirect-loop",
    "sebagian": "torn",
    "kosong": "empty",
}


class Island(BaseHTTPRequestHandler):
    """A site whose stories answer with redirects and refreshes until it is ``healed``."""

    healed = False
    names: tuple[str, ...] = (*READ, *LOST)
    asked: list[tuple[str, str]]

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers.get("Cookie", "")))
        name = self.path.removeprefix("/cerita/")
        if self.path == "/rss":
            reply(self, 200, self._feed(), kind="application/rss+xml")
        elif self.path == "/kanal/":
            links = "".join(f'<a href="/cerita/{one}">{one}</a>' for one in self.names)
            reply(self, 200, f"<html><body>{links}</body></html>")
        elif not self.path.startswith("/cerita/") and self.path != "/gerbang":
            reply(self, 404 if self.path == "/robots.txt" else 200, "<html><body>Hi</body></html>")
        else:
            self._story(name)

    def _story(self, name: str) -> None:
        here, cookie = f"/cerita/{name}", self.headers.get("Cookie", "")
        hops = {
            "putar": here, "bolak": "/cerita/balik", "balik": "/cerita/bolak",
            "ke-kanal": "/kanal/", "ke-beranda": "/",
            "ke-masuk": "/daftar",
            "ke-luar": f"http://localhost:{self.server.server_port}/masuk",
            "ejaan-(1)": "/cerita/ejaan-%281%29",
        }  # fmt: skip
        if self.path == "/gerbang":
            reply(
                self,
                302,
                Location="/cerita/gerbang-jauh",
                Set_Cookie="lewat=ya; Path=/; Max-Age=60",
            )
        elif name == "gerbang" and "izin=1" not in cookie:
            reply(self, 302, Location=here, Set_Cookie="izin=1; Path=/; HttpOnly")
        elif name == "gerbang-jauh" and "lewat=ya" not in cookie:
            reply(self, 302, Location="/gerbang")
        elif name in hops and not (self.healed and name in LOST):
            reply(self, 302, Location=hops[name])
        elif name.startswith("terus") and not self.healed:
            reply(self, 302, Location=f"{here}x")
        elif name == "sebagian" and not self.healed:
            reply(self, 206, f"<h1>Judul sebagian</h1><p>{STORY}", Content_Range="bytes 0-9/99")
        elif name == "kosong" and not self.healed:
            reply(self, 200)
        elif name.startswith("segar-") and name in LOST and not self.healed:
            where = "/" if name == "segar-ke-beranda" else here
            reply(self, 200, self._html("", f"5; url='{where}'"))
        elif name.startswith("robot") and not self.healed:
            reply(self, 200, self._html("<p>Are you a robot?</p>", None))
        elif name == "segar-pindah":
            reply(self, 200, self._html("", "0;url=segar-baru"))
        else:
            refresh = {"segar-diri": f"60;url={here}", "segar-beranda": "90; URL=/"}.get(name)
            title = f"Judul {unquote(name)} dari pulau"
            story = f"<article><h1>{title}</h1><p>{STORY}</p></article>"
            reply(self, 200, self._html(story, refresh))

    def _feed(self) -> str:
        base = f"http://127.0.0.1:{self.server.server_port}/cerita"
        items = "".join(
            f"<item><title>{one}</title><link>{base}/{one}</link></item>" for one in self.names
        )
        return f"<rss version='2.0'><channel><title>x</title>{items}</channel></rss>"

    def _html(self, body: str, refresh: str | None) -> str:
        head = f'<meta http-equiv=refresh content="{refresh}">' if refresh else ""
        return f"<html lang=id><head><title>Kabar</title>{head}</head><body>{body}</body></html>"


@pytest.fixture
def island() -> Iterator[tuple[int, type[Island]]]:
    made = type("Made", (Island,), {"asked": [], "healed": False})
    with serving(made) as port:
        yield port, made


@pytest.fixture
def reader(island: tuple[int, type[Island]], tmp_path: Path) -> Bench:
    seed = tmp_path / "kabarpulau.toml"
    seed.write_text(SEED.format(port=island[0]))
    environment = {"NEWSBOT_PRIVATE_ADDRESSES": "true", "NEWSBOT_SEEDS": str(tmp_path)}
    return Bench(str(tmp_path / "archive"), tmp_path / "var", environment)


def test_each_page_has_an_outcome_and_the_healed_site_is_read_whole(
    reader: Bench, island: tuple[int, type[Island]]
) -> None:
    _, site = island
    done = reader.crawl("publisher", "site=kabarpulau")
    (ref,) = reader.runs()
    titles = {article["title"] for article in reader.articles()}
    assert titles == {
        *(f"Judul {name} dari pulau" for name in READ if name != "segar-pindah"),
        "Judul segar-baru dari pulau",
    }
    assert done.returncode == 3, done.stderr
    assert re.search(r"10 of \d+ pages failed", done.stdout), done.stdout
    lines = reader.lines(ref, "crawl")
    failed = {
        line["key"].rpartition("/")[2]: line.get("why", line["became"])
        for line in lines
        if "why" in line or line["became"] == "empty"
    }
    assert failed == LOST
    assert read_run(reader.store, ref).manifest.counts["failed"] == {
        "redirect-loop": 3, "redirect-off-site": 1, "redirect-to-list": 3,
        "redirect-to-no-article": 1, "too-many-redirects": 1,
    }  # fmt: skip
    with_cookies = {path: cookie for path, cookie in site.asked if cookie}
    assert with_cookies == {"/cerita/gerbang": "izin=1", "/cerita/gerbang-jauh": "lewat=ya"}
    assert not any(path == "/masuk" for path, _ in site.asked)

    site.healed = True
    again = reader.crawl("publisher", "site=kabarpulau")
    assert again.returncode == 0, again.stderr
    assert len(reader.articles()) == len(READ) + len(LOST)


def test_a_crawl_between_two_tries_does_not_call_the_site_well(
    reader: Bench, island: tuple[int, type[Island]]
) -> None:
    _, site = island
    site.names = ("putar", "bolak", "ke-kanal")
    crawls = [reader.crawl("publisher", "site=kabarpulau") for _ in range(3)]
    assert [one.returncode for one in crawls] == [3, 3, 3], crawls[2].stdout
    waiting = "3 of 3 articles of the last day failed before, and wait for another try"
    assert [waiting in one.stdout for one in crawls] == [False, False, True]
    status = reader.newsbot("status")
    assert status.returncode == 3
    assert waiting in status.stdout


def test_a_wall_in_front_of_all_stories_is_called_that_until_it_is_gone(
    reader: Bench, island: tuple[int, type[Island]]
) -> None:
    _, site = island
    site.names = ("robot-1", "robot-2", "robot-3")
    crawls = [reader.crawl("publisher", "site=kabarpulau") for _ in range(3)]
    assert [one.returncode for one in crawls] == [3, 3, 3], crawls[1].stdout
    assert "wall: 3 of 3 article pages were walls (bot)" in crawls[1].stdout
    assert "walls or one page stand in the place of articles" in crawls[0].stdout
    status = reader.newsbot("status")
    assert status.returncode == 3

    site.healed = True
    again = reader.crawl("publisher", "site=kabarpulau", "recheck=all")
    assert again.returncode == 0, again.stdout
    assert len(reader.articles()) == 3
    assert "alarm" not in again.stdout
