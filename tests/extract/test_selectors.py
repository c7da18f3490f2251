"""Selectors: the index finds what XPath finds."""

# ruff: noqa: E501 - rows of selectors

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsbot.extract.css import ElementIndex
from newsbot.extract.document import parse
from newsbot.extract.select import first_value
from newsbot.sites.loading import load_sites
from newsbot.sites.values import Selector
from tests.extract.conftest import ROOT

PAGES = sorted((Path(__file__).parent / "cases").glob("t*/page.html"))
OWN = sorted(
    {
        selector.css
        for site in load_sites(ROOT / "seeds").values()
        for name in type(site.select).model_fields
        if name != "people"
        for selector in getattr(site.select, name)
        if selector.css is not None
    }
)
MORE = [
    "p", "a[href]", "a[href^='http']", "div > p", "ul li:first-child", "li:nth-child(2)", "*",
    "span.baca-juga b", "meta[property=og:title]".replace(":", r"\:"), "div div", "article *",
    "[itemprop=author]", "a[title*=lain]", "a[href$=lain]", "[class~=clearfix]", "h1, h2", "p:not(.x)",
    "p + p", "p:nth-child(2n)", "a:contains('Baca')",
]  # fmt: skip


@pytest.mark.parametrize("page", PAGES[::4], ids=lambda page: page.parent.name)
def test_the_index_finds_what_xpath_finds(page: Path) -> None:
    document = parse(page.read_text(errors="replace"), "https://www.antaranews.com/")
    assert document is not None
    index = ElementIndex(document.root)
    for css in [*OWN, *MORE]:
        found = index.find(css)
        if found is not None:
            by_xpath = document.root.xpath(Selector(css=css).expression)
            assert found == by_xpath, css


def test_the_seeds_selectors_are_all_for_the_index() -> None:
    document = parse("<p>x</p>", "https://a.example/")
    assert document is not None
    assert [css for css in OWN if ElementIndex(document.root).find(css) is None] == []


@given(
    st.lists(
        st.sampled_from(["<div class='a b'>", "<p id=x>", "<p class=a>", "</div>", "</p>", "y"])
    )
)
def test_the_index_on_any_tree(parts: list[str]) -> None:
    document = parse("".join([*parts, "y"]), "https://a.example/")
    assert document is not None
    index = ElementIndex(document.root)
    for css in (".a", "p.a", ".a .a", ".a > p", "#x", "div.b p:last-child", "p:first-child"):
        assert index.find(css) == document.root.xpath(Selector(css=css).expression)


def test_attributes_texts_and_xpath() -> None:
    source = "<p class=d>Tayang</p><p class=d title='t'>Terbit</p><p class=d></p>"
    document = parse(source, "https://a.example/")
    assert document is not None

    def value(**selector: str) -> str | None:
        return first_value(document, [Selector(**selector)], None)

    assert value(css=".d") == "Tayang"
    assert value(css=".d", text="^Ter") == "Terbit"
    assert value(css=".d", attr="title") == "t"
    assert value(xpath="//p[2]/@title") == "t"
    assert value(xpath="count(//p)") == "3.0"
    assert value(css=".none") is None
