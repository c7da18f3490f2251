"""Lines of the journals: what is written of an exchange before anybody has read its page."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from newsbot.warc.exchange import Exchange
from newsbot.warc.records import Captured, timestamp

_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def crawl_line(exchange: Exchange, captured: Captured) -> dict[str, Any]:
    """What the crawl log says of an exchange that has just been written (docs/archiving.md)."""
    line = {
        "time": timestamp(captured.date),
        "url": exchange.url,
        "method": exchange.method,
        "role": exchange.role,
        "status": captured.status,
        "error": captured.error,
        "truncated": captured.truncated,
        "bytes": exchange.received,
        "referrer": exchange.referrer,
        "record": {
            "id": captured.record_id,
            "type": captured.record_type,
            "file": captured.file,
            "offset": captured.offset,
            "length": captured.length,
        },
        "refers_to": captured.refers_to,
        "payload_digest": captured.payload_digest,
        "payload_sha256": captured.payload_sha256,
        "etag": captured.etag,
        "last_modified": captured.last_modified,
        "became": _became(exchange, captured),
        "index": captured.index,
    }
    return {name: value for name, value in line.items() if value is not None}


def role_of(url: str) -> str:
    """What a request is made for that nobody gave a role: by a middleware, or a redirect."""
    return "robots" if urlsplit(url).path == "/robots.txt" else "page"


def dump(line: Mapping[str, Any]) -> str:
    """A line as compact JSON, without a line feed."""
    return _to_json(line)


def _became(exchange: Exchange, captured: Captured) -> str:
    """What an exchange is until the spider says more."""
    status = captured.status
    if captured.error is not None or status is None or status >= HTTPStatus.BAD_REQUEST:
        return "failed"
    if HTTPStatus.MULTIPLE_CHOICES <= status != HTTPStatus.NOT_MODIFIED:
        return "redirect"
    return "robots" if exchange.role == "robots" else "fetched"
