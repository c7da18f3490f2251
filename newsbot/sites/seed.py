"""The tables of a seed: URLs, selectors, politeness, schedule, browser.

Every value is validated on load; the error message says how to correct it.
"""

import re
from typing import Annotated, Final, Literal, Self

from cssselect import HTMLTranslator, SelectorError
from pydantic import (
    AfterValidator,
    ByteSize,
    Field,
    field_validator,
    model_validator,
)

from newsbot.models import AuthorRole, Kind
from newsbot.sites.values import Host, Pattern, Selectors, Table, TimeZone


def _path_pattern(value: str) -> str:
    if re.search(r"https?\W{0,3}:|:.?//", value):
        raise ValueError(
            f"{value!r} is matched against the path of a URL: leave out scheme and host, "
            "as in '^/berita/'"
        )
    return value


class Urls(Table):
    """How the site writes its URLs."""

    article: Annotated[Pattern, AfterValidator(_path_pattern)] = Field(
        description="Matches the path of an article or, with a \\? in it, path and kept query; may "
        "have groups named kind and number."
    )
    kinds: dict[str, Kind] = Field(
        {}, description="Maps a value of the group kind to the article's kind."
    )
    hosts: dict[Host, Host] = Field(
        {}, description="Maps a host with the same articles to the main host."
    )
    strip_prefix: str = Field("", description='Leading part of a path to remove: "/amp".')
    keep_query: tuple[str, ...] = Field(
        (), description="Query parameters that identify an article."
    )

    @model_validator(mode="after")
    def _query_is_kept(self) -> Self:
        if _needs_query(self.article) and not self.keep_query:
            raise ValueError(
                f"article: {self.article!r} reads a query, but no parameter of it is kept; name "
                'those that identify an article, as in keep_query = ["id"]'
            )
        return self

    @property
    def reads_query(self) -> bool:
        """Whether ``article`` has a literal question mark, which no path has."""
        return _QUESTION_MARK.search(self.article) is not None


_QUESTION_MARK = re.compile(r"(?<!\\)(?:\\\\)*(?:\\\?|\[\?\])")


def _needs_query(pattern: str) -> bool:
    """Return whether a literal question mark stands outside groups and alternatives."""
    found = _QUESTION_MARK.search(pattern)
    if found is None or "|" in pattern:
        return False
    before = re.sub(r"\\.", "", pattern[: found.start()])
    is_outside = before.count("(") == before.count(")")
    return is_outside and not pattern[found.end() :].startswith(("?", "*", "{"))


class PageSelectors(Table):
    """Selectors for the parts of an article page; all are optional."""

    container: Selectors = ()
    title: Selectors = ()
    published: Selectors = ()
    modified: Selectors = ()
    byline: Selectors = ()
    pull_quote: Selectors = ()
    people: dict[str, AuthorRole] = Field(
        {"author": "reporter"}, description="Maps a JSON-LD key that names people to their role."
    )
    section: Selectors = ()
    tags: Selectors = ()
    images: Selectors = Field(
        (), description="Elements that contain an img and its caption, if it has one."
    )
    caption: Selectors = ()
    next_page: Selectors = Field((), description="The link to the article's following page.")
    original: Selectors = Field((), description='On an aggregator: the "Read Entire Article" link.')
    remove: Selectors = Field((), description="Elements inside the container to remove.")


class Lines(Table):
    """Lines of this site's boilerplate, in addition to the shared Indonesian and English set."""

    drop: tuple[Pattern, ...] = Field((), description="Lines that match as a whole are removed.")


LONGEST_DELAY: Final = 60.0
"""Seconds: the most that a host can put between two requests to it."""


class Politeness(Table):
    """How much load a crawl may put on the site. Scrapy settings given with -s override these."""

    delay: float = Field(2.0, ge=0, description="Seconds between requests to one host.")
    concurrency: int = Field(1, ge=1, description="Requests at once to one host.")
    autothrottle: bool = True
    timeout: float = Field(60.0, gt=0, description="Seconds for one response.")
    retries: int = Field(2, ge=0)
    max_body: int = Field(
        16 * 1024 * 1024,
        gt=0,
        description="Bytes; a longer body is cut off and marked as truncated.",
    )


def _cron(value: str) -> str:
    from newsbot.sites.cron import Cron  # noqa: PLC0415 - 0.1 s, for seeds with a schedule

    Cron(value, "UTC")
    return value


class Schedule(Table):
    """When ``newsbot schedule`` crawls the site, and the limits of such a crawl."""

    cron: Annotated[str, AfterValidator(_cron)] = Field(
        description="Minute, hour, day of the month, month, weekday, as in crontab(5)."
    )
    time_zone: TimeZone | None = Field(
        None, description="Time zone of the expression; the site's if unset."
    )
    jitter: float = Field(
        30.0, ge=0, le=3600, description="Start at most this many seconds late, to spread the load."
    )
    time_limit: float = Field(3600.0, gt=0, description="Seconds that a crawl may take.")
    memory_limit: int | None = Field(
        None, gt=0, description="MB that a crawl may use; NEWSBOT_CRAWL_MEMORY if unset."
    )
    priority: int = Field(
        0, description="Of several sites that are due, the highest is crawled first."
    )


class Archiving(Table):
    """What is kept of an article's page besides the page itself, so that it looks as it did."""

    requisites: Literal["article", "all", "none"] = Field(
        "article",
        description="article: style sheets, fonts, backgrounds, icons and the article's pictures; "
        "all: the other pictures too; none: the page alone.",
    )
    screenshots: Literal["rendered", "all"] = Field(
        "rendered", description="Pages of which a picture is kept: rendered ones, or all articles'."
    )
    max_files_per_page: int = Field(100, ge=1, description="Files of a page.")
    max_file: ByteSize = Field(ByteSize(5_000_000), gt=0, description="Size of a file.")
    max_page: ByteSize = Field(ByteSize(15_000_000), gt=0, description="Size of a page's files.")
    max_files: int = Field(500, ge=1, description="Files of a run; later runs fetch the others.")
    max_bytes: ByteSize = Field(ByteSize(200_000_000), gt=0, description="Size of a run's files.")
    max_seconds: float = Field(300.0, gt=0, description="Seconds of a run, after its articles.")
    skip_hosts: tuple[Host, ...] = Field(
        (), description="Hosts to ask for nothing, with their subdomains; besides known trackers."
    )


Render = Literal["always", "auto", "never"]


class Browser(Table):
    """How pages are rendered in a browser, where ``render`` or ``patterns`` require one."""

    patterns: dict[Pattern, Render] = Field(
        {},
        description="Maps a regular expression for a URL's path to a render mode; the first match "
        "applies.",
    )
    wait_for: tuple[str, ...] = Field(
        (), description="CSS selectors; the page is ready when all of them match."
    )
    settle: float = Field(
        5.0, gt=0, description="Seconds to wait at most until the page stops loading."
    )
    scrolls: int = Field(8, ge=0, description="Screens to scroll down, for lazy images and lists.")
    click: tuple[str, ...] = Field(
        (), description='CSS selectors of buttons such as "load more", clicked until they are gone.'
    )
    clicks: int = Field(20, ge=1, description="Clicks at most.")
    timeout: float = Field(45.0, gt=0, description="Seconds for one page.")
    memory: int = Field(512, ge=64, description="MiB that a page may use before it is closed.")
    pages: int = Field(2, ge=1, description="Pages at once.")
    block: tuple[Host, ...] = Field(
        (), description="Hosts of advertisers and trackers; not loaded, nor are their subdomains."
    )

    @field_validator("wait_for", "click")
    @classmethod
    def _selectors(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        for value in values:
            try:
                HTMLTranslator().css_to_xpath(value)
            except SelectorError as error:
                raise ValueError(f"bad selector {value!r}: {error}") from error
        return values

    def blocks(self, host: str) -> bool:
        """Return whether the host or a domain above it is in ``block``."""
        return any(host == one or host.endswith("." + one) for one in self.block)
