"""Checks one WARC file, record by record, streaming.

Finds faults that other checkers miss: truncated tails, missing dates, several records in one gzip
member, a decoded body that keeps Content-Encoding, a dechunked one that keeps Transfer-Encoding,
duplicate record ids, a dangling Concurrent-To. Source: WARC 1.1 (ISO 28500:2017), its annotations.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import IO

from newsbot.warc.body_check import BodyCheck, DigestCheck
from newsbot.warc.http1 import END_OF_HEAD, HttpHead
from newsbot.warc.members import END_OF_HEADER, GzipMember, members
from newsbot.warc.records import IDENTICAL_PAYLOAD, SERVER_NOT_MODIFIED, target_of

NOT_MODIFIED = 304
TYPES = frozenset(
    [
        "warcinfo",
        "response",
        "resource",
        "request",
        "metadata",
        "revisit",
        "conversion",
        "continuation",
    ]
)
WITHOUT_TARGET = frozenset(("warcinfo", "metadata"))
PROFILES = frozenset(
    profile.replace("/1.1/", version)
    for profile in (IDENTICAL_PAYLOAD, SERVER_NOT_MODIFIED)
    for version in ("/1.0/", "/1.1/")
)
_MAX_HEAD = 1024 * 1024  # bytes of a WARC or HTTP header block
_RECORD_ID = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:[^\s<>]+>")
_LENGTH = re.compile(r"[0-9]{1,18}")  # a server may write anything for it
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z")
_OF_NOTHING = "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"  # no bytes
_OF_NEWSBOT = re.compile(rb"(?m)^software:[ \t]*newsbot/")


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that was found: in which file, at which offset, in which record, and what it is.

    ``is_remark``: nothing is damaged; the server sent what is not as its header says.
    """

    file: str
    what: str
    offset: int | None = None
    record_id: str | None = None
    is_remark: bool = False

    def __str__(self) -> str:
        place = self.file if self.offset is None else f"{self.file} at {self.offset}"
        record = f" {self.record_id}" if self.record_id else ""
        return f"{place}{record}: {self.what}"


@dataclass(frozen=True, slots=True)
class CheckedRecord:
    """What checks across files need to know of a record."""

    record_id: str
    kind: str
    url: str | None
    date: str | None
    offset: int
    length: int
    payload_digest: str | None
    status: int | None
    refers_to: str | None

    @property
    def is_indexed(self) -> bool:
        """Whether the index must have a line for it.

        Without address or date it can have none; a 304 would hide the captures before it.
        """
        is_capture = self.kind in ("response", "revisit") and self.status != NOT_MODIFIED
        return is_capture and self.url is not None and self.date is not None


@dataclass(slots=True)
class WarcCheck:
    """The check of one file; ``run`` fills ``records``, by offset."""

    name: str
    records: dict[int, CheckedRecord] = field(default_factory=dict)
    count: int = 0
    _ids: set[str] = field(default_factory=set)
    _concurrent: list[tuple[int, str, str]] = field(default_factory=list)
    _length_faults: dict[str, tuple[int, str]] = field(default_factory=dict)
    is_of_newsbot: bool = False  # which stores bodies as they came, whatever their header says
    _remark: str | None = None  # on the record that is being checked

    def run(self, file: IO[bytes]) -> Iterator[Fault]:
        """Yield every fault of the file, in the file's order."""
        for member in members(file):
            yield from self._check_record(member)
            if member.broken is not None:
                yield Fault(self.name, member.broken, member.offset)
                break
        if self.count == 0:
            yield Fault(self.name, "contains no record")
        for offset, record_id, other in self._concurrent:
            if other not in self._ids:
                what = f"WARC-Concurrent-To {other} is not a record of this file"
                yield Fault(self.name, what, offset, record_id)
        for record_id, (offset, what) in self._length_faults.items():
            yield Fault(self.name, what, offset, record_id)

    def _check_record(self, member: GzipMember) -> Iterator[Fault]:
        raw = member.read_until(END_OF_HEADER, _MAX_HEAD)
        if raw is None:
            if member.broken is None:
                yield Fault(self.name, "no WARC header in this gzip member", member.offset)
                member.skip()
            return
        self.count += 1
        self._remark = None
        version, headers, faults = parse_header(raw)
        record_id = headers.get("warc-record-id", "?")
        faults += _header_faults(version, headers)
        length = headers.get("content-length", "")
        if not length.isdigit():
            member.skip()
        else:
            faults += self._check_block(member, headers, int(length), record_id)
            rest = member.finish()
            if member.offset in self.records:
                record = self.records[member.offset]
                self.records[member.offset] = replace(record, length=member.end - member.offset)
            if member.broken is None and rest != b"\r\n\r\n":
                faults.append(
                    "several records in one gzip member"
                    if rest.startswith(b"\r\n\r\nWARC/")
                    else "the block is not followed by two line ends: Content-Length is wrong"
                )
        if record_id in self._ids:
            faults.append("an earlier record has the same WARC-Record-ID")
        self._ids.add(record_id)
        if member.broken is None:
            for what in faults:
                yield Fault(self.name, what, member.offset, record_id)
            if self._remark is not None:
                yield Fault(self.name, self._remark, member.offset, record_id, is_remark=True)

    def _check_block(
        self, member: GzipMember, headers: dict[str, str], length: int, record_id: str
    ) -> list[str]:
        """Read the block; return faults of its digests and of the HTTP message in it."""
        kind = headers.get("warc-type", "")
        block, payload = DigestCheck(headers.get("warc-block-digest")), None
        http: HttpHead | None = None
        left = length
        is_http = headers.get("content-type", "").lower().startswith("application/http")
        if is_http and kind in ("response", "request", "revisit"):
            raw = member.read_until(END_OF_HEAD, min(_MAX_HEAD, length), or_all=length)
            if raw is None:
                return ["the HTTP header does not end"] if member.broken is None else []
            http = HttpHead(raw)
            block.update(raw)
            left -= len(raw)
        if kind in ("response", "resource") or (is_http and kind == "request"):
            payload = DigestCheck(headers.get("warc-payload-digest"))
        body = BodyCheck(http if kind == "response" else None)
        for piece in member.read(left):
            if kind == "warcinfo":
                self.is_of_newsbot = self.is_of_newsbot or _OF_NEWSBOT.search(piece) is not None
            block.update(piece)
            if payload is not None:
                payload.update(piece)
            body.update(piece)
        if member.broken is not None:
            return []
        faults = block.faults("block")
        if kind == "revisit" and headers.get("warc-block-digest") == _OF_NOTHING and faults:
            self._remark, faults = "block digest is that of nothing, as wget writes it", []
        if payload is not None:
            faults += payload.faults("payload")
        truncated = "warc-truncated" in headers
        if http is not None and kind == "response":
            faults += self._body_faults(body, truncated=truncated)
            self._check_length(http, left, truncated=truncated, at=(member.offset, record_id))
        self._remember(member, headers, http, record_id)
        return faults

    def _body_faults(self, body: BodyCheck, *, truncated: bool) -> list[str]:
        """Return the faults of a body's codings; in newsbot's own files they are the server's."""
        coding = body.coding_fault(truncated=truncated)
        framing = body.framing_fault()
        if coding is not None and self.is_of_newsbot:
            self._remark, coding = f"{coding}: so it was sent", None
        return [one for one in (coding, framing) if one is not None]

    def _check_length(
        self, http: HttpHead, size: int, *, truncated: bool, at: tuple[int, str]
    ) -> None:
        declared = http.get("content-length") or ""
        bodiless = http.status in (204, 304) or truncated
        chunked = http.get("x-archive-orig-transfer-encoding") is not None
        if not _LENGTH.fullmatch(declared) or int(declared) == size or bodiless or chunked:
            return
        offset, record_id = at
        what = f"Content-Length is {declared}, but the body has {size} bytes"
        self._length_faults[record_id] = (offset, what)

    def _remember(
        self, member: GzipMember, headers: dict[str, str], http: HttpHead | None, record_id: str
    ) -> None:
        other = headers.get("warc-concurrent-to")
        if other is not None:
            self._concurrent.append((member.offset, record_id, other))
        if headers.get("warc-type") == "request" and http is not None:
            if other is not None and http.raw.startswith(b"HEAD "):
                self._length_faults.pop(other, None)  # a response to HEAD has no body
            return
        self.records[member.offset] = CheckedRecord(
            record_id=record_id,
            kind=headers.get("warc-type", ""),
            url=target_of(headers),
            date=date if _is_date(date := headers.get("warc-date", "")) else None,
            offset=member.offset,
            length=0,
            payload_digest=headers.get("warc-payload-digest"),
            status=http.status if http is not None else None,
            refers_to=headers.get("warc-refers-to"),
        )

    @property
    def ids(self) -> frozenset[str]:
        """Every record id of the file."""
        return frozenset(self._ids)


def parse_header(raw: bytes) -> tuple[str, dict[str, str], list[str]]:
    """Return version, headers (names in lower case) and faults of a record's header block."""
    faults: list[str] = []
    lines = raw.removesuffix(b"\r\n\r\n").split(b"\r\n")
    headers: dict[str, str] = {}
    for line in lines[1:]:
        name, colon, value = line.partition(b":")
        key = name.decode("utf-8", "replace").strip().lower()
        if not colon:
            faults.append(f"not a WARC header line: {line[:60]!r}")
        elif key in headers and key != "warc-concurrent-to":
            faults.append(f"header {key} occurs twice")
        else:
            headers[key] = value.decode("utf-8", "replace").strip()
    return lines[0].decode("utf-8", "replace"), headers, faults


def _header_faults(version: str, headers: dict[str, str]) -> list[str]:
    faults = []
    if version not in ("WARC/1.0", "WARC/1.1"):
        faults.append(f"not a WARC version: {version[:40]!r}")
    mandatory = ("warc-record-id", "warc-type", "warc-date", "content-length")
    faults += [f"mandatory header {name} is missing" for name in mandatory if name not in headers]
    kind = headers.get("warc-type", "")
    if kind and kind not in TYPES:
        faults.append(f"unknown WARC-Type {kind!r}")
    if kind in TYPES - WITHOUT_TARGET and "warc-target-uri" not in headers:
        faults.append(f"mandatory header warc-target-uri is missing on a {kind}")
    if "content-length" in headers and not headers["content-length"].isdigit():
        faults.append(f"Content-Length {headers['content-length']!r} is not a number")
    faults += [
        f"{name} {headers[name]!r} is not a URI in angle brackets"
        for name in ("warc-record-id", "warc-concurrent-to", "warc-refers-to", "warc-warcinfo-id")
        if name in headers and not _RECORD_ID.fullmatch(headers[name])
    ]
    faults += [
        f"{name} {headers[name]!r} is not a W3C date and time in UTC"
        for name in ("warc-date", "warc-refers-to-date")
        if name in headers and not _is_date(headers[name])
    ]
    if kind == "revisit":
        faults += _revisit_faults(headers)
    return faults


def _revisit_faults(headers: dict[str, str]) -> list[str]:
    profile = headers.get("warc-profile")
    if profile is None:
        return ["a revisit without WARC-Profile"]
    if profile not in PROFILES:
        return [f"unknown revisit profile {profile!r}"]
    if "identical-payload" in profile and "warc-payload-digest" not in headers:
        return ["an identical-payload revisit without WARC-Payload-Digest"]
    if "warc-refers-to" not in headers and "warc-refers-to-target-uri" not in headers:
        return (
            ["an identical-payload revisit that refers to no record"]
            if "identical-payload" in profile
            else []
        )
    return []


def _is_date(value: str) -> bool:
    if not _DATE.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value[:19])
    except ValueError:
        return False
    return True
