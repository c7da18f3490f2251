"""SpoolLimits for the spool: a ceiling on its size and a floor under its disk's free bytes."""

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
    """How much the spool may take. Sizes are in bytes; ``limit`` None means no ceiling."""

    spool: Path
    limit: int | None
    reserve: int

    def check(self) -> None:
        """See that there is room for more.

        Raises:
            SpoolFull: there is not; the message says what to do.
            CaptureError: the folder cannot be read or made.
        """
        with disk_errors(self.spool):
            self.spool.mkdir(parents=True, exist_ok=True)
            free = shutil.disk_usage(self.spool).free
            held = 0 if self.limit is None else sum(_sizes(self.spool))
        if free < self.reserve:
            raise SpoolFull(
                f"{self.spool}: {bytes_text(free)} are free on its disk, and "
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
    """Yield bytes of each file below; one that goes meanwhile counts nothing."""
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
