"""A multi-page article from its pages."""

# ruff: noqa: E501 - lines of HTML

from newsbot.extract import extract, merge
from newsbot.extract.normalise import content_sha256
from newsbot.models import Article, Page, Source
from newsbot.sites.site import Site
from tests.extract.conftest import FETCHED

URL = "https://www.antaranews.com/berita/4682001/judul"


def read(site: Site, number: int, body: str, footer: str = "") -> Article:
    html = (
        f'<html lang="id"><h1 class="post-title">Judul</h1><span class="article-date">5 Mei 2023 10:00 WIB</span>'
        f'<div class="post-content">{body}</div><footer class="post-meta"><div class="tags-wrapper">{footer}</div></footer>'
    )
    url = URL if number == 1 else f"{URL}?page={number}"
    record = Source(record_id=f"<urn:uuid:{number}>")
    return extract(Page(url, html.encode(), FETCHED, sources=(record,)), site).articles[0]


def test_pages_become_one_article(antara: Site) -> None:
    first = read(
        antara, 1, "Jakarta (ANTARA) - Satu.<br><br>Dua.<br><br>Halaman berikut: Tiga<br>123"
    )
    second = read(antara, 2, "Tiga.<br><br>Baca juga: Lain<br><br>Halaman berikut: Empat")
    third = read(
        antara,
        3,
        "Empat.<br><br>Sumber: Xinhua",
        "Pewarta: A Be<br>Editor: C De<br>COPYRIGHT © ANTARA 2023",
    )
    merged = merge(first, [second, third])

    assert merged.text == "Satu.\n\nDua.\n\nTiga.\n\nEmpat."
    assert merged.content_sha256 == content_sha256("Judul", merged.text)
    assert [author.name for author in merged.authors] == ["A Be", "C De"]
    assert merged.source_credit == "Xinhua"
    assert merged.copyright == "COPYRIGHT © ANTARA 2023"
    assert [related.title for related in merged.related] == ["Lain"]
    assert [source.role for source in merged.sources] == ["page", "next_page", "next_page"]
    assert merged.id == first.id == second.id
    assert first.missing == ("authors",)
    assert merged.missing == ()


def test_one_page_is_itself(antara: Site) -> None:
    first = read(antara, 1, "Jakarta (ANTARA) - Satu.")
    assert merge(first, []) == first


def test_a_page_served_twice_counts_once(antara: Site) -> None:
    first = read(antara, 1, "Jakarta (ANTARA) - Satu.")
    assert merge(first, [first]).text == "Satu."
