"""Commands about the project: write one to crawl from, show the configuration in force."""

import json
import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import SecretStr

from newsbot.cli.app import Json, commands
from newsbot.cli.opening import config_of
from newsbot.config import Config
from newsbot.errors import ConfigError, NewsbotError

_PACKAGE = Path(__file__).resolve().parent.parent
_PARTS = ("scrapy.cfg", "spiders", "pipelines", "seeds")
_TOML_HEAD = """\
# The configuration of newsbot for this folder; `newsbot config` shows what is in force.
# Relative paths are relative to this file. A variable NEWSBOT_<KEY> wins over a key.
# A line that begins with "#" alone is a key with its default, or with none: take the "#" away.

# Tell every site who crawls it: your address, or a page about your crawl.
#contact = "https://example.org/our-crawl"

# Where snapshots land, a folder or s3://bucket/prefix, and where newsbot keeps its own state.
store = "archive"
state = "var"
seeds = "seeds"

"""
_CRONTAB = """\
# newsbot from cron: append this to your crontab, with a line for each site.
# A crawl that is still running makes the next one end at once (exit status 75). cron mails what a
# line prints: the summary, and the reasons if the exit status is not 0.

"""


@commands.command("init")
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")],
) -> None:
    """Write spiders, pipelines, seeds and a newsbot.toml into DIR, to crawl from there.

    Example: `newsbot init mycrawler`
    """
    target = folder.expanduser().resolve()
    _refuse_what_is_there(target)
    try:
        _write(target)
    except OSError as error:
        raise NewsbotError(f"{target}: cannot be written: {error}") from error
    program = shlex.quote(str(_program("newsbot")))
    typer.echo(f"written to {target}: {', '.join((*_PARTS, 'newsbot.toml', 'crontab.example'))}")
    typer.echo("\nName yourself in newsbot.toml (contact), choose or write a seed, and crawl:\n")
    typer.echo(f"cd {shlex.quote(str(target))}")
    typer.echo(f"{program} sites")
    typer.echo(f"{program} crawl antara --limit 5")
    typer.echo("\nRead the site's terms first: ANTARA forbids crawling without its permission.")
    typer.echo("\nFrom cron, as in crontab.example:\n")
    typer.echo(_cron_line(target))


def _refuse_what_is_there(target: Path) -> None:
    if not target.exists():
        return
    if not target.is_dir():
        raise ConfigError(f"{target} is a file; name a new or empty folder")
    found = sorted(path.name for path in target.iterdir())
    if found:
        more = f" and {len(found) - 5} more" if len(found) > 5 else ""
        raise ConfigError(f"{target} is not empty: it holds {', '.join(found[:5])}{more}")


def _write(target: Path) -> None:
    source = _source()
    (target / "var").mkdir(parents=True)  # cron's line has its log there
    for name in _PARTS:
        if (source / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.pyc")
            shutil.copytree(source / name, target / name, ignore=ignored)
        else:
            shutil.copyfile(source / name, target / name)
    (target / "newsbot.toml").write_text(_toml(), encoding="utf-8")
    (target / "crontab.example").write_text(_CRONTAB + _cron_line(target) + "\n", encoding="utf-8")


def _source() -> Path:
    """Return the folder with the project's parts: in the wheel, else the checkout.

    Raises:
        NewsbotError: neither has them.
    """
    for folder in (_PACKAGE / "_project", _PACKAGE.parent):
        if all((folder / name).exists() for name in _PARTS):
            return folder
    raise NewsbotError(f"{_PACKAGE} was installed without spiders and seeds; install newsbot again")


def _toml() -> str:
    """Return a newsbot.toml that names every key that may be set, with what it is."""
    shown = ("contact", "store", "state", "seeds", "synthetic")
    lines = [
        f"# {field.description}\n#{name} = {_value(field.default)}".rstrip() + "\n"
        for name, field in Config.model_fields.items()
        if name not in shown
    ]
    return _TOML_HEAD + "\n".join(lines)


def _value(default: object) -> str:
    """Return a default as TOML has it; nothing where there is none."""
    if default is None:
        return ""
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, int | float):
        return f"{default:d}" if isinstance(default, int) else f"{default:g}"
    return "[]" if isinstance(default, tuple) else f'"{default}"'


def _program(name: str) -> Path:
    return Path(sys.executable).parent / name


def _cron_line(target: Path) -> str:
    """Return the crontab's line for a crawl of ANTARA four times an hour."""
    folder, scrapy = (shlex.quote(str(path)) for path in (target, _program("scrapy")))
    command = f"cd {folder} && {scrapy} crawl antara --logfile var/antara.log"
    return f"*/15 * * * *  {command.replace('%', chr(92) + '%')}"  # cron's % is a line's end


_HIDDEN = "(hidden)"


_QUERY_PASSWORD = re.compile(r"(?<=[?&]password=)[^&]*")


@commands.command("config")
def show_config(as_json: Json = False) -> None:
    """Show which newsbot.toml is in force, and each value with where it comes from.

    Secrets are hidden. Example: `newsbot config --json`
    """
    config = config_of(None)
    values = _values(config)
    place = config.installation
    if as_json:
        document = {
            "file": place.file and str(place.file),
            "searched": [str(path) for path in place.searched],
            "folder": str(place.folder),
            "project": place.project and str(place.project),
            "values": values,
        }
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    typer.echo(f"file     {place.file or 'none'}")
    if place.file is None:
        typer.echo(f"         searched: {', '.join(map(str, place.searched))}")
    typer.echo(f"folder   {place.folder}")
    typer.echo(f"project  {place.project or 'none; `newsbot init DIR` creates one'}")
    typer.echo()
    width = max(map(len, values))
    for name, entry in values.items():
        shown = "-" if entry["value"] is None else entry["value"]
        typer.echo(f"{name:<{width}}  {shown}  ({entry['from']})")


def _values(config: Config) -> dict[str, dict[str, Any]]:
    """Return each field's value, as it takes effect, and its origin."""
    effective = {
        "store": config.store_url,
        "state": str(config.state_folder),
        "seeds": str(config.seeds_folder),
        "database_url": config.ledger_url,
    }
    return {
        name: {
            "value": _shown(effective.get(name, getattr(config, name)), config.secrets),
            "from": config.origin(name),
        }
        for name in type(config).model_fields
    }


def _shown(value: object, secrets: tuple[str, ...]) -> str | int | float | list[str] | None:
    """Return the value for a reader, without anything that must stay secret."""
    if isinstance(value, SecretStr):
        return _HIDDEN
    if isinstance(value, tuple):
        return [str(_shown(one, secrets)) for one in value]
    if value is None or isinstance(value, int | float):
        return value
    text = _QUERY_PASSWORD.sub(_HIDDEN, str(value))
    for secret in secrets:
        text = text.replace(secret, _HIDDEN)
    return text
