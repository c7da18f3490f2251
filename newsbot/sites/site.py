"""A site as described by its seed: the model of ``seeds/NAME.toml``, its checks and its loader.

A mistake in a seed is refused on load; the message names the file, the key and the remedy.
"""

import hashlib
import re
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

from pydantic import (
    AfterValidator,
    Field,
    PrivateAttr,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)

from newsbot.addresses import host_of
from newsbot.sites.finders import Feed, ListPage
from newsbot.sites.request import SiteRequest
from newsbot.sites.seed import (
    Archiving,
    Browser,
    Lines,
    PageSelectors,
    Politeness,
    Render,
    Schedule,
    Urls,
)
from newsbot.sites.values import Duration, Host, Table, TimeZone, WebUrl, parse_duration

_KINDS_BY_SPIDER = {
    "antara": "publisher",
    "aggregator": "aggregator",
}  # values of the old key, spider
SAVED: Final = "saved"  # name of the built-in site of `newsbot save` (newsbot/sites/saved.py)
_ANY_HOST: Final = "*"  # in hosts: every host; of built-in sites alone
_CACHED_URLS = 2048  # URLs, about 0.5 MB: enough for the links that all pages have


def _language(value: str) -> str:
    """Return the ISO 639-1 code of a language tag: articles have only that."""
    if re.fullmatch(r"[A-Za-z]{2}(-[A-Za-z0-9]{2,8}){0,3}", value) is None:
        raise ValueError(f"{value!r} is not a language; write an ISO 639-1 code: id, or id-ID")
    return value[:2].lower()


def _host_or_any(value: Any, check: ValidatorFunctionWrapHandler) -> Any:
    return value if value == _ANY_HOST else check(value)


class Site(Table):
    """One seed: what to crawl, how its pages are built, and how politely to crawl it."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: str
    kind: Literal["publisher", "aggregator"]
    language: Annotated[str, AfterValidator(_language)] = Field(
        description="A tag such as id or id-ID, of which the language alone is kept."
    )
    time_zone: TimeZone
    hosts: Annotated[tuple[Annotated[Host, WrapValidator(_host_or_any)], ...], Field(min_length=1)]
    feeds: tuple[Feed, ...] = ()
    sitemaps: tuple[WebUrl, ...] = Field(
        (), description="Sitemaps, or a robots.txt: then those that it names."
    )
    lists: tuple[ListPage, ...] = ()
    urls: Urls
    select: PageSelectors = PageSelectors()
    lines: Lines = Lines()
    politeness: Politeness = Politeness()
    request: SiteRequest = SiteRequest()
    schedule: Schedule | None = None
    recheck: tuple[Duration, ...] = Field(
        tuple(map(parse_duration, ("1h", "6h", "1d", "3d", "7d", "30d"))),
        description="How long after its first fetch an article is fetched again, to find edits.",
    )
    min_stories_per_day: int | None = Field(
        None, ge=1, description="New stories of a day; an alarm says when there were fewer."
    )

    render: Render = Field(
        "never",
        description="Whether pages are rendered in a browser; auto: only those without an article.",
    )
    browser: Browser = Browser()
    archive: Archiving = Archiving()

    _seed_text: str = PrivateAttr("")
    _folder: Path = PrivateAttr(Path())

    @model_validator(mode="before")
    @classmethod
    def _kind_from_spider(cls, data: Any) -> Any:
        """Accept seeds written before 0.2, which have ``spider`` instead of ``kind``; until 0.3."""
        if isinstance(data, dict) and "kind" not in data and data.get("spider") in _KINDS_BY_SPIDER:
            data = dict(data)
            data["kind"] = _KINDS_BY_SPIDER[data.pop("spider")]
        return data

    @property
    def seed_text(self) -> str:
        """The text of the seed's file."""
        return self._seed_text

    @property
    def seed_sha256(self) -> str:
        """SHA-256 (hex) of the seed's text."""
        return hashlib.sha256(self._seed_text.encode()).hexdigest()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.has_any_host:  # built in: the loader refuses it in a seed
            return self
        starts = self.start_urls
        if not starts:
            raise ValueError(
                "feeds, sitemaps, lists: give at least one: articles are found through them"
            )
        for url in starts:
            if not self.owns(url):
                raise ValueError(f"{url!r} is outside hosts {list(self.hosts)}; add its host")
        for page in self.lists:
            if page.pages is not None and not self.owns(page.page_url(2, "x") or ""):
                raise ValueError(
                    f"lists.pages: {page.pages!r} is outside hosts {list(self.hosts)}; write the "
                    "whole URL, on one of them"
                )
        if list(self.recheck) != sorted(set(self.recheck)):
            raise ValueError("recheck: each time must be later than the one before it")
        for host in {*self.urls.hosts, *self.urls.hosts.values()} - set(self.hosts):
            raise ValueError(f"urls.hosts: {host!r} is not in hosts; add it there too")
        return self

    @property
    def has_any_host(self) -> bool:
        """Whether its pages may be on any host, and only their content tells what they are."""
        return _ANY_HOST in self.hosts

    def __hash__(self) -> int:
        """Return a hash by identity, for caches: a site is loaded once and never changes."""
        return id(self)

    @property
    def start_urls(self) -> tuple[str, ...]:
        """The addresses of all feeds, sitemaps and lists, as the seed has them."""
        feeds, lists = (one.url for one in self.feeds), (one.url for one in self.lists)
        return (*feeds, *self.sitemaps, *lists)

    @property
    def ca_file(self) -> Path | None:
        """The path of ``request.ca_file``; None without one."""
        name = self.request.ca_file
        return None if name is None else self._folder / Path(name).expanduser()

    def section_of(self, url: str) -> str | None:
        """Return the section of all stories in the feed or list that has this URL in the seed."""
        feed = next((one for one in self.feeds if one.url == url), None)
        source = feed or self.list_at(url)
        return None if source is None else source.section

    def list_at(self, url: str) -> ListPage | None:
        """Return the list that has this URL in the seed, if any; of a dated one that of its day."""
        found = (one.at(url) for one in self.lists)
        return next((one for one in found if one is not None), None)

    @lru_cache(maxsize=_CACHED_URLS)  # noqa: B019 - sites live as long as the process
    def owns(self, url: str) -> bool:
        """Return whether the URL is on one of the site's hosts."""
        return self.has_any_host or host_of(url) in self.hosts

    @lru_cache(maxsize=_CACHED_URLS)  # noqa: B019 - sites live as long as the process
    def is_article(self, url: str) -> bool:
        """Return whether the URL is on the site and ``urls.article`` matches it."""
        return self.owns(url) and self.article_match(url) is not None

    def with_any_article(self) -> "Site":
        """Return the site as if every page of its hosts were an article, to see all links."""
        urls = self.urls.model_copy(update={"article": ""})
        changed = self.model_copy(update={"urls": urls})
        for computed in ("_article_pattern", "reads_query"):  # for this one
            vars(changed).pop(computed, None)
        return changed

    def with_requisites(self, wanted: Literal["article", "all", "none"] | None) -> "Site":
        """Return the site with another choice of what to keep besides pages; None: the seed's."""
        if wanted is None:
            return self
        return self.model_copy(
            update={"archive": self.archive.model_copy(update={"requisites": wanted})}
        )

    def article_match(self, url: str) -> re.Match[str] | None:
        """Return the match of ``urls.article`` on the URL's path without ``strip_prefix``.

        A pattern that reads a query is tried with the kept parameters first, in the order of
        ``keep_query``.
        """
        parts = urlsplit(url)
        path, pattern = parts.path.removeprefix(self.urls.strip_prefix), self._article_pattern
        if self.reads_query and (query := self._kept_query(parts.query)):
            return pattern.search(f"{path}?{query}") or pattern.search(path)
        return pattern.search(path)

    def _kept_query(self, query: str) -> str:
        order = self.urls.keep_query
        kept = [pair for pair in parse_qsl(query) if pair[0] in order]
        return urlencode(sorted(kept, key=lambda pair: order.index(pair[0])))

    def render_of(self, url: str) -> Render:
        """Return the render mode of the first pattern that matches the URL, else the site's."""
        path = urlsplit(url).path
        return next(
            (mode for pattern, mode in self.browser.patterns.items() if re.search(pattern, path)),
            self.render,
        )

    def pattern_of(self, url: str) -> str:
        """Return the key of the group of URLs that need a browser or do not need one together.

        It is the first pattern that matches the URL's path, else the host and the first folder.
        """
        parts = urlsplit(url)
        matching = (one for one in self.browser.patterns if re.search(one, parts.path))
        return next(matching, f"{parts.hostname}/{parts.path.strip('/').partition('/')[0]}")

    def renders(self, *modes: Render) -> bool:
        """Return whether the seed uses one of these render modes for any page."""
        return bool({self.render, *self.browser.patterns.values()} & set(modes))

    @cached_property
    def reads_query(self) -> bool:
        """Whether ``urls.article`` has a literal question mark, which no path has."""
        return self.urls.reads_query

    @cached_property
    def _article_pattern(self) -> re.Pattern[str]:
        return re.compile(self.urls.article)

    @property
    def rules(self) -> tuple[str, ...]:
        """The keys of ``select`` with selectors that should match on every article page."""
        optional = {"remove", "people", "next_page"}  # most pages have no match for these
        names = (name for name in PageSelectors.model_fields if name not in optional)
        return tuple(name for name in names if getattr(self.select, name))

    @cached_property
    def rules_digest(self) -> str:
        """First 12 hex digits of the SHA-256 of the parts of the seed that affect extraction."""
        rules = self.model_dump_json(
            include={
                "name", "title", "kind", "language", "time_zone", "hosts", "urls", "select", "lines"
            }
        )  # fmt: skip
        return hashlib.sha256(rules.encode()).hexdigest()[:12]
