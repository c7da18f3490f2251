"""One URL and one id for an article, however it was reached."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsbot.extract import article_id, canonical_url
from newsbot.extract.urls import page_number
from newsbot.sites.loading import unknown_site
from newsbot.sites.seed import Urls
from newsbot.sites.site import Site

PLAIN = "https://www.antaranews.com/berita/4682001/judul-berita"


@pytest.mark.parametrize(
    "url",
    [
        PLAIN,
        "http://www.antaranews.com/berita/4682001/judul-berita",
        "https://antaranews.com/berita/4682001/judul-berita",
        "https://m.antaranews.com/berita/4682001/judul-berita",
        "https://m.antaranews.com/amp/berita/4682001/judul-berita",
        "https://otomotif.antaranews.com/berita/4682001/judul-berita",
        f"{PLAIN}?utm_source=antaranews&utm_medium=desktop&utm_campaign=terkini",
        f"{PLAIN}?utm_source=fly&page=2",
        f"{PLAIN}?page=3#top",
        f"{PLAIN}/2",
        "HTTPS://WWW.ANTARANEWS.COM:443/berita/4682001/judul-berita#x",
        f" {PLAIN}\n",
    ],
)
def test_all_addresses_of_an_article_are_one(url: str, antara: Site) -> None:
    assert canonical_url(url, antara) == PLAIN
    assert article_id(canonical_url(url, antara), antara) == "www.antaranews.com:article:4682001"


def test_lists_keep_their_page(antara: Site) -> None:
    assert canonical_url("https://www.antaranews.com/terkini?page=2&utm_source=x", antara) == (
        "https://www.antaranews.com/terkini?page=2"
    )


def test_kinds_and_hosts_tell_ids_apart(antara: Site) -> None:
    photo = "https://www.antaranews.com/foto/4682001/judul"
    assert article_id(photo, antara) == "www.antaranews.com:photo:4682001"
    assert article_id("https://elsewhere.example/berita/1/x", antara).startswith("sha256:")
    assert article_id("https://www.antaranews.com/terkini", None).startswith("sha256:")


def test_a_year_in_a_slug_is_no_page(antara: Site) -> None:
    url = "https://www.antaranews.com/berita/4682001/piala-dunia-2026"
    assert canonical_url(url, antara) == url
    assert canonical_url("https://www.antaranews.com/berita/4682001/2", antara).endswith(
        "/4682001/2"
    )


@pytest.mark.parametrize(
    ("url", "page"),
    [(PLAIN, 1), (f"{PLAIN}?page=2", 2), (f"{PLAIN}/3", 3), (f"{PLAIN}?page=x", 1)],
)
def test_page_numbers(url: str, page: int, antara: Site) -> None:
    assert page_number(url, antara) == page


@given(st.text(max_size=60))
def test_any_text_is_taken(antara: Site, text: str) -> None:
    once = canonical_url(f"https://www.antaranews.com/{text}", antara)
    article_id(once, antara)
    canonical_url(text, None)


@given(st.from_regex(r"/berita/\d{1,7}/[a-z0-9-]{1,30}(/\d)?(\?[a-z]=\d)?", fullmatch=True))
def test_the_canonical_url_is_its_own(antara: Site, path: str) -> None:
    once = canonical_url(f"http://m.antaranews.com{path}", antara)
    assert canonical_url(once, antara) == once


def test_an_article_in_the_query_has_its_number_and_its_pages() -> None:
    urls = Urls(article=r"^/\?p=(?P<number>\d+)$", keep_query=("p",))
    site = unknown_site("https://x.example/").model_copy(update={"urls": urls})
    canonical = canonical_url("https://x.example/?utm_source=a&p=12&page=2", site)
    assert canonical == "https://x.example/?p=12"
    assert article_id(canonical, site) == "x.example:article:12"
    assert page_number("https://x.example/?p=12&page=2", site) == 2
    assert page_number("https://x.example/?p=12", site) == 1
