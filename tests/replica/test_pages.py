"""Pages: what the truth says is on them, where it is hidden among what is not the story."""

import json
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from lxml import html

from replica import SyntheticStory, World
from replica.hosts import AGGREGATOR, ENGLISH, MAIN, REGIONAL, SITES
from replica.pages import Pages

WORLD = World(3, 160)
PAGES = Pages(WORLD)


def stories() -> Iterator[SyntheticStory]:
    for host in SITES:
        yield from WORLD.on(host)


def get(url: str, pages: Pages = PAGES) -> html.HtmlElement:
    """The parsed page, which must be there."""
    parts = urlsplit(url)
    document = pages.document(str(parts.hostname), f"{parts.path}?{parts.query}")
    assert document.status == 200, url
    return html.document_fromstring(document.body.decode())


def words(text: str) -> str:
    return " ".join(text.split())


def test_truth_equals_what_the_pages_show():
    for story in stories():
        urls = [story.url if n == 1 else f"{story.url}?page={n}" for n in range(1, story.pages + 1)]
        pages = [get(url) for url in urls]
        texts = [words(page.find("body").text_content()) for page in pages]
        truth = story.truth()
        (heading,) = pages[0].findall(".//h1")
        assert words(heading.text_content()) == truth["title"]
        whole = " ".join(texts)
        for paragraph in truth["text"].split("\n\n"):
            assert whole.count(words(paragraph)) == 1, (story.url, paragraph)
        for author in truth["authors"]:
            assert author["name"] in texts[-1]
        for one in truth["related"]:
            assert f": {one['title']}" in whole
        for field in ("pull_quote", "copyright", "rights_notice"):
            assert truth[field] is None or truth[field] in texts[0], (story.url, field)
        if truth["source_credit"]:
            assert re.search(rf"(Sumber|Source): {truth['source_credit']}", texts[-1])
        if truth["dateline"]:
            first = words(truth["text"].split("\n\n")[0])
            assert f"{truth['dateline']['raw']} {story.dash} {first}" in texts[0]


def test_only_what_is_from_selectors_alone_says_that_it_is_synthetic():
    for story in stories():
        marks = get(story.url).xpath("//meta[@name='synthetic']")
        assert len(marks) == (story.template in ("T3", "aggregator")), story.url


@pytest.mark.parametrize(
    ("template", "paths"),
    [
        ("T1", ["//div[@class='bjbrt']//h1[@itemprop='headline']/strong",
                "//div[@id='content_news']/p[@class='date']",
                "//div[@id='content_news']//script",
                "//time[@itemprop='datePublished'][@datetime]"]),
        ("T2", ["//h1[@class='post-title']", "//span[@class='article-date']",
                "//div[contains(@class,'post-content')]",
                "//footer[@class='post-meta']/div[@class='tags-wrapper']"]),
        ("T3", ["//div[@class='wrap__article-detail-title']/h1",
                "//li[@class='breadcrumbs__item'][2]/a",
                "//div[contains(@class,'-content')]/p[@class='text-muted mt-2 small']",
                "//div[@class='blog-tags']//li/a"]),
    ],
)  # fmt: skip
def test_templates_have_their_elements(template: str, paths: list[str]):
    story = next(s for s in stories() if s.template == template and s.kind == "article")
    page = get(story.url)
    for path in paths:
        assert page.xpath(path), path


def test_json_ld_swaps_editor_and_reporter_and_canonicals_can_be_empty():
    found = empty = 0
    for story in stories():
        page = get(story.url)
        for script in page.xpath("//script[@type='application/ld+json']"):
            data = json.loads(script.text)
            assert data["author"]["name"] == story.named("editor")
            assert data["creator"] == [story.named("reporter", "translator")]
            found += 1
        canonical = page.xpath("string(//link[@rel='canonical']/@href)")
        assert canonical == ("" if story.has_empty_canonical else story.url)
        empty += canonical == ""
    assert found
    assert empty


def test_related_lines_stand_in_the_text_and_three_in_a_row_at_its_end():
    page = next(
        get(story.url) for story in stories()
        if story.template == "T3" and story.related_after.count(len(story.paragraphs) - 1) == 3
    )  # fmt: skip
    content = page.xpath("//div[contains(@class,'wrap__article-detail-content')]")[0]
    lines = [line for line in content.text_content().split("\n") if line.strip()]
    assert sum(line.startswith("Baca juga: ") for line in lines) >= 3


def test_pages_of_an_article_lead_to_one_another():
    story = next(s for s in stories() if s.pages > 1)
    page = get(story.url)
    assert re.search(r"(Halaman berikut|Next page): ", page.text_content())
    following = page.xpath("//ul[contains(@class,'pagination')]//a[@rel='next']/@href")
    assert following == [f"{story.url}?page=2"]
    last = get(f"{story.url}?page={story.pages}")
    assert not last.xpath("//ul[contains(@class,'pagination')]//a[@rel='next']")
    target = f"{urlsplit(story.url).path}?page={story.pages + 1}"
    assert PAGES.document(story.host, target).status == 404


@pytest.mark.parametrize(
    ("host", "path", "items"),
    [
        (MAIN, "/terkini", "//div[contains(@class,'card__post__transition')]//h2/a"),
        (ENGLISH, "/latest-news", "//div[contains(@class,'card__post__transition')]//h2/a"),
        (REGIONAL, "/terkini", "//article[contains(@class,'simple-post')]/header/h3/a"),
    ],
)
def test_lists_reach_all_stories_in_both_forms_of_paging(host: str, path: str, items: str):
    wanted = [story.url for story in WORLD.on(host)]
    for form in ("{path}/{page}", "{path}?page={page}"):
        found: list[str] = []
        page = 1
        while len(found) < len(wanted):
            target = form.format(path=path, page=page) if page > 1 else path
            links = get(f"https://{host}{target}").xpath(f"{items}/@href")
            assert 0 < len(links) <= 20
            assert all("utm_source=" in link for link in links)
            found += [link.partition("?")[0] for link in links]
            page += 1
        assert found == wanted
        beyond = get(f"https://{host}{form.format(path=path, page=page)}")
        assert not beyond.xpath(items)
        assert beyond.xpath("//aside//a"), "the links at the side are there without a list, too"


def test_list_dates_count_from_the_servers_now():
    dates = []
    for page in range(1, 9):
        parsed = get(f"https://{MAIN}/terkini/{page}")
        dates += parsed.xpath("//div[contains(@class,'author-info')]//span/text()")
    kinds = (r"\d+ menit lalu", r"\d+ jam lalu", r"Kemarin \d\d:\d\d", r"\d+ September 2026")
    assert all(any(re.fullmatch(kind, date) for kind in kinds) for date in dates)
    assert all(any(re.fullmatch(kind, date) for date in dates) for kind in kinds)
    english = get(f"https://{ENGLISH}/latest-news").text_content()
    assert re.search(r"\d+ hours? ago", english)


def test_dates_are_printed_as_on_the_site():
    texts = {story.language: get(story.url).text_content() for story in stories()
             if story.template in ("T2", "T3")}  # fmt: skip
    assert re.search(r"(Senin|Selasa|Rabu|Kamis|Jumat|Sabtu|Minggu), \d{1,2} September 2026 "
                     r"\d\d:\d\d WIB", texts["id"])  # fmt: skip
    assert re.search(r"September \d{1,2}, 2026 \d\d:\d\d GMT\+700", texts["en"])


def test_tag_pages_and_sections():
    story = next(s for s in WORLD.on(MAIN) if s.tags and s.template == "T3")
    (tag, *_) = get(story.url).xpath("//div[@class='blog-tags']//a/@href")
    found = get(tag).xpath("//div[contains(@class,'card__post__transition')]//h2/a/@href")
    assert found
    section = get(f"https://{MAIN}/ekonomi").xpath("//h2/a/@href")
    assert section


def test_a_404_page_is_full_of_article_links():
    for host, target in ((MAIN, "/indeks/02-01-2019"), (MAIN, "/berita/1/no-such-story")):
        document = PAGES.document(host, target)
        assert document.status == 404
        assert document.body.count(b'href="https://www.antaranews.com/') > 80


def test_other_hosts_show_the_same_stories():
    story = next(s for s in WORLD.on(MAIN) if s.kind == "article" and s.template == "T3")
    path = urlsplit(story.url).path
    whole = PAGES.document(MAIN, path).body
    assert PAGES.document("otomotif.antaranews.com", path).body == whole
    amp = PAGES.document("m.antaranews.com", f"/amp{path}").body.decode()
    assert "<html amp " in amp
    assert f'<link rel="canonical" href="{story.url}">' in amp
    assert PAGES.document("antaranews.com", path).location == story.url


def test_pictures_are_pictures():
    assert PAGES.document("cdn.antaranews.com", "/cache/1.png").body.startswith(b"\x89PNG\r\n")
    jpeg = PAGES.document("img.antaranews.com", "/new/1.jpg").body
    assert jpeg.startswith(b"\xff\xd8")
    assert jpeg.endswith(b"\xff\xd9")


def test_the_aggregators_page():
    story = next(s for s in WORLD.on(AGGREGATOR) if s.related)
    page = get(story.url)
    text = page.text_content()
    assert re.search(r"\d+ (minutes?|hours?|days?) ago \d", text)
    assert "Baca juga: " in text
    assert "Rakyat news | | | |" in text
    (link,) = page.xpath("//a[text()='Read Entire Article']/@href")
    assert link == story.original_url
    assert any("–" in get(s.url).text_content() for s in WORLD.on(AGGREGATOR) if s.dash == "–")


def test_padding_makes_pages_as_large_as_real_ones():
    world = World(3, 30, page_bytes=84_000)
    pages = Pages(world)
    for story in world.on(MAIN):
        parts = urlsplit(story.url)
        size = len(pages.document(str(parts.hostname), parts.path).body)
        assert 84_000 <= size < 88_000
    story = world.on(MAIN)[0]
    assert words(story.paragraphs[0]) in words(get(story.url, pages).text_content())
