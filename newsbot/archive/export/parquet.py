"""Parquet: one row per article with typed columns; the schema follows the article's model.

Times are timestamps in UTC (a column has one time zone; the offset as printed is in
``published.raw`` and in the JSON lines), lists are lists, parts are structs.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from types import UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from newsbot.archive.export.selection import Exported, Selected, article_lines, new_file
from newsbot.errors import ConfigError
from newsbot.models import Article
from newsbot.progress import Progress

_ROWS: Final = 2000  # articles a row group: some 10 MB in memory


def export(chosen: list[Selected], to: Path, progress: Progress) -> Exported:
    """Write the articles of the runs, in row groups.

    Raises:
        ConfigError: pyarrow is not installed, or a file of that name exists.
        FixityError: a stored file is damaged; no export is left behind.
        StoreError: the store cannot be read, or the export not be written.
    """
    pa, schema = _pyarrow(), arrow_schema()
    articles = 0
    with new_file(to) as file, pa.parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        rows = _rows(chosen, progress)
        while batch := list(islice(rows, _ROWS)):
            writer.write_table(pa.Table.from_pylist(batch, schema=schema))
            articles += len(batch)
    return Exported(len(chosen), articles)


def arrow_schema() -> Any:
    """Return the pyarrow.Schema: date and run of the snapshot, then the article's fields."""
    pa = _pyarrow()
    fields = [pa.field("date", pa.date32()), pa.field("run", pa.string())]
    return pa.schema([*fields, *_fields(Article)])


def _pyarrow() -> Any:
    """Return the library, which is not installed where nobody asked for Parquet."""
    try:
        import pyarrow.parquet  # noqa: PLC0415 - an extra: newsbot runs without it
    except ImportError as error:
        raise ConfigError(
            "--format parquet needs pyarrow, which is not installed: pip install 'newsbot[parquet]'"
        ) from error
    return pyarrow


def _fields(model: type[BaseModel]) -> list[Any]:
    pa = _pyarrow()
    return [
        pa.field(field.alias or name, _type(field.annotation))
        for name, field in model.model_fields.items()
    ]


def _type(annotation: Any) -> Any:
    """Return the Arrow type of a field's annotation."""
    pa = _pyarrow()
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        (inner,) = (one for one in arguments if one is not type(None))
        return _type(inner)
    if origin is tuple:
        return pa.list_(_type(arguments[0]))
    if origin is Literal:
        return pa.string()
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return pa.struct(_fields(annotation))
    return {
        str: pa.string(),
        int: pa.int64(),
        float: pa.float64(),
        bool: pa.bool_(),
        datetime: pa.timestamp("us", tz="UTC"),
    }[annotation]


def _rows(chosen: list[Selected], progress: Progress) -> Iterator[dict[str, Any]]:
    for selected, line in article_lines(chosen, progress):
        ref = selected.articles.ref
        typed = Article.model_validate_json(line).model_dump(by_alias=True)
        yield {"date": ref.date, "run": ref.run, **typed}
