"""Checks a WARC file that stands alone, of newsbot or of another program."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

from newsbot.archive.verify.files import HashingReader
from newsbot.errors import NewsbotError
from newsbot.files import pieces
from newsbot.progress import Progress
from newsbot.warc.check import WarcCheck
from newsbot.warc.fault import Fault, grouped


def verify_file(
    path: Path, progress: Progress = lambda _name, _done, _size: None
) -> Iterator[Fault]:
    """Yield every fault and remark of one WARC file, each cause once.

    Raises:
        NewsbotError: it cannot be read at all.
    """
    done = 0

    def seen(length: int) -> None:
        nonlocal done
        done += length
        progress(str(path), done, size)

    try:
        size = path.stat().st_size
        reader = cast("BinaryIO", HashingReader(pieces(path), seen))
        yield from grouped(WarcCheck(str(path)).run(reader))
    except OSError as error:
        raise NewsbotError(f"{path}: cannot be read: {error.strerror}") from error
