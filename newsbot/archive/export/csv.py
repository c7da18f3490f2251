"""CSV: a row an article, safe to open in a spreadsheet.

UTF-8, RFC 4180. Lists and objects stand in their cells as JSON. A text that a spreadsheet would run
as a formula (it begins with =, +, -, @, a tab or a carriage return) gets an apostrophe before it,
as OWASP's page on CSV injection has it; whoever needs the very text takes jsonl or parquet.
"""

import csv
import io
import json
from pathlib import Path
from typing import Any, Final

from newsbot.archive.export.selection import Exported, Progress, Selected, lines_of, new_file
from newsbot.models import Article

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
COLUMNS: Final = (
    "date",
    "run",
    *(field.alias or name for name, field in Article.model_fields.items()),
)


def export(chosen: list[Selected], to: Path, progress: Progress) -> Exported:
    """Write the articles of the runs, below a line of column names.

    Raises:
        FixityError: a stored file is damaged; nothing is left under the name.
        StoreError, ConfigError: it cannot be read, or written.
    """
    articles = 0
    with new_file(to) as file, io.TextIOWrapper(file, "utf-8", newline="") as text:
        rows = csv.writer(text)
        rows.writerow(COLUMNS)
        for selected, line in lines_of(chosen, progress):
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
