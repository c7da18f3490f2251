"""Finds the installation that a command works on: its newsbot.toml, its folder, its project.

The newsbot.toml in force is the one that was named (``--config`` or NEWSBOT_CONFIG), else the first
that exists in the working directory, the project and /etc/newsbot. A project is the folder that
crawls run from: a checkout, or what ``newsbot init`` wrote.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from newsbot.errors import ConfigError

CONFIG_VARIABLE = "NEWSBOT_CONFIG"
_CONFIG_FILE = "newsbot.toml"
_SYSTEM_FOLDER = Path("/etc/newsbot")
_PACKAGE = Path(__file__).resolve().parent
_SETTINGS = "newsbot.settings"  # named by our scrapy.cfg and not by that of other Scrapy projects


@dataclass(frozen=True, slots=True)
class Installation:
    """The files and folders that a command works on; paths are absolute.

    Attributes:
        file: the newsbot.toml in force, or None.
        searched: the files that were searched for, in order.
        folder: the folder that relative paths are relative to.
        project: the folder that crawls run from, or None.
    """

    file: Path | None
    searched: tuple[Path, ...]
    folder: Path
    project: Path | None

    def describe(self) -> str:
        """Return which file is in force, in words."""
        if self.file is not None:
            return f"configuration: {self.file}"
        return f"no {_CONFIG_FILE} found; paths are relative to {self.folder}"


def find_installation(environment: Mapping[str, str] = os.environ) -> Installation:
    """Return the installation in force for the working directory and the environment.

    Raises:
        ConfigError: the file that was named does not exist, or a folder cannot be read.
    """
    here = _working_directory()
    project = _project_at_or_above(here) or _project_of_package()
    named = environment.get(CONFIG_VARIABLE)
    folders = (here, project, _SYSTEM_FOLDER)
    files = (folder / _CONFIG_FILE for folder in folders if folder is not None)
    searched = tuple(dict.fromkeys(files))
    file = _named_file(named) if named else next(filter(_is_file, searched), None)
    if file is not None:
        project = _project_at_or_above(file.parent) or project
    folder = _user_folder() if project is None else project
    return Installation(file, searched, folder if file is None else file.parent, project)


def _named_file(name: str) -> Path:
    file = Path(name).expanduser().resolve()
    if not _is_file(file):
        raise ConfigError(
            f"{file}: no such file; --config (or {CONFIG_VARIABLE}) must name a {_CONFIG_FILE}"
        )
    return file


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError as error:
        raise ConfigError(
            f"{path}: {error.strerror}; make it readable, or name another file with --config"
        ) from error


def _working_directory() -> Path | None:
    try:
        return Path.cwd()
    except FileNotFoundError:  # the working directory was removed
        return None


def _project_at_or_above(folder: Path | None) -> Path | None:
    """Return the nearest project, in the order in which Scrapy searches for its scrapy.cfg."""
    if folder is None:
        return None
    return next((path for path in (folder, *folder.parents) if _is_project(path)), None)


def _project_of_package() -> Path | None:
    """Return the checkout that this package is part of, or None if only the wheel is installed."""
    return _PACKAGE.parent if _is_project(_PACKAGE.parent) else None


def _is_project(folder: Path) -> bool:
    try:
        return _SETTINGS in (folder / "scrapy.cfg").read_text("utf-8", "replace")
    except OSError:
        return False


def _user_folder() -> Path:
    from platformdirs import user_data_path  # noqa: PLC0415 - not needed in a project

    return user_data_path("newsbot")
