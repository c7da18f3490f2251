"""The selection to export: runs, and the articles of each as crawled or as reprocessed."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import IO, Any

from newsbot.archive.snapshots import Snapshot
from newsbot.errors import ConfigError, StoreError

Target = Path | IO[bytes]
"""Where an export goes: a new file, or a stream such as the standard output."""


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


@dataclass(frozen=True)
class Wanted:
    """Which articles of the runs are exported; all of them by default.

    Args:
        sections: any of these, whatever the case of their letters.
        words: all of these words or phrases, in title or text, whatever the case of their letters.
        urls: any of these, each a URL as printed or canonical, or an id.
        latest: of each article only the newest revision of the runs.
    """

    sections: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    urls: frozenset[str] = frozenset()
    latest: bool = False

    @property
    def is_everything(self) -> bool:
        """Whether no article is left out."""
        return self == Wanted()

    @cached_property
    def _sections(self) -> frozenset[str]:
        return frozenset(section.casefold() for section in self.sections)

    @cached_property
    def _patterns(self) -> list[re.Pattern[str]]:
        return [
            re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE) for word in self.words
        ]

    def has(self, article: Mapping[str, Any], *, is_latest: bool) -> bool:
        """Return whether the line of an article is wanted."""
        if self.latest and not is_latest:
            return False
        names = (article["canonical_url"], article["url"], article["id"])
        if self.urls and self.urls.isdisjoint(names):
            return False
        if self._sections and (article["section"] or "").casefold() not in self._sections:
            return False
        text = f"{article['title'] or ''}\n\n{article['text']}" if self._patterns else ""
        return all(pattern.search(text) for pattern in self._patterns)


@dataclass(frozen=True, slots=True)
class Selection:
    """What to export.

    ``learned_from`` returns the runs whose events say what was learned since; they are read only by
    forms that have columns for it.
    """

    runs: list[Selected]
    wanted: Wanted = field(default_factory=Wanted)
    learned_from: Callable[[], Iterable[Snapshot]] = tuple


def select(
    runs: Iterable[Snapshot],
    *,
    derived: bool = False,
    wanted: Wanted = Wanted(),
    learned_from: Callable[[], Iterable[Snapshot]] | None = None,
) -> Selection:
    """Return the crawled runs in their order, to be exported.

    Args:
        derived: take the articles of the newest reprocessing of each.
        wanted: which of the articles.
        learned_from: see ``Selection``; the runs themselves if not given.
    """
    found = list(runs)
    newest = {run.ref.of_source(): run for run in found}
    if derived:
        for run in sorted(found, key=lambda run: (run.ref.is_derived, run.manifest.finished)):
            newest[run.ref.of_source()] = run
    crawled = [run for run in found if not run.ref.is_derived]
    chosen = [Selected(run, newest[run.ref] if derived else run) for run in crawled]
    return Selection(chosen, wanted, learned_from or (lambda: crawled))


@contextmanager
def new_file(to: Target) -> Iterator[IO[bytes]]:
    """Yield a file to write an export into, which gets its name once it is complete.

    A stream is yielded as it is, and left open.

    Raises:
        ConfigError: a file of that name exists.
        StoreError: it cannot be written.
    """
    if not isinstance(to, Path):
        yield to
        return
    if to.exists():
        raise ConfigError(f"{to} already exists; remove it or choose another name")
    partial = to.with_name(to.name + ".part")
    try:
        try:
            with partial.open("w+b") as file:
                yield file
            partial.rename(to)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"{to}: cannot be written: {error.strerror or error}") from error
