"""The texts that copies are looked for in, and the shingles that find them.

The functions work on any connection with the tables: on the ledger's, which holds what has landed,
and on a run's own, which holds what it has placed so far.
"""

import hashlib
import sys
from array import array
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select

from newsbot.ledger.schema import shingles, texts
from newsbot.ledger.words import FEWEST, shingles_of, words_of
from newsbot.models import Article

KEPT = timedelta(days=60)  # after the fetch; aggregators repeat a story within days
LISTED = 64  # texts a shingle; more have it from a template or a common background
LOOKED_AT = 16  # candidates that are compared word by word
RARE = 0.08  # of the shingles that no other story has; edited copies of a daily have more
_AT_ONCE = 2000  # numbers in a statement


@dataclass(frozen=True)
class Text:
    """An article's words, and what tells whether it is the original of a copy.

    ``day_only``: ``published_at`` is no finer than a day. ``credit`` has the agencies named.
    """

    url: str
    article_id: str
    revision: int
    fetched_at: datetime
    published_at: datetime | None
    day_only: bool
    credit: str | None
    original_url: str | None
    words: "array[int]"

    @property
    def doc(self) -> int:
        """The number that stands for the URL in the index, the same in every ledger."""
        return doc_of(self.url)

    @cached_property
    def shingles(self) -> list[int]:
        """Those that it is found by; none for a text that is too short to be told from others."""
        return shingles_of(self.words) if len(self.words) >= FEWEST else []


def doc_of(url: str) -> int:
    """63 bits of the URL's hash; among a million texts two are the same once in ten million."""
    return int.from_bytes(hashlib.blake2b(url.encode(), digest_size=8).digest()) >> 1


def text_of(article: Article, revision: int, original_url: str | None) -> Text:
    """The text of an article that is being placed."""
    agency = article.dateline.agency if article.dateline else None
    return Text(
        url=article.canonical_url,
        article_id=article.id,
        revision=revision,
        fetched_at=article.fetched_at,
        published_at=article.published_at,
        day_only=article.published is not None and article.published.precision == "day",
        credit=_credit(agency, article.source_credit, article.copyright),
        original_url=original_url,
        words=words_of(article.text),
    )


def text_of_line(line: Mapping[str, Any]) -> Text:
    """The text of a landed article, from its line of ``articles.jsonl.gz``."""
    published = line.get("published_at")
    return Text(
        url=line["canonical_url"],
        article_id=line["id"],
        revision=(line.get("revision") or {"number": 1})["number"],
        fetched_at=datetime.fromisoformat(line["fetched_at"]),
        published_at=datetime.fromisoformat(published) if published else None,
        day_only=(line.get("published") or {}).get("precision") == "day",
        credit=_credit(
            (line.get("dateline") or {}).get("agency"),
            line.get("source_credit"),
            line.get("copyright"),
        ),
        original_url=_linked(line),
        words=words_of(line["text"]),
    )


def add_texts(connection: Connection, found: Iterable[Text]) -> None:
    """Put texts into the index; a newer revision takes the place of an older one."""
    new = {text.doc: text for text in found if len(text.words) >= FEWEST}
    for doc, (revision, words) in _there(connection, new).items():
        if revision >= new[doc].revision:
            del new[doc]
        else:
            _remove(connection, {doc: words})
    if not new:
        return
    connection.execute(insert(texts), [_row(text) for _, text in sorted(new.items())])
    hashes = {doc: text.shingles for doc, text in new.items()}
    connection.execute(insert(shingles), _listed(connection, hashes))


def prune(connection: Connection, now: datetime) -> int:
    """Take out texts that were fetched too long before ``now``; returns how many."""
    old = select(texts.c.doc, texts.c.words).where(texts.c.fetched_at < now - KEPT).limit(500)
    count = 0
    while rows := connection.execute(old).all():
        _remove(connection, {row.doc: _words(row.words) for row in rows})
        count += len(rows)
    return count


class Hits:
    """Which texts hold the shingles of a text that is looked for."""

    def __init__(self, hashes: list[int], pairs: Iterable[tuple[int, int]], but_not: int) -> None:
        self._docs: dict[int, list[int]] = {value: [] for value in hashes}
        for value, doc in pairs:
            if doc != but_not and doc not in self._docs[value]:
                self._docs[value].append(doc)

    def best(self) -> list[int]:
        """The docs that share most; a shingle counts the less, the more texts hold it."""
        score: dict[int, float] = defaultdict(float)
        shared: Counter[int] = Counter()
        for docs in self._docs.values():
            shared.update(docs)
            for doc in docs:
                score[doc] += 1 / len(docs)
        ranked = sorted(score, key=lambda doc: (-score[doc], doc))
        return [doc for doc in ranked[:LOOKED_AT] if shared[doc] > 1]

    def others(self) -> set[int]:
        """All docs that share anything."""
        return {doc for docs in self._docs.values() for doc in docs}

    def is_template(self, doc: int, cluster: Collection[int]) -> bool:
        """Whether what is shared with the doc is mostly shared with other stories too.

        A copy has words of its original that no other story has. ``cluster``: docs that tell the
        same story as the doc.
        """
        rare = common = own = 0
        for docs in self._docs.values():
            own += not docs
            if doc in docs:
                alone = all(other in cluster for other in docs)
                rare += alone
                common += not alone
        return common > rare and rare < RARE * (rare + own)


def hits_of(connection: Connection, hashes: list[int]) -> list[tuple[int, int]]:
    """Pairs of shingle and doc for those of the shingles that are there."""
    found: list[tuple[int, int]] = []
    for start in range(0, len(hashes), _AT_ONCE):
        some = ",".join(map(str, hashes[start : start + _AT_ONCE]))
        # As numbers in the statement: to bind hundreds of parameters takes longer than the search.
        query = f"SELECT shingle, doc FROM shingles WHERE shingle IN ({some})"  # noqa: S608
        found += connection.exec_driver_sql(query).fetchall()
    return found


def read_texts(connection: Connection, docs: Collection[int]) -> dict[int, Text]:
    """The texts of the docs that are there."""
    if not docs:
        return {}
    rows = connection.execute(select(texts).where(texts.c.doc.in_(docs)))
    return {
        row.doc: Text(
            url=row.url,
            article_id=row.article_id,
            revision=row.revision,
            fetched_at=row.fetched_at,
            published_at=row.published_at,
            day_only=row.day_only,
            credit=row.credit,
            original_url=row.original_url,
            words=_words(row.words),
        )
        for row in rows
    }


def _there(connection: Connection, docs: Collection[int]) -> dict[int, tuple[int, "array[int]"]]:
    if not docs:
        return {}
    query = select(texts.c.doc, texts.c.revision, texts.c.words).where(texts.c.doc.in_(docs))
    return {row.doc: (row.revision, _words(row.words)) for row in connection.execute(query)}


def _remove(connection: Connection, old: Mapping[int, "array[int]"]) -> None:
    pairs = [{"s": value, "d": doc} for doc, words in old.items() for value in shingles_of(words)]
    wanted = (shingles.c.shingle == bindparam("s")) & (shingles.c.doc == bindparam("d"))
    connection.execute(delete(shingles).where(wanted), pairs)
    connection.execute(delete(texts).where(texts.c.doc.in_(old)))


def _listed(connection: Connection, hashes: Mapping[int, list[int]]) -> list[dict[str, int]]:
    """Rows for the shingles whose list is not full, in the order of the table."""
    pairs = sorted((value, doc) for doc, values in hashes.items() for value in values)
    full = _counts(connection, sorted({value for value, _ in pairs}))
    rows = []
    for value, doc in pairs:
        full[value] += 1
        if full[value] <= LISTED:
            rows.append({"shingle": value, "doc": doc})
    return rows


def _counts(connection: Connection, values: list[int]) -> Counter[int]:
    found: Counter[int] = Counter()
    for start in range(0, len(values), _AT_ONCE):
        some = values[start : start + _AT_ONCE]
        found.update(value for value, _ in hits_of(connection, some))
    return found


def _row(text: Text) -> dict[str, Any]:
    words = text.words
    if sys.byteorder == "big":
        words = array("H", words)
        words.byteswap()
    return {
        "doc": text.doc, "url": text.url, "article_id": text.article_id,
        "revision": text.revision, "fetched_at": text.fetched_at,
        "published_at": text.published_at, "day_only": text.day_only, "credit": text.credit,
        "original_url": text.original_url, "words": words.tobytes(),
    }  # fmt: skip


def _words(kept: bytes) -> "array[int]":
    words = array("H", kept)
    if sys.byteorder == "big":
        words.byteswap()
    return words


def _credit(*named: str | None) -> str | None:
    return " | ".join(filter(None, named)) or None


def _linked(line: Mapping[str, Any]) -> str | None:
    """The original's canonical URL, as it was told when the copy was placed."""
    return next(
        (o["url"] for o in line.get("origins", ()) if o["method"] == "link"),
        line.get("original_url"),
    )
