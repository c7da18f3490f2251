"""Parquet: one row per article with typed columns; the schema follows the article's model.

Times are timestamps in UTC (a column has one time zone; the offset as printed is in
``published.raw`` and in the JSON lines), lists are lists, parts are structs.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from types import UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from newsbot.archive.export.rows import Known, known_rows
from newsbot.archive.export.selection import Exported, Selection, Target, new_file
from newsbot.errors import ConfigError
from newsbot.models import Article
from newsbot.progress import Progress

_ROWS: Final = 2000  # articles a row group: some 10 MB in memory


def export(selection: Selection, to: Target, progress: Progress) -> Exported:
    """Write the articles of the runs, in row groups.

    Raises:
        ConfigError: pyarrow is not installed, or a file of that name exists.
        FixityError: a stored file is damaged; no export is left behind.
        StoreError: the store cannot be read, or the export not be written.
    """
    pa, schema = _pyarrow(), arrow_schema()
    articles = 0
    with new_file(to) as file, pa.parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        rows = _rows(selection, progress)
        while batch := list(islice(rows, _ROWS)):
            writer.write_table(pa.Table.from_pylist(batch, schema=schema))
            articles += len(batch)
    return Exported(len(selection.runs), articles)


def arrow_schema() -> Any:
    """Return the pyarrow.Schema: date and run, then the fields of ``Article`` and of ``Known``."""
    pa = _pyarrow()
    fields = [pa.field("date", pa.date32()), pa.field("run", pa.string())]
    return pa.schema([*fields, *_fields(Article), *_fields(Known)])


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


def _rows(selection: Selection, progress: Progress) -> Iterator[dict[str, Any]]:
    for row, known in known_rows(selection, progress):
        ref = row.selected.articles.ref
        typed = Article.model_validate_json(row.line).model_dump(by_alias=True)
        yield {"date": ref.date, "run": ref.run, **typed, **known.model_dump()}
