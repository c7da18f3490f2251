"""Ingests a landed run into the ledger, from the run's own files.

A live run, a recovered one and a rebuilt ledger use the same code.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from itertools import islice
from typing import Any, cast

from sqlalchemy import Connection, and_, bindparam, func, or_, select, update

from newsbot.hints import Hints
from newsbot.ledger.copies.index import add_texts, prune
from newsbot.ledger.copies.links import (
    add_links,
    forget_older,
    links_of_line,
)
from newsbot.ledger.copies.texts import text_of_line
from newsbot.ledger.database import Database, insert_new, upsert
from newsbot.ledger.events import RunEvents
from newsbot.ledger.frontier import record_sightings, sighting
from newsbot.ledger.requisites import ROLE as REQUISITE
from newsbot.ledger.requisites import ingest_requisites
from newsbot.ledger.schema import (
    articles,
    captures,
    payloads,
    renderings,
    runs,
    urls,
)
from newsbot.models import pages_read
from newsbot.sites.site import SAVED

_BATCH = 500  # articles, exchanges, or URLs
_CONFIRMED = ("article", REQUISITE)  # roles of pages for which the time of a 304 counts
_SETTLED = ("article", "unchanged", "duplicate")
_Line = Mapping[str, Any]
Lines = Iterable[_Line]


@dataclass(frozen=True, slots=True)
class RunContent:
    """What the ledger ingests of a landed run.

    ``row`` has the columns of the run's row; the lines, which are iterated more than once, are
    those of ``crawl.jsonl.gz``, ``articles.jsonl.gz`` and ``events.jsonl.gz``
    (``docs/archiving.md`` has their fields).
    """

    row: Mapping[str, Any]
    crawl: Lines
    articles: Lines
    events: Lines = ()

    @property
    def run(self) -> str:
        """The run's id."""
        return str(self.row["run"])

    @property
    def site(self) -> str:
        """The site's name."""
        return str(self.row["site"])

    @property
    def is_imported(self) -> bool:
        """Whether others captured it: articles are known by it, and no request rests on it."""
        return bool(self.row["outcome"] == "imported")


def ingest(ledger: Database, landed: RunContent) -> None:
    """Write a landed run into the ledger in one transaction; do nothing if it is ingested."""
    with ledger.transaction() as connection:
        ingest_within(connection, landed)


def ingest_within(connection: Connection, landed: RunContent) -> None:
    """Write a landed run like ``ingest``, within an open transaction."""
    known = select(runs.c.manifest_sha256).where(runs.c.run == landed.run)
    if connection.execute(known).scalar() is not None:
        return
    insert_new(connection, runs, [dict(landed.row)])
    connection.execute(update(runs).where(runs.c.run == landed.run).values(**landed.row))
    RunEvents(landed.run, landed.site).write(connection, landed.events)
    pages = _RunPages(landed.crawl)
    for exchanges in _chunks(line for line in landed.crawl if line.get("record")):
        if not landed.is_imported:
            _captures(connection, landed, exchanges, pages)
        _payloads(connection, landed, exchanges)
        _url_states(connection, landed, exchanges)
        _renderings(connection, landed, exchanges)
    for lines in _chunks(landed.articles):
        _articles(connection, landed.run, lines, pages)
        newest = _newest_captures(connection, lines) if landed.is_imported else lines
        _copies(connection, landed.run, newest)
    ingest_requisites(connection, landed.site, landed.crawl, landed.events)
    prune(connection, _latest(connection))


class _RunPages:
    """An index of a run's pages, in little memory.

    ``settled`` are the keys of articles whose pages were all read.
    """

    def __init__(self, crawl: Lines) -> None:
        self.settled: set[str] = set()
        self._following: dict[str, list[str]] = {}
        self._payloads: dict[bytes, bytes | None] = {}  # SHA-256, by record
        self._urls: dict[bytes, str] = {}  # by record, where it is not the article's own
        for line in crawl:
            if not line.get("record"):
                continue
            role, key, payload = line.get("role"), line.get("key"), line.get("payload_sha256")
            if role == "article" and line.get("became") in _SETTLED and key is not None:
                self.settled.add(key)
            elif role == "next_page" and key is not None:
                urls_of = self._following.setdefault(key, [])
                urls_of += [line["url"]] if line["url"] not in urls_of else []
            record = _short_id(line["record"]["id"])
            self._payloads[record] = bytes.fromhex(payload) if payload else None
            if line["url"] != key:
                self._urls[record] = line["url"]

    def of(self, line: _Line) -> list[str] | None:
        """Return the further pages of the article whose first page this is, if any."""
        return self._following.get(line["key"]) if line.get("role") == "article" else None

    def captured(self, record_id: str, url: str) -> tuple[str, str | None] | None:
        """Return URL and payload SHA-256 (hex) of the page in the record, if the run has it.

        ``url`` is the article's URL as fetched, which is that of most pages.
        """
        record = _short_id(record_id)
        if record not in self._payloads:
            return None
        payload = self._payloads[record]
        return self._urls.get(record, url), payload.hex() if payload else None


def _short_id(record_id: str) -> bytes:
    return hashlib.blake2b(record_id.encode(), digest_size=16).digest()


def _captures(
    connection: Connection, landed: RunContent, lines: list[_Line], pages: _RunPages
) -> None:
    """Write the last response of each URL, except pages that were not processed completely.

    The validators of a page that a killed crawl fetched and did not process would hide a change
    that was never recorded.
    """
    newest = {
        line["url"]: {
            "url": line["url"],
            "site": landed.site,
            "run": landed.run,
            "fetched_at": _time(line["time"]),
            "status": line["status"],
            "etag": line.get("etag"),
            "last_modified": line.get("last_modified"),
            "payload_sha256": line.get("payload_sha256"),
            "pictures": line.get("pictures"),
            "requisites": line.get("requisites"),
            "following": pages.of(line),
        }
        for line in lines
        if line.get("status") == 200 and not line.get("truncated")
        if line.get("role") not in ("article", "next_page") or line.get("key") in pages.settled
        if line.get("role") != REQUISITE or "became" in line
    }
    upsert(connection, captures, list(newest.values()), keep=_is_later_capture)
    confirmed = [
        {"key": line["url"], "at": _time(line["time"])}
        for line in lines
        if line.get("status") == HTTPStatus.NOT_MODIFIED and line.get("role") in _CONFIRMED
    ]
    of_url = update(captures).where(captures.c.url == bindparam("key"))
    _execute_by_key(connection, of_url.values(fetched_at=bindparam("at")), confirmed)


def _is_later_capture(new: Any) -> Any:
    """Return the condition that a capture replaces another: a saved page replaces no crawl's."""
    is_saved = captures.c.site == SAVED
    return and_(new.fetched_at >= captures.c.fetched_at, or_(new.site != SAVED, is_saved))


def _payloads(connection: Connection, landed: RunContent, lines: list[_Line]) -> None:
    """Write the earliest record of each payload, whatever the order in which runs land."""
    first: dict[str, dict[str, Any]] = {}
    for line in lines:
        if (
            line["record"]["type"] == "response"
            and line.get("status") == 200
            and line.get("payload_sha256")
            and not line.get("truncated")
        ):
            row = {
                "sha256": line["payload_sha256"],
                "run": landed.run,
                "record_id": line["record"]["id"],
                "url": line["url"],
                "date": _time(line["time"]),
                "file": line["record"]["file"],
                "digest": line["payload_digest"],
                "offset": line["record"].get("offset"),
                "length": line["record"].get("length"),
            }
            first.setdefault(row["sha256"], row)
    upsert(connection, payloads, list(first.values()), keep=_is_earlier_record)


def _is_earlier_record(new: Any) -> Any:
    return new.date < payloads.c.date


def _url_states(connection: Connection, landed: RunContent, lines: list[_Line]) -> None:
    """Update the states of article URLs that this run fetched or failed to fetch."""
    article_lines = [line for line in lines if line.get("role") == "article" and "key" in line]
    fetched = [line for line in article_lines if _new_state(line) is not None]
    failed = [line for line in article_lines if _new_state(line) is None and "failure" in line]
    record_sightings(connection, [_sighted(line, landed.site) for line in [*fetched, *failed]])
    of_key = update(urls).where(urls.c.url == bindparam("key"))
    if landed.is_imported:  # a crawl knows better: when it is due, that it is gone
        of_key = of_key.where(or_(urls.c.state == "pending", urls.c.state == "failed"))
    _execute_by_key(
        connection,
        of_key.values(
            state=bindparam("to"), next_check=bindparam("next"), failures=0, failure=None
        ),
        [
            {"key": line["key"], "to": _new_state(line), "next": _next_check(line)}
            for line in fetched
        ],
    )
    _execute_by_key(
        connection,
        of_key.values(
            failures=urls.c.failures + 1, failure=bindparam("class"), next_check=bindparam("next")
        ),
        [
            {"key": line["key"], "class": line["failure"], "next": _next_check(line)}
            for line in failed
        ],
    )
    _execute_by_key(
        connection,
        of_key.where(urls.c.state == "pending").values(state="failed"),
        [{"key": line["key"]} for line in failed if _next_check(line) is None],
    )


def _execute_by_key(connection: Connection, statement: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        connection.execute(statement, sorted(rows, key=lambda row: str(row["key"])))


def _new_state(line: _Line) -> str | None:
    if line.get("became") in _SETTLED:
        return "known"
    return "gone" if line.get("failure") == "gone" else None


def _next_check(line: _Line) -> datetime | None:
    return _time(line["next_check"]) if line.get("next_check") else None


def _sighted(line: _Line, site: str) -> dict[str, Any]:
    hints, key = Hints.from_fields(line.get("hints", {})), line["key"]
    return sighting(key, site, _time(line["time"]), line.get("referrer"), hints, key)


def _renderings(connection: Connection, landed: RunContent, lines: list[_Line]) -> None:
    """Write whether the pages of each pattern need a browser, as the run last saw it."""
    tried = {
        line["rendering"]["pattern"]: {
            "site": landed.site,
            "pattern": line["rendering"]["pattern"],
            "needed": line["rendering"]["needed"],
            "tried": _time(line["time"]),
        }
        for line in lines
        if "rendering" in line
    }
    upsert(connection, renderings, list(tried.values()), keep=_is_later_try)


def _is_later_try(new: Any) -> Any:
    return new.tried >= renderings.c.tried


def _articles(connection: Connection, run: str, lines: list[_Line], pages: _RunPages) -> None:
    rows = [
        {
            "canonical_url": line["canonical_url"],
            "revision": (line.get("revision") or {"number": 1})["number"],
            "article_id": line["id"],
            "site": line["site"],
            "run": run,
            "fetched_at": _time(line["fetched_at"]),
            "content_sha256": line["content_sha256"],
            "title": line.get("title"),
            "text_sha256": text_sha256(line["text"]),
            "original_url": line.get("original_url"),
            "extractor": (line.get("extractor") or {}).get("version"),
            "rules": (line.get("extractor") or {}).get("rules"),
            "pages": list(_pages_of(line, pages)),
        }
        for line in lines
    ]
    insert_new(connection, articles, rows)


def _pages_of(article: _Line, pages: _RunPages) -> Iterator[list[Any]]:
    """Yield URL, file, offset, length and payload SHA-256 of each page of the article."""
    for page, read in pages_read(article.get("sources", ())):
        captured = pages.captured(page["record_id"], article["url"])
        if captured is not None:
            url, payload = captured
            yield [url, read["file"], read["offset"], read["length"], payload]


def _newest_captures(connection: Connection, lines: list[_Line]) -> list[_Line]:
    """Return those of the articles' lines, which are in the ledger, that no newer capture follows.

    An older one says nothing of the text that an article has, nor of what it is a copy of.
    """
    newest = (
        select(articles.c.canonical_url, func.max(articles.c.fetched_at))
        .where(articles.c.canonical_url.in_({line["canonical_url"] for line in lines}))
        .group_by(articles.c.canonical_url)
    )
    times = {row[0]: row[1] for row in connection.execute(newest)}
    return [line for line in lines if _time(line["fetched_at"]) == times[line["canonical_url"]]]


def _copies(connection: Connection, run: str, lines: list[_Line]) -> None:
    add_texts(connection, map(text_of_line, lines))
    add_links(connection, run, (link for line in lines for link in links_of_line(line)))
    forget_older(connection, (line["canonical_url"] for line in lines))


def _latest(connection: Connection) -> datetime:
    """Return when the latest landed run began; the age of texts counts from there."""
    query = select(func.max(runs.c.started)).where(runs.c.manifest_sha256.is_not(None))
    return cast("datetime", connection.execute(query).scalar_one())


def _chunks(lines: Lines) -> Iterator[list[_Line]]:
    """Yield the lines in batches, so that memory does not depend on the run's length."""
    each = iter(lines)
    while chunk := list(islice(each, _BATCH)):
        yield chunk


def text_sha256(text: str) -> str:
    """Return SHA-256 (hex) of an article's text alone, to tell what a revision changed."""
    return hashlib.sha256(text.encode()).hexdigest()


def _time(value: str) -> datetime:
    return datetime.fromisoformat(value)
