"""Real pages and the example page: what a person would write down. Skipped without the corpus."""

import html
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from newsbot.extract import extract
from newsbot.extract.boilerplate import RULES
from newsbot.extract.bylines import is_byline
from newsbot.models import Article, Author, Page
from newsbot.sites.site import Site

pytestmark = pytest.mark.corpus
FETCHED = datetime(2026, 9, 1, tzinfo=UTC)


def boilerplate(text: str) -> list[str]:
    lines = [line for line in text.splitlines() if line]
    return [
        line for line in lines if is_byline(line) or any(rule.pattern.match(line) for rule in RULES)
    ]


def read_page(path: Path, url: str, site: Site) -> Article:
    extraction = extract(Page(url, path.read_bytes(), FETCHED), site)
    assert extraction.kind == "article"
    return extraction.articles[0]


@pytest.mark.parametrize(
    ("name", "number", "published", "authors", "place", "paragraphs"),
    [
        (
            "antara-singlepage.html", 527615, "2015-11-05T14:56:43+07:00",
            [("Nur Imansyah", "reporter"), ("Ade Marboen", "editor")], "Mataram, NTB", 5,
        ),
        (
            "antara-singlepage2.html", 546643, "2016-02-23T14:49:30+07:00",
            [
                ("Budisantoso Budiman", "reporter"), ("Agus S", "reporter"),
                ("Ade Marboen", "editor"),
            ],
            "Bandarlampung, Lampung", 9,
        ),
    ],
)  # fmt: skip
def test_national_pages_of_2015_and_2016(
    corpus: Path,
    antara: Site,
    name: str,
    number: int,
    published: str,
    authors: list[tuple[str, str]],
    place: str,
    paragraphs: int,
) -> None:
    path = corpus / "html" / name
    printed = re.search(r'property="og:title" content="([^"]+)"', path.read_text())
    article = read_page(path, f"http://www.antaranews.com/berita/{number}/judul", antara)

    assert article.id == f"www.antaranews.com:article:{number}"
    assert printed is not None
    assert article.title == html.unescape(printed[1])
    assert article.published_at is not None
    assert article.published_at.isoformat() == published
    assert [(author.name, author.role) for author in article.authors] == authors
    assert article.dateline is not None
    assert (article.dateline.place, article.dateline.agency) == (place, "ANTARA News")
    assert article.copyright == f"COPYRIGHT © ANTARA {published[:4]}"
    assert article.language == "id"
    assert article.missing == ()
    assert len(article.text.split("\n\n")) == paragraphs
    assert boilerplate(article.text) == []
    assert "ANTARA News" not in article.text
    assert article.images[0].credit is not None
    assert article.images[0].credit.startswith("ANTARA FOTO/")


def test_pull_quote_stands_apart(corpus: Path, antara: Site) -> None:
    path = corpus / "html" / "antara-singlepage2.html"
    article = read_page(path, "http://www.antaranews.com/berita/546643/judul", antara)
    assert article.pull_quote is not None
    assert article.pull_quote.startswith("...")
    assert article.pull_quote not in article.text


def test_regional_fragment_of_2022(corpus: Path, antara: Site) -> None:
    fragment = (corpus / "html" / "antara_regional_2023_mag_template_fragment.html").read_text()
    date = '<span class="article-date">Sabtu, 22 Oktober 2022 07:15 WIB</span>'
    body = f'<h1 class="post-title">Judul</h1>{date}{fragment}'
    url = "https://www.antaranews.com/berita/1/judul"
    article = extract(Page(url, body.encode(), FETCHED), antara).articles[0]

    assert article.authors == (Author(name="Lukman Hakim", role="reporter"),)
    assert article.copyright == "COPYRIGHT © ANTARA 2023"  # the year of viewing, kept as printed
    assert article.published_at is not None
    assert article.published_at.isoformat() == "2022-10-22T07:15:00+07:00"
    assert article.dateline is not None
    assert article.dateline.raw == "Serang, Banten (ANTARA)"
    assert article.pull_quote is not None
    assert len(article.text.split("\n\n")) == 7
    assert boilerplate(article.text) == []
    assert article.pull_quote not in article.text.split("\n\n")[0]


@pytest.mark.parametrize(
    ("name", "items"),
    [
        ("antara_rss_news_2015-11-05.xml", 20),
        ("antara_rss_terkini_2020-03-15_anonymised.xml", 3),
    ],
)
def test_real_feeds(corpus: Path, antara: Site, name: str, items: int) -> None:
    body = (corpus / "rss" / name).read_bytes()
    extraction = extract(Page("https://www.antaranews.com/rss/terkini.xml", body, FETCHED), antara)
    assert extraction.kind == "feed"
    assert extraction.notes == ()
    assert len(extraction.links) == items
    for link in extraction.links:
        assert antara.is_article(link.url)
        assert link.hints.title
        assert link.hints.published_at is not None
        assert str(link.hints.published_at.utcoffset()) == "7:00:00"


def aggregator_page(text: str, style: str) -> str:
    """The example's text in the markup of an aggregator, in one of several styles."""
    title, posted, *blocks = [html.escape(block) for block in text.strip().split("\n\n")]
    last = blocks.pop().split("\n")  # "Read Entire Article", "Rakyat news | | | |"
    original = "https://www.antaranews.com/berita/4682013/peskov-kremlin-berupaya"
    more = f'<a href="{original}" rel="nofollow">{last[0]}</a>'
    if style == "paragraphs":
        body = "".join(f"<p>{block.replace(chr(10), '<br>')}</p>" for block in blocks)
    elif style == "bare":
        body = "<br><br>".join(block.replace("\n", "<br>") for block in blocks)
    else:
        body = "".join(f"<div>{line}</div>" for block in blocks for line in block.split("\n"))
    head = f"<head><title>{title} | Rakyat news</title></head>"
    return f"""<!doctype html><html lang="id">{head}<body>
<header><a href="/">Rakyat news</a> <nav><a href="/dunia">Dunia</a></nav></header>
<main><article><h1>{title}</h1><div class="meta">{posted}</div><div>{body}</div>
<div>{more}</div></article></main><footer>{last[1]}</footer></body></html>"""


@pytest.mark.parametrize("style", ["paragraphs", "bare", "divs"])
def test_example_page_reads_as_a_person_would_write_it_down(
    corpus: Path, rakyatnews: Site, style: str
) -> None:
    text = (corpus / "texts" / "rakyatnews_peskov_2025-02-28.txt").read_text()
    blocks = text.split("\n\n")
    url = "https://rakyatnews.example/dunia/peskov-kremlin-berupaya-jalin-dialog"
    body = aggregator_page(text, style).encode()
    fetched = datetime(2025, 2, 28, 15, 0, tzinfo=UTC)
    extraction = extract(Page(url, body, fetched), rakyatnews)
    article = extraction.articles[0]

    assert article.title == blocks[0]
    assert article.dateline is not None
    assert (article.dateline.place, article.dateline.agency) == ("Moskow", "ANTARA")
    story = "\n\n".join(blocks[2:15]).partition(" - ")[2]
    assert article.text == story
    assert boilerplate(article.text) == []
    assert article.authors == (
        Author(name="Yoanita Hastryka Djohan", role="translator"),
        Author(name="Primayanti", role="editor"),
    )
    assert article.source_credit == "Anadolu"
    assert article.copyright == "Copyright © ANTARA 2025"
    assert len(article.related) == 3
    assert article.original_url is not None
    assert article.original_url.startswith("https://www.antaranews.com/berita/4682013/")
    assert article.language == "id"
    # Posted "4 hours ago" and "(28/2)" in the text agree on a day; nothing tells the hour.
    assert article.published_at is not None
    assert article.published_at.isoformat() == "2025-02-28T00:00:00+07:00"
    assert article.published is not None
    assert (article.published.source, article.published.precision) == ("text", "day")
    assert article.missing == ()
