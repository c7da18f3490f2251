"""A visit to a site that has no seed yet: its home page, and a bounded number of others."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final
from urllib.parse import urlsplit

from newsbot.addresses import host_of
from newsbot.config import Config
from newsbot.doctor.fetch import Client, ProbeFailed, RedirectsElsewhere, RobotsForbid
from newsbot.errors import NewsbotError
from newsbot.extract import extract
from newsbot.extract.document import Document, decode, parse
from newsbot.extract.metadata import Metadata, read_metadata
from newsbot.extract.select import text_of
from newsbot.models import Extraction, Page, PageRole
from newsbot.sites.site import Site

NEXT_WORDS: Final = (
    r"(?i)^\W*(?:older(?: posts| entries| stories)?|next(?: page)?|more (?:stories|posts|news)"
    r"|selanjutnya|berikutnya|lebih lama|halaman berikut(?:nya)?|»|›|→|>)\W*$"
)
"""What the link to the following page of a list says."""

_MOST_REQUESTS: Final = 25
_MOST_ANCHORS: Final = 20_000  # of a page: clouds of tags stand before the stories
_KEPT: Final = 5000  # characters
_MOST_HOPS: Final = 3  # of the home page, from host to host


class NoDraft(NewsbotError):
    """No seed can be drafted for the site; the message says why, and what to do instead."""


@dataclass(frozen=True, slots=True)
class Visited:
    """A page of the site: as fetched and parsed, with all its links within the site."""

    page: Page
    source: str
    document: Document
    metadata: Metadata
    anchors: tuple[tuple[str, str], ...]  # URL and text
    paging: frozenset[str]  # the URLs among them that lead to other pages of the same list

    @property
    def url(self) -> str:
        """The page's address, after redirects."""
        return self.page.url


class Visit:
    """Fetches a site's pages, few and within robots.txt, and reads them without rules."""

    def __init__(self, url: str, config: Config, delay: float) -> None:
        """Fetch the home page, wherever on the site it redirects to.

        Raises:
            NoDraft: it cannot be had, or is no web page.
        """
        self._config = config
        self._delay = delay
        self._visited: dict[str, Visited | None] = {}
        self._sources: dict[str, str] = {}
        self.failures: dict[str, str] = {}
        self.forbidden: list[str] = []  # by robots.txt
        self._made = 0  # requests of earlier clients
        self.hosts = _with_and_without_www(host_of(url))
        self.site = provisional_site(self.hosts, delay)
        self._client = Client(self.site, config)
        home = self._visited_page(self._home(url))
        if home is None:
            raise NoDraft(f"{url}: it is not a web page; give the address of the site's home page")
        self.home = home

    @property
    def requests(self) -> int:
        """How many requests were made."""
        return self._made + self._client.requests

    @property
    def now(self) -> datetime:
        """When the home page was fetched."""
        return self.home.page.fetched_at

    def read(self, url: str, role: PageRole) -> Extraction | None:
        """Return what the page says as a feed or sitemap; None if it cannot be had."""
        page = self._fetch(url, role)
        if page is None:
            return None
        self._sources[url] = decode(page)[:_KEPT]
        return extract(page, self.site)

    def source_of(self, url: str) -> str:
        """Return the beginning of a feed or sitemap that was read."""
        return self._sources.get(url, "")

    def page(self, url: str) -> Visited | None:
        """Return a page of the site, fetched once; None if it cannot be had."""
        if url == self.home.url:
            return self.home
        if url not in self._visited:
            page = self._fetch(url, "article")
            self._visited[url] = None if page is None else self._visited_page(page)
        return self._visited[url]

    def fetched(self, url: str) -> Page | None:
        """Return a page of a list as it was answered; None if it cannot be had."""
        return self._fetch(url, "list")

    def sitemaps_named(self) -> list[str]:
        """Return the sitemaps on the site that its robots.txt names."""
        try:
            return list(filter(self.site.owns, self._client.sitemaps_named(self.home.url)))
        except ProbeFailed as error:
            self.failures[self.home.url] = str(error)
            return []

    def _home(self, url: str) -> Page:
        for _ in range(_MOST_HOPS):
            try:
                return _page(self._client, url, "article")
            except RedirectsElsewhere as error:
                url = error.target
                self._move_to(url)
            except RobotsForbid as error:
                raise NoDraft(
                    f"{error}; newsbot obeys it: ask the site to allow its crawl"
                ) from error
            except ProbeFailed as error:
                raise NoDraft(f"{error}; without its home page no seed can be drafted") from error
        raise NoDraft(f"{url}: it redirects from host to host; give the address it ends at")

    def _move_to(self, url: str) -> None:
        """Go on with the hosts of the address that the home page redirects to, too."""
        self._made += self._client.requests
        self.hosts = tuple(dict.fromkeys((*_with_and_without_www(host_of(url)), *self.hosts)))
        self.site = provisional_site(self.hosts, self._delay)
        self._client = Client(self.site, self._config)

    def _fetch(self, url: str, role: PageRole) -> Page | None:
        if self.requests >= _MOST_REQUESTS:
            self.failures[url] = f"{url}: not asked for: {_MOST_REQUESTS} requests were made"
            return None
        try:
            return _page(self._client, url, role)
        except ProbeFailed as error:
            self.failures[url] = str(error)
            if isinstance(error, RobotsForbid):
                self.forbidden.append(url)
            return None

    def _visited_page(self, page: Page) -> Visited | None:
        source = decode(page)
        document = parse(source, page.url) if "<" in source else None
        if document is None:
            return None
        anchors = tuple(_anchors(document, self.site))
        paging = frozenset(_paging(document))
        return Visited(page, source, document, read_metadata(document), anchors, paging)


def provisional_site(hosts: tuple[str, ...], delay: float, **urls: Any) -> Site:
    """Return a site all of whose pages may be articles, or those that the keys of [urls] say."""
    return Site.model_validate(
        {
            "name": "draft", "title": hosts[0], "kind": "publisher", "language": "en",
            "time_zone": "UTC", "hosts": hosts, "feeds": [f"https://{hosts[0]}/"],
            "urls": {"article": "."} | urls, "politeness": {"delay": delay},
        }
    )  # fmt: skip


def _page(client: Client, url: str, role: PageRole) -> Page:
    fetched = client.get(url)
    now = datetime.now(UTC)
    return Page(fetched.url, fetched.body, now, fetched.status, fetched.content_type, role=role)


def _with_and_without_www(host: str) -> tuple[str, ...]:
    """Return the host, and the one that usually leads to it; an address has no other."""
    if host.replace(".", "").isdigit() or "." not in host or ":" in host:
        return (host,)
    return (host, host.removeprefix("www.") if host.startswith("www.") else f"www.{host}")


def _anchors(document: Document, site: Site) -> list[tuple[str, str]]:
    found = []
    for anchor in islice(document.root.iter("a"), _MOST_ANCHORS):
        url = document.url(anchor.get("href"))
        if url is not None and site.owns(url):
            found.append((urlsplit(url)._replace(fragment="").geturl(), text_of(anchor)))
    return found


def _paging(document: Document) -> Iterator[str]:
    for anchor in islice(document.root.iter("a"), _MOST_ANCHORS):
        rel = (anchor.get("rel") or "").lower().split()
        is_next = "next" in rel or "prev" in rel or re.search(NEXT_WORDS, text_of(anchor))
        if is_next and (url := document.url(anchor.get("href"))) is not None:
            yield urlsplit(url)._replace(fragment="").geturl()
