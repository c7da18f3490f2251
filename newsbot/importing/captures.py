"""Reads the captures of a WARC file: what its response and revisit records are, and where."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import IO, Final

from newsbot.addresses import LONGEST
from newsbot.warc.header_check import parse_header
from newsbot.warc.http1 import END_OF_HEAD, HttpHead
from newsbot.warc.members import END_OF_HEADER, GzipMember, members
from newsbot.warc.records import base32_digest, target_of

_MAX_HEAD: Final = 1024 * 1024  # bytes of a WARC or HTTP header block
_LENGTH: Final = re.compile(r"[0-9]{1,18}")
_SOFTWARE: Final = re.compile(rb"(?im)^software:[ \t]*([^\r\n]{1,200})")
_HTML: Final = ("text/html", "application/xhtml+xml")


@dataclass(frozen=True, slots=True)
class Capture:
    """A response or revisit record.

    ``warc`` numbers the WARC files of a source from 0; ``digest`` is the payload digest that the
    record has, ``sha1`` and ``sha256`` are those of its payload as stored; ``size`` has the bytes
    of its block. ``method`` is that of its request, if that is in the file.
    """

    warc: int
    offset: int
    length: int
    record_id: str
    kind: str
    url: str
    date: datetime
    status: int | None
    content_type: str
    digest: str | None
    sha1: str
    sha256: str
    payload_length: int
    size: int
    truncated: str | None
    profile: str
    refers_to: tuple[str, str, str]  # record id, URI, date
    etag: str | None = None
    last_modified: str | None = None
    method: str = "GET"

    @property
    def is_web(self) -> bool:
        """Whether it is of a page's address; not of a name's (dns:), or of what cannot be one."""
        is_address = len(self.url) <= LONGEST and self.url.isprintable()
        return is_address and self.url.lower().startswith(("http://", "https://"))

    @property
    def is_html(self) -> bool:
        """Whether it is a page that came: one that may have an article."""
        is_there = self.is_web and self.status == HTTPStatus.OK and self.method == "GET"
        return is_there and self.media_type in (*_HTML, "")

    @property
    def is_unmodified(self) -> bool:
        """Whether it says that nothing had changed."""
        return self.status == HTTPStatus.NOT_MODIFIED or "server-not-modified" in self.profile

    @property
    def media_type(self) -> str:
        """The media type, in lower case; empty if there is none."""
        return self.content_type.partition(";")[0].strip().lower()

    @property
    def order(self) -> tuple[datetime, int, int]:
        """The order in which captures were made."""
        return self.date, self.warc, self.offset


@dataclass(slots=True)
class Scan:
    """What was found in the WARC files of a source; ``tool`` is the program that wrote the first.

    ``undated`` counts captures without address or date: they are kept, and no line tells of them.
    """

    captures: list[Capture] = field(default_factory=list)
    tool: str | None = None
    undated: int = 0
    _methods: dict[str, str] = field(default_factory=dict)  # other than GET, by record id

    def read(self, warc: int, file: IO[bytes]) -> None:
        """Read a WARC file to its end, or to where it is broken."""
        for member in members(file):
            raw = member.read_until(END_OF_HEADER, _MAX_HEAD)
            if raw is None:
                continue
            headers = parse_header(raw)[1]
            length = headers.get("content-length", "")
            if _LENGTH.fullmatch(length):
                self._read_record(warc, member, headers, int(length))

    def finish(self) -> None:
        """Give each capture the method of its request."""
        if self._methods:
            self.captures = [
                replace(one, method=self._methods.get(one.record_id, "GET"))
                for one in self.captures
            ]

    def _read_record(
        self, warc: int, member: GzipMember, headers: Mapping[str, str], length: int
    ) -> None:
        kind = headers.get("warc-type", "")
        if kind in ("response", "revisit"):
            found = _capture(warc, member, headers, length)
            if found is not None:
                self.captures.append(found)
                self._note_method_of_earlier(found, headers.get("warc-concurrent-to", ""))
            elif member.broken is None:
                self.undated += 1
        elif kind == "request":
            self._note_method(member, headers, length)
        elif kind == "warcinfo" and self.tool is None:
            found_tool = _SOFTWARE.search(b"".join(member.read(min(length, _MAX_HEAD))))
            if found_tool is not None:
                self.tool = found_tool[1].decode("utf-8", "replace").strip()

    def _note_method_of_earlier(self, capture: Capture, request_id: str) -> None:
        """Take over the method of a request that stands before its response, as wget writes it."""
        if request_id in self._methods:
            self._methods[capture.record_id] = self._methods[request_id]

    def _note_method(self, member: GzipMember, headers: Mapping[str, str], length: int) -> None:
        word = b"".join(member.read(min(length, 20))).split(b" ")[0].decode("ascii", "replace")
        if word != "GET" and word.isalpha():
            self._methods[headers.get("warc-concurrent-to", "")] = word
            self._methods[headers.get("warc-record-id", "")] = word


def _capture(
    warc: int, member: GzipMember, headers: Mapping[str, str], length: int
) -> Capture | None:
    """Return the capture in the member; None if it is broken, or has no address or date."""
    left, head = length, None
    if headers.get("content-type", "").lower().startswith("application/http"):
        raw = member.read_until(END_OF_HEAD, min(_MAX_HEAD, length), or_all=length)
        head = HttpHead(raw or b"")
        left -= len(head.raw)
    sha1, sha256 = hashlib.sha1(usedforsecurity=False), hashlib.sha256()
    for piece in member.read(left):
        sha1.update(piece)
        sha256.update(piece)
    member.skip()
    url, date = target_of(headers), date_of(headers.get("warc-date", ""))
    if member.broken is not None or url is None or date is None:
        return None
    names = ("warc-refers-to", "warc-refers-to-target-uri", "warc-refers-to-date")
    record_id, uri, day = (headers.get(name, "") for name in names)
    return Capture(
        warc=warc,
        offset=member.offset,
        length=member.end - member.offset,
        record_id=headers.get("warc-record-id", ""),
        kind=headers["warc-type"],
        url=url,
        date=date,
        status=None if head is None else head.status,
        content_type=_content_type(head, headers),
        digest=headers.get("warc-payload-digest"),
        sha1=base32_digest(sha1.digest()),
        sha256=sha256.hexdigest(),
        payload_length=left,
        size=length,
        truncated=headers.get("warc-truncated"),
        profile=headers.get("warc-profile", ""),
        refers_to=(record_id, uri.removeprefix("<").removesuffix(">"), day),
        etag=None if head is None else head.get("etag"),
        last_modified=None if head is None else head.get("last-modified"),
    )


def _content_type(head: HttpHead | None, headers: Mapping[str, str]) -> str:
    if head is None:
        return headers.get("content-type", "")
    values = head.get_all("content-type")
    return values[-1] if values else ""


def date_of(value: str) -> datetime | None:
    """Return the time of a WARC-Date; None if it is none."""
    try:
        return datetime.fromisoformat(value).astimezone(UTC) if value.endswith("Z") else None
    except (ValueError, OverflowError):
        return None


class Payloads:
    """Finds the record that holds the payload of a revisit, among the captures of a source.

    WARC 1.1 names it by URI and date; wget and others of WARC 1.0 by its record id, or not at all:
    then it is the one with the digest, of the same address before others.
    """

    def __init__(self, captures: Iterable[Capture]) -> None:
        self._by_id: dict[str, Capture] = {}
        self._by_time: dict[tuple[str, str], Capture] = {}
        self._by_digest: defaultdict[str, list[Capture]] = defaultdict(list)
        for one in captures:
            if one.kind == "response":
                self._by_id[one.record_id] = one
                self._by_time[one.url, _second(one.date)] = one
                self._by_digest[one.sha1].append(one)
                if one.digest not in (None, one.sha1):
                    self._by_digest[one.digest or ""].append(one)

    def of(self, capture: Capture) -> Capture | None:
        """Return the record with the payload: the capture itself, or that of a revisit; if any."""
        if capture.kind == "response":
            return capture
        return next((one for one in self._candidates(capture) if one.payload_length), None)

    def _candidates(self, revisit: Capture) -> Iterator[Capture]:
        record_id, uri, date = revisit.refers_to
        at = date_of(date)
        named = self._by_id.get(record_id)
        timed = None if at is None else self._by_time.get((uri, _second(at)))
        yield from filter(None, (named, timed))
        alike = self._by_digest.get(revisit.digest or "", ())
        yield from sorted(alike, key=lambda one: one.url != revisit.url)


def _second(at: datetime) -> str:
    return at.strftime("%Y%m%d%H%M%S")
