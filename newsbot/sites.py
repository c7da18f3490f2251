"""A site is data: the model of ``seeds/NAME.toml``, its checks, and the loader.

Every mistake in a seed is refused on load with the file, the key and the remedy.
"""

import hashlib
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cssselect import HTMLTranslator, SelectorError
from lxml import etree
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    field_validator,
    model_validator,
)

from newsbot.errors import ConfigError
from newsbot.models import Kind, Role

SELECTOR_KINDS = ("css", "xpath")


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"{value!r} is not a regular expression: {error}") from error
    return value


def _web_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{value!r} is not a web address; write https://host/path")
    return value


def _host(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*", value):
        raise ValueError(f"{value!r} is not a host name; write it in lower case, without https://")
    return value


def _duration(value: Any) -> timedelta:
    found = re.fullmatch(r"(\d+)([smhd])", value) if isinstance(value, str) else None
    if found is None or int(found[1]) == 0:
        raise ValueError(f"{value!r} is not a span of time; write 30s, 15m, 6h or 7d")
    return int(found[1]) * _UNITS[found[2]]


_UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}
Duration = Annotated[timedelta, BeforeValidator(_duration)]
Pattern = Annotated[str, AfterValidator(_pattern)]
WebUrl = Annotated[str, AfterValidator(_web_url)]
Host = Annotated[str, AfterValidator(_host)]


class Selector(_Table):
    """Where something stands on a page: a CSS or an XPath expression.

    ``attr`` takes an attribute instead of the text; ``text`` keeps only elements whose text matches
    the pattern; ``until`` is the last day (of the page's own date) on which the rule held.
    """

    css: str | None = None
    xpath: str | None = None
    attr: str | None = None
    text: Pattern | None = None
    until: date | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_string(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"css": value}
        if isinstance(value, dict):
            allowed = {"css", "xpath", "attr", "text", "until"}
            for key in value.keys() - allowed:
                raise ValueError(
                    f"{key!r} is not a selector kind; use "
                    '{ css = "…" } or { xpath = "…" }, with attr, text, until'
                )
        return value

    @model_validator(mode="after")
    def _compiles(self) -> Self:
        if (self.css is None) == (self.xpath is None):
            raise ValueError("give exactly one of css and xpath")
        try:
            etree.XPath(self.expression)
        except (SelectorError, etree.XPathError) as error:
            text = self.css if self.css is not None else self.xpath
            raise ValueError(f"bad selector {text!r}: {error}") from error
        return self

    @property
    def expression(self) -> str:
        """The selector as XPath, relative to the element it is applied to."""
        if self.xpath is not None:
            return self.xpath
        return str(HTMLTranslator().css_to_xpath(self.css or "", prefix="descendant-or-self::"))


def _one_or_many(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else [value]


Selectors = Annotated[tuple[Selector, ...], BeforeValidator(_one_or_many)]


class ListPage(_Table):
    """A page of links to articles, newest first, and how its following pages are found."""

    url: WebUrl
    items: Selectors = Field((), description="The articles' links; without it, every article URL.")
    next: Selectors = Field((), description="The link to the following page.")
    pages: str | None = Field(None, description="URL of page N, with {page}, from 2 on.")
    max_pages: int = Field(50, ge=1, description="Stop here even if nothing known turned up.")

    @model_validator(mode="after")
    def _one_way_on(self) -> Self:
        if self.next and self.pages:
            raise ValueError("give next (a selector) or pages (a URL with {page}), not both")
        if self.pages is not None and "{page}" not in self.pages:
            raise ValueError(f"pages: {self.pages!r} has no {{page}} in it")
        return self


class Urls(_Table):
    """How the site writes its URLs."""

    article: Pattern = Field(
        description="Matches the path of an article; may name groups kind and number."
    )
    kinds: dict[str, Kind] = Field({}, description="Value of the group kind, to our kind.")
    hosts: dict[Host, Host] = Field({}, description="Host with the same articles, to the main one.")
    strip_prefix: str = Field("", description='Leading part of a path to drop: "/amp".')
    keep_query: tuple[str, ...] = Field(
        (), description="Query parameters that tell articles apart."
    )


class PageSelectors(_Table):
    """What stands where on an article page. All may be left out."""

    container: Selectors = ()
    title: Selectors = ()
    published: Selectors = ()
    modified: Selectors = ()
    byline: Selectors = ()
    pull_quote: Selectors = ()
    people: dict[str, Role] = Field(
        {"author": "reporter"}, description="JSON-LD keys that name people, to their role."
    )
    section: Selectors = ()
    tags: Selectors = ()
    images: Selectors = Field((), description="Elements that hold an img and, if any, its caption.")
    caption: Selectors = ()
    next_page: Selectors = Field((), description="The link to the article's following page.")
    original: Selectors = Field((), description='On an aggregator: the "Read Entire Article" link.')
    remove: Selectors = Field((), description="Elements inside the container to drop.")


class Lines(_Table):
    """Lines of this site's boilerplate, beyond the shared Indonesian and English set."""

    drop: tuple[Pattern, ...] = Field((), description="A whole line that matches is dropped.")


class Politeness(_Table):
    """How hard the site may be asked. Scrapy settings given with -s win over these."""

    delay: float = Field(2.0, ge=0, description="Seconds between requests to one host.")
    concurrency: int = Field(1, ge=1, description="Requests at once to one host.")
    autothrottle: bool = True
    timeout: float = Field(60.0, gt=0, description="Seconds for one response.")
    retries: int = Field(2, ge=0)
    max_body: int = Field(
        16 * 1024 * 1024, gt=0, description="Bytes; a longer body is cut and marked truncated."
    )


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"{value!r} is not an IANA name such as Asia/Jakarta") from error
    return value


def _cron(value: str) -> str:
    from newsbot.schedule.cron import Cron

    Cron(value, "UTC")
    return value


Zone = Annotated[str, AfterValidator(_zone)]


class Schedule(_Table):
    """When ``newsbot schedule`` crawls the site, and what a crawl of it may take."""

    cron: Annotated[str, AfterValidator(_cron)] = Field(
        description="Minute, hour, day of the month, month, weekday, as in crontab(5)."
    )
    time_zone: Zone | None = Field(None, description="The expression's clock; the site's if unset.")
    jitter: float = Field(
        30.0, ge=0, le=3600, description="Start up to so many seconds late, to spread the load."
    )
    time_limit: float = Field(3600.0, gt=0, description="Seconds that a crawl may take.")
    memory_limit: int | None = Field(
        None, gt=0, description="MB that a crawl may use; NEWSBOT_CRAWL_MEMORY if unset."
    )
    priority: int = Field(0, description="Of several that are due, the highest goes first.")


Render = Literal["always", "auto", "never"]


class Browser(_Table):
    """How pages are shown in a browser, where ``render`` or ``patterns`` ask for one."""

    patterns: dict[Pattern, Render] = Field(
        {}, description="Regular expression on a URL's path, to its own render; the first counts."
    )
    wait_for: tuple[str, ...] = Field((), description="CSS; the page is not ready before they are.")
    settle: float = Field(
        5.0, gt=0, description="Seconds to wait, at the most, for the page to load no more."
    )
    scrolls: int = Field(8, ge=0, description="Screens to scroll down, for lazy images and lists.")
    timeout: float = Field(45.0, gt=0, description="Seconds for one page.")
    memory: int = Field(512, ge=64, description="MiB that a page may take before it is ended.")
    pages: int = Field(2, ge=1, description="Pages at once.")
    block: tuple[Host, ...] = Field(
        (), description="Hosts of advertisers and trackers, with their subdomains: not loaded."
    )

    @field_validator("wait_for")
    @classmethod
    def _selectors(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        for value in values:
            try:
                HTMLTranslator().css_to_xpath(value)
            except SelectorError as error:
                raise ValueError(f"bad selector {value!r}: {error}") from error
        return values

    def blocks(self, host: str) -> bool:
        """Whether the host is on the list, or below one that is."""
        return any(host == one or host.endswith("." + one) for one in self.block)


class Site(_Table):
    """One seed: what to crawl, how it looks, and how politely."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: str
    spider: Literal["antara", "aggregator"]
    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")]
    time_zone: Zone
    hosts: Annotated[tuple[Host, ...], Field(min_length=1)]
    feeds: tuple[WebUrl, ...] = ()
    lists: tuple[ListPage, ...] = ()
    urls: Urls
    select: PageSelectors = PageSelectors()
    lines: Lines = Lines()
    politeness: Politeness = Politeness()
    schedule: Schedule | None = None
    recheck: tuple[Duration, ...] = Field(
        tuple(map(_duration, ("1h", "6h", "1d", "3d", "7d", "30d"))),
        description="When after its first sight an article is looked at again, for edits.",
    )

    render: Render = Field(
        "never", description="Whether pages are shown in a browser; auto: those without an article."
    )
    browser: Browser = Browser()

    _seed_text: str = PrivateAttr("")

    @property
    def seed_text(self) -> str:
        """The seed as it stood in its file."""
        return self._seed_text

    @property
    def seed_sha256(self) -> str:
        """SHA-256 (hex) of the seed's text."""
        return hashlib.sha256(self._seed_text.encode()).hexdigest()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        starts = [*self.feeds, *(page.url for page in self.lists)]
        if not starts:
            raise ValueError("feeds, lists: give at least one of them, or nothing can be found")
        for url in starts:
            if not self.owns(url):
                raise ValueError(f"{url!r} is outside hosts {list(self.hosts)}; add its host")
        if list(self.recheck) != sorted(set(self.recheck)):
            raise ValueError("recheck: each time must be later than the one before it")
        for host in {*self.urls.hosts, *self.urls.hosts.values()} - set(self.hosts):
            raise ValueError(f"urls.hosts: {host!r} is not in hosts; add it there too")
        return self

    def owns(self, url: str) -> bool:
        """Whether the URL is on one of the site's hosts."""
        return (urlsplit(url).hostname or "") in self.hosts

    def is_article(self, url: str) -> bool:
        """Whether the URL is on the site and its path is that of an article."""
        return self.owns(url) and self.article_match(url) is not None

    def article_match(self, url: str) -> re.Match[str] | None:
        """The article pattern's match on the URL's path, less ``strip_prefix``."""
        path = urlsplit(url).path.removeprefix(self.urls.strip_prefix)
        return self._article.search(path)

    def render_of(self, url: str) -> Render:
        """Whether the URL's page is shown in a browser: its first pattern's, else the site's."""
        path = urlsplit(url).path
        return next(
            (mode for pattern, mode in self.browser.patterns.items() if re.search(pattern, path)),
            self.render,
        )

    def pattern_of(self, url: str) -> str:
        """What URLs share that need a browser or do not: a pattern, else host and first folder."""
        parts = urlsplit(url)
        given = (one for one in self.browser.patterns if re.search(one, parts.path))
        return next(given, f"{parts.hostname}/{parts.path.strip('/').partition('/')[0]}")

    def renders(self, *modes: Render) -> bool:
        """Whether any page may be rendered in one of these modes."""
        return bool({self.render, *self.browser.patterns.values()} & set(modes))

    @cached_property
    def _article(self) -> re.Pattern[str]:
        return re.compile(self.urls.article)

    @property
    def rules(self) -> tuple[str, ...]:
        """Keys of ``select`` that have selectors for something on an article's page."""
        optional = {"remove", "people", "next_page"}  # on most pages they find nothing
        names = (name for name in PageSelectors.model_fields if name not in optional)
        return tuple(name for name in names if getattr(self.select, name))

    @cached_property
    def rules_digest(self) -> str:
        """First 12 hex digits of the SHA-256 of what in the seed steers extraction."""
        rules = self.model_dump_json(
            include={"name", "language", "time_zone", "hosts", "urls", "select", "lines", "lists"}
        )
        return hashlib.sha256(rules.encode()).hexdigest()[:12]


class Sites(Mapping[str, Site]):
    """All seeds of a folder by name; also tells whose a URL is."""

    def __init__(self, sites: Iterable[Site]) -> None:
        self._sites = {site.name: site for site in sites}

    def __getitem__(self, name: str) -> Site:
        return self._sites[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sites)

    def __len__(self) -> int:
        return len(self._sites)

    def owner(self, url: str) -> Site | None:
        """The site on whose hosts the URL is, if any."""
        return next((site for site in self._sites.values() if site.owns(url)), None)


def load_site(path: Path) -> Site:
    """Read and check one seed.

    Raises:
        ConfigError: the file cannot be read, is not TOML, or says something wrong; the message
            names file, key and remedy.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error
    return site_of(text, str(path))


def site_of(text: str, where: str) -> Site:
    """Check one seed's text, as it stands in a file or in a manifest.

    Raises:
        ConfigError: it is not TOML, or says something wrong; the message begins with ``where``.
    """
    try:
        site = Site.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where}: not valid TOML: {error}") from error
    except ValidationError as error:
        raise ConfigError("\n".join(_explain(where, error))) from error
    site._seed_text = text  # noqa: SLF001 - the loader is the only one that knows it
    return site


def load_sites(folder: Path) -> Sites:
    """All seeds of the folder; ``TEMPLATE.toml`` is not one.

    Raises:
        ConfigError: a seed is bad, or two seeds share a name.
    """
    paths = sorted(path for path in folder.glob("*.toml") if path.name != "TEMPLATE.toml")
    found: dict[str, Site] = {}
    for path in paths:
        site = load_site(path)
        if site.name in found:
            raise ConfigError(f"{path}: name: {site.name!r} is taken by another seed of {folder}")
        found[site.name] = site
    return Sites(found.values())


def find_site(wanted: str, folder: Path) -> Site:
    """The site of that name in the folder, or the seed at that path.

    Raises:
        ConfigError: there is no such site; the message lists those there are.
    """
    if wanted.endswith(".toml") or "/" in wanted:
        return load_site(Path(wanted))
    path = folder / f"{wanted}.toml"
    if wanted != "TEMPLATE" and path.is_file():
        return load_site(path)
    sites = load_sites(folder)
    if wanted in sites:
        return sites[wanted]
    known = ", ".join(sorted(sites)) or "none"
    raise ConfigError(
        f"no site {wanted!r} in {folder} (there are: {known}); "
        "give one of these or the path of a TOML file"
    )


def _explain(path: str, error: ValidationError) -> Iterator[str]:
    for problem in error.errors():
        key = ""
        for part in problem["loc"]:
            key += f"[{part}]" if isinstance(part, int) else f".{part}" if key else str(part)
        if problem["type"] == "extra_forbidden":
            text = "unknown key; TEMPLATE.toml lists the known ones"
        elif problem["type"] == "missing":
            text = "missing; TEMPLATE.toml says what it is"
        else:
            text = problem["msg"].removeprefix("Value error, ")
        yield f"{path}: {key}: {text}" if key else f"{path}: {text}"
