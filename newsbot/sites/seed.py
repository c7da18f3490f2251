"""The tables of a seed: selectors, URLs, politeness, schedule, browser.

Every value is validated on load; the error message says how to correct it.
"""

import re
from datetime import date, timedelta
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cssselect import HTMLTranslator, SelectorError
from lxml import etree
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from newsbot.addresses import ascii_host, resolve
from newsbot.models import AuthorRole, Kind


class Table(BaseModel):
    """A table of a seed: unknown keys are refused, and it is immutable."""

    # Without inputs: they may have secrets, which the message of an error would show.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


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
    if parts.username is not None or parts.password is not None:
        raise ValueError(  # without the value: it has a secret
            f"an address on {parts.hostname} has a user name or password in it, which would be "
            "archived and sent to other pages; leave it out"
        )
    if resolve(value, value) is None:
        raise ValueError(f"{value!r} is not a web address; write https://host/path")
    return value


def _host(value: str) -> str:
    try:
        host = ascii_host(value)
    except ValueError:
        host = ""
    if not re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*", host) or value != value.lower():
        raise ValueError(f"{value!r} is not a host name; write it in lower case, without https://")
    return host


def parse_duration(value: Any) -> timedelta:
    """Return the duration written as ``30s``, ``15m``, ``6h`` or ``7d``.

    Raises:
        ValueError: it has another form, or is 0.
    """
    found = re.fullmatch(r"(\d+)([smhd])", value) if isinstance(value, str) else None
    if found is None or int(found[1]) == 0:
        raise ValueError(f"{value!r} is not a duration; write 30s, 15m, 6h or 7d")
    return int(found[1]) * _UNITS[found[2]]


_UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}
Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
Pattern = Annotated[str, AfterValidator(_pattern)]
WebUrl = Annotated[str, AfterValidator(_web_url)]
Host = Annotated[str, AfterValidator(_host)]


class Selector(Table):
    """Where to find something on a page: a CSS or an XPath expression.

    ``attr`` selects an attribute instead of the text; ``text`` keeps only elements whose text
    matches the pattern; ``until`` is the last day on which the rule applied, compared with the
    page's own date.
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
    def _valid_expression(self) -> Self:
        if (self.css is None) == (self.xpath is None):
            raise ValueError("give exactly one of css and xpath")
        try:
            etree.XPath(self.expression)
        except (SelectorError, etree.XPathError) as error:
            text = self.css if self.css is not None else self.xpath
            raise ValueError(f"bad selector {text!r}: {error}") from error
        return self

    @property
    def as_written(self) -> str:
        """The selector as in the seed."""
        return self.css if self.css is not None else str(self.xpath)

    @property
    def expression(self) -> str:
        """The selector as XPath, relative to the element it is applied to."""
        if self.xpath is not None:
            return self.xpath
        return str(HTMLTranslator().css_to_xpath(self.css or "", prefix="descendant-or-self::"))


def _one_or_many(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else [value]


Selectors = Annotated[tuple[Selector, ...], BeforeValidator(_one_or_many)]


def _jmespath(value: str) -> str:
    import jmespath  # noqa: PLC0415 - 20 ms, for seeds with lists in JSON

    try:
        jmespath.compile(value)
    except jmespath.exceptions.JMESPathError as error:
        raise ValueError(f"{value!r} is not a JMESPath expression: {error}") from error
    return value


JmesPath = Annotated[str, AfterValidator(_jmespath)]


class JsonList(Table):
    """Where a list in JSON has its articles: JMESPath expressions (https://jmespath.org).

    Those after ``html`` are relative to one item.
    """

    items: JmesPath = Field("@", description="The array of items.")
    next: JmesPath | None = Field(
        None, description="URL of the following page, or the value of {cursor} in pages."
    )
    html: JmesPath | None = Field(
        None, description="Instead of items: a piece of HTML that has the links."
    )
    url: JmesPath = Field("url", description="URL of the article.")
    title: JmesPath | None = None
    published: JmesPath | None = None
    modified: JmesPath | None = None
    authors: JmesPath | None = Field(None, description="A name, or an array of names.")
    categories: JmesPath | None = Field(None, description="A word, or an array of words.")
    picture: JmesPath | None = Field(None, description="URL of the story's picture.")


Section = Annotated[str, Field(min_length=1, max_length=200)]


class Feed(Table):
    """A feed: its address alone, or a table with the section of its stories."""

    url: WebUrl
    section: Section | None = Field(
        None, description="Section of all its stories, for those whose page has none."
    )

    @model_validator(mode="before")
    @classmethod
    def _from_string(cls, value: Any) -> Any:
        return {"url": _web_url(value)} if isinstance(value, str) else value


_DAY_MARKS = {"{yyyy}": "%Y", "{mm}": "%m", "{dd}": "%d"}
_PAGE_MARKS = ("{page}", "{offset}", "{cursor}")


class ListPage(Table):
    """A page of links to articles, newest first, and how to find its following pages."""

    url: WebUrl = Field(
        description="The first page; with {yyyy}, {mm} and {dd} there is one for each day."
    )
    items: Selectors = Field(
        (), description="The links to articles; if unset, every link to an article URL."
    )
    next: Selectors = Field((), description="The link to the following page.")
    pages: str | None = Field(
        None,
        description="URL of page N, used from page 2 on: {page} stands for N, {offset} for the "
        "number of items before it, {cursor} for the value of json.next.",
    )
    per_page: int | None = Field(None, ge=1, description="Items on a page; for {offset}.")
    section: Section | None = Field(
        None, description="Section of all its stories, for those whose page has none."
    )
    json_: JsonList | None = Field(
        None, alias="json", description="For a list in JSON: where it has its articles."
    )
    max_pages: int = Field(50, ge=1, description="Stop here even if no known article turned up.")

    @model_validator(mode="after")
    def _one_way_to_next_page(self) -> Self:
        marks = [mark for mark in _PAGE_MARKS if mark in (self.pages or "")]
        if self.next and self.pages:
            raise ValueError("give next (a selector) or pages (a URL with {page}), not both")
        if self.pages is not None and len(marks) != 1:
            raise ValueError(
                f"pages: {self.pages!r} must contain one of {{page}}, {{offset}} and {{cursor}}, "
                "in place of the page number"
            )
        if ("{offset}" in marks) != (self.per_page is not None):
            raise ValueError("per_page is needed with {offset} in pages, and only there")
        if self.is_dated and not all(mark in self.url for mark in _DAY_MARKS):
            raise ValueError(f"url: {self.url!r} must have all of {{yyyy}}, {{mm}} and {{dd}}")
        if "{cursor}" in marks and (self.json_ is None or self.json_.next is None):
            raise ValueError("pages: {cursor} is the value of json.next, which is missing")
        return self

    @property
    def is_dated(self) -> bool:
        """Whether there is one such list for each day."""
        return any(mark in self.url for mark in _DAY_MARKS)

    @property
    def end_answers(self) -> tuple[str, ...]:
        """The failures that mean, of a page after the first, that the list has ended."""
        return ("http-404", "http-410", *(("http-400",) if self.json_ is not None else ()))

    def on(self, day: date) -> Self:
        """Return the list of that day."""
        changed = {
            name: _on_day(text, day)
            for name, text in (("url", self.url), ("pages", self.pages))
            if text is not None
        }
        return self.model_copy(update=changed)

    def at(self, url: str) -> Self | None:
        """Return the list whose first page that is, of a dated list that of its day, or None."""
        if not self.is_dated:
            return self if url == self.url else None
        pattern = re.escape(self.url)
        for mark, form in _DAY_MARKS.items():
            name, digits = form[1], len(mark) - 2
            pattern = pattern.replace(re.escape(mark), rf"(?P<{name}>\d{{{digits}}})", 1)
            pattern = pattern.replace(re.escape(mark), rf"(?P={name})")
        found = re.fullmatch(pattern, url)
        return None if found is None else self._on(found["Y"], found["m"], found["d"])

    def _on(self, year: str, month: str, day: str) -> Self | None:
        try:
            return self.on(date(int(year), int(month), int(day)))
        except ValueError:
            return None  # 2025-02-30

    def page_url(self, number: int, cursor: str | None = None) -> str | None:
        """Return the URL of a page by ``pages``; None without it, or without its cursor.

        Args:
            number: from 1.
        """
        if self.pages is None or ("{cursor}" in self.pages and cursor is None):
            return None
        offset = (number - 1) * (self.per_page or 0)
        url = self.pages.replace("{page}", str(number)).replace("{offset}", str(offset))
        return url.replace("{cursor}", quote(cursor or "", safe=""))


def _on_day(text: str, day: date) -> str:
    for mark, form in _DAY_MARKS.items():
        text = text.replace(mark, day.strftime(form))
    return text


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


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(
            f"{value!r} is not an IANA time zone; write a name such as Asia/Jakarta"
        ) from error
    return value


def _cron(value: str) -> str:
    from newsbot.sites.cron import Cron  # noqa: PLC0415 - 0.1 s, for seeds with a schedule

    Cron(value, "UTC")
    return value


TimeZone = Annotated[str, AfterValidator(_zone)]


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
