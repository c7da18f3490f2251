"""The index of texts by shingle, which finds texts that may be copies of each other.

It works on any database with the tables: on the ledger, which holds what has landed, and on a run's
own, which holds what the run has classified so far.
"""

from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import chain
from typing import Any, Protocol

from sqlalchemy import Connection, Row, delete, select

from newsbot.ledger.copies.texts import DOC_BITS, Text, row_of, text_of_row
from newsbot.ledger.copies.words import (
    SEARCH_STEP,
    indexed_shingles,
    sampling_step,
    shingles_of,
    words_of_bytes,
)
from newsbot.ledger.database import Database
from newsbot.ledger.schema import shingles, texts

RETENTION = timedelta(days=60)  # after the fetch; aggregators repeat a story within days
MAX_HOLDERS = (
    32  # texts of a shingle that are considered; more have it from a template or background
)
MIN_SCORE = 0.5  # the score of two shingles that four texts hold, or of one that two hold
MAX_CANDIDATES = 32  # texts compared word by word
MIN_SHARED = (
    0.12  # of the shingles that could be shared; copies with 20 % of their words changed have 0.41
)
ONE_SHINGLE_WORDS = 66  # words; a longer text needs two shared shingles
TEMPLATE_SHARE = 0.1  # of the shingles
_BATCH = 500  # texts per query
_DOC = (1 << DOC_BITS) - 1
_ROWS = 100  # shingles per statement: half the time of one each

# A list of numbers is one parameter: binding hundreds takes longer than the search.
_SQLITE = {
    "numbers": "json_each(:numbers)",
    "doc": ":doc",
    "joined": "group_concat(doc)",
    "held": "value IN (SELECT shingle FROM shingles)",  # takes three quarters of the time of EXISTS
    "row": "(?, ?)",
    "places": ", ".join("?" * len(texts.columns)),
}
_POSTGRESQL = {
    "numbers": "unnest(CAST(%(numbers)s AS bigint[])) AS each (value)",
    "doc": "%(doc)s",
    "joined": "string_agg(CAST(doc AS text), ',')",
    "held": "EXISTS (SELECT FROM shingles WHERE shingle = value)",
    "row": "(%s, %s)",
    "places": ", ".join(["%s"] * len(texts.columns)),
}
_HOLDERS = """
SELECT value, (
  SELECT {joined} FROM (
    SELECT doc FROM shingles WHERE shingle = value ORDER BY doc LIMIT {listed}
  ) AS first
) FROM {numbers} WHERE {held}
"""  # the lowest docs, so that the order of insertion does not matter
_TEXT = "INSERT INTO texts ({columns}) VALUES ({places})"
# A join, because SQLite would build a table for IN.
_TEXTS = "SELECT {columns} FROM {numbers} JOIN texts ON doc = value"
_WORDS = "SELECT doc, words FROM {numbers} JOIN texts ON doc = value"
_ADD = "INSERT INTO shingles (shingle, doc) VALUES "
_DROP = "DELETE FROM shingles WHERE doc = {doc} AND shingle IN (SELECT value FROM {numbers})"


def add_texts(connection: Connection, found: Iterable[Text]) -> None:
    """Add texts to the index; a newer revision replaces an older one."""
    new = {text.doc: text for text in found}
    for row in _read(connection, new, texts.c.doc, texts.c.revision, texts.c.words):
        if row.revision >= new[row.doc].revision:
            del new[row.doc]
        else:
            _remove(connection, {row.doc: words_of_bytes(row.words)})
    _insert(connection, list(new.values()))


def prune(connection: Connection, now: datetime) -> int:
    """Remove texts fetched longer than ``RETENTION`` before ``now``; return their number."""
    old = select(texts.c.doc, texts.c.words).where(texts.c.fetched_at < now - RETENTION)
    count = 0
    while rows := connection.execute(old.limit(_BATCH)).all():
        _remove(connection, {row.doc: words_of_bytes(row.words) for row in rows})
        count += len(rows)
    return count


def rebuild_index(connection: Connection) -> None:
    """Rebuild the index from the words of the texts."""
    connection.execute(delete(shingles))
    every = select(texts.c.doc, texts.c.words).order_by(texts.c.doc).limit(_BATCH)
    rows = connection.execute(every).all()
    while rows:
        _index(connection, {row.doc: _indexed(words_of_bytes(row.words)) for row in rows})
        rows = connection.execute(every.where(texts.c.doc > rows[-1].doc)).all()


class TextSource(Protocol):
    """A source of texts: a database, or memory."""

    def holders(self, values: Iterable[int]) -> Iterable[tuple[int, Iterable[int]]]:
        """Return for each shingle that any doc holds up to ``MAX_HOLDERS`` of those docs."""

    def words(self, docs: Collection[int]) -> "Mapping[int, array[int]]":
        """Return the words of those docs that the source has."""

    def texts(self, docs: Collection[int]) -> Mapping[int, Text]:
        """Return the texts of those docs that the source has."""


class StoredTexts:
    """The texts in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def holders(self, values: Iterable[int]) -> Iterable[tuple[int, Iterable[int]]]:
        """See ``TextSource``."""
        for value, docs in self._ask(_HOLDERS, values):
            yield value, map(int, docs.split(","))

    def words(self, docs: Collection[int]) -> "Mapping[int, array[int]]":
        """See ``TextSource``."""
        return {doc: words_of_bytes(kept) for doc, kept in self._ask(_WORDS, docs)}

    def texts(self, docs: Collection[int]) -> Mapping[int, Text]:
        """See ``TextSource``."""
        return {row[0]: text_of_row(row) for row in self._ask(_TEXTS, docs)}

    def _ask(self, query: str, numbers: Iterable[int]) -> list[Any]:
        kind = self._database.kind
        return self._database.fetch_raw_sql(_sql(kind, query), _array_parameter(kind, numbers))


class RecentTexts:
    """Texts in memory, until they are moved to a database."""

    def __init__(self) -> None:
        self._texts: dict[int, Text] = {}
        # By shingle. Most have one doc, for which a container would cost time and memory.
        self._first: dict[int, int] = {}
        self._more: dict[int, tuple[int, ...]] = {}

    def __len__(self) -> int:
        return len(self._texts)

    def add(self, text: Text) -> None:
        """Add a text that is not in memory yet."""
        doc = text.doc
        self._texts[doc] = text
        for value in indexed_shingles(len(text.words), text.shingles):
            if self._first.setdefault(value, doc) != doc:
                self._more[value] = (*self._more.get(value, ())[: MAX_HOLDERS - 2], doc)

    def move_to(self, connection: Connection) -> None:
        """Move all texts into the index of a database that has none of them."""
        _insert(connection, list(self._texts.values()))
        self._texts.clear()
        self._first.clear()
        self._more.clear()

    def holders(self, values: Iterable[int]) -> Iterable[tuple[int, Iterable[int]]]:
        """See ``TextSource``."""
        first, more = self._first, self._more
        return [(v, (first[v], *more.get(v, ()))) for v in values if v in first]

    def words(self, docs: Collection[int]) -> "Mapping[int, array[int]]":
        """See ``TextSource``."""
        return {doc: text.words for doc, text in self.texts(docs).items()}

    def texts(self, docs: Collection[int]) -> Mapping[int, Text]:
        """See ``TextSource``."""
        return {doc: self._texts[doc] for doc in docs if doc in self._texts}


class ShingleHits:
    """The texts that hold shingles of a given text."""

    def __init__(self, wanted: Text, sources: Iterable[TextSource]) -> None:
        self._length = len(wanted.words)
        self._excluded = wanted.doc
        self._search(wanted.shingles, sources)
        if self._templated and sampling_step(self._length) > 1:
            self._search(shingles_of(wanted.words, 1), sources)

    def _search(self, values: list[int], sources: Iterable[TextSource]) -> None:
        self._docs: dict[int, set[int]] = {}
        for source in sources:
            for value, docs in source.holders(values):
                if value in self._docs:
                    self._docs[value].update(docs)
                else:
                    self._docs[value] = set(docs)
        for docs in self._docs.values():
            docs.discard(self._excluded)
        # Shingles held by more texts than are considered come from a template.
        full = sum(len(docs) >= MAX_HOLDERS - 1 for docs in self._docs.values())
        self._templated = full > TEMPLATE_SHARE * len(values)

    def best(self) -> dict[int, int]:
        """Return the docs that share most, with the number of shared shingles, best first.

        The more texts hold a shingle, the less it counts. Docs with a low score are left out,
        unless there are no others, as where very many copies are known.
        """
        shared = Counter(chain.from_iterable(self._docs.values()))
        few = 1 if self._templated or self._length <= ONE_SHINGLE_WORDS else 2
        score = {doc: 0.0 for doc, count in shared.items() if count >= few}
        if not score:
            return {}
        for docs in self._docs.values():
            for doc in docs & score.keys():
                score[doc] += 1 / len(docs)
        least = 0.0 if self._templated else min(MIN_SCORE, max(score.values()) / 2)
        ranked = sorted((-value, doc) for doc, value in score.items() if value >= least)
        return {doc: shared[doc] for _, doc in ranked[:MAX_CANDIDATES]}

    def enough(self, shared: int, words: int) -> bool:
        """Return whether a text with ``words`` words that shares so many shingles may be a copy.

        For texts from a template too few distinct shingles are left to decide, so it is True.
        """
        step = max(min(SEARCH_STEP, sampling_step(self._length)), sampling_step(words))
        return self._templated or shared >= MIN_SHARED * min(self._length, words) / step


def _insert(connection: Connection, new: list[Text]) -> None:
    if new:
        kind = connection.dialect.name
        rows = sorted(row_of(one, kind) for one in new)
        connection.exec_driver_sql(_sql(kind, _TEXT), rows)
        _index(connection, {one.doc: indexed_shingles(len(one.words), one.shingles) for one in new})


def _index(connection: Connection, new: Mapping[int, list[int]]) -> None:
    """Insert docs into the table under the given shingles."""
    # Shingle and doc as one number: tens of thousands of tuples would burden garbage collection.
    pairs = [value << DOC_BITS | doc for doc, values in new.items() for value in values]
    pairs.sort()  # in the table's order, so that each of its pages is written once
    whole = len(pairs) - len(pairs) % _ROWS
    _add(connection, [pairs[start : start + _ROWS] for start in range(0, whole, _ROWS)])
    _add(connection, [pairs[whole:]] if pairs[whole:] else [])


def _add(connection: Connection, groups: list[list[int]]) -> None:
    """Insert pairs of shingle and doc into the table; all groups have one length."""
    if groups:
        row = _sql(connection.dialect.name, "{row}")
        query = _ADD + ", ".join([row] * len(groups[0]))
        rows = [
            tuple([n for pair in group for n in (pair >> DOC_BITS, pair & _DOC)])
            for group in groups
        ]
        connection.exec_driver_sql(query, rows)


def _remove(connection: Connection, old: "Mapping[int, array[int]]") -> None:
    for doc, words in old.items():
        kind = connection.dialect.name
        listed = _array_parameter(kind, _indexed(words))
        connection.exec_driver_sql(_sql(kind, _DROP), listed | {"doc": doc})
    connection.execute(delete(texts).where(texts.c.doc.in_(old)))


def _indexed(words: "array[int]") -> list[int]:
    return indexed_shingles(len(words), shingles_of(words))


def _read(connection: Connection, docs: Collection[int], *columns: Any) -> Iterator[Row[Any]]:
    some = list(docs)
    for start in range(0, len(some), _BATCH):
        wanted = texts.c.doc.in_(some[start : start + _BATCH])
        yield from connection.execute(select(*columns).where(wanted)).all()


def _array_parameter(kind: str, numbers: Iterable[int]) -> dict[str, Any]:
    listed = str(list(numbers))
    return {"numbers": listed if kind == "sqlite" else f"{{{listed[1:-1]}}}"}


@lru_cache
def _sql(kind: str, query: str) -> str:
    columns = ", ".join(texts.columns.keys())
    words = _SQLITE if kind == "sqlite" else _POSTGRESQL
    return query.format(listed=MAX_HOLDERS, columns=columns, **words)
