"""Checks the header block of a WARC record. Source: WARC 1.1 (ISO 28500:2017), its annotations."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from newsbot.warc.fault import Cause
from newsbot.warc.records import IDENTICAL_PAYLOAD, SERVER_NOT_MODIFIED

Headers = Mapping[str, str]  # names in lower case

TYPES: Final = frozenset(
    ("warcinfo", "response", "resource", "request", "metadata", "revisit", "conversion")
) | {"continuation"}
_WITHOUT_TARGET: Final = frozenset(("warcinfo", "metadata"))
_MANDATORY: Final = ("warc-record-id", "warc-type", "warc-date", "content-length")
_IDS: Final = ("warc-record-id", "warc-concurrent-to", "warc-refers-to", "warc-warcinfo-id")
_DATES: Final = ("warc-date", "warc-refers-to-date")
_PROFILES: Final = frozenset(
    profile.replace("/1.1/", version)
    for profile in (IDENTICAL_PAYLOAD, SERVER_NOT_MODIFIED)
    for version in ("/1.0/", "/1.1/")
)
_RECORD_ID = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:[^\s<>]+>")
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z")


def parse_header(raw: bytes) -> tuple[str, dict[str, str], list[Cause]]:
    """Return a record's version line, its headers, and the faults of their syntax."""
    faults: list[Cause] = []
    version, *lines = raw.removesuffix(b"\r\n\r\n").split(b"\r\n")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(b":")
        key = name.decode("utf-8", "replace").strip().lower()
        if not colon:
            faults.append(Cause("a line is no WARC header", f"{line[:60]!r}"))
        elif key in headers and key != "warc-concurrent-to":
            faults.append(Cause("a WARC header occurs twice", key[:60]))
        else:
            headers[key] = value.decode("utf-8", "replace").strip()
    return version.decode("utf-8", "replace"), headers, faults


def header_faults(version: str, headers: Headers) -> Iterator[Cause]:
    """Yield the faults of what the headers say."""
    kind = headers.get("warc-type", "")
    if version not in ("WARC/1.0", "WARC/1.1"):
        yield Cause("not a WARC version", f"{version[:40]!r}")
    for name in _MANDATORY:
        if name not in headers:
            yield Cause(f"mandatory header {name} is missing")
    if kind and kind not in TYPES:
        yield Cause("unknown WARC-Type", f"{kind[:40]!r}")
    if kind in TYPES - _WITHOUT_TARGET and "warc-target-uri" not in headers:
        yield Cause(f"mandatory header warc-target-uri is missing on a {kind}")
    if "content-length" in headers and not is_length(headers["content-length"]):
        yield Cause("Content-Length is not a number", f"{headers['content-length'][:40]!r}")
    yield from _value_faults(headers)
    if kind == "revisit":
        yield from _revisit_faults(headers)


def is_length(value: str) -> bool:
    """Return whether a WARC record's Content-Length is a number that a file can have."""
    return value.isascii() and value.isdigit() and len(value) <= 18


def _value_faults(headers: Headers) -> Iterator[Cause]:
    for name in _IDS:
        if name in headers and not _RECORD_ID.fullmatch(headers[name]):
            yield Cause(f"{name} is not a URI in angle brackets", f"{headers[name][:60]!r}")
    for name in _DATES:
        if name in headers and not is_date(headers[name]):
            yield Cause(f"{name} is not a W3C date and time in UTC", f"{headers[name][:40]!r}")


def _revisit_faults(headers: Headers) -> Iterator[Cause]:
    profile = headers.get("warc-profile")
    if profile is None:
        yield Cause("a revisit without WARC-Profile")
    elif profile not in _PROFILES:
        yield Cause("unknown revisit profile", f"{profile[:80]!r}")
    elif "identical-payload" in profile:
        if "warc-payload-digest" not in headers:
            yield Cause("an identical-payload revisit without WARC-Payload-Digest")
        elif "warc-refers-to" not in headers and "warc-refers-to-target-uri" not in headers:
            yield Cause("an identical-payload revisit that refers to no record")


def is_date(value: str) -> bool:
    """Return whether it is a WARC-Date: a W3C date and time in UTC."""
    if not _DATE.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value[:19])
    except ValueError:
        return False
    return True
