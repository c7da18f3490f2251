"""The command that shows the configuration in force."""

import json
import re
from typing import Any

import typer
from pydantic import SecretStr

from newsbot.cli.app import Json, commands
from newsbot.cli.opening import config_of
from newsbot.config import Config

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
    typer.echo(f"project  {place.project or 'none; `newsbot init DIR` makes one'}")
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
