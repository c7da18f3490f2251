"""Pages with a look: all that they name is there, and they say the same as bare ones."""

import io
import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import pytest
from lxml import html
from PIL import Image

from newsbot import extract_page
from replica import ReplicaFailed, SyntheticStory, World, running
from replica.hosts import AGGREGATOR, ASSETS, ENGLISH, MAIN, REGIONAL, SITES, TRACKER
from replica.looks import Look, scenes
from replica.pages import Pages, SiteDocument
from tests.replica.conftest import fetch

WORLD = World(3, 30)
BARE, PAGES = Pages(WORLD), Pages(WORLD, Look())
STORIES = [story for host in SITES for story in WORLD.on(host)]
_CSS_URL = re.compile(r"""url\(\s*["']?([^"')]+)["']?\s*\)""")
_IMPORT = re.compile(r"""@import\s+(?:url\(\s*)?["']?([^"');\s]+)""")
_SUBJECT = {"img": "image/", "sheet": "text/css", "icon": "image/"}


def get(url: str, pages: Pages = PAGES) -> SiteDocument:
    """What is at the address, which must be something."""
    parts = urlsplit(url)
    found = pages.document(str(parts.hostname), f"{parts.path}?{parts.query}")
    assert found.status == 200, url
    return found


def named(story: SyntheticStory) -> Iterator[tuple[str, str]]:
    """Kind and address of all that the story's page names."""
    page = html.document_fromstring(get(story.url).body.decode())
    base = page.xpath("string(//base/@href)") or story.url
    for picture in page.xpath("//img | //source[not(parent::video)]"):
        for name in ("src", "data-src"):
            value = picture.get(name, "")
            if value and not value.startswith("data:"):
                yield "img", urljoin(base, value)
        for name in ("srcset", "data-srcset"):
            for one in filter(None, picture.get(name, "").split(", ")):
                yield "img", urljoin(base, one.split()[0])
    for url in page.xpath("//link[@rel='stylesheet']/@href"):
        yield "sheet", urljoin(base, url)
    for url in page.xpath("//link[contains(@rel, 'icon')]/@href"):
        yield "icon", urljoin(base, url)
    for text in page.xpath("//style/text() | //@style"):
        imports = _IMPORT.findall(text)
        yield from (("sheet", urljoin(base, url)) for url in imports)
        yield from (("img", urljoin(base, url)) for url in set(_CSS_URL.findall(text)) - {*imports})


def test_all_that_pages_and_their_sheets_name_is_there_in_the_size_it_says() -> None:
    wanted = {one for story in STORIES for one in named(story)}
    deepest, sheets = 0, [(url, 0) for kind, url in wanted if kind == "sheet"]
    while sheets:
        url, depth = sheets.pop()
        deepest = max(deepest, depth)
        text = get(url).body.decode()
        imports = _IMPORT.findall(text)
        sheets += [(urljoin(url, one), depth + 1) for one in imports]
        wanted |= {("sheet", urljoin(url, one)) for one in imports}
        others = set(_CSS_URL.findall(text)) - {*imports}
        wanted |= {("font" if "judul" in one else "img", urljoin(url, one)) for one in others}
    for kind, url in wanted:
        found = get(url)
        assert found.content_type.startswith(_SUBJECT.get(kind, kind)), url
        if kind in ("img", "icon") and "svg" not in found.content_type:
            with Image.open(io.BytesIO(found.body)) as picture:
                picture.load()
                assert f"image/{str(picture.format).lower()}" == found.content_type
                size = re.search(r"/(\d+)x(\d+)/", url)
                if size and not url.endswith(".avif"):
                    assert picture.size == (int(size[1]), int(size[2])), url
    assert deepest == 3
    kinds = {get(url).content_type for kind, url in wanted if kind in ("img", "font")}
    assert kinds >= {"image/avif", "image/webp", "image/jpeg", "image/png", "image/gif",
        "image/svg+xml", "font/woff2", "font/woff"}  # fmt: skip
    assert any(url.startswith(f"https://{TRACKER}/") for _, url in wanted)
    assert not [url for _, url in wanted if get_status(BARE, url) == 200 and ASSETS in url]


def get_status(pages: Pages, url: str) -> int:
    parts = urlsplit(url)
    return pages.document(str(parts.hostname), parts.path).status


def test_the_forms_of_pictures_are_those_of_real_pages() -> None:
    whole = "".join(get(story.url).body.decode() for story in STORIES)
    for sign in ("<picture>", "image/avif", "image/webp", "min-width", " 2x", " 730w", "sizes=",
        'loading="lazy"', "data-src=", "data-srcset=", "<noscript><img", "<base href=", "og:image",
        "@import", "IntersectionObserver"):  # fmt: skip
        assert sign in whole, sign


@pytest.mark.parametrize(
    ("host", "site"),
    [(MAIN, "antara"), (REGIONAL, "antara-megapolitan"), (ENGLISH, "antara-en"),
     (AGGREGATOR, "rakyatnews")],
)  # fmt: skip
def test_an_article_says_the_same_as_on_a_bare_page(host: str, site: str) -> None:
    for story in WORLD.on(host)[:8]:
        bare, dressed = (
            extract_page(
                get(story.url, pages).body, url=story.url, site=site, fetched_at=WORLD.now
            ).articles
            for pages in (BARE, PAGES)
        )
        assert [one.model_dump(exclude={"sources"}) for one in dressed] == [
            one.model_dump(exclude={"sources"}) for one in bare
        ], story.url


def test_a_picture_changes_in_all_its_sizes_and_no_other_does() -> None:
    look = Look()
    host, other = "cdn.antaranews.com", "/cache/96x64/6.jpg"
    paths = ["/cache/730x487/2026/09/30/5.jpg", "/cache/96x64/5.jpg.webp", "/a/5.jpg.avif"]
    before = [look.file(host, path) for path in (*paths, other)]
    look.repaint(f"https://{host}{paths[0]}")
    after = [look.file(host, path) for path in (*paths, other)]
    assert [a == b for a, b in zip(before, after, strict=True)] == [False, False, False, True]
    with pytest.raises(ValueError, match="not a picture"):
        look.repaint("https://www.antaranews.com/5.jpg")
    with pytest.raises(ValueError, match="no WebP"):
        scenes.webp(scenes.Scene.of("x"), 1, 1 << 15)


def test_the_controls_change_what_is_served_and_take_an_edit_back() -> None:
    with running(articles=12, seed=5, assets=True) as replica:
        story = next(t for t in replica.truth() if t["site"] == "antara" and t["images"])
        page, picture = story["canonical_url"], story["images"][0]["url"]
        colours = f"https://{ASSETS}/huruf/warna.css"
        first = {url: fetch(replica.proxy_url, url) for url in (page, picture, colours)}
        assert all(one.status == 200 and one.headers["etag"] for one in first.values())

        def changed() -> set[str]:
            """What a conditional request gets anew."""
            return {
                url
                for url, one in first.items()
                if fetch(replica.proxy_url, url, If_None_Match=one.headers["etag"]).status != 304
            }

        assert changed() == set()
        replica.repaint(picture)
        assert changed() == {picture}
        replica.restyle()
        assert changed() == {picture, colours}
        replica.edit(page)
        replica.revise(page)
        assert page in changed()
        assert replica.restore(page) != story
        assert replica.restore(page) == story
        assert fetch(replica.proxy_url, page).body == first[page].body
        with pytest.raises(ReplicaFailed, match="has not been edited"):
            replica.restore(page)


def test_without_assets_pages_have_no_look() -> None:
    with running(articles=3) as replica:
        with pytest.raises(ReplicaFailed, match="--assets"):
            replica.restyle()
        assert fetch(replica.proxy_url, f"https://{ASSETS}/css/utama.css").status == 404
        page = fetch(replica.proxy_url, replica.truth()[0]["canonical_url"]).body
        assert b"stylesheet" not in page
