"""The index of texts: which of them hold a shingle, and which may be copies by what they share.

They work on any database with the tables: on the ledger, which holds what has landed, and on a
run's own, which holds what it has placed so far.
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
from newsbot.ledger.copies.words import ASKED, kept_of, one_in, shingles_of, words_of_bytes
from newsbot.ledger.database import Database
from newsbot.ledger.schema import shingles, texts

KEPT = timedelta(days=60)  # after the fetch; aggregators repeat a story within days
LISTED = 32  # texts of a shingle that are looked at; more have it from a template or background
LEAST = 0.5  # two shingles that four texts hold, or a single one of two
LOOKED_AT = 32  # candidates that are compared word by word
SHARED = 0.12  # of the shingles that could be; copies with 20 % of their words changed have 0.41
ALONE = 66  # words; a longer text needs two, unless the other is too short to be looked for
TEMPLATE = 0.1  # of the shingles
_AT_ONCE = 500  # texts
_DOC = (1 << DOC_BITS) - 1
_ROWS = 100  # shingles a statement: half the time of one each

# A list of numbers is one parameter: to bind hundreds of them takes longer than the search.
_SQLITE = {
    "numbers": "json_each(:numbers)",
    "doc": ":doc",
    "joined": "group_concat(doc)",
    "held": "value IN (SELECT shingle FROM shingles)",  # looked up, three quarters of the time
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
"""  # the lowest docs, so that it does not matter in what order the texts came
_TEXT = "INSERT INTO texts ({columns}) VALUES ({places})"
# Joined, as SQLite would make a table of what stands behind IN.
_TEXTS = "SELECT {columns} FROM {numbers} JOIN texts ON doc = value"
_WORDS = "SELECT doc, words FROM {numbers} JOIN texts ON doc = value"
_ADD = "INSERT INTO shingles (shingle, doc) VALUES "
_DROP = "DELETE FROM shingles WHERE doc = {doc} AND shingle IN (SELECT value FROM {numbers})"


def add_texts(connection: Connection, found: Iterable[Text]) -> None:
    """Put texts into the index; a newer revision takes the place of an older one."""
    new = {text.doc: text for text in found}
    for row in _read(connection, new, texts.c.doc, texts.c.revision, texts.c.words):
        if row.revision >= new[row.doc].revision:
            del new[row.doc]
        else:
            _remove(connection, {row.doc: words_of_bytes(row.words)})
    _insert(connection, list(new.values()))


def prune(connection: Connection, now: datetime) -> int:
    """Take out texts that were fetched too long before ``now``; returns how many."""
    old = select(texts.c.doc, texts.c.words).where(texts.c.fetched_at < now - KEPT)
    count = 0
    while rows := connection.execute(old.limit(_AT_ONCE)).all():
        _remove(connection, {row.doc: words_of_bytes(row.words) for row in rows})
        count += len(rows)
    return count


def index_anew(connection: Connection) -> None:
    """Make the index again from the words of the texts."""
    connection.execute(delete(shingles))
    every = select(texts.c.doc, texts.c.words).order_by(texts.c.doc).limit(_AT_ONCE)
    rows = connection.execute(every).all()
    while rows:
        _index(connection, {row.doc: _kept(words_of_bytes(row.words)) for row in rows})
        rows = connection.execute(every.where(texts.c.doc > rows[-1].doc)).all()


class TextSource(Protocol):
    """Where texts are: in a database, or in memory."""

    def holders(self, values: Iterable[int]) -> Iterable[tuple[int, Iterable[int]]]:
        """Docs that hold the shingles; for each that any holds, up to ``LISTED``."""

    def words(self, docs: Collection[int]) -> "Mapping[int, array[int]]":
        """Return the words of the docs that are there."""

    def texts(self, docs: Collection[int]) -> Mapping[int, Text]:
        """Return the texts of the docs that are there."""


class Stored:
    """The texts that are in a database."""

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
        return self._database.ask_as_is(_in_words_of(kind, query), _listed(kind, numbers))


class Recent:
    """Texts in memory, until there are so many that they are put into a database."""

    def __init__(self) -> None:
        self._texts: dict[int, Text] = {}
        # By shingle. Most have one doc, for which a container each would cost time and memory.
        self._first: dict[int, int] = {}
        self._more: dict[int, tuple[int, ...]] = {}

    def __len__(self) -> int:
        return len(self._texts)

    def add(self, text: Text) -> None:
        """Keep a text that is not there yet."""
        doc = text.doc
        self._texts[doc] = text
        for value in kept_of(len(text.words), text.shingles):
            if self._first.setdefault(value, doc) != doc:
                self._more[value] = (*self._more.get(value, ())[: LISTED - 2], doc)

    def move_to(self, connection: Connection) -> None:
        """Put all texts into the index of a database that has none of them."""
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


class Hits:
    """Which texts hold the shingles of a text that is looked for."""

    def __init__(self, wanted: Text, shelves: Iterable[TextSource]) -> None:
        self._length = len(wanted.words)
        self._but_not = wanted.doc
        self._look(wanted.shingles, shelves)
        if self._templated and one_in(self._length) > 1:
            self._look(shingles_of(wanted.words, 1), shelves)

    def _look(self, values: list[int], shelves: Iterable[TextSource]) -> None:
        self._docs: dict[int, set[int]] = {}
        for shelf in shelves:
            for value, docs in shelf.holders(values):
                if value in self._docs:
                    self._docs[value].update(docs)
                else:
                    self._docs[value] = set(docs)
        for docs in self._docs.values():
            docs.discard(self._but_not)
        # A part of the shingles is held by more texts than are looked at.
        full = sum(len(docs) >= LISTED - 1 for docs in self._docs.values())
        self._templated = full > TEMPLATE * len(values)

    def best(self) -> dict[int, int]:
        """Return the docs that share most, and how many shingles, the best first.

        A shingle counts the less, the more texts hold it. What counts for little is left out,
        unless that is all there is, as where very many copies are known.
        """
        shared = Counter(chain.from_iterable(self._docs.values()))
        few = 1 if self._templated or self._length <= ALONE else 2
        score = {doc: 0.0 for doc, count in shared.items() if count >= few}
        if not score:
            return {}
        for docs in self._docs.values():
            for doc in docs & score.keys():
                score[doc] += 1 / len(docs)
        least = 0.0 if self._templated else min(LEAST, max(score.values()) / 2)
        ranked = sorted((-value, doc) for doc, value in score.items() if value >= least)
        return {doc: shared[doc] for _, doc in ranked[:LOOKED_AT]}

    def enough(self, shared: int, words: int) -> bool:
        """Return whether a text of so many words that shares so many shingles may be a copy.

        What is left of a text from a template is too little to tell.
        """
        step = max(min(ASKED, one_in(self._length)), one_in(words))
        return self._templated or shared >= SHARED * min(self._length, words) / step


def _insert(connection: Connection, new: list[Text]) -> None:
    if new:
        kind = connection.dialect.name
        rows = sorted(row_of(one, kind) for one in new)
        connection.exec_driver_sql(_in_words_of(kind, _TEXT), rows)
        _index(connection, {one.doc: kept_of(len(one.words), one.shingles) for one in new})


def _index(connection: Connection, new: Mapping[int, list[int]]) -> None:
    """Put docs into the table by the shingles that are kept of them."""
    # Shingle and doc as one number: of tuples, tens of thousands, Python would keep count.
    pairs = [value << DOC_BITS | doc for doc, values in new.items() for value in values]
    pairs.sort()  # as the table is, so that each of its pages is gone to once
    whole = len(pairs) - len(pairs) % _ROWS
    _add(connection, [pairs[start : start + _ROWS] for start in range(0, whole, _ROWS)])
    _add(connection, [pairs[whole:]] if pairs[whole:] else [])


def _add(connection: Connection, groups: list[list[int]]) -> None:
    """Put pairs of shingle and doc into the table, by groups of one length."""
    if groups:
        row = _in_words_of(connection.dialect.name, "{row}")
        query = _ADD + ", ".join([row] * len(groups[0]))
        rows = [
            tuple([n for pair in group for n in (pair >> DOC_BITS, pair & _DOC)])
            for group in groups
        ]
        connection.exec_driver_sql(query, rows)


def _remove(connection: Connection, old: "Mapping[int, array[int]]") -> None:
    for doc, words in old.items():
        kind = connection.dialect.name
        listed = _listed(kind, _kept(words))
        connection.exec_driver_sql(_in_words_of(kind, _DROP), listed | {"doc": doc})
    connection.execute(delete(texts).where(texts.c.doc.in_(old)))


def _kept(words: "array[int]") -> list[int]:
    return kept_of(len(words), shingles_of(words))


def _read(connection: Connection, docs: Collection[int], *columns: Any) -> Iterator[Row[Any]]:
    some = list(docs)
    for start in range(0, len(some), _AT_ONCE):
        wanted = texts.c.doc.in_(some[start : start + _AT_ONCE])
        yield from connection.execute(select(*columns).where(wanted)).all()


def _listed(kind: str, numbers: Iterable[int]) -> dict[str, Any]:
    listed = str(list(numbers))
    return {"numbers": listed if kind == "sqlite" else f"{{{listed[1:-1]}}}"}


@lru_cache
def _in_words_of(kind: str, query: str) -> str:
    columns = ", ".join(texts.columns.keys())
    words = _SQLITE if kind == "sqlite" else _POSTGRESQL
    return query.format(listed=LISTED, columns=columns, **words)
