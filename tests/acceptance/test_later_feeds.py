"""Feeds that only add to the others: they come last, and once; the next crawl is the next try."""

from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from tests.acceptance.conftest import Bench
from tests.webserver import reply, serving

SEED = """
name = "kabar"
title = "Kabar"
kind = "publisher"
language = "id"
time_zone = "Asia/Jakarta"
hosts = ["127.0.0.1"]
feeds = [
  {{ url = "http://127.0.0.1:{port}/desa.xml", section = "Desa", every = "1s" }},
  "http://127.0.0.1:{port}/semua.xml",
]
[urls]
article = '^/cerita/'
"""
STORY = "Kapal nelayan kembali lebih awal karena gelombang di selat itu meninggi sejak pagi. " * 4


class Kabar(BaseHTTPRequestHandler):
    """A site whose feed of a section fails, until it is mended; it knows what a client has."""

    asked: list[str]
    is_mended = False

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.path == "/desa.xml" and not self.is_mended:
            reply(self, 500, "busy")
        elif self.path.endswith(".xml") and self.headers["If-None-Match"] == '"1"':
            reply(self, 304, ETag='"1"')
        elif self.path.endswith(".xml"):
            names = [f"{self.path[1:5]}-{one}" for one in range(3)]
            links = "".join(
                f"<item><title>Kapal {name}</title><link>/cerita/{name}</link></item>"
                for name in names
            )
            body = f"<rss version='2.0'><channel>{links}</channel></rss>"
            reply(self, 200, body, "text/xml", ETag='"1"')
        elif self.path.startswith("/cerita/"):
            reply(self, 200, f"<article><h1>Kapal {self.path[8:]}</h1><p>{STORY}</p></article>")
        else:
            reply(self, 404)


@pytest.mark.endurance
def test_a_failing_feed_of_a_section_comes_last_and_costs_one_request(tmp_path: Path) -> None:
    site = type("OneKabar", (Kabar,), {"asked": []})
    with serving(site) as port:
        seed = tmp_path / "kabar.toml"
        seed.write_text(SEED.format(port=port))
        bench = Bench(
            str(tmp_path / "archive"), tmp_path / "var", {"NEWSBOT_PRIVATE_ADDRESSES": "1"}
        )
        done = bench.crawl("publisher", f"site={seed}", "recheck=none")
        assert done.returncode == 3, done.stderr
        assert "/desa.xml: http-500" in done.stdout
        assert site.asked.count("/desa.xml") == 1, "the next crawl tries again"
        assert site.asked[-1] == "/desa.xml", "after the articles"
        assert len(bench.articles()) == 3

        site.is_mended = True
        done = bench.crawl("publisher", f"site={seed}", "recheck=none")
        assert done.returncode == 0, done.stdout + done.stderr
        found = {line["canonical_url"].rpartition("/")[2]: line for line in bench.articles()}
        assert {name: line["section"] for name, line in found.items() if "desa" in name} == {
            f"desa-{one}": "Desa" for one in range(3)
        }
        while site.asked.count("/desa.xml") < 3:  # its second may not have passed
            done = bench.crawl("publisher", f"site={seed}", "recheck=none")
            assert done.returncode == 0, done.stdout + done.stderr
        events = bench.lines(bench.runs()[-1], "events")
        assert [e["list"] for e in events if e["event"] == "walk-completed"] == [
            f"http://127.0.0.1:{port}/desa.xml"
        ], "unmodified, it was read too"
