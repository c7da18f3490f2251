"""Lines of an imported run's crawl log and index: one for each capture (docs/archiving.md)."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from newsbot.importing.captures import Capture
from newsbot.models import Source
from newsbot.sites.site import Site
from newsbot.warc import cdxj
from newsbot.warc.records import timestamp

UNRESOLVED: Final = "revisit-without-payload"  # why: the record with its payload did not come
_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def dump(line: Mapping[str, Any]) -> str:
    """Return a line as compact JSON, without a line feed."""
    return _to_json(line)


def place_of(capture: Capture, file: str) -> dict[str, Any]:
    """Return where the capture is, as lines have it; ``file`` is the name of its WARC file."""
    return {
        "id": capture.record_id,
        "type": capture.kind,
        "file": file,
        "offset": capture.offset,
        "length": capture.length,
    }


def source_of(capture: Capture, file: str, run: str) -> Source:
    """Return the capture as the source of an article."""
    return Source(
        run=run,
        file=file,
        offset=capture.offset,
        length=capture.length,
        record_id=capture.record_id,
        payload_digest=capture.sha1 if capture.kind == "response" else capture.digest,
    )


def capture_line(
    capture: Capture, file: str, site: Site, payload: Capture | None, payload_file: str
) -> dict[str, Any]:
    """Return the crawl log's line of a capture, with its line of the index.

    ``payload`` is the record that holds its payload, in ``payload_file``; None if it did not come.
    """
    line = {
        "time": timestamp(capture.date),
        "url": capture.url,
        "method": capture.method,
        "role": "page",
        "status": capture.status,
        "truncated": capture.truncated if capture.kind == "response" else None,
        "bytes": capture.size,
        "record": place_of(capture, file),
        **_payload_fields(capture, payload, payload_file),
        "etag": capture.etag,
        "last_modified": capture.last_modified,
        **outcome(capture, site, payload),
        "index": _index_line(capture, file),
    }
    return {name: value for name, value in line.items() if value is not None}


def _payload_fields(capture: Capture, payload: Capture | None, payload_file: str) -> dict[str, Any]:
    if payload is None or not capture.is_web:
        return {}
    fields: dict[str, Any] = {"payload_digest": payload.sha1, "payload_sha256": payload.sha256}
    if payload is not capture:
        fields["payload_record"] = place_of(payload, payload_file)
    return fields


def outcome(capture: Capture, site: Site, payload: Capture | None) -> dict[str, Any]:
    """Return what a capture became, before pages are read: those that may be are ``fetched``."""
    status = capture.status or 0
    if not capture.is_web:
        return {"became": "file"}
    if capture.is_unmodified:
        return {"became": "unchanged"}
    if not site.owns(capture.url):
        return {"became": "off-site"}
    if status >= HTTPStatus.BAD_REQUEST or status < HTTPStatus.OK:
        return {"became": "failed", "why": f"http-{status}" if status else "no-http-head"}
    if status >= HTTPStatus.MULTIPLE_CHOICES:
        return {"became": "redirect"}
    if not capture.is_html:
        return {"became": "file"}
    return _outcome_of_page(site, payload)


def _outcome_of_page(site: Site, payload: Capture | None) -> dict[str, Any]:
    if payload is None:
        return {"became": "failed", "why": UNRESOLVED}
    if payload.truncated is not None:
        return {"became": "torn", "why": f"truncated: {payload.truncated}"}
    if payload.payload_length > site.politeness.max_body:
        return {"became": "failed", "why": "too-large"}
    return {"became": "fetched"}


def _index_line(capture: Capture, file: str) -> str | None:
    """Return the index line; none for a 304, which would hide the captures before it."""
    if capture.status == HTTPStatus.NOT_MODIFIED:
        return None
    return cdxj.line(
        capture.url,
        capture.date,
        mime="warc/revisit" if capture.kind == "revisit" else capture.media_type or "unk",
        status=capture.status,
        digest=capture.digest,
        offset=capture.offset,
        length=capture.length,
        filename=file,
    )
