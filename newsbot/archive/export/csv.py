"""CSV that is safe in a spreadsheet, and JSON lines as they are stored.

CSV has a row for each article, in UTF-8 (RFC 4180). Lists and objects are JSON in their cells. A
text that a spreadsheet would run as a formula (it begins with =, +, -, @, a tab or a carriage
return) gets a leading apostrophe, as OWASP's page on CSV injection recommends; the other forms have
the unchanged text.
"""

import csv
import gzip
import io
import json
from pathlib import Path
from typing import IO, Any, Final

from newsbot.archive.export.selection import Exported, Selected, article_lines, new_file
from newsbot.models import Article
from newsbot.progress import Progress

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
COLUMNS: Final = (
    "date",
    "run",
    *(field.alias or name for name, field in Article.model_fields.items()),
)


def export_csv(chosen: list[Selected], to: Path, progress: Progress) -> Exported:
    """Write the articles of the runs, with a header row.

    Raises:
        FixityError: a stored file is damaged; no export is left behind.
        StoreError, ConfigError: the store cannot be read, or the export not be written.
    """
    articles = 0
    with new_file(to) as file, io.TextIOWrapper(file, "utf-8", newline="") as text:
        rows = csv.writer(text)
        rows.writerow(COLUMNS)
        for selected, line in article_lines(chosen, progress):
            ref = selected.articles.ref
            row = {"date": ref.date.isoformat(), "run": ref.run, **json.loads(line)}
            rows.writerow(_cell(row.get(name)) for name in COLUMNS)
            articles += 1
    return Exported(len(chosen), articles)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return f"'{value}" if value.startswith(_FORMULA) else value


def export_lines(chosen: list[Selected], to: Path, progress: Progress) -> Exported:
    """Write the articles as JSON lines, as they are stored; gzipped if the name ends in .gz.

    Raises:
        FixityError: a stored file is damaged; no export is left behind.
        StoreError, ConfigError: the store cannot be read, or the export not be written.
    """
    with new_file(to) as file:
        if to.suffix == ".gz":
            with gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed:
                return _write_lines(chosen, packed, progress)
        return _write_lines(chosen, file, progress)


def _write_lines(
    chosen: list[Selected], file: IO[bytes] | gzip.GzipFile, progress: Progress
) -> Exported:
    articles = 0
    for _, line in article_lines(chosen, progress):
        file.write(line + b"\n")
        articles += 1
    return Exported(len(chosen), articles)
