"""The options of a crawl: the ``-a`` arguments of ``scrapy crawl``, checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, cast, get_args
from urllib.parse import urlsplit

from newsbot.crawl.page_list import read_page_list
from newsbot.errors import ConfigError

ARGUMENTS = {
    "site": "name of a seed, or path of a TOML file",
    "since": "first day wanted, YYYY-MM-DD (backfill)",
    "until": "last day wanted, YYYY-MM-DD",
    "url": "fetch this one article page and no other",
    "limit": "fetch at most N article pages",
    "pages": "file of the pages that the spider `saved` saves, one a line; - for standard input",
    "recheck": "check known articles for edits: all of them, those due (default), or none",
}

Recheck = Literal["all", "due", "none"]


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one crawl. Days are in the site's time zone, both ends included."""

    site: str
    since: date | None = None
    until: date | None = None
    url: str | None = None
    limit: int | None = None
    recheck: Recheck = "due"
    pages: tuple[str, ...] = ()

    @property
    def backfill(self) -> bool:
        """Whether the crawl is limited to a span of days."""
        return self.since is not None or self.until is not None

    @property
    def restrictions(self) -> dict[str, str | int]:
        """The options that restrict the crawl to a part of what is new."""
        restrictions: dict[str, str | int | None] = {
            "since": str(self.since) if self.since else None,
            "until": str(self.until) if self.until else None,
            "url": self.url,
            "limit": self.limit,
            "pages": len(self.pages) or None,
        }
        return {name: value for name, value in restrictions.items() if value is not None}

    @property
    def arguments(self) -> dict[str, str | int]:
        """All options with other values than the defaults, without the site."""
        return self.restrictions | ({} if self.recheck == "due" else {"recheck": self.recheck})

    def covers(self, day: date) -> bool:
        """Return whether the day is within the span."""
        return (self.since is None or day >= self.since) and (
            self.until is None or day <= self.until
        )


def parse_options(arguments: Mapping[str, str], default_site: str | None) -> Options:
    """Return the options from ``-a`` arguments.

    Args:
        default_site: crawled where no site is given; None where one must be given.

    Raises:
        ConfigError: an argument is unknown or its value cannot be used.
    """
    for name in arguments.keys() - ARGUMENTS.keys():
        known = "; ".join(f"{key}= {text}" for key, text in ARGUMENTS.items())
        raise ConfigError(f"-a {name}=: there is no such argument; use {known}")
    since, until = _day(arguments, "since"), _day(arguments, "until")
    if since and until and since > until:
        raise ConfigError(f"-a since={since} is after until={until}; swap them")
    url = arguments.get("url")
    if url is not None and urlsplit(url).scheme not in ("http", "https"):
        raise ConfigError(f"-a url={url}: not a web address; write https://host/path")
    pages = arguments.get("pages")
    site = arguments.get("site") or default_site
    if site is None:
        raise ConfigError("-a site=NAME is needed: a seed's name, or the path of a TOML file")
    return Options(
        site=site,
        since=since,
        until=until,
        url=url,
        limit=_number(arguments, "limit"),
        recheck=_recheck(arguments),
        pages=() if pages is None else tuple(read_page_list(pages)),
    )


def _recheck(arguments: Mapping[str, str]) -> Recheck:
    value = arguments.get("recheck", "due")
    if value not in get_args(Recheck):
        raise ConfigError(f"-a recheck={value}: use {', '.join(get_args(Recheck))}")
    return cast("Recheck", value)


def _day(arguments: Mapping[str, str], name: str) -> date | None:
    value = arguments.get(name)
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise ConfigError(f"-a {name}={value}: not a day; write it as 2025-02-28") from error


def _number(arguments: Mapping[str, str], name: str) -> int | None:
    value = arguments.get(name)
    if value is None:
        return None
    if not value.isascii() or not value.isdigit() or int(value) < 1:
        raise ConfigError(f"-a {name}={value}: not a number of 1 or more")
    return int(value)
