"""Commands about sites and their seeds: sites, with check, new and generate."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from newsbot.addresses import resolve
from newsbot.cli.app import Json, commands
from newsbot.cli.checks import report
from newsbot.cli.screen import table
from newsbot.config import load_config
from newsbot.errors import ConfigError, NewsbotError
from newsbot.sites.access import readable_ca_file
from newsbot.sites.host_table import outdated, seeds_of
from newsbot.sites.loading import load_site, load_sites

if TYPE_CHECKING:
    from newsbot.sites.draft import Draft

_NAME = r"[a-z0-9][a-z0-9-]*"

sites_app = typer.Typer(
    invoke_without_command=True,
    help="List the sites, draft, check or generate seeds. Example: `newsbot sites`",
)
commands.add_typer(sites_app, name="sites")


@sites_app.callback()
def sites(context: typer.Context, as_json: Json = False) -> None:
    """List the sites that can be crawled. Example: `newsbot sites`"""
    if context.invoked_subcommand is not None:
        return
    found = load_sites(load_config().seeds_folder)
    if as_json:
        rows = [
            {
                "name": site.name,
                "title": site.title,
                "kind": site.kind,
                "language": site.language,
                "hosts": site.hosts,
                "feeds": len(site.feeds),
                "lists": len(site.lists),
            }
            for site in found.values()
        ]
        typer.echo(json.dumps(rows, indent=2))
        return
    table(
        ("site", "title", "kind", "language", "hosts", "feeds", "lists"),
        [
            (s.name, s.title, s.kind, s.language, len(s.hosts), len(s.feeds), len(s.lists))
            for s in found.values()
        ],
    )


@sites_app.command("check")
def sites_check(
    file: Annotated[Path, typer.Argument(help="A seed, as TOML.")],
    live: Annotated[
        bool,
        typer.Option(
            "--live", help="Try it on the site, too: feeds, sitemaps, lists to page 3, an article."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Check one seed and say what is wrong with it. Example: `newsbot sites check seeds/my.toml`

    With --live it exits with 3 if anything is wrong.
    """
    site = load_site(file)
    readable_ca_file(site)
    if live:
        from newsbot.doctor.site import SiteExamination  # noqa: PLC0415 - 0.3 s, for --live

        checks = SiteExamination(site, load_config(), None, None).checks()
        raise typer.Exit(report(checks, as_json=as_json))
    typer.echo(
        f"{file}: good: {site.name} ({site.title}), {len(site.hosts)} hosts, "
        f"{len(site.feeds)} feeds, {len(site.sitemaps)} sitemaps, {len(site.lists)} lists; "
        f"crawl it with `scrapy crawl {site.kind} -a site={file}`"
    )
    if site.request.variables:
        typer.echo(f"it needs in its environment: {', '.join(site.request.variables)}")


@sites_app.command("new")
def sites_new(
    url: Annotated[str, typer.Argument(metavar="URL", help="The site's home page.")],
    name: Annotated[str | None, typer.Option(help="The site's name; else from its host.")] = None,
    to: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Where to write; else seeds/NAME.toml. -: to the screen."
        ),
    ] = None,
    delay: Annotated[
        float, typer.Option(min=0, help="Seconds between two requests, here and in the seed.")
    ] = 2.0,
    as_json: Json = False,
) -> None:
    """Draft a seed for a site from its home page, and try it on five articles.

    It makes at most 25 requests, within robots.txt, and overwrites no file. Exits with 3 if not all
    came out right on the articles tried. Example: `newsbot sites new https://www.example.org/`
    """
    from newsbot.doctor.drafting import draft_site  # noqa: PLC0415 - 0.5 s, for this command

    config = load_config()
    target = _free_path(to, name, config.seeds_folder)
    if not as_json:
        typer.echo(f"{url}: at most 25 requests, {delay:g} s apart", err=to == "-")
    draft = draft_site(_address(url), config, name=name, delay=delay)
    if to != "-":
        target = target or _free_path(None, draft.get("name"), config.seeds_folder)
        _write(target, draft.to_toml())
    if as_json:
        written = None if target is None else str(target)
        typer.echo(json.dumps(draft.to_fields() | {"file": written}, ensure_ascii=False, indent=2))
    else:
        _show(draft, target)
    raise typer.Exit(0 if draft.is_sound else 3)


@sites_app.command("generate")
def sites_generate(
    table: Annotated[Path, typer.Argument(help="A table of hosts, as TOML.")],
    to: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where the seeds are; else seeds/.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 3 if a seed would change.")
    ] = False,
) -> None:
    """Make the seeds of one publisher's hosts from a table of them and a template.

    Files that were not made so are not overwritten. Example:
    `newsbot sites generate seeds/tables/antara.toml`
    """
    seeds = seeds_of(table)
    folder = to or load_config().seeds_folder
    changed = list(outdated(seeds, folder))
    for path in changed:
        if check:
            typer.echo(f"{path}: differs from {table}; `newsbot sites generate {table}` makes it")
        else:
            _write(path, seeds[path.stem], mode="w")
            typer.echo(f"written: {path}")
    typer.echo(f"{len(seeds)} seeds, {len(changed)} {'differ' if check else 'written'}")
    raise typer.Exit(3 if check and changed else 0)


def _address(url: str) -> str:
    """Return the address, with https where it has no scheme."""
    full = url if "://" in url else f"https://{url}"
    resolved = resolve(full, full)
    if resolved is None:
        raise ConfigError(f"{url!r} is not a web address; write https://host/")
    return resolved


def _free_path(to: str | None, name: str | None, folder: Path) -> Path | None:
    """Return where the seed is to be written; None if that is not known yet, or nowhere.

    Raises:
        ConfigError: the name cannot be one, or the file exists.
    """
    if name is not None and re.fullmatch(_NAME, name) is None:
        raise ConfigError(f"--name: {name!r}: write lower-case letters, digits and '-'")
    if to == "-" or (to is None and name is None):
        return None
    path = folder / f"{name}.toml" if to is None else Path(to)
    if path.exists():
        raise ConfigError(f"{path} exists and is not overwritten; give another --name or --to FILE")
    return path


def _write(path: Path | None, text: str, mode: Literal["x", "w"] = "x") -> None:
    assert path is not None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open(mode, encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise NewsbotError(f"{path}: cannot be written: {error.strerror}") from error


def _show(draft: "Draft", path: Path | None) -> None:
    """Print the keys, the articles tried and the next commands; the seed itself without a file."""
    to_screen = path is None
    for one in draft.keys:
        note = "" if one.in_force else " (as a comment)"
        typer.echo(f"{one.sure:<6}  {one.key:<17} {_brief(one.value)}{note}", err=to_screen)
        typer.echo(f"{'':25} {one.why}", err=to_screen)
    right = sum(page.fault is None for page in draft.tried)
    typer.echo(f"\ntried on {len(draft.tried)} articles, {right} right:", err=to_screen)
    for page in draft.tried:
        sign = "good " if page.fault is None else "WRONG"
        what = f"{page.published or '-':<10} {page.characters:>6} characters  {page.title or '-'}"
        typer.echo(f"{sign}  {what}", err=to_screen)
        if page.fault is not None:
            typer.echo(f"       {page.url}: {page.fault}", err=to_screen)
    for remark in draft.remarks:
        typer.echo(f"note   {remark}", err=to_screen)
    typer.echo(f"{draft.requests} requests were made", err=to_screen)
    if path is None:
        typer.echo(draft.to_toml(), nl=False)
        return
    site = draft.get("name") if path.parent == load_config().seeds_folder else path
    typer.echo(f"\nwritten to {path}: read it, and the site's terms. Next:")
    typer.echo(f"newsbot sites check --live {path}")
    typer.echo(f"newsbot crawl {site} --limit 5")


def _brief(value: object) -> str:
    """Return a key's value on one line."""
    if isinstance(value, list) and value and isinstance(value[0], dict) and "url" in value[0]:
        return ", ".join(str(one.get("pages") or one["url"]) for one in value)
    if isinstance(value, list):
        return ", ".join(map(_brief, value))
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
