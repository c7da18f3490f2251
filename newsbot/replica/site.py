"""What each host answers to each path, as bodies; no network in here."""

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

from newsbot.replica import listing
from newsbot.replica.story import AGGREGATOR, ENGLISH, MAIN, REGIONAL, Story
from newsbot.replica.templates import aggregator_page, article_page
from newsbot.replica.world import World

THEMATIC = "otomotif.antaranews.com"
MOBILE = "m.antaranews.com"
PICTURES = ("cdn.antaranews.com", "img.antaranews.com")
HOSTS = (MAIN, MOBILE, THEMATIC, ENGLISH, REGIONAL, AGGREGATOR, *PICTURES)
_ARTICLE = re.compile(r"^(?:/amp)?/(?:berita|foto|video|infografik|news)/(\d+)(?:/|$)")
_FEED = re.compile(r"^/rss/[\w-]+\.xml$")
_LIST = re.compile(r"^/(terkini|top-news|politik|ekonomi|latest-news|tag/[\w%-]+)(?:/(\d+))?$")
_ROBOTS = "User-agent: *\nAllow: /\nDisallow: /ajax/\nDisallow: /ucnews/\n"
_CHROME = '<div class="nav-item"><a href="/{0}" class="nav-link">Menu {0}</a></div>\n'
_PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8ffff"
    "3f0005fe02fedccc59e70000000049454e44ae426082"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A response's body; ``changed`` is when it last did (for Last-Modified)."""

    body: bytes
    content_type: str = "text/html; charset=UTF-8"
    status: int = 200
    location: str | None = None


@dataclass
class Faults:
    """What goes wrong on purpose."""

    busy: int = 0  # so many of the next requests get 503 with Retry-After
    down: set[str] = field(default_factory=set)  # hosts whose connections are cut
    robots: int = 200  # status of every robots.txt
    robots_text: str = _ROBOTS
    bad_feeds: bool = False  # feeds are an HTML page
    empty: set[str] = field(default_factory=set)  # URLs that answer 200 with nothing
    bare: set[str] = field(default_factory=set)  # URLs whose page has no article
    latency: float = 0.0  # seconds before each answer


class ReplicaSite:
    """All hosts of the synthetic world.

    Args:
        page_bytes: articles are padded with page chrome to about this size, as real ones are.
    """

    def __init__(self, world: World, page_bytes: int = 0) -> None:
        self.world = world
        self.faults = Faults()
        self.now: datetime = world.start + timedelta(minutes=5)  # for "5 menit lalu"
        self._page_bytes = page_bytes
        self._index: dict[tuple[str, int], Story] = {}
        self._indexed = -1  # the world's version that the index is of

    def answer(self, host: str, target: str) -> Answer:
        """The answer to GET of the target (path and query) on the host."""
        parts = urlsplit(target)
        path, query = parts.path, parse_qs(parts.query)
        if path == "/robots.txt":
            return self._robots()
        if host in PICTURES:
            return Answer(_PIXEL, "image/png")
        if f"https://{host}{path}" in self.faults.empty:
            return Answer(b"")
        page = int(query.get("page", ["1"])[0]) if query.get("page", ["1"])[0].isdigit() else 1
        if host == AGGREGATOR:
            return self._aggregator(path, page)
        return self._agency(host, path, page)

    def _robots(self) -> Answer:
        text = self.faults.robots_text if self.faults.robots == 200 else "no"
        return Answer(text.encode(), "text/plain", self.faults.robots)

    def _agency(self, host: str, path: str, page: int) -> Answer:
        home = MAIN if host in (MOBILE, THEMATIC) else host
        stories = self.world.stories.get(home, [])
        if _FEED.match(path):
            return self._feed(home, stories)
        if match := _ARTICLE.match(path):
            return self._article(stories, int(match[1]), page)
        if match := _LIST.match(path):
            number = int(match[2]) if match[2] else page
            chosen = _of_list(stories, match[1])
            base = f"/{match[1]}"
            return _html(listing.list_page(home, base, chosen, number, self.now))
        if path == "/":
            return _html(listing.list_page(home, "/terkini", stories, 1, self.now))
        return Answer(listing.not_found(stories).encode(), status=404)

    def _feed(self, home: str, stories: list[Story]) -> Answer:
        if self.faults.bad_feeds:
            return _html("<html><body><h1>Maaf, ada gangguan</h1></body></html>")
        return Answer(listing.feed(home, stories), "application/rss+xml; charset=UTF-8")

    def _article(self, stories: list[Story], number: int, page: int) -> Answer:
        story = self._find(stories, number)
        if story is None or page > story.pages:
            return Answer(listing.not_found(stories).encode(), status=404)
        if story.url in self.faults.bare:
            return _html("<html><head><title>ANTARA News</title></head><body></body></html>")
        text = article_page(story, page, listing.sidebar(stories[:8]), "")
        missing = self._page_bytes - len(text.encode())
        if missing > 0:
            unit = len(_CHROME.format(10_000))
            chrome = "".join(_CHROME.format(10_000 + n) for n in range(missing // unit))
            text = article_page(story, page, listing.sidebar(stories[:8]), chrome)
        return _html(text)

    def _find(self, stories: list[Story], number: int) -> Story | None:
        if self._indexed != self.world.version:
            self._index = {
                (story.host, story.number): story
                for of_host in self.world.stories.values()
                for story in of_host
            }
            self._indexed = self.world.version
        return self._index.get((stories[0].host, number)) if stories else None

    def _aggregator(self, path: str, page: int) -> Answer:
        copies = self.world.copies
        if path in ("/feed", "/rss.xml"):
            if self.faults.bad_feeds:
                return _html("<html><body>?</body></html>")
            return Answer(listing.copies_feed(AGGREGATOR, copies), "application/rss+xml")
        if path == "/" or re.match(r"^/page/\d+$", path):
            number = int(path.rsplit("/", 1)[-1]) if path != "/" else page
            if (number - 1) * listing.PER_PAGE >= max(1, len(copies)):
                return Answer(b"<html><body>404</body></html>", status=404)
            return _html(listing.copies_page(copies, number, self.now))
        for copy in copies:
            if copy.url == f"https://{AGGREGATOR}{path}":
                return _html(aggregator_page(copy, listing.ago(copy.posted, self.now)))
        return Answer(b"<html><body>404</body></html>", status=404)


def _of_list(stories: list[Story], name: str) -> list[Story]:
    if name.startswith("tag/"):
        wanted = name.removeprefix("tag/").replace("-", " ")
        return [story for story in stories if wanted in story.tags]
    if name in ("politik", "ekonomi"):
        return [story for story in stories if story.section.lower() == name]
    return stories


def _html(text: str) -> Answer:
    return Answer(text.encode())
