"""The document at each address: host and target in, document out."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from replica import chrome, feeds, hosts, lists, pictures, scripted
from replica import templates_aggregator as aggregator
from replica import templates_t1 as t1
from replica import templates_t2 as t2
from replica import templates_t3 as t3
from replica.looks import Look
from replica.story import SyntheticStory, slug_of
from replica.world import World

HTML = "text/html; charset=UTF-8"
FEED = "text/xml; charset=UTF-8"
ROBOTS = "User-agent: *\nAllow: /\nDisallow: /ajax/*\nDisallow: /ucnews/*\n"
_ARTICLE = re.compile(
    r"^/(?:amp/)?(?:berita|news|foto|video|infografik)s?/(?P<number>\d+)(?:/[^/]*)?(?:/(?P<page>\d+))?/?$"
)
_COPY = re.compile(r"^/[\w-]+/[\w-]+-(?P<number>\d+)/?$")
_PAGED = re.compile(r"^(?P<path>/.*?)/(?P<page>\d{1,6})/?$")
_OLDER_PAGER = re.compile(r"^/page/(?P<page>\d+)/?$")
_CLASS_OR_ID = re.compile(r'(?P<start>\s(?:class|id)=")(?P<names>[^"]*)"(?=[^<>]*>)')
_METADATA = re.compile(
    r'<script type="application/ld\+json">.*?</script>|<meta (?:name|property)="[^>]*>', re.DOTALL
)
_MISSING_LINKS = 120  # on a 404 page

_MEDIA: dict[tuple[str, str], Callable[[SyntheticStory, chrome.Chrome], str]] = {
    ("T2", "photo"): t2.photo,
    ("T2", "video"): t2.video,
    ("T2", "infographic"): t2.infographic,
    ("T3", "photo"): t3.photo,
    ("T3", "video"): t3.video,
    ("T3", "infographic"): t3.infographic,
}


@dataclass(frozen=True, slots=True)
class SiteDocument:
    """The status, type and body at an address; ``story`` is set where it depends on that alone."""

    status: int
    content_type: str
    body: bytes
    modified: datetime | None = None
    story: SyntheticStory | None = None
    location: str | None = None


@dataclass(frozen=True, slots=True)
class TemplateChange:
    """A new template for article pages: other class names and ids, optionally no metadata.

    ``suffix`` is appended to every class name and id; ``bare`` removes JSON-LD and the meta
    elements, so that only the visible page is left to extract from.
    """

    suffix: str = ""
    bare: bool = False

    def apply(self, html: str) -> str:
        """Return the page in the new template; unchanged if there is no change."""
        if self.bare:
            html = _METADATA.sub("", html)
        return _CLASS_OR_ID.sub(self._rename, html) if self.suffix else html

    def _rename(self, match: re.Match[str]) -> str:
        names = " ".join(name + self.suffix for name in match["names"].split())
        return f'{match["start"]}{names}"'


class Pages:
    """Renders a world's pages: bare, or with the look that they are given."""

    def __init__(self, world: World, look: Look | None = None) -> None:
        self.template_change = TemplateChange()
        self._look = look
        self._world = world
        self._padding = chrome.Padding(world.popular)

    def document(self, host: str, target: str) -> SiteDocument:
        """Return the document at a host's path and query; a 404 page where there is none."""
        parts = urlsplit(target)
        path = parts.path or "/"
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        if self._look is not None and (file := self._look.file(host, path)):
            return SiteDocument(200, file.content_type, file.body, file.modified)
        if host in hosts.PICTURES:
            return self._picture(host, path)
        if host in (hosts.ASSETS, hosts.TRACKER):
            return SiteDocument(404, "text/plain", b"not found")
        if host == hosts.ADS:
            return SiteDocument(200, "text/javascript", b"window.iklan = 1;")
        if path == "/robots.txt":
            return SiteDocument(200, "text/plain; charset=UTF-8", ROBOTS.encode())
        if host == hosts.SCRIPTED:
            return self._scripted(target)
        if host == "antaranews.com":
            return SiteDocument(301, HTML, b"", location=f"https://{hosts.MAIN}{target}")
        if hosts.series_host(host) == hosts.AGGREGATOR:
            return self._of_aggregator(path, query)
        if path.startswith(("/ajax/", "/ucnews/")):
            return SiteDocument(200, "application/json", b'{"disallowed":true}')
        return self._of_publisher(host, path, query)

    # -- hosts ---------------------------------------------------------------------------------

    def _of_publisher(self, host: str, path: str, query: dict[str, str]) -> SiteDocument:
        series = hosts.series_host(host)
        if match := _ARTICLE.match(path):
            story = self._world.by_number(series, int(match["number"]))
            page = int(match["page"] or _number(query.get("page")))
            if story is None or page > story.pages:
                return self._missing(series)
            return self._article(story, page, is_amp=path.startswith("/amp/"))
        if path.startswith("/rss/"):
            return self._feed(series, path)
        if path.startswith("/indeks"):
            return self._missing(series)
        return self._list(host, path, query)

    def _of_aggregator(self, path: str, query: dict[str, str]) -> SiteDocument:
        stories = self._world.on(hosts.AGGREGATOR)
        if path.rstrip("/") in ("/feed", "/rss.xml", "/rss"):
            return self._changing(FEED, feeds.of_aggregator(stories))
        if match := _COPY.match(path):
            story = self._world.by_number(hosts.AGGREGATOR, int(match["number"]))
            if story is None:
                return self._missing(hosts.AGGREGATOR)
            body = self._dressed(aggregator.article(story, self._world.now), story.host, story)
            return SiteDocument(200, HTML, body.encode(), story.modified_at)
        page = _number(query.get("page"))
        if match := _OLDER_PAGER.match(path):
            path, page = "/", int(match["page"])
        if path != "/":
            return self._missing(hosts.AGGREGATOR)
        shown, has_more = lists.cut(stories, page)
        html = aggregator.listing(shown, page, self._world.now, has_more=has_more)
        return self._changing(HTML, self._dressed(html, hosts.AGGREGATOR))

    def _scripted(self, target: str) -> SiteDocument:
        found = scripted.document(
            target,
            self._world.on(hosts.MAIN),
            lambda story: t3.article(story, 1, chrome.plain(story.host, story.language)),
        )
        if found is None:
            return SiteDocument(404, HTML, b"<p>tidak ada</p>")
        status, content_type, body, location = found
        return SiteDocument(status, content_type, body, location=location)

    # -- documents -----------------------------------------------------------------------------

    def _article(self, story: SyntheticStory, page: int, *, is_amp: bool) -> SiteDocument:
        html = self._render(story, page, chrome.plain(story.host, story.language))
        missing = self._world.page_bytes - len(html.encode())
        if missing > 0 and not is_amp:
            around = self._padding.fill(chrome.plain(story.host, story.language), missing)
            html = self._render(story, page, around)
        if is_amp:
            html = html.replace("<html ", "<html amp ", 1).replace("<img ", "<amp-img ")
        else:
            html = self._dressed(html, story.host, story)
        html = self.template_change.apply(html)
        return SiteDocument(200, HTML, html.encode(), story.modified_at, story)

    def _render(self, story: SyntheticStory, page: int, around: chrome.Chrome) -> str:
        if story.template == "T1":
            return t1.article(story, page, around)
        articles = {"T2": t2.article, "T3": t3.article}
        if story.kind == "article":
            return articles[story.template](story, page, around)
        render = _MEDIA[story.template, story.kind]
        return render(story, around)

    def _dressed(self, html: str, host: str, story: SyntheticStory | None = None) -> str:
        return html if self._look is None else self._look.dress(html, host, story)

    def _feed(self, host: str, path: str) -> SiteDocument:
        name = path.removeprefix("/rss/").removesuffix(".xml")
        stories = self._stories_at(host, f"/{name}")
        if stories is None:
            return self._missing(host)
        if host == hosts.ENGLISH or name != "terkini":
            title = f"ANTARA News - {name.replace('-', ' ').title()}"
            return self._changing(FEED, feeds.of_2020(stories, host, title, path))
        return self._changing(FEED, feeds.of_2015(stories, host, "ANTARA News - Berita Terkini"))

    def _list(self, host: str, path: str, query: dict[str, str]) -> SiteDocument:
        page, is_query = 1, host == hosts.ENGLISH
        if "page" in query:
            page, is_query = _number(query["page"]), True
        elif match := _PAGED.match(path):
            path, page, is_query = match["path"], int(match["page"]), False
        series = hosts.series_host(host)
        stories = self._stories_at(series, path, host=host, wanted=query.get("q", ""))
        if stories is None or page < 1:
            return self._missing(series)
        shown, has_more = lists.cut(stories, page)
        popular = [story for story in self._world.popular if story.host == series]
        heading = path.strip("/").replace("-", " ").title() or "Terkini"
        listing = lists.Listing(
            host, path, heading, shown, page, has_more, is_query, self._world.now, popular
        )
        render = lists.t2 if host in (hosts.REGIONAL, hosts.THEMATIC) else lists.t3
        return self._changing(HTML, self._dressed(render(listing), host))

    def _stories_at(
        self, series: str, path: str, *, host: str = "", wanted: str = ""
    ) -> Sequence[SyntheticStory] | None:
        """Return the stories of a list or feed by its path, newest first; None if there is none."""
        stories = self._world.on(series)
        name = path.strip("/")
        if host == hosts.THEMATIC:
            stories = [story for story in stories if story.section == "Otomotif"]
        if name in ("", "terkini", "news", "latest-news"):
            return stories
        if name == "top-news":
            return [story for story in stories if story.number % 4 == 0]
        if name == "search":
            return [story for story in stories if wanted.lower() in story.title.lower()]
        if name.startswith("tag/"):
            tag = name.removeprefix("tag/")
            return [one for one in stories if tag in map(slug_of, one.tags)] or None
        return _of_section(stories, name, series)

    def _changing(self, content_type: str, text: str) -> SiteDocument:
        """Return a list or feed, which was modified when the world was changed last."""
        return SiteDocument(200, content_type, text.encode(), self._world.changed_at)

    def _missing(self, host: str) -> SiteDocument:
        stories = self._world.on(host)[:_MISSING_LINKS]
        return SiteDocument(404, HTML, lists.not_found(host, stories).encode())

    def _picture(self, host: str, path: str) -> SiteDocument:
        name = host + path
        if path.endswith((".jpg", ".jpeg")):
            return SiteDocument(200, "image/jpeg", pictures.jpeg(name))
        if path.endswith(".png"):
            return SiteDocument(200, "image/png", pictures.png(name))
        return SiteDocument(404, "text/plain", b"not found")


def _of_section(
    stories: Sequence[SyntheticStory], name: str, series: str
) -> Sequence[SyntheticStory] | None:
    """Return the stories of a section or of the section that a part of it belongs to.

    A section without stories shows some whose pages name their own, as no real section is empty.
    """
    sections = chrome.SECTIONS_ENGLISH if series == hosts.ENGLISH else chrome.SECTIONS
    name = name if name in sections else name.partition("-")[0]
    if name not in sections and name not in chrome.QUIET_SECTIONS:
        return None
    found = [story for story in stories if story.section == sections.get(name)]
    return found or [story for story in stories if story.template == "T3"] or stories


def _number(value: str | None) -> int:
    return int(value) if value and value.isdigit() and len(value) < 7 else 1
