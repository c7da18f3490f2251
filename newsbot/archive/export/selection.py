"""The selection to export: runs, and the articles of each as crawled or as reprocessed."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from newsbot.archive.lines import checked_lines
from newsbot.archive.snapshots import Snapshot
from newsbot.errors import ConfigError, StoreError
from newsbot.progress import Progress


@dataclass(frozen=True, slots=True)
class Selected:
    """A crawled run, and the run whose articles are exported: itself or one derived from it."""

    run: Snapshot
    articles: Snapshot


@dataclass(frozen=True, slots=True)
class Exported:
    """The counts of an export; ``missing`` names referred-to records that the store lacks."""

    runs: int
    articles: int
    missing: tuple[str, ...] = ()


def select(runs: Iterable[Snapshot], *, derived: bool = False) -> list[Selected]:
    """Return the crawled runs in their order; with ``derived``, the newest reprocessing of each."""
    found = list(runs)
    newest = {run.ref.of_source(): run for run in found}
    if derived:
        for run in sorted(found, key=lambda run: (run.ref.is_derived, run.manifest.finished)):
            newest[run.ref.of_source()] = run
    crawled = [run for run in found if not run.ref.is_derived]
    return [Selected(run, newest[run.ref] if derived else run) for run in crawled]


def article_lines(
    chosen: Iterable[Selected], progress: Progress
) -> Iterator[tuple[Selected, bytes]]:
    """Yield all articles as stored lines, with their runs, calling ``progress`` for each.

    Raises:
        FixityError: after a run's last line, if its file is damaged.
    """
    for selected in chosen:
        run = selected.articles
        lines = checked_lines(run, "articles.jsonl.gz")
        total = int(run.manifest.counts["articles"])
        for number, line in enumerate(lines, 1):
            yield selected, line
            progress(run.ref.run, number, total)


@contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """Yield a file to write an export into, which gets its name once it is complete.

    Raises:
        ConfigError: a file of that name exists.
        StoreError: it cannot be written.
    """
    if path.exists():
        raise ConfigError(f"{path} already exists; remove it or choose another name")
    partial = path.with_name(path.name + ".part")
    try:
        try:
            with partial.open("w+b") as file:
                yield file
            partial.rename(path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"{path}: cannot be written: {error.strerror or error}") from error
