"""The index of exported snapshots: as players want it, in one sorted file.

Source: webrecorder/specs, CDXJ 1.0.
"""

import heapq
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import chain
from typing import IO, Final

from newsbot.archive.export.dependencies import Dependencies
from newsbot.archive.export.selection import Exported, Selection, Target, new_file
from newsbot.archive.lines import checked_lines
from newsbot.archive.snapshots import Snapshot
from newsbot.layout import INDEX
from newsbot.progress import Progress

_PIECE: Final = 32 * 1024 * 1024  # bytes sorted in memory at once
_NOT_MODIFIED: Final = b'"status": "304"'


def export(selection: Selection, to: Target, progress: Progress) -> Exported:
    """Write one index of the runs' WARC files, and of the records that their revisits refer to.

    It names the WARC files as they are named in the store, without a folder.

    Raises:
        FixityError: a stored file is damaged; no export is left behind.
        StoreError, ConfigError: the store cannot be read, or the export not be written.
    """
    runs = [selected.run for selected in selection.runs]
    needed = Dependencies(runs)
    with new_file(to) as file:
        others = (line for line, _ in needed.records())
        own = chain.from_iterable(map(index_lines, _counted(runs, progress)))
        for line in sorted_lines(chain(own, others)):
            file.write(line + b"\n")
    counts = [selected.articles.manifest.counts for selected in selection.runs]
    articles = sum(int(of_run["articles"]) for of_run in counts)
    return Exported(len(runs), articles, tuple(sorted(needed.missing)))


def index_lines(run: Snapshot) -> Iterator[bytes]:
    """Yield the run's index lines, without those of 304 answers that give their status.

    newsbot wrote such lines at first: players show a page without content for them, and hide the
    captures before them.
    """
    for line in checked_lines(run, INDEX):
        if _NOT_MODIFIED not in line:
            yield line


def _counted(runs: list[Snapshot], progress: Progress) -> Iterator[Snapshot]:
    for number, run in enumerate(runs, 1):
        yield run
        progress(run.ref.run, number, len(runs))


def sorted_lines(lines: Iterable[bytes], piece: int = _PIECE) -> Iterator[bytes]:
    """Yield the lines (without line feeds) in the order of their bytes."""
    with ExitStack() as files:
        pieces: list[IO[bytes]] = []
        held: list[bytes] = []
        size = 0
        for line in lines:
            held.append(line)
            size += len(line)
            if size >= piece:
                pieces.append(files.enter_context(tempfile.TemporaryFile()))
                _write_lines(pieces[-1], sorted(held))
                held, size = [], 0
        yield from heapq.merge(sorted(held), *map(_read, pieces))


def _write_lines(file: IO[bytes], lines: list[bytes]) -> None:
    file.writelines(line + b"\n" for line in lines)
    file.seek(0)


def _read(file: IO[bytes]) -> Iterator[bytes]:
    for line in file:
        yield line[:-1]
