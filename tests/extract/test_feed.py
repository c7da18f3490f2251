"""What counts as a feed, whatever stands before its first element, and what is read of it."""

import time
from datetime import UTC, datetime

import pytest

from newsbot.extract import extract
from newsbot.extract.feed_source import find_feed, mended
from newsbot.models import Extraction, Page
from newsbot.sites.loading import site_of
from newsbot.sites.site import Site
from tests.growth import TIMES, is_steep

BEFORE = {
    "nothing": "",
    "space": "\ufeff \n",
    "declaration": '<?xml version="1.0" encoding="utf-8"?>\n',
    "stylesheet": '<?xml version="1.0"?><?xml-stylesheet href="a.xsl" type="text/xsl"?>',
    "doctype": '<!DOCTYPE rdf:RDF PUBLIC "-//x//y" "http://x.example/rss.dtd">\n',
    "doctype with a subset": '<!DOCTYPE rss [\n<!ELEMENT a (b>c)>\n<!ENTITY x "[<html>]"> ]>\n',
    "comments": "<!-- a --><!---->" * 80,
    "all": '<?xml version="1.0"?>\n<!-- a > b\n -->\n<!DOCTYPE rss>\n<!-- c -->',
}


@pytest.mark.parametrize("name", BEFORE)
@pytest.mark.parametrize("first", ['<rss version="2.0">', "<feed>", "<rdf:RDF>", "<RSS>"])
def test_a_feed_is_known_by_its_first_element(name: str, first: str) -> None:
    assert find_feed(BEFORE[name] + first) == len(BEFORE[name])


@pytest.mark.parametrize("name", BEFORE)
@pytest.mark.parametrize(
    "first", ["<html><rss>", "<rssx>", "rss", "", "<!-- <rss> -->", "<!-- <rss>"]
)
def test_what_begins_otherwise_is_none(name: str, first: str) -> None:
    assert find_feed(BEFORE[name] + first) is None


UNITS = (
    "<!---->", "<?a?>", "<!DOCTYPE a>", "<!--", "<?", " ", "<!-- ", "<!DOCTYPE a[", "]", "<script>",
    "<![CDATA[", "&", "&a", "&#1", "<", "<a:", "</rss", "]] >", "<a b=", "<a b=c ", "=", "x@", "(",
)  # fmt: skip


@pytest.mark.parametrize("unit", UNITS)
def test_no_start_of_a_page_holds_a_worker(unit: str) -> None:
    """80 empty comments before a page once took minutes."""

    def seconds(count: int) -> float:
        started = time.process_time()
        for _ in range(100):
            find_feed(unit * count + "<html><body><p>x</p></body></html>", is_expected=True)
            mended(unit * count)
        return time.process_time() - started

    assert not is_steep(seconds, 800 // TIMES)


WARNING = (
    "<br />\n<b>Warning</b>: Undefined variable $x in <b>/srv/a.php</b> on line <b>7</b><br />\n"
)
URL = "https://warta.example/berita/1/judul"
ITEM = f"<item><title>Panen garam</title><link>{URL}</link></item>"
RSS = f'<?xml version="1.0"?><rss version="2.0"><channel><title>W</title>{ITEM}</channel></rss>'
MEDIA = 'xmlns:media="http://search.yahoo.com/mrss/"'
ITUNES = 'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'


def item(inner: str, of_root: str = "") -> str:
    return f'<rss version="2.0" {of_root}><channel><item>{inner}</item></channel></rss>'


def entry(inner: str, of_root: str = "") -> str:
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {of_root}><entry>{inner}</entry></feed>'


LINK = f"<link>{URL}</link>"
TITLE = "<title>Panen garam</title>"
LENIENT = {
    "as it should be": RSS,
    "warning of PHP before": WARNING + RSS,
    "warning of PHP with tags of its own": "Notice: x < 3 && <font size=1><table>" + RSS,
    "blank lines before": "\r\n\n  " + RSS,
    "text before and no declaration": "Warning: x\n" + RSS.partition("?>")[2],
    "a script before": "<script>if (a<b) '<rss>'</script>" + RSS,
    "byte order mark twice": "\ufeff\ufeff" + RSS,
    "a stylesheet": '<?xml-stylesheet href="a.xsl" type="text/xsl"?>' + RSS.partition("?>")[2],
    "doctype with a subset": RSS.replace(
        "<rss", '<!DOCTYPE rss [<!ENTITY % a "b>c"><!ENTITY nbsp "&#160;">]><rss'
    ).replace("Panen garam", "Panen&nbsp;garam"),
    "entities of HTML": item(LINK + "<title>Panen&nbsp;garam</title>"),
    "entity of Windows-1252": item(LINK + "<title>Panen&#160;garam&#2;</title>"),
    "bare ampersand": item(LINK + TITLE + "<description>A & B &c; a&b=1</description>"),
    "bare less-than": item(LINK + TITLE + "<description>3 < 4 <3</description>"),
    "control characters": item(LINK + "<title>Panen\x02 garam\x0b</title>"),
    "HTML that nobody escaped": item(
        "<title>Panen <b>garam</b></title><description><p>a<br>b<img src=x></description>" + LINK
    ),
    "CDATA": item(
        f"<title><![CDATA[Panen garam]]></title><link>\n<![CDATA[ {URL} ]]>\n</link>"
    ),
    "media:title first": item(
        f"<media:content><media:title>x</media:title></media:content>"
        f"<media:title>Foto</media:title><media:description>y</media:description>{TITLE}{LINK}",
        MEDIA,
    ),
    "itunes:title first": item(
        f"<itunes:title>Siniar</itunes:title><itunes:author>W</itunes:author>{TITLE}{LINK}", ITUNES
    ),
    "prefix that is not declared": item(f"<media:title>Foto</media:title>{TITLE}{LINK}"),
    "title of Dublin Core alone": item(
        f"<dc:title>Panen garam</dc:title>{LINK}", 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ),
    "names in capitals": RSS.upper().replace("PANEN GARAM", "Panen garam").replace(
        URL.upper(), URL
    ).replace('<?XML VERSION="1.0"?>', ""),
    "no link but guid": item(f'{TITLE}<guid isPermaLink="true">{URL}</guid>'),
    "guid that is no address": item(f'<guid isPermaLink="false">12 at x</guid>{TITLE}{LINK}'),
    "relative link": item(f"{TITLE}<link>/berita/1/judul</link>"),
    "relative link by xml:base": entry(
        f'{TITLE}<link href="judul"/>', 'xml:base="https://warta.example/berita/1/"'
    ),
    "atom link without rel": entry(
        f'<link rel="self" href="/a"/><link rel="enclosure" href="/b.mp3"/><link href="{URL}"/>'
        + TITLE
    ),
    "atom with a prefix": (
        f'<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:entry><a:link href="{URL}"/>'
        "<a:title>Panen garam</a:title></a:entry></a:feed>"
    ),
    "atom link in RSS": item(
        f'{TITLE}<atom:link href="{URL}"/>', 'xmlns:atom="http://www.w3.org/2005/Atom"'
    ),
    "RDF": (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        f'xmlns="http://purl.org/rss/1.0/"><channel/>{ITEM}</rdf:RDF>'
    ),
    "channel without rss": f"<channel>{ITEM}</channel>",
    "comment after the end": RSS + "\n<!-- Performance optimized by a cache -->",
    "warning after the end": RSS + WARNING,
    "wrong end tag": RSS.replace("</title><link>", "</titel><link>"),
    "attribute without quotes": RSS.replace('version="2.0"', "version=2.0"),
    "attributes without quotes": f"<feed version=1><entry>{TITLE}<link href={URL}/></entry></feed>",
}  # fmt: skip


@pytest.fixture(scope="module")
def warta() -> Site:
    seed = """
    name = "warta"
    kind = "publisher"
    title = "Warta"
    hosts = ["warta.example"]
    time_zone = "Asia/Jakarta"
    language = "id"
    feeds = ["https://warta.example/rss"]
    [urls]
    article = "^/(?:berita|baca)"
    keep_query = ["id", "kat"]
    """
    return site_of(seed, "warta")


def read(site: Site, source: str, content_type: str = "text/html") -> Extraction:
    at = datetime(2025, 12, 1, 3, 0, tzinfo=UTC)
    page = Page("https://warta.example/rss", source.encode(), at, 200, content_type, role="feed")
    return extract(page, site)


@pytest.mark.parametrize("name", LENIENT)
def test_feeds_are_read_as_feed_readers_do(warta: Site, name: str) -> None:
    found = read(warta, LENIENT[name])
    assert [(link.url, link.hints.title) for link in found.links] == [(URL, "Panen garam")]
    assert (found.kind, found.notes) == ("feed", ())


@pytest.mark.parametrize(
    ("inner", "url"),
    [
        ("<link>https://warta.example/baca?kat=2&id=77</link>", "/baca?kat=2&id=77"),
        ("<link>/baca?kat=2&copy=1&amp;id=77</link>", "/baca?kat=2&copy=1&id=77"),
        ("<link><![CDATA[/baca?kat=2&id=77]]></link>", "/baca?kat=2&id=77"),
    ],
)
def test_ampersands_of_an_address_are_kept(warta: Site, inner: str, url: str) -> None:
    (link,) = read(warta, item(inner)).links
    assert link.url == "https://warta.example" + url


def test_no_entity_is_expanded_or_fetched(warta: Site) -> None:
    bomb = '<!ENTITY a "x"><!ENTITY b "&a;&a;"><!ENTITY c SYSTEM "file:///etc/hostname">'
    source = f"<!DOCTYPE rss [{bomb}]>" + item(LINK + "<title>Panen &b;&c; garam</title>")
    (link,) = read(warta, source).links
    assert link.hints.title == "Panen &b;&c; garam"


def test_authors_and_categories_are_the_items_own(warta: Site) -> None:
    inner = (
        "<author>siti@warta.example (Siti Rahma)</author>"
        "<dc:creator>Budi</dc:creator><itunes:author>Warta</itunes:author>"
        "<category>Ekonomi</category><media:category>Foto</media:category>"
        "<dc:date>2025-11-27T16:05:00+07:00</dc:date><media:date>2020-01-01</media:date>"
    )
    (link,) = read(warta, item(inner + LINK)).links
    assert link.hints.authors == ("siti@warta.example (Siti Rahma)", "Budi")
    assert link.hints.categories == ("Ekonomi",)
    assert str(link.hints.published_at) == "2025-11-27 16:05:00+07:00"


@pytest.mark.parametrize("cut", ["<link>https://warta.example/berita/2", "<title>Setengah ju"])
def test_half_an_address_is_none(warta: Site, cut: str) -> None:
    found = read(warta, RSS.replace("</channel></rss>", "<item>" + cut))
    assert [link.url for link in found.links] == [URL]
    assert found.notes == ("feed-cut-off",)


def test_a_page_with_a_feed_in_it_is_none(warta: Site) -> None:
    for page in (f"<p>x</p>{RSS}", f"<html><body>{RSS}</body></html>"):
        assert find_feed(page) is None
    assert read(warta, f"<!DOCTYPE html><html><body>{RSS}</body></html>").kind == "other"
