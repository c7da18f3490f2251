"""CSV that is safe in a spreadsheet, and JSON lines as they are stored, with what is known since.

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

from newsbot.archive.export.rows import Known, known_rows
from newsbot.archive.export.selection import Exported, Selection, Target, new_file
from newsbot.models import Article
from newsbot.progress import Progress

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
COLUMNS: Final = (
    "date",
    "run",
    *(field.alias or name for name, field in Article.model_fields.items()),
    *Known.model_fields,
)


def export_csv(selection: Selection, to: Target, progress: Progress) -> Exported:
    """Write the articles of the runs, with a header row.

    Raises:
        FixityError: a stored file is damaged; no export is left behind.
        StoreError, ConfigError: the store cannot be read, or the export not be written.
    """
    with new_file(to) as file:
        text = io.TextIOWrapper(file, "utf-8", newline="")
        try:
            articles = _write_rows(selection, text, progress)
        finally:
            text.detach()  # a stream stays open
    return Exported(len(selection.runs), articles)


def _write_rows(selection: Selection, text: io.TextIOWrapper, progress: Progress) -> int:
    rows = csv.writer(text)
    rows.writerow(COLUMNS)
    articles = 0
    for row, known in known_rows(selection, progress):
        ref = row.selected.articles.ref
        cells = {"date": ref.date.isoformat(), "run": ref.run, **row.article}
        cells |= known.model_dump(mode="json")
        rows.writerow(_cell(cells.get(name)) for name in COLUMNS)
        articles += 1
    return articles


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return f"'{value}" if value.startswith(_FORMULA) else value


def export_lines(selection: Selection, to: Target, progress: Progress) -> Exported:
    """Write the articles as JSON lines; gzipped if the name ends in .gz.

    A line is the one that landed, with the fields of ``Known`` after its own.

    Raises:
        FixityError: a stored file is damaged; no export is left behind.
        StoreError, ConfigError: the store cannot be read, or the export not be written.
    """
    with new_file(to) as file:
        if isinstance(to, Path) and to.suffix == ".gz":
            with gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed:
                return _write_lines(selection, packed, progress)
        return _write_lines(selection, file, progress)


def _write_lines(
    selection: Selection, file: IO[bytes] | gzip.GzipFile, progress: Progress
) -> Exported:
    articles = 0
    for row, known in known_rows(selection, progress):
        more = known.model_dump_json().encode()
        file.write(row.line.rstrip().removesuffix(b"}") + b"," + more[1:] + b"\n")
        articles += 1
    return Exported(len(selection.runs), articles)
