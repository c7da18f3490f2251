"""Takes a landed run into the ledger, from the run's own files.

The same for a live run, a recovered one and a rebuilt ledger.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, update

from newsbot.ledger.ledger import Ledger, insert_new, upsert
from newsbot.ledger.schema import articles, captures, payloads, runs, urls

KEPT_STATES = {"article": "known", "unchanged": "known", "duplicate": "known"}


def ingest(
    ledger: Ledger,
    run: Mapping[str, Any],
    crawl_lines: Iterable[Mapping[str, Any]],
    article_lines: Iterable[Mapping[str, Any]],
) -> None:
    """Make known what a landed run fetched, in one transaction; twice is the same as once.

    Args:
        run: columns of the run's row: run, site, started, finished, outcome, prefix,
            manifest_sha256, counts.
        crawl_lines: lines of ``crawl.jsonl.gz`` (``docs/archiving.md`` has their fields).
        article_lines: lines of ``articles.jsonl.gz``.
    """
    exchanges = [line for line in crawl_lines if line.get("record")]
    with ledger.transaction() as connection:
        insert_new(connection, runs, [dict(run)])
        connection.execute(update(runs).where(runs.c.run == run["run"]).values(**run))
        _captures(connection, run, exchanges)
        _payloads(connection, run, exchanges)
        _url_states(connection, run, exchanges)
        _articles(connection, run, article_lines)


def _captures(connection: Connection, run: Mapping[str, Any], lines: list[Any]) -> None:
    newest = {
        line["url"]: {
            "url": line["url"],
            "site": run["site"],
            "run": run["run"],
            "fetched_at": _time(line["time"]),
            "status": line["status"],
            "etag": line.get("etag"),
            "last_modified": line.get("last_modified"),
            "record_id": line["record"]["id"],
            "record_date": _time(line["time"]),
            "file": line["record"]["file"],
            "payload_digest": line.get("payload_digest"),
        }
        for line in lines
        if line.get("status") == 200 and not line.get("truncated")
    }
    upsert(
        connection,
        captures,
        list(newest.values()),
        keep=lambda new: new.fetched_at >= captures.c.fetched_at,
    )


def _payloads(connection: Connection, run: Mapping[str, Any], lines: list[Any]) -> None:
    rows = [
        {
            "sha256": line["payload_sha256"],
            "run": run["run"],
            "record_id": line["record"]["id"],
            "url": line["url"],
            "date": _time(line["time"]),
            "file": line["record"]["file"],
            "digest": line["payload_digest"],
        }
        for line in lines
        if line["record"]["type"] == "response"
        and line.get("status") == 200
        and line.get("payload_sha256")
        and not line.get("truncated")
    ]
    insert_new(connection, payloads, rows)


def _url_states(connection: Connection, run: Mapping[str, Any], lines: list[Any]) -> None:
    """Article URLs that this run settled; all others stay pending and are tried again."""
    rows = []
    for line in lines:
        state = KEPT_STATES.get(line.get("became", ""))
        if line.get("role") == "article" and line.get("status") in (404, 410):
            state = "gone"
        if line.get("role") == "article" and line.get("became") == "no-article":
            state = "known"
        if state is not None:
            rows.append(
                {
                    "url": line.get("key") or line["url"],
                    "site": run["site"],
                    "state": state,
                    "first_seen": _time(line["time"]),
                    "discovered_from": line.get("referrer"),
                    "failures": 0,
                }
            )
    insert_new(connection, urls, rows)
    for row in rows:
        connection.execute(
            update(urls).where(urls.c.url == row["url"]).values(state=row["state"], failures=0)
        )


def _articles(
    connection: Connection, run: Mapping[str, Any], lines: Iterable[Mapping[str, Any]]
) -> None:
    rows = [
        {
            "canonical_url": line["canonical_url"],
            "revision": (line.get("revision") or {"number": 1})["number"],
            "article_id": line["id"],
            "site": line["site"],
            "run": run["run"],
            "fetched_at": _time(line["fetched_at"]),
            "content_sha256": line["content_sha256"],
            "title": line.get("title"),
            "text_sha256": text_sha256(line["text"]),
            "original_url": line.get("original_url"),
        }
        for line in lines
    ]
    insert_new(connection, articles, rows)


def text_sha256(text: str) -> str:
    """SHA-256 (hex) of an article's text alone, to tell what a revision changed."""
    return hashlib.sha256(text.encode()).hexdigest()


def _time(value: str) -> datetime:
    return datetime.fromisoformat(value)
