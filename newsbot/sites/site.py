"""A site is data: the model of ``seeds/NAME.toml``, its checks, and the loader.

Every mistake in a seed is refused on load with the file, the key and the remedy.
"""

import hashlib
import logging
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, PrivateAttr, ValidationError, model_validator

from newsbot.errors import ConfigError
from newsbot.sites.seed import (
    Browser,
    Duration,
    Host,
    Lines,
    ListPage,
    PageSelectors,
    Politeness,
    Render,
    Schedule,
    Table,
    Urls,
    WebUrl,
    Zone,
    duration,
)

logger = logging.getLogger(__name__)

_KINDS = {"antara": "publisher", "aggregator": "aggregator"}  # values of the old key, spider
_REMEMBERED = 2048  # URLs, some 0.5 MB: the links that stand on all pages


class Site(Table):
    """One seed: what to crawl, how it looks, and how politely."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: str
    kind: Literal["publisher", "aggregator"]
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
        tuple(map(duration, ("1h", "6h", "1d", "3d", "7d", "30d"))),
        description="When after its first sight an article is looked at again, for edits.",
    )

    render: Render = Field(
        "never", description="Whether pages are shown in a browser; auto: those without an article."
    )
    browser: Browser = Browser()

    _seed_text: str = PrivateAttr("")

    @model_validator(mode="before")
    @classmethod
    def _kind_from_spider(cls, data: Any) -> Any:
        """Read seeds written before 0.2, which named the spider; until 0.3."""
        if isinstance(data, dict) and "kind" not in data and data.get("spider") in _KINDS:
            data = dict(data)
            data["kind"] = _KINDS[data.pop("spider")]
        return data

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

    def __hash__(self) -> int:
        """By identity, for what is remembered of a site: it is loaded once and never changed."""
        return id(self)

    def list_at(self, url: str) -> ListPage | None:
        """Return the list whose address in the seed this is, if any."""
        return next((one for one in self.lists if one.url == url), None)

    @lru_cache(maxsize=_REMEMBERED)  # noqa: B019 - sites live as long as the process
    def owns(self, url: str) -> bool:
        """Return whether the URL is on one of the site's hosts."""
        return (urlsplit(url).hostname or "") in self.hosts

    @lru_cache(maxsize=_REMEMBERED)  # noqa: B019 - the same links stand on all pages of a site
    def is_article(self, url: str) -> bool:
        """Return whether the URL is on the site and its path is that of an article."""
        return self.owns(url) and self.article_match(url) is not None

    def article_match(self, url: str) -> re.Match[str] | None:
        """Return the article pattern's match on the URL's path, less ``strip_prefix``."""
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
        """Return whether any page may be rendered in one of these modes."""
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
        """Return the site on whose hosts the URL is, if any."""
        return next((site for site in self._sites.values() if site.owns(url)), None)


def unknown_site(url: str) -> Site:
    """Return a site for a page whose site has no seed: it is read by evidence alone."""
    host = (urlsplit(url).hostname or "unknown").lower()
    return Site(
        name="unknown",
        title=host,
        kind="publisher",
        language="en",
        time_zone="UTC",
        hosts=(host,),
        feeds=(f"https://{host}/",),
        urls=Urls(article="."),
    )


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
    site = site_of(text, str(path))
    if re.search(r"^spider\s*=", text, re.MULTILINE):
        _warn_of_spider(str(path), site.kind)
    return site


@cache
def _warn_of_spider(where: str, kind: str) -> None:
    """Warn once a process: a crawl loads all seeds more than once."""
    logger.warning(
        "%s: the key 'spider' has become 'kind': write kind = \"%s\" instead; newsbot 0.3 will "
        "refuse it", where, kind,
    )  # fmt: skip


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
    """Return all seeds of the folder; ``TEMPLATE.toml`` is not one.

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
    """Return the site of that name in the folder, or the seed at that path.

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
