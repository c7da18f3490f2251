"""Feeds: each quirk of the real ones."""

import pytest
from lxml import etree

from replica import World
from replica.hosts import AGGREGATOR, ENGLISH, MAIN, REGIONAL
from replica.pages import Pages

WORLD = World(3, 60)
PAGES = Pages(WORLD)


def feed(host: str, path: str) -> bytes:
    document = PAGES.document(host, path)
    assert document.status == 200
    return document.body


def items(body: bytes) -> list[etree._Element]:
    return etree.fromstring(body.strip()).findall(".//item")


@pytest.mark.parametrize("host", [MAIN, REGIONAL])
def test_a_line_feed_before_the_declaration(host: str):
    body = feed(host, "/rss/terkini.xml")
    assert body.startswith(b"\n<?xml ")
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(body)


def test_carriage_returns_and_escaped_pictures():
    body = feed(MAIN, "/rss/terkini.xml")
    assert b"&#13;\n" in body
    assert b'&lt;img src="https://' in body


@pytest.mark.parametrize(
    ("host", "path"), [(MAIN, "/rss/top-news.xml"), (ENGLISH, "/rss/news.xml")]
)
def test_the_shape_of_2020(host: str, path: str):
    body = feed(host, path)
    assert body.startswith(b"<?xml ")
    assert b"<![CDATA[" in body
    assert b'<guid isPermaLink="false">' in body


@pytest.mark.parametrize(
    ("host", "path"),
    [
        (MAIN, "/rss/terkini.xml"), (MAIN, "/rss/terkini"), (MAIN, "/rss/top-news.xml"),
        (AGGREGATOR, "/feed"), (AGGREGATOR, "/rss.xml"),
    ],
)  # fmt: skip
def test_twenty_teasers_newest_first(host: str, path: str):
    found = items(feed(host, path))
    stories = [s for s in WORLD.on(host) if "top-news" not in path or s.number % 4 == 0]
    assert [item.findtext("link") for item in found] == [story.url for story in stories[:20]]
    for item, story in zip(found, stories, strict=False):
        assert item.findtext("guid") == story.url
        assert item.findtext("title") == story.title
        assert str(item.findtext("pubDate")).endswith("+0700")
        assert len(str(item.findtext("description"))) < 450
        assert (
            story.paragraphs[-1] not in str(item.findtext("description"))
            or len(story.paragraphs) == 1
        )


def test_all_kinds_turn_up():
    world = World(3, 400)
    links = b"".join(Pages(world).document(MAIN, "/rss/terkini.xml").body for _ in [world.add(40)])
    assert any(path in links for path in (b"/foto/", b"/video/", b"/infografik/"))
