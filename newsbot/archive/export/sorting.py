"""Sorting more lines than should be in memory: sorted pieces on the disk, merged."""

import heapq
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import IO, Final

_PIECE: Final = 32 * 1024 * 1024  # bytes sorted in memory at once


def sorted_lines(lines: Iterable[bytes], piece: int = _PIECE) -> Iterator[bytes]:
    """The lines (without line feeds) in the order of their bytes."""
    with ExitStack() as files:
        pieces: list[IO[bytes]] = []
        held: list[bytes] = []
        size = 0
        for line in lines:
            held.append(line)
            size += len(line)
            if size >= piece:
                pieces.append(files.enter_context(tempfile.TemporaryFile()))
                _put(pieces[-1], sorted(held))
                held, size = [], 0
        yield from heapq.merge(sorted(held), *map(_read, pieces))


def _put(file: IO[bytes], lines: list[bytes]) -> None:
    file.writelines(line + b"\n" for line in lines)
    file.seek(0)


def _read(file: IO[bytes]) -> Iterator[bytes]:
    for line in file:
        yield line[:-1]
