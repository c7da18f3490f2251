"""The command that tries one page: what a seed makes of it."""

import json
import os
import tempfile
import webbrowser
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final, cast

import typer

from newsbot.addresses import resolve
from newsbot.cli.app import Json, commands
from newsbot.cli.opening import config_of, sites_of
from newsbot.config import Config
from newsbot.doctor.highlight import highlighted
from newsbot.doctor.trial import Trial, try_page
from newsbot.errors import ConfigError
from newsbot.extract.evidence import FieldEvidence
from newsbot.models import PageRole
from newsbot.sites.loading import find_site
from newsbot.sites.site import Site

_ROLES: Final = ("article", "feed", "list", "sitemap")
_SHOWN: Final = 5  # links of a kind
_WIDTH: Final = 96  # characters of a value


@commands.command("try")
def try_(
    url: Annotated[str, typer.Argument(help="An article, a list, a feed or a sitemap.")],
    seed: Annotated[
        str | None,
        typer.Option(help="A seed's name or path; else the seed that has the host, if any."),
    ] = None,
    saved: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Read this saved page; nothing is fetched."),
    ] = None,
    role: Annotated[
        str | None, typer.Option("--as", help=f"Read it as one of: {', '.join(_ROLES)}.")
    ] = None,
    show: Annotated[
        bool, typer.Option("--open", help="Show a copy with what was found in the web browser.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Fetch one page and show what a seed makes of it; nothing is kept.

    Exits with 3 if it has neither an article nor a link to one.
    Example: `newsbot try https://www.antaranews.com/berita/1/judul --open`
    """
    config = config_of(None)
    address = resolve(url, url.partition("#")[0])
    if address is None:
        raise ConfigError(f"{url}: not an address of a page; write it with https:// or http://")
    if role not in (None, *_ROLES):
        raise ConfigError(f"--as {role}: there are {', '.join(_ROLES)}")
    site = _site_of(address, seed, config)
    trial = try_page(address, site, config, saved=saved, role=cast("PageRole | None", role))
    path = _write_copy(trial) if show else None
    if as_json:
        typer.echo(json.dumps(_fields(trial, path), ensure_ascii=False, indent=2))
    else:
        for line in _lines(trial, path):
            typer.echo(line)
    raise typer.Exit(3 if trial.found_nothing else 0)


def _site_of(url: str, seed: str | None, config: Config) -> Site | None:
    if seed is not None:
        return find_site(seed, config.seeds_folder)
    sites = sites_of(config)
    return None if sites is None else sites.owner(url)


def _write_copy(trial: Trial) -> Path | None:
    """Write the highlighted copy and show it; return its path, None if the page is not HTML."""
    source = highlighted(trial)
    if source is None:
        return None
    handle, name = tempfile.mkstemp(prefix="newsbot-try-", suffix=".html")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(source)
    webbrowser.open(Path(name).as_uri())
    return Path(name)


# -- JSON --------------------------------------------------------------------------------------


def _fields(trial: Trial, copy: Path | None) -> dict[str, Any]:
    fetched, found = trial.fetched, trial.extraction
    return {
        "url": trial.page.url,
        "site": trial.site.name if trial.has_seed else None,
        "role": trial.page.role,
        "kind": found.kind,
        "fetched": fetched
        and {
            "status": fetched.status, "content_type": fetched.content_type,
            "bytes": len(fetched.body), "redirects": list(fetched.redirects),
            "etag": fetched.etag, "last_modified": fetched.last_modified,
        },
        "robots": trial.robots and asdict(trial.robots),
        "browser": trial.browser,
        "notes": trial.notes,
        "fields": [asdict(field) for field in trial.fields],
        "rules": [asdict(rule) for rule in trial.rules],
        "links": {
            "articles": [
                {"url": link.url, **link.hints.to_fields()} for link in trial.links.articles
            ],
            "others": list(trial.links.others),
            "elsewhere": list(trial.links.elsewhere),
        },
        "next_page": found.next_page,
        "sitemaps": [link.url for link in found.sitemaps],
        "copy": str(copy) if copy else None,
    }  # fmt: skip


# -- text --------------------------------------------------------------------------------------


def _lines(trial: Trial, copy: Path | None) -> Iterator[str]:
    yield trial.page.url
    yield from _lines_of_fetch(trial)
    how = f"by the seed {trial.site.name}" if trial.has_seed else "by evidence alone: no seed"
    yield f"  read as    {trial.page.role} {how}: {trial.extraction.kind}"
    yield f"  browser    {trial.browser}"
    for note in trial.notes:
        yield f"  NOTE       {note}"
    if trial.fields:
        yield "fields"
    for field in trial.fields:
        yield from _lines_of_field(field)
    yield from _lines_of_rules(trial)
    yield from _lines_of_links(trial)
    if copy is not None:
        yield f"copy with what was found: {copy}"


def _lines_of_fetch(trial: Trial) -> Iterator[str]:
    fetched, robots = trial.fetched, trial.robots
    if fetched is None or robots is None:
        return
    delay = f", Crawl-delay {robots.delay:g}" if robots.delay else ""
    yield f"  robots     allowed: {robots.url} answered {robots.status}{delay}"
    for target in fetched.redirects:
        yield f"  redirect   {target}"
    kind = fetched.content_type or "without Content-Type"
    yield f"  answer     {fetched.status}, {kind}, {len(fetched.body)} bytes"
    named = {"ETag": fetched.etag, "Last-Modified": fetched.last_modified}
    validators = ", ".join(f"{name} {value}" for name, value in named.items() if value)
    yield f"  unchanged  {validators or 'no ETag or Last-Modified: each look downloads the page'}"


def _lines_of_field(field: FieldEvidence) -> Iterator[str]:
    if field.by is None:
        if field.is_expected:
            yield f"  {field.field:<14} MISSING"
        return
    yield f"  {field.field:<14} {_shortened(field.value)}"
    selector = f" {field.selector!r}" if field.selector else ""
    places = f" in {', '.join(field.places)}" if field.places else ""
    yield f"  {'':<14}   by {field.by}{selector}{places}"


def _lines_of_rules(trial: Trial) -> Iterator[str]:
    """Yield the keys of which no selector matches; --json has every selector."""
    if not trial.rules:
        return
    matching = {rule.key for rule in trial.rules if rule.count}
    keys = dict.fromkeys(rule.key for rule in trial.rules)
    yield f"rules: {len(matching)} of {len(keys)} keys of the seed find something"
    for key in (one for one in keys if one not in matching):
        selectors = ", ".join(repr(rule.selector) for rule in trial.rules if rule.key == key)
        yield f"  no match   {key} = {selectors}"


def _lines_of_links(trial: Trial) -> Iterator[str]:
    links = trial.links
    rule = "match hosts and urls.article" if trial.has_seed else "are on the same host"
    others = f"{len(links.others)} do not, " if trial.has_seed else ""
    elsewhere = f"{len(links.elsewhere)} lead to other hosts"
    yield f"links: {len(links.articles)} {rule}, {others}{elsewhere}"
    for link in links.articles[:_SHOWN]:
        yield f"  article    {link.url}{_hinted(link.hints.to_fields())}"
    for url in links.others[:_SHOWN]:
        yield f"  no match   {url}"
    for link in trial.extraction.sitemaps[:_SHOWN]:
        yield f"  sitemap    {link.url}"
    if trial.page.role in ("list", "article"):
        yield f"next page: {trial.extraction.next_page or 'none'}"


def _hinted(hints: dict[str, Any]) -> str:
    said = [str(hints[name]) for name in ("published_at", "title") if hints.get(name)]
    return f"  ({': '.join(said)})" if said else ""


def _shortened(value: Any) -> str:
    text = value if isinstance(value, str) else "; ".join(_parts(value))
    line = " ".join(text.split())
    size = f"{len(text)} characters: " if len(line) > _WIDTH else ""
    return size + (line if len(line) <= _WIDTH else line[:_WIDTH] + "…")


def _parts(value: Any) -> Iterator[str]:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            yield ", ".join(str(part) for part in one.values() if part)
        else:
            yield str(one)
