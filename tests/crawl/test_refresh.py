"""Refreshes are read as browsers read them, and followed only to where a story can be."""

import pytest
from scrapy.http import HtmlResponse

from newsbot.crawl.destinations import Destinations
from newsbot.crawl.refresh import refresh_of, why_not_followed
from newsbot.sites.loading import site_of

URL = "https://kabar.example/cerita/1"
SEED = """
name = "kabar"
title = "Kabar"
kind = "publisher"
language = "id"
time_zone = "Asia/Jakarta"
hosts = ["kabar.example"]
[[lists]]
url = "https://kabar.example/kanal/"
[urls]
article = '^/cerita/'
"""


def page(content: str, *, header: str | None = None, markup: str = "<meta {}>") -> HtmlResponse:
    element = markup.format(f'http-equiv="Refresh" content="{content}"') if content else ""
    headers = {"Refresh": header} if header else {}
    body = f"<html><head>{element}</head><body></body></html>"
    return HtmlResponse(URL, body=body, encoding="utf-8", headers=headers)


@pytest.mark.parametrize(
    ("content", "delay", "path"),
    [
        ("0;url=2", 0, "2"),
        ("3; URL = '2'", 3, "2"),
        ("0.5;url=2 ", 0, "2"),
        ("0;2", 0, "2"),
        ("0, url=2", 0, "2"),
        ("0 url=2#isi", 0, "2"),
        ("60", 60, "1"),
        ("0;url=", 0, "1"),
        ("9" * 400 + ";url=2", 999_999_999, "2"),
    ],
)
def test_a_refresh_is_read(content: str, delay: float, path: str) -> None:
    for response in (page(content), page("", header=content)):
        found = refresh_of(response)
        assert found is not None
        assert (found.delay, found.url) == (delay, f"https://kabar.example/cerita/{path}")


@pytest.mark.parametrize("content", ["", "x", "-1;url=/", ";url=/"])
def test_what_is_no_refresh(content: str) -> None:
    assert refresh_of(page(content)) is None


@pytest.mark.parametrize("markup", ["<!-- <meta {}> -->", "<noscript><meta {}></noscript>"])
def test_a_refresh_that_no_browser_sees_is_none(markup: str) -> None:
    assert refresh_of(page("0;url=2", markup=markup)) is None


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("0;url=2", None),
        ("0;url=/masuk", None),  # followed; that it has no story shows there
        ("5", "redirect-loop"),
        ("6;url=2", "refresh-later"),
        ("0;url=/", "redirect-to-list"),
        ("0;url=/index.php", "redirect-to-list"),
        ("0;url=/kanal/?page=2", "redirect-to-list"),
        ("0;url=https://lain.example/", "redirect-off-site"),
        ("0;url=javascript:x()", "redirect-to-no-address"),
    ],
)
def test_why_a_refresh_is_not_followed(content: str, why: str | None) -> None:
    response = page(content)
    found = refresh_of(response)
    assert found is not None
    destinations = Destinations(site_of(SEED, "x"))
    assert why_not_followed(found, response, "article", 0, destinations) == why


def test_refreshes_end() -> None:
    response = page("0;url=2")
    found = refresh_of(response)
    assert found is not None
    why = why_not_followed(found, response, "article", 3, Destinations(site_of(SEED, "x")))
    assert why == "too-many-redirects"
