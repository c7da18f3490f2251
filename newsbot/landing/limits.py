"""Limits of the spool: its greatest size, and the bytes to leave free on its disk."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from newsbot.errors import SpoolFull
from newsbot.files import disk_errors
from newsbot.progress import bytes_text


@dataclass(frozen=True, slots=True)
class SpoolLimits:
    """Limits of the spool in bytes; without ``limit`` its size is not limited."""

    spool: Path
    limit: int | None
    reserve: int

    def check(self, need: int = 0) -> None:
        """Check that the spool may grow, by ``need`` bytes if that is known.

        Raises:
            SpoolFull: a limit is reached; the message says what to do.
            CaptureError: the folder cannot be read or created.
        """
        with disk_errors(self.spool):
            self.spool.mkdir(parents=True, exist_ok=True)
            free = shutil.disk_usage(self.spool).free
            held = 0 if self.limit is None else sum(_sizes(self.spool))
        if free < self.reserve + need:
            wanted = f"{bytes_text(need)} are needed, and " if need else ""
            raise SpoolFull(
                f"{self.spool}: {bytes_text(free)} are free on its disk, {wanted or 'and '}"
                f"{bytes_text(self.reserve)} are to stay free (NEWSBOT_SPOOL_RESERVE): make room, "
                "then crawl again"
            )
        if self.limit is not None and held >= self.limit:
            raise SpoolFull(
                f"{self.spool}: it holds {bytes_text(held)}, and {bytes_text(self.limit)} are "
                "allowed (NEWSBOT_SPOOL_LIMIT): is the store down? `newsbot recover` lands what "
                "dead crawls left"
            )


def _sizes(folder: Path) -> Iterator[int]:
    """Yield the size of each file below the folder, skipping those removed meanwhile."""
    try:
        entries = list(os.scandir(folder))
    except FileNotFoundError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            yield from _sizes(Path(entry.path))
            continue
        try:
            yield entry.stat(follow_symlinks=False).st_size
        except FileNotFoundError:
            continue
