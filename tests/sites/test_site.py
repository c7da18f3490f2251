"""A seed's mistakes are refused with the file, the key and the remedy."""

from pathlib import Path

import pytest

from newsbot.errors import ConfigError
from newsbot.sites.loading import find_site, load_site, load_sites

SEEDS = Path(__file__).parent.parent.parent / "seeds"
GOOD = """
name = "x"
title = "X"
kind = "aggregator"
language = "id"
time_zone = "Asia/Jakarta"
hosts = ["x.example"]
feeds = ["https://x.example/feed"]
[urls]
article = '^/\\d+'
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "x.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_bundled_seed_loads() -> None:
    sites = load_sites(SEEDS)
    assert {"antara", "antara-en", "rakyatnews"} <= set(sites)
    assert sites["antara"].is_article("https://www.antaranews.com/berita/12345/slug")
    assert sites["antara"].is_article("https://m.antaranews.com/amp/berita/12345/slug")
    assert not sites["antara"].is_article("https://www.antaranews.com/terkini")
    owner = sites.owner("https://www.antaranews.com/berita/1/x")
    assert owner is not None
    assert owner.name == "antara"


def test_a_bare_seed_is_enough(tmp_path: Path) -> None:
    site = load_site(write(tmp_path, GOOD))
    assert site.is_article("https://x.example/77")
    assert site.politeness.delay == 2.0
    assert site.seed_text == GOOD


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("[urls]", "colour = 1\n[urls]"), "colour: unknown key"),
        (("'^/\\d+'", "'('"), "urls.article: '(' is not a regular expression"),
        (("https://x.example/feed", "https://y.example/feed"), "is outside hosts ['x.example']"),
        (("https://x.example/feed", "x.example/feed"), "feeds[0]: 'x.example/feed' is not a web"),
        (("Asia/Jakarta", "Asia/Nowhere"), "time_zone: 'Asia/Nowhere' is not an IANA time zone"),
        (("hosts", "select.title = '>>'\nhosts"), "select.title[0]: bad selector '>>'"),
        (("hosts", "select.title = {cs = 'a'}\nhosts"), "'cs' is not a selector kind; use"),
        (("hosts", "select.title = {xpath = '//['}\nhosts"), "bad selector '//['"),
        (("[urls]", "[urls]\nfeeds = ['https://x.example/feed']"),
         "urls.feeds: unknown key; it belongs at the top, before the first heading"),
        (("[urls]", "keep_query = ['p']\n[urls]"),
         "keep_query: unknown key; it belongs under [urls]"),
        (("[urls]", "[urls]\ntitle_of = 'x'"), "urls.title_of: unknown key; TEMPLATE.toml lists"),
        (("[urls]", "[urls]\nbyline = ['.x']"), "it belongs under [select]"),
        (("'^/\\d+'", "'^https://x.example/\\d+'"), "leave out scheme and host"),
        (("'^/\\d+'", "'^https?:\\/\\/x.example/\\d+'"), "leave out scheme and host"),
        (("hosts", "lists = [{url = 'https://x.example', pages = 'https://y.example/{page}'}]\nhosts"),
         "lists.pages: 'https://y.example/{page}' is outside hosts ['x.example']"),
        (("hosts", "lists = [{url = 'https://x.example/', pages = '/{page}/'}]\nhosts"),
         "write the whole URL"),
        (("https://x.example/feed", "https://me:sesame@x.example/feed"),
         "an address on x.example has a user name or password in it"),
        (("hosts", "lists = [{url = 'https://x.example/', pages = 'https://x.example/2'}]\nhosts"),
         "must contain one of {page}"),
        (('name = "x"', ""), "name: missing"),
        (("feeds = [", "feeds = ["), None),
        (("[urls]", "[urls"), "not valid TOML"),
        (('"id"', '"indonesia"'), "language: 'indonesia' is not a language; write an ISO"),
        (('"id"', '"id_ID"'), "language: 'id_ID' is not a language"),
        (("hosts", "min_stories_per_day = 0\nhosts"), "min_stories_per_day: Input should be"),
        (('feeds = [', "feeds = [{url='https://x.example/f', sect='A'}, "),
         "feeds[0].sect: unknown key"),
        (("'^/\\d+'", "'^/\\?p=\\d+'"), 'name those that identify an article, as in keep_query'),
        (("'^/\\d+'", "'^/[?]p=\\d+'"), "reads a query, but no parameter of it is kept"),
        (("hosts", "recheck = ['soon']\nhosts"), "recheck[0]: 'soon' is not a duration; write"),
        (("hosts", "recheck = ['0h']\nhosts"), "'0h' is not a duration"),
        (("hosts", "recheck = ['6h', '1h']\nhosts"), "each time must be later than the one before"),
    ],
)  # fmt: skip
def test_a_mistake_is_refused_with_its_place(
    tmp_path: Path, change: tuple[str, str], expected: str | None
) -> None:
    path = write(tmp_path, GOOD.replace(*change))
    if expected is None:
        load_site(path)
        return
    with pytest.raises(ConfigError) as caught:
        load_site(path)
    assert str(path) in str(caught.value)
    assert expected in str(caught.value)
    assert "sesame" not in str(caught.value)


def test_an_unknown_site_names_those_there_are() -> None:
    with pytest.raises(ConfigError, match=r"no site 'antarra'.*antara.*rakyatnews"):
        find_site("antarra", SEEDS)
    with pytest.raises(ConfigError, match=r"nowhere\.toml: cannot be read"):
        find_site("nowhere.toml", SEEDS)


def test_two_seeds_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(GOOD)
    (tmp_path / "b.toml").write_text(GOOD)
    with pytest.raises(ConfigError, match="'x' is used by another seed"):
        load_sites(tmp_path)


@pytest.mark.parametrize(("old", "new"), [("antara", "publisher"), ("aggregator", "aggregator")])
def test_the_old_key_is_read_and_the_new_one_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, old: str, new: str
) -> None:
    path = write(tmp_path, GOOD.replace('kind = "aggregator"', f'spider = "{old}"'))
    assert load_site(path).kind == new
    (warning,) = caplog.messages
    assert f"{path}: the key 'spider' was renamed to 'kind': write kind = \"{new}\"" in warning
    load_site(path)
    assert len(caplog.messages) == 1, "a crawl loads its seeds more than once"


def test_another_spider_is_refused_with_the_key_to_use(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD.replace('kind = "aggregator"', 'spider = "warta"'))
    with pytest.raises(ConfigError, match="kind: missing"):
        load_site(path)


def test_a_tag_of_language_is_cut_to_the_language(tmp_path: Path) -> None:
    site = load_site(write(tmp_path, GOOD.replace('"id"', '"id-ID"')))
    assert site.language == "id"
    assert site.rules_digest == load_site(write(tmp_path, GOOD)).rules_digest


QUERY = """
[urls]
article = '^/(?:\\?p=(?P<number>\\d+)|berita\\.php\\?cat=[a-z]+&id=\\d+)$'
keep_query = ["p", "cat", "id"]
"""


def test_a_pattern_with_a_question_mark_sees_the_kept_query(tmp_path: Path) -> None:
    site = load_site(write(tmp_path, GOOD.partition("[urls]")[0] + QUERY))
    match = site.article_match("https://x.example/?utm_source=a&p=123#more")
    assert match is not None
    assert match["number"] == "123"
    assert site.is_article("https://x.example/berita.php?id=5&cat=eko&page=2")
    assert not site.is_article("https://x.example/")
    assert not site.is_article("https://x.example/?page=123")
    assert not site.is_article("https://x.example/berita.php?id=5")


@pytest.mark.parametrize(
    "pattern", ["^/\\d+(?:\\?.*)?$", "^/\\d+(\\?amp=1)?$", "^/\\d+\\?x|^/\\d+", "^/\\d+\\??"]
)
def test_a_question_mark_that_need_not_match_changes_nothing(tmp_path: Path, pattern: str) -> None:
    seed = GOOD.replace("'^/\\d+'", f"'{pattern}'")
    assert load_site(write(tmp_path, seed)).is_article("https://x.example/12?y=1")
    kept = f"{seed}keep_query = ['y']\n"
    assert load_site(write(tmp_path, kept)).is_article("https://x.example/12?y=1")


def test_a_feed_and_a_list_may_name_the_section_of_their_stories(tmp_path: Path) -> None:
    feeds = (
        "feeds = ['https://x.example/feed', {url = 'https://x.example/eko', section = 'Ekonomi'}]"
    )
    lists = "lists = [{url = 'https://x.example/{yyyy}/{mm}/{dd}', section = 'Arsip'}]"
    seed = GOOD.replace('feeds = ["https://x.example/feed"]', f"{feeds}\n{lists}")
    site = load_site(write(tmp_path, seed))
    assert site.section_of("https://x.example/feed") is None
    assert site.section_of("https://x.example/eko") == "Ekonomi"
    assert site.section_of("https://x.example/2025/02/28") == "Arsip"
    assert site.section_of("https://x.example/elsewhere") is None
