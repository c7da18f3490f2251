"""A saved page is an article if it says so, or if somebody signed a long text that is no list."""

from datetime import UTC, datetime

import pytest

from newsbot.extract import extract
from newsbot.models import Extraction, Page
from newsbot.sites.saved import saved_site

STORY = "".join(
    f"<p>Kapal ke pulau nomor {number} berlayar lagi setelah ombak mereda, kata petugas "
    "pelabuhan, dan warga yang menunggu sejak Senin dapat pulang sebelum akhir pekan.</p>"
    for number in range(8)
)
SIGNED = '<meta name="author" content="Rina Wati">'
DECLARED = '<meta property="og:type" content="article">'
CARDS = "".join(f'<h2><a href="/b/{n}">Kabar nomor {n} dari pelabuhan</a></h2>' for n in range(20))


def read(head: str, body: str) -> Extraction:
    html = f"<html><head><title>Kapal berlayar lagi</title>{head}</head><body>{body}</body></html>"
    page = Page("https://x.example/", html.encode(), datetime(2026, 9, 1, tzinfo=UTC), role="page")
    return extract(page, saved_site())


@pytest.mark.parametrize(
    ("head", "body", "is_article"),
    [
        (SIGNED, f"<h1>Kapal berlayar lagi</h1><article>{STORY}</article>", True),
        (DECLARED, f"<h1>Kapal berlayar lagi</h1><article>{STORY[:400]}</article>", True),
        ("", f"<h1>Kapal berlayar lagi</h1><article>{STORY}</article>", False),
        (SIGNED, f"<h1>Kapal berlayar lagi</h1><article>{STORY[:400]}</article>", False),
        (SIGNED, f"<h1>Kapal berlayar lagi</h1><article>{STORY}</article>{CARDS}", False),
        (SIGNED, "", False),
    ],
    ids=["signed", "declared", "by nobody", "short", "a list", "empty"],
)
def test_evidence(head: str, body: str, *, is_article: bool) -> None:
    found = read(head, body)
    assert [article.title for article in found.articles] == ["Kapal berlayar lagi"] * is_article


def test_a_page_without_an_article_has_its_title() -> None:
    assert read("", "<h1>Kapal berlayar lagi</h1><p>Jadwal</p>").title == "Kapal berlayar lagi"
