"""The targets of ``newsbot verify``: a store or a part of one, a run, or a single file."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

from newsbot.archive.snapshots import find_runs
from newsbot.errors import ConfigError
from newsbot.layout import MANIFEST, ROOT, RunRef, parse_prefix
from newsbot.stores.opening import open_store
from newsbot.stores.s3options import S3Options
from newsbot.stores.store import Store

_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_RUN: Final = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}\S*")


@dataclass(frozen=True, slots=True)
class Selection:
    """Which runs of a store are meant: all that fit each field that is set; days are inclusive."""

    site: str | None = None
    first: date | None = None
    last: date | None = None
    run: str | None = None

    def must_have(self, run: str) -> bool:
        """Return whether a run is among these for certain, whatever its site's time zone."""
        if self.run is not None:
            return False
        day = f"{run[:4]}-{run[4:6]}-{run[6:8]}"
        return not (
            (self.first and day <= self.first.isoformat())
            or (self.last and day >= self.last.isoformat())
        )

    @property
    def is_all(self) -> bool:
        """Whether no run is left out."""
        return self == Selection()

    def narrowed(self, other: "Selection") -> "Selection":
        """Return the runs that are in both; what this one sets counts."""
        return Selection(
            self.site or other.site, self.first or other.first, self.last or other.last,
            self.run or other.run,
        )  # fmt: skip

    def refs(self, store: Store) -> list[RunRef]:
        """Return the folders of runs in the store that are meant, landed or not."""
        found = find_runs(store, self.site, self.first, self.last)
        return [ref for ref in found if self.run in (None, ref.run)]

    def prefixes(self, refs: Iterable[RunRef]) -> list[str]:
        """Return the folders that hold these runs, and must hold nothing else."""
        if self.is_all:
            return [""]
        if self.run is not None:
            return []
        site = "" if self.site is None else f"{self.site}/"
        return sorted({f"{ROOT}{ref.date.isoformat()}/{site}" for ref in refs})


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be checked: runs of a store, or a file.

    Args:
        name: as it was given, or the store's address.
        store: None for a file that belongs to no run.
        file: of a run, its name in the store; else its path.
        is_own: it is the configured store, or a part of it.
    """

    name: str
    store: Store | None = None
    selection: Selection = Selection()
    file: str | None = None
    is_own: bool = False


def target_of(name: str | None, store_url: str, options: S3Options, within: Selection) -> Target:
    """Return the target of that name; without one, the configured store.

    Args:
        options: of stores on S3.
        within: narrows the target to a site or days.

    Raises:
        ConfigError: there is no such target, or no such day.
    """

    def within_own(selection: Selection) -> Target:
        store = open_store(store_url, options)
        return Target(name or store_url, store, selection.narrowed(within), is_own=True)

    if name is None:
        return within_own(Selection())
    if (days := _days(name)) is not None:
        return within_own(days)
    if _RUN.fullmatch(name):
        return within_own(Selection(run=name))
    path = Path(name)
    if name.startswith("s3://"):
        found = _place(name, name.rstrip("/"), options)
    elif path.is_dir():
        found = _place(name, _absolute(path), options)
    elif path.is_file():
        return _file(name, Path(_absolute(path)))
    else:
        raise ConfigError(
            f"{name}: neither a file, a folder, a day (2025-02-28), days (2025-02-01..2025-02-28) "
            f"nor a run of {store_url}"
        )
    own_url = store_url.rstrip("/") if "://" in store_url else _absolute(Path(store_url))
    is_own = found.store is not None and found.store.url == own_url
    return replace(found, selection=found.selection.narrowed(within), is_own=is_own)


def _absolute(path: Path) -> str:
    """Return the path from the root on, without following links."""
    return os.path.normpath(path.absolute())


def _days(name: str) -> Selection | None:
    first, dots, last = name.partition("..")
    if not _DAY.fullmatch(first) or (dots and not _DAY.fullmatch(last)):
        return None
    try:
        days = Selection(
            first=date.fromisoformat(first), last=date.fromisoformat(last if dots else first)
        )
    except ValueError as error:
        raise ConfigError(f"{name}: there is no such day ({error})") from error
    if (days.last or date.max) < (days.first or date.min):
        raise ConfigError(f"{name}: its last day is before its first; write {last}..{first}")
    return days


def _place(name: str, url: str, options: S3Options) -> Target:
    """Return a store, or the day, site, run or file within one that the address leads to."""
    is_remote = "://" in url
    if is_remote or not (Path(url) / ROOT).is_dir():
        root, parts = _split(url, is_remote=is_remote)
    else:
        root, parts = url, []
    if not is_remote and not (Path(root) / ROOT).is_dir():
        raise ConfigError(
            f"{name}: neither a store (with {ROOT}) nor the folder of a day, a site or a run in "
            f"one ({ROOT}<day>/<site>/<run>/ with {MANIFEST})"
        )
    selection, file = _within(parts) or (Selection(), None)
    return Target(name, open_store(root, options), selection, file)


def _split(url: str, *, is_remote: bool = False) -> tuple[str, list[str]]:
    """Return the store's part of an address, and the parts below its ``snapshots``.

    The last part of a store's own address may have that name too: a bucket cannot be asked here.
    """
    parts = url.split("/")
    if ROOT[:-1] not in parts:
        return url, []
    at = len(parts) - 1 - parts[::-1].index(ROOT[:-1])
    below = parts[at + 1 :]
    if _within(below) is None or (is_remote and not below):
        return url, []
    return "/".join(parts[:at]) or "/", below


def _within(parts: list[str]) -> tuple[Selection, str | None] | None:
    """Return the runs that the parts below ``snapshots`` lead to, and the file if it is one."""
    if not parts:
        return Selection(), None
    days = _days(parts[0]) if _DAY.fullmatch(parts[0]) else None
    if days is None:
        return None
    if len(parts) < 3:
        return replace(days, site=parts[1] if len(parts) == 2 else None), None
    ref = parse_prefix("/".join(parts[:3]))
    if ref is None:
        return None
    file = ref.prefix + "/".join(parts[3:]) if len(parts) > 3 else None
    return replace(days, site=ref.site, run=ref.run), file


def _file(name: str, path: Path) -> Target:
    """Return a file: of a run if it stands in the folder of one that has landed, else by itself."""
    root, parts = _split(str(path))
    selection, file = _within(parts) or (Selection(), None)
    if file is None or not Path(root, ROOT, *parts[:3], MANIFEST).exists():
        return Target(name, file=name)
    return Target(name, open_store(root), selection, file)
