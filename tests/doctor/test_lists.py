"""The doctor walks lists to page 3, and names what a rule no longer finds and links left out."""

from collections.abc import Callable
from dataclasses import replace

from newsbot.config import load_config
from newsbot.doctor.check import Check
from newsbot.doctor.site import SiteExamination
from newsbot.sites.loading import site_of
from tests.doctor.small_sites import Publisher, Site, plain, served, stories

SEED = """
name = "dermaga"
title = "Kabar Dermaga"
kind = "publisher"
language = "id"
time_zone = "Asia/Jakarta"
hosts = ["127.0.0.1"]
[[lists]]
url = "{base}/"
{rules}
[urls]
article = '^/berita/(?P<number>\\d+)'
[politeness]
delay = 0.0
"""


def checked(rules: str, change: Callable[[Site], Site] = lambda pages: pages) -> list[Check]:
    """The doctor's checks of the list of a site with 40 stories."""

    def make(base: str) -> Site:
        named = Publisher(stories(40, lambda s: f"/berita/{s.number}/{s.slug}"), base)
        lists = named.lists(
            "/", lambda n: f"/hal/{n}", lambda n, m: f'<a class="next" href="/hal/{n + 1}">Lama</a>'
        )
        return change({**named.articles(plain), **lists})

    config = load_config(contact="tests@example.org", private_addresses=True)
    with served(make) as base:
        site = site_of(SEED.format(base=base, rules=rules.format(base=base)), "a seed")
        checks = SiteExamination(site, config, None, None).checks()
        return [replace(one, text=one.text.replace(base, "")) for one in checks]


def of_list(checks: list[Check]) -> Check:
    return next(one for one in checks if one.name == "list")


def test_a_list_is_walked_to_page_three() -> None:
    found = of_list(checked('next = ["a.next"]\nitems = ["h2 a"]'))
    assert (found.verdict, found.details) == ("good", ())
    assert found.text == "/: 10 + 10 + 10 articles on 3 pages"


def test_rules_that_find_nothing_are_named() -> None:
    found = of_list(checked('next = ["a.older"]\nitems = ["h2 a"]'))
    assert found.verdict == "wrong"
    assert found.details == ("lists.next: 'a.older' finds nothing",)
    found = of_list(checked('next = ["a.next"]\nitems = [".card a"]'))
    assert found.verdict == "wrong"
    assert "list-items-not-found (its items are not where the seed says" in found.text
    assert found.details == ("lists.items: '.card a' finds nothing",)
    found = of_list(checked('next = ["a.next"]\nitems = ["h2 a", ".card a"]'))
    assert (found.verdict, found.details) == ("good", ("lists.items: '.card a' finds nothing",))


def test_a_page_that_repeats_the_one_before_is_wrong() -> None:
    found = of_list(
        checked('pages = "{base}/?page={{page}}"', lambda pages: {**pages, "/?page=2": pages["/"]})
    )
    assert (found.verdict, found.text) == (
        "wrong",
        "/?page=2: page 2 has only articles of those before it",
    )


def test_a_numbered_list_ends_where_a_page_has_no_article() -> None:
    def change(pages: Site) -> Site:
        empty = "<html><body><main>Tidak ada</main></body></html>"
        return {**pages, "/?page=2": pages["/hal/2"], "/?page=3": empty}

    ends = of_list(checked('items = ["h2 a"]\npages = "{base}/?page={{page}}"', change))
    assert (ends.verdict, ends.text) == ("good", "/: 10 + 10 articles on 2 pages")


def test_a_page_that_cannot_be_had_is_wrong_and_the_lists_end_is_not() -> None:
    ends = of_list(checked('pages = "{base}/?page={{page}}"'))
    assert ends.verdict == "note"
    assert ends.text == "/: no article on page 2, /?page=2: does the list end before it?"
    assert (
        of_list(checked('next = ["a.next"]', lambda pages: {"/robots.txt": ""})).verdict == "wrong"
    )


def test_links_that_no_pattern_matches_are_shown_and_menus_are_not() -> None:
    strange = '<h2><a href="/video/9/panen-raya-padi-di-desa">Panen raya padi di desa</a></h2>'
    menu = '<a href="/redaksi-dan-alamat-kami">Redaksi dan alamat kami semua</a>'

    def change(pages: Site) -> Site:
        made = {path: body.replace("<main>", f"<main>{menu}") for path, body in pages.items()}
        return {**made, "/": made["/"].replace("<main>", f"<main>{strange}")}

    (found,) = (one for one in checked('next = ["a.next"]', change) if one.name == "links")
    assert found.verdict == "note"
    assert found.text == "/: 1 links look like articles', but do not match urls.article"
    assert [one.rpartition("/")[2] for one in found.details] == ["panen-raya-padi-di-desa"]
