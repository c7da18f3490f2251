"""What ``newsbot verify`` may be pointed at: a file, a day, a run, a folder, a store."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from newsbot.archive.layout import MANIFEST, ROOT, RunRef, parse_prefix
from newsbot.archive.snapshots import list_runs
from newsbot.archive.store import Store, check_store, open_store
from newsbot.archive.verify import verify_file, verify_store
from newsbot.archive.warccheck import Fault
from newsbot.errors import NewsbotError


def faults_of(target: str | None, store_url: str) -> Iterator[Fault]:
    """Every fault of the target; without one, of the whole store.

    Raises:
        NewsbotError: there is nothing of that name.
    """
    if target is None or target.startswith("s3://"):
        yield from verify_store(_open(target or store_url))
    elif re.fullmatch(r"\d{4}-\d\d-\d\d", target):
        yield from _runs(_open(store_url), day=date.fromisoformat(target))
    elif re.fullmatch(r"\d{8}T\d{6}Z-[0-9a-f]{6}\S*", target):
        yield from _runs(_open(store_url), run=target)
    elif Path(target).is_file():
        yield from verify_file(Path(target))
    elif Path(target).is_dir():
        yield from _folder(Path(target).resolve())
    else:
        raise NewsbotError(
            f"{target}: no such file or folder, nor a day (2025-02-28) or a run of {store_url}"
        )


def _open(url: str) -> Store:
    store = open_store(url)
    check_store(store, write=False)
    return store


def _runs(store: Store, *, day: date | None = None, run: str | None = None) -> Iterator[Fault]:
    refs = [ref for ref in list_runs(store, first=day, last=day) if run in (None, ref.run)]
    if not refs:
        raise NewsbotError(f"no run of {day or run} in {store.url}; `newsbot list` shows them")
    yield from verify_store(store, refs)


def _folder(path: Path) -> Iterator[Fault]:
    """A store, a downloaded part of one, or a run's own folder."""
    if (path / ROOT).is_dir():
        yield from verify_store(_open(str(path)))
        return
    ref = _ref_of(path)
    if ref is None or not (path / MANIFEST).is_file():
        raise NewsbotError(
            f"{path}: neither a store (with {ROOT}) nor a run's folder "
            f"({ROOT}<day>/<site>/<run>/ with {MANIFEST})"
        )
    yield from verify_store(_open(str(path.parents[3])), [ref])


def _ref_of(path: Path) -> RunRef | None:
    return parse_prefix("/".join(path.parts[-4:]) + "/")
