"""Loads seeds from files and folders, and says what is wrong with one, where, and the remedy."""

import logging
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from pydantic import (
    ValidationError,
)

from newsbot.addresses import host_of
from newsbot.errors import ConfigError
from newsbot.sites.finders import Feed, ListPage
from newsbot.sites.request import SiteRequest
from newsbot.sites.seed import Archiving, Browser, Lines, PageSelectors, Politeness, Schedule, Urls
from newsbot.sites.site import SAVED, Site
from newsbot.sites.values import Table

logger = logging.getLogger(__name__)


class Sites(Mapping[str, Site]):
    """All sites of a folder by name; also finds the site that a URL belongs to."""

    def __init__(self, sites: Iterable[Site]) -> None:
        self._sites = {site.name: site for site in sites}
        self._by_host: dict[str, Site] = {}
        for site in self._sites.values():
            for host in () if site.has_any_host else site.hosts:
                self._by_host.setdefault(host, site)

    def __getitem__(self, name: str) -> Site:
        return self._sites[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sites)

    def __len__(self) -> int:
        return len(self._sites)

    def owner(self, url: str) -> Site | None:
        """Return the site that the URL's host belongs to, if any; saved pages make none theirs."""
        return self._by_host.get(host_of(url) or "")


def unknown_site(url: str) -> Site:
    """Return a site without selectors, for a page whose site has no seed."""
    site = Site(
        name="unknown",
        title="unknown",
        kind="publisher",
        language="en",
        time_zone="UTC",
        hosts=("unknown.invalid",),
        feeds=(Feed(url="https://unknown.invalid/"),),
        urls=Urls(article="."),
    )
    host = host_of(url) or "unknown"
    # A page's host need not be one that a seed may name: it can be an IPv6 address.
    return site.model_copy(update={"title": host, "hosts": (host,)})


def load_site(path: Path) -> Site:
    """Read and validate one seed.

    Raises:
        ConfigError: the file cannot be read, is not TOML, or has an invalid value; the message
            names file, key and remedy.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error
    site = site_of(text, str(path))
    site._folder = path.parent.absolute()  # noqa: SLF001 - only the loader knows it
    if site.name == SAVED:
        raise ConfigError(
            f"{path}: name: {SAVED!r} is the built-in site of `newsbot save`; choose another name"
        )
    if site.has_any_host:
        raise ConfigError(
            f"{path}: hosts: '*' is for pages that are saved or imported without a seed; name this "
            "site's hosts"
        )
    if re.search(r"^spider\s*=", text, re.MULTILINE):
        _warn_about_spider_key(str(path), site.kind)
    return site


@cache
def _warn_about_spider_key(where: str, kind: str) -> None:
    """Log the warning once per process: a crawl loads all seeds more than once."""
    logger.warning(
        "%s: the key 'spider' was renamed to 'kind': write kind = \"%s\" instead; newsbot 0.3 will "
        "refuse 'spider'", where, kind,
    )  # fmt: skip


def site_of(text: str, where: str) -> Site:
    """Return the site of a seed's text, from a file or from a manifest.

    Raises:
        ConfigError: it is not TOML, or has an invalid value; the message begins with ``where``.
    """
    try:
        site = Site.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where}: not valid TOML: {error}") from error
    except ValidationError as error:
        raise ConfigError("\n".join(messages(where, error))) from error
    site._seed_text = text  # noqa: SLF001 - only the loader has the text
    return site


def load_sites(folder: Path) -> Sites:
    """Return the sites of all seeds in the folder, except ``TEMPLATE.toml``.

    Raises:
        ConfigError: a seed is invalid, or two seeds have the same name.
    """
    paths = sorted(path for path in folder.glob("*.toml") if path.name != "TEMPLATE.toml")
    found: dict[str, Site] = {}
    for path in paths:
        site = load_site(path)
        if site.name in found:
            raise ConfigError(
                f"{path}: name: {site.name!r} is used by another seed of {folder}; rename one"
            )
        found[site.name] = site
    return Sites(found.values())


def find_site(wanted: str, folder: Path) -> Site:
    """Return the site with that name in the folder, or that of the seed at that path.

    Raises:
        ConfigError: there is no such site; the message lists the existing ones.
    """
    if wanted == SAVED:
        raise ConfigError(
            f"{SAVED!r} is the site of single pages, without feeds or lists: `newsbot save URL` "
            "fetches them"
        )
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


def _where_it_belongs(key: str) -> str:
    """Return where a seed may have the key: TOML puts what follows a table's heading into it."""
    tables: dict[str, type[Table]] = {
        "[urls]": Urls, "[select]": PageSelectors, "[lines]": Lines, "[browser]": Browser,
        "[politeness]": Politeness, "[schedule]": Schedule, "[[lists]]": ListPage,
        "[request]": SiteRequest, "[archive]": Archiving,
    }  # fmt: skip
    if key in Site.model_fields:
        return "it belongs at the top, before the first heading such as [urls]"
    found = [heading for heading, table in tables.items() if key in table.model_fields]
    if found:
        return f"it belongs under {' or '.join(found)}"
    return "TEMPLATE.toml lists the known ones"


def messages(path: str, error: ValidationError) -> Iterator[str]:
    """Yield what is wrong with the file, each with its key and the remedy."""
    for problem in error.errors():
        key = ""
        for part in problem["loc"]:
            key += f"[{part}]" if isinstance(part, int) else f".{part}" if key else str(part)
        if problem["type"] == "extra_forbidden":
            text = f"unknown key; {_where_it_belongs(str(problem['loc'][-1]))}"
        elif problem["type"] == "missing":
            text = "missing; TEMPLATE.toml explains it"
        else:
            text = problem["msg"].removeprefix("Value error, ")
        yield f"{path}: {key}: {text}" if key else f"{path}: {text}"
