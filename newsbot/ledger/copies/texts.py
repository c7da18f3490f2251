"""The texts that are searched for copies: words, and what decides who copied whom."""

import hashlib
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from newsbot.ledger.copies.words import little_endian, shingles_of, words_of, words_of_bytes
from newsbot.models import Article

DOC_BITS = 63  # of the number of a URL; the databases' integers have no more


@dataclass(frozen=True)
class Text:
    """An article's words, and what decides whether it is the original of a copy.

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

    @cached_property
    def doc(self) -> int:
        """The number of the URL in the index, the same in every ledger."""
        return doc_of(self.url)

    @cached_property
    def shingles(self) -> list[int]:
        """The shingles by which copies are searched."""
        return shingles_of(self.words)


def doc_of(url: str) -> int:
    """Return 63 bits of the URL's hash.

    The probability that two of a million texts share a number is one in ten million.
    """
    return int.from_bytes(hashlib.blake2b(url.encode(), digest_size=8).digest()) >> (64 - DOC_BITS)


def text_of(article: Article, revision: int, original_url: str | None) -> Text:
    """Return the text of an article that is being classified."""
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
    """Return the text of a landed article, from its line of ``articles.jsonl.gz``."""
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
        original_url=_original_url(line),
        words=words_of(line["text"]),
    )


def row_of(text: Text, kind: str) -> tuple[Any, ...]:
    """Return the text as a row of the table ``texts``, for the driver of that database."""
    return (
        text.doc,
        text.url,
        text.article_id,
        text.revision,
        _stored_time(text.fetched_at, kind),
        text.published_at and _stored_time(text.published_at, kind),
        text.day_only,
        text.credit,
        text.original_url,
        little_endian(text.words).tobytes(),
    )


def text_of_row(row: Sequence[Any]) -> Text:
    """Return the text of a row of the table ``texts``, as the driver gives it.

    SQLite's driver gives dates as strings, PostgreSQL's as naive datetimes.
    """
    _doc, url, article_id, revision, fetched, published, day_only, credit, original, words = row
    return Text(
        url=url,
        article_id=article_id,
        revision=revision,
        fetched_at=_utc_time(fetched),
        published_at=published and _utc_time(published),
        day_only=bool(day_only),
        credit=credit,
        original_url=original,
        words=words_of_bytes(words),
    )


def _stored_time(when: datetime, kind: str) -> str | datetime:
    naive = when.astimezone(UTC).replace(tzinfo=None)
    return naive.isoformat(" ", "microseconds") if kind == "sqlite" else naive


def _utc_time(kept: str | datetime) -> datetime:
    naive = datetime.fromisoformat(kept) if isinstance(kept, str) else kept
    return naive.replace(tzinfo=UTC)


def _credit(*named: str | None) -> str | None:
    return " | ".join(filter(None, named)) or None


def _original_url(line: Mapping[str, Any]) -> str | None:
    """Return the original's canonical URL, as it was when the copy was classified."""
    return next(
        (o["url"] for o in line.get("origins", ()) if o["method"] == "link"),
        line.get("original_url"),
    )
