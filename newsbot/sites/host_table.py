"""Seeds of one publisher's many hosts, made from a table of the hosts and one template.

A column's name in ``@{…}`` stands for its value, in the template and in other values. A seed that
was made so says it in a comment, and only such files are written over.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, StringConstraints, ValidationError

from newsbot.errors import ConfigError
from newsbot.sites.loading import messages, site_of
from newsbot.sites.values import Table

MARK: Final = "# Made by `newsbot sites generate`"
"""How a line begins in each seed that was made from a table: such a file may be written over."""

_COLUMN: Final = re.compile(r"@\{([a-z_]{1,40})\}")
_MOST_NESTED: Final = 3  # a value may name a column whose value names one
_Value = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$")]


class HostTable(Table):
    """A table of hosts: for each seed's name the values of its columns."""

    template: str = Field(description="File name of the template, beside the table.")
    defaults: Mapping[str, _Value] = Field({}, description="Values that most seeds have.")
    sites: Mapping[str, Mapping[str, _Value]]


def seeds_of(table: Path) -> dict[str, str]:
    """Return the text of each seed by its name.

    Raises:
        ConfigError: the table or a seed is wrong; the message names file, key and remedy.
    """
    try:
        hosts = HostTable.model_validate(tomllib.loads(_read(table)))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{table}: not valid TOML: {error}") from error
    except ValidationError as error:
        raise ConfigError("\n".join(messages(str(table), error))) from error
    template = _read(table.parent / hosts.template)
    if not any(line.startswith(MARK) for line in template.splitlines()):
        raise ConfigError(f"{table.parent / hosts.template}: give it a line that begins: {MARK}")
    return {name: _seed(table, hosts, template, name) for name in hosts.sites}


def outdated(seeds: Mapping[str, str], folder: Path) -> Iterator[Path]:
    """Yield the paths of the seeds that the folder does not have, or has with another text.

    Raises:
        ConfigError: one of them was not made from a table, and would be lost.
    """
    for name, text in seeds.items():
        path = folder / f"{name}.toml"
        old = _read(path) if path.exists() else ""
        if old and not any(line.startswith(MARK) for line in old.splitlines()):
            raise ConfigError(
                f"{path}: was not made from a table, and is not overwritten: move it away, or take "
                f"{name!r} out of the table"
            )
        if old != text:
            yield path


def _seed(table: Path, hosts: HostTable, template: str, name: str) -> str:
    columns = {**hosts.defaults, **hosts.sites[name], "name": name}
    where = f"{table}: sites.{name}"
    used = {found[1] for text in (template, *columns.values()) for found in _COLUMN.finditer(text)}
    for column in sorted(hosts.sites[name].keys() - used):
        raise ConfigError(f"{where}.{column}: neither the template nor a value has @{{{column}}}")
    text = template
    for _ in range(_MOST_NESTED):
        text = _COLUMN.sub(lambda found: _value(columns, found[1], where), text)
    site = site_of(text, where)
    if site.name != name:
        raise ConfigError(f'{where}: the template must have name = "@{{name}}"')
    return text


def _value(columns: Mapping[str, str], column: str, where: str) -> str:
    if column not in columns:
        raise ConfigError(f"{where}: {column}: missing; give it here or under [defaults]")
    return columns[column]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8: {error}") from error
