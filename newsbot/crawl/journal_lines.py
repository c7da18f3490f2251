"""Lines of a run's journals: requests, their responses and outcomes (docs/archiving.md).

An exchange gets a line when its records are written, before its page is read, and further lines as
its outcome becomes known; closing the spool merges them into one line.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request

from newsbot.capture.recorder import HINTS, POSITION, ROLE, UNCOUNTED
from newsbot.hints import NO_HINTS, Hints
from newsbot.landing.spool import Spool
from newsbot.models import Link, ListPosition
from newsbot.warc.exchange import Exchange
from newsbot.warc.records import Captured, timestamp

# A site without a robots.txt that can be had has no rules (RFC 9309, 2.3.1.3): no failure.
_NO_ROBOTS = frozenset(range(400, 500)) - {429}
_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class CrawlJournal:
    """Writes the lines of one run into its spool."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool

    def write_exchange(self, exchange: Exchange, captured: Captured) -> None:
        """Write the line of an exchange; recovery cuts off records without one."""
        self._add("crawl", _exchange_line(exchange, captured))

    def write_outcome(self, record_id: str, became: str, **more: Any) -> None:
        """Write the outcome of a recorded page: list, article, no-article …"""
        self._add("crawl", {"of": record_id, "became": became, **more})

    def write_unsent(self, request: Request, why: str, **more: Any) -> None:
        """Write the line of a request that was refused before it was sent, or has no record.

        The line has no record, so the state of the URL does not change.
        """
        line = {
            "time": timestamp(datetime.now(UTC)),
            "url": request.url,
            "method": request.method,
            **purpose_of(request),
            "bytes": 0,
            "became": "blocked" if why == "blocked-host" else "failed",
            "why": why,
        }
        self._add("crawl", line | more)

    def write_event(self, kind: str, at: datetime | None = None, **fields: Any) -> None:
        """Write a line to the run's events; ``at`` defaults to now."""
        self._add("events", {"time": timestamp(at or datetime.now(UTC)), "event": kind, **fields})

    def write_requisites(self, **fields: Any) -> None:
        """Write a line about requisites, which the closed run's articles are completed from."""
        self._add("requisites", {"time": timestamp(datetime.now(UTC)), **fields})

    def write_seen(
        self, at: datetime, site: str, origin: str | None, links: Mapping[str, Link]
    ) -> None:
        """Write the event of URLs seen for the first time.

        Args:
            origin: the page that links to them.
            links: by canonical URL, the link as that page has it.
        """
        hints = _fields_of({url: link.hints for url, link in links.items()})
        addresses = {url: link.url for url, link in links.items() if link.url != url}
        more: dict[str, Any] = {"hints": hints} if hints else {}
        more |= {"addresses": addresses} if addresses else {}
        self.write_event("seen", at, site=site, on=origin, urls=list(links), **more)

    def write_hints(self, site: str, origin: str | None, hints: Mapping[str, Hints]) -> None:
        """Write the event that a page says more of known URLs than was known, or from nearer by.

        Args:
            origin: the page.
            hints: by canonical URL, what that page says.
        """
        self.write_event("hints-found", site=site, on=origin, hints=_fields_of(hints))

    def _add(self, journal: str, line: Mapping[str, Any]) -> None:
        self._spool.add(journal, dump(line))


def purpose_of(request: Request) -> dict[str, Any]:
    """Return what the request is for: role, position in a list, and hints."""
    role = request.meta.get(ROLE) or _role_of(request.url)
    position: ListPosition | None = request.meta.get(POSITION)
    hints: Hints = request.meta.get(HINTS, NO_HINTS)
    purpose: dict[str, Any] = {"role": role}
    if position is not None:
        purpose["list"] = asdict(position)
    if fields := hints.to_fields():
        purpose["hints"] = fields
    if request.meta.get(UNCOUNTED):  # robots.txt of a host of pictures
        purpose[UNCOUNTED] = True
    return purpose


def _fields_of(hints: Mapping[str, Hints]) -> dict[str, dict[str, Any]]:
    return {url: fields for url, one in hints.items() if (fields := one.to_fields())}


def place_of(captured: Captured) -> dict[str, Any]:
    """Return where the exchange was recorded, as lines have it."""
    return {
        "id": captured.record_id,
        "type": captured.record_type,
        "file": captured.file,
        "offset": captured.offset,
        "length": captured.length,
    }


def dump(line: Mapping[str, Any]) -> str:
    """Return a line as compact JSON, without a line feed."""
    return _to_json(line)


def _exchange_line(exchange: Exchange, captured: Captured) -> dict[str, Any]:
    line = {
        "time": timestamp(captured.date),
        "url": exchange.url,
        "method": exchange.method,
        **exchange.purpose,
        "status": captured.status,
        "error": captured.error,
        "truncated": captured.truncated,
        "bytes": exchange.received,
        "referrer": exchange.referrer,
        "record": place_of(captured),
        "refers_to": captured.refers_to,
        "payload_digest": captured.payload_digest,
        "payload_sha256": captured.payload_sha256,
        "etag": captured.etag,
        "last_modified": captured.last_modified,
        "became": _outcome(exchange, captured),
        "index": captured.index,
    }
    return {name: value for name, value in line.items() if value is not None}


def _role_of(url: str) -> str:
    """Return the role of a request without one, made by a middleware or a redirect."""
    return "robots" if urlsplit(url).path == "/robots.txt" else "page"


def _outcome(exchange: Exchange, captured: Captured) -> str:
    """Return the outcome of an exchange until the spider records another."""
    status, is_robots = captured.status, exchange.purpose.get(ROLE) == "robots"
    if is_robots and status in _NO_ROBOTS:
        return "robots"
    if captured.error is not None or status is None or status >= HTTPStatus.BAD_REQUEST:
        return "failed"
    if HTTPStatus.MULTIPLE_CHOICES <= status != HTTPStatus.NOT_MODIFIED:
        return "redirect"
    return "robots" if is_robots else "fetched"
