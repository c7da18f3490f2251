"""What commands draw: tables and progress; plain lines where there is no terminal."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TaskID,
    TextColumn,
    TransferSpeedColumn,
)
from rich.table import Table

from newsbot.progress import Progress as ProgressCallback
from newsbot.progress import bytes_text


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table; numbers to the right. Off a terminal it is as wide as it needs."""
    console = Console(width=None if sys.stdout.isatty() else 200)
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    rows = [tuple(row) for row in rows]
    for position, head in enumerate(heads):
        numbers = bool(rows) and isinstance(rows[0][position], int)
        drawn.add_column(head, justify="right" if numbers else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(str(cell) for cell in row))
    console.print(drawn)


@contextmanager
def transfer_progress(*, enabled: bool) -> Iterator[ProgressCallback]:
    """Yield a callback ``(file, bytes done, bytes in all)`` that shows bars, or a line a file."""
    with _progress(_line, DownloadColumn(), TransferSpeedColumn(), enabled=enabled) as show:
        yield show


@contextmanager
def count_progress(*, enabled: bool) -> Iterator[ProgressCallback]:
    """Yield a callback ``(what, number done, number in all)`` that shows bars, or a line each."""
    with _progress(_count_line, MofNCompleteColumn(), enabled=enabled) as show:
        yield show


@contextmanager
def _progress(
    line: ProgressCallback, *columns: ProgressColumn, enabled: bool
) -> Iterator[ProgressCallback]:
    if not enabled:
        yield lambda _name, _done, _total: None
        return
    if not sys.stdout.isatty():
        yield line
        return
    with Progress(TextColumn("{task.description}"), BarColumn(), *columns) as progress:
        tasks: dict[str, TaskID] = {}

        def show(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = progress.add_task(name.rsplit("/", 1)[-1], total=total)
            progress.update(tasks[name], completed=done)

        yield show


def _line(name: str, done: int, total: int) -> None:
    if done == total:
        print(f"{name} {bytes_text(total)}", flush=True)


def _count_line(name: str, done: int, total: int) -> None:
    if done == total:
        print(f"{name} {total}", flush=True)
