"""JSON lines: the articles as they are stored; gzipped if the file's name ends in .gz."""

import gzip
from pathlib import Path
from typing import IO

from newsbot.archive.export.selection import Exported, Progress, Selected, article_lines, new_file


def export(chosen: list[Selected], to: Path, progress: Progress) -> Exported:
    """Write the articles of the runs, one after the other.

    Raises:
        FixityError: a stored file is damaged; no export is left behind.
        StoreError, ConfigError: the store cannot be read, or the export not be written.
    """
    with new_file(to) as file:
        if to.suffix == ".gz":
            with gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed:
                return _write(chosen, packed, progress)
        return _write(chosen, file, progress)


def _write(chosen: list[Selected], file: IO[bytes] | gzip.GzipFile, progress: Progress) -> Exported:
    articles = 0
    for _, line in article_lines(chosen, progress):
        file.write(line + b"\n")
        articles += 1
    return Exported(len(chosen), articles)
