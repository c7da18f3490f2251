"""Checks one WARC file, record by record, streaming.

Finds faults that other checkers miss: truncated tails, missing dates, several records in one gzip
member, a decoded body that keeps Content-Encoding, a dechunked one that keeps Transfer-Encoding,
duplicate record ids, a dangling Concurrent-To, a renamed file. newsbot stores what a server sent as
it came, so that in its own files what the HTTP head says of the body is the server's affair: a
remark. Source: WARC 1.1 (ISO 28500:2017), its annotations.
"""

import hashlib
import re
from collections.abc import Iterator, Set
from dataclasses import dataclass, field, replace
from typing import IO, Any, Final

from newsbot.warc.body_check import ENDS_EARLY, BodyCheck, DigestCheck
from newsbot.warc.fault import Cause, Fault
from newsbot.warc.header_check import Headers, header_faults, is_date, is_length, parse_header
from newsbot.warc.http1 import END_OF_HEAD, HttpHead
from newsbot.warc.members import END_OF_HEADER, GzipMember, members
from newsbot.warc.records import target_of

NOT_MODIFIED: Final = 304
TEXT_URN: Final = "urn:text:"  # before the URL of an article, of the record with its text
_MAX_HEAD: Final = 1024 * 1024  # bytes of a WARC or HTTP header block
_OF_NEWSBOT = re.compile(rb"(?m)^software:[ \t]*newsbot/")
_OF_NOTHING: Final = "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"  # no bytes
_SENT_SO: Final = "; so it was sent"


@dataclass(frozen=True, slots=True)
class CheckedRecord:
    """What checks across records and files need to know of a record.

    ``date`` and what begins with ``refers_to`` are as in its headers; ``status`` and ``media_type``
    are of the HTTP head in its block; ``text_sha256`` (hex) is of the block of an article's text.
    """

    record_id: str
    kind: str
    url: str | None
    date: str | None
    offset: int
    length: int
    payload_digest: str | None
    status: int | None
    media_type: str | None = None
    profile: str | None = None
    refers_to: str | None = None
    refers_to_url: str | None = None
    refers_to_date: str | None = None
    text_sha256: str | None = None

    @property
    def is_logged(self) -> bool:
        """Whether the crawl log must have a line for it: not without an address or a date."""
        is_capture = self.kind in ("response", "revisit")
        return is_capture and self.url is not None and self.date is not None

    @property
    def is_indexed(self) -> bool:
        """Whether the index must have a line for it; that of a 304 would hide earlier captures."""
        return self.is_logged and self.status != NOT_MODIFIED


@dataclass(slots=True)
class WarcCheck:
    """The check of one file; ``run`` fills ``records``, by offset.

    ``is_of_newsbot``: the file was written by newsbot, as its warcinfo says or the caller knows;
    ``is_renamed``: it is known to have another name than its warcinfo says, as an import has.
    """

    name: str
    records: dict[int, CheckedRecord] = field(default_factory=dict)
    count: int = 0
    is_of_newsbot: bool = False
    is_renamed: bool = False
    _ids: set[str] = field(default_factory=set)
    _concurrent: list[tuple[int, str, str]] = field(default_factory=list)
    _lengths: dict[str, tuple[int, Cause]] = field(default_factory=dict)
    _unread: set[int] = field(default_factory=set)
    _torn_at: int | None = None
    _remarks: list[Cause] = field(default_factory=list)  # on the record that is being checked

    def run(self, file: IO[bytes]) -> Iterator[Fault]:
        """Yield every fault of the file, in the file's order."""
        for member in members(file):
            yield from self._check_record(member)
            if member.broken is not None:
                self._torn_at = member.offset
                yield Fault(self.name, member.broken, member.offset)
                break
        if self.count == 0:
            yield Fault(self.name, "contains no record")
        for offset, record_id, other in self._concurrent:
            if other not in self._ids and self._torn_at is None:
                what = "WARC-Concurrent-To names no record of this file"
                yield Fault(self.name, what, offset, record_id, detail=other)
        for record_id, (offset, cause) in self._lengths.items():
            yield self._fault(self._sent(cause), offset, record_id, is_remark=self.is_of_newsbot)

    @property
    def ids(self) -> Set[str]:
        """Every record id of the file."""
        return self._ids

    @property
    def is_damaged(self) -> bool:
        """Whether records of the file could not be read."""
        return self._torn_at is not None or bool(self._unread)

    def is_read(self, offset: int) -> bool:
        """Return whether it is known which record is at the offset, if any: damage hides others."""
        is_torn = self._torn_at is not None and offset >= self._torn_at
        return not is_torn and offset not in self._unread

    def _fault(
        self, cause: Cause, offset: int, record_id: str, *, is_remark: bool = False
    ) -> Fault:
        return Fault(self.name, cause.what, offset, record_id, is_remark, cause.detail)

    def _sent(self, cause: Cause) -> Cause:
        """Return the cause, said to be the server's where it must be."""
        return cause._replace(what=cause.what + _SENT_SO) if self.is_of_newsbot else cause

    def _check_record(self, member: GzipMember) -> Iterator[Fault]:
        raw = member.read_until(END_OF_HEADER, _MAX_HEAD)
        if raw is None:
            if member.broken is None:
                self._unread.add(member.offset)
                yield Fault(self.name, "no WARC header in this gzip member", member.offset)
                member.skip()
            return
        self.count += 1
        self._remarks = []
        version, headers, faults = parse_header(raw)
        faults += header_faults(version, headers)
        record_id = headers.get("warc-record-id", "?")
        faults += self._content_faults(member, headers, record_id)
        if record_id in self._ids:
            faults.append(Cause("an earlier record has the same WARC-Record-ID"))
        self._ids.add(record_id)
        if member.broken is None:
            for cause in faults:
                yield self._fault(cause, member.offset, record_id)
            for cause in self._remarks:
                yield self._fault(cause, member.offset, record_id, is_remark=True)

    def _content_faults(
        self, member: GzipMember, headers: Headers, record_id: str
    ) -> Iterator[Cause]:
        """Yield the faults of the block and of what follows it, to the member's end."""
        length = headers.get("content-length", "")
        if not is_length(length):
            self._unread.add(member.offset)
            member.skip()
            return
        yield from self._block_faults(member, headers, int(length), record_id)
        rest = member.finish()
        if member.offset in self.records:
            record = self.records[member.offset]
            self.records[member.offset] = replace(record, length=member.end - member.offset)
        if member.broken is None and rest != b"\r\n\r\n":
            yield (
                Cause("several records in one gzip member")
                if rest.startswith(b"\r\n\r\nWARC/")
                else Cause("the block is not followed by two line ends: Content-Length is wrong")
            )

    def _block_faults(
        self, member: GzipMember, headers: Headers, length: int, record_id: str
    ) -> Iterator[Cause]:
        """Read the block; yield faults of its digests and of the HTTP message in it."""
        kind = headers.get("warc-type", "")
        is_http = headers.get("content-type", "").lower().startswith("application/http")
        http, raw, payload = None, b"", None
        if kind in ("response", "resource") or (is_http and kind == "request"):
            payload = DigestCheck(headers.get("warc-payload-digest"))
        if is_http and kind in ("response", "request", "revisit"):
            raw, has_end = _head(member, length)
            http = HttpHead(raw)
            if not has_end and member.broken is None:
                payload = None  # where it begins is not known
                self._remarks.append(Cause(f"its HTTP header does not end in {_MAX_HEAD} bytes"))
        block = DigestCheck(headers.get("warc-block-digest"))
        block.update(raw)
        body = BodyCheck(http if kind == "response" else None)
        text = _text_digest(headers)
        for piece in member.read(length - len(raw)):
            if kind == "warcinfo" and _OF_NEWSBOT.search(piece):
                self.is_of_newsbot = True
            for part in (block, payload, body, text):
                if part is not None:
                    part.update(piece)
        if member.broken is not None:
            return
        yield from self._block_digest_faults(headers, block)
        yield from payload.faults("payload") if payload is not None else ()
        if kind == "warcinfo":
            yield from self._name_faults(headers)
        if http is not None and kind == "response":
            is_cut = "warc-truncated" in headers
            yield from self._as_sent(body.causes(truncated=is_cut))
            if length_cause := body.length_cause(truncated=is_cut):
                self._lengths[record_id] = (member.offset, length_cause)
        self._remember(member, headers, http, record_id, text and text.hexdigest())

    def _block_digest_faults(self, headers: Headers, block: DigestCheck) -> list[Cause]:
        faults = block.faults("block")
        is_of_nothing = headers.get("warc-block-digest") == _OF_NOTHING
        if faults and headers.get("warc-type") == "revisit" and is_of_nothing:
            self._remarks.append(Cause("the block digest is that of nothing, as wget writes it"))
            return []
        return faults

    def _as_sent(self, causes: Iterator[Cause]) -> Iterator[Cause]:
        """Yield what is a fault; in newsbot's own files all is the server's, and a remark.

        So is a body that ends early in any file: it was not decoded by whoever stored it.
        """
        for cause in causes:
            if self.is_of_newsbot or cause.what.startswith(ENDS_EARLY):
                self._remarks.append(self._sent(cause))
            else:
                yield cause

    def _name_faults(self, headers: Headers) -> Iterator[Cause]:
        name = headers.get("warc-filename")
        if self.is_renamed or name is None or name == self.name.rpartition("/")[2]:
            return
        cause = Cause("its warcinfo has another WARC-Filename: the file was renamed", name[:200])
        if self.is_of_newsbot:
            yield cause
        else:
            self._remarks.append(cause)

    def _remember(
        self,
        member: GzipMember,
        headers: Headers,
        http: HttpHead | None,
        record_id: str,
        text_sha256: str | None,
    ) -> None:
        other = headers.get("warc-concurrent-to")
        if other is not None:
            self._concurrent.append((member.offset, record_id, other))
        if headers.get("warc-type") == "request" and http is not None:
            if other is not None and http.raw.startswith(b"HEAD "):
                self._lengths.pop(other, None)  # a response to HEAD has no body
            return
        self.records[member.offset] = CheckedRecord(
            record_id=record_id,
            kind=headers.get("warc-type", ""),
            url=target_of(headers),
            date=date if is_date(date := headers.get("warc-date", "")) else None,
            offset=member.offset,
            length=0,
            payload_digest=headers.get("warc-payload-digest"),
            status=http.status if http is not None else None,
            media_type=http.media_type if http is not None else None,
            profile=headers.get("warc-profile"),
            refers_to=headers.get("warc-refers-to"),
            refers_to_url=headers.get("warc-refers-to-target-uri"),
            refers_to_date=headers.get("warc-refers-to-date"),
            text_sha256=text_sha256,
        )


def _head(member: GzipMember, length: int) -> tuple[bytes, bool]:
    """Return the HTTP head that begins a block of that length, and whether its end was found.

    A shorter block without an end is all head.
    """
    raw = member.read_until(END_OF_HEAD, min(_MAX_HEAD, length), or_all=length)
    if raw is not None:
        return raw, True
    return b"".join(member.read(min(_MAX_HEAD, length))), False


def _text_digest(headers: Headers) -> Any:
    """Return a SHA-256 for the block of a record with an article's text; None for others."""
    is_text = headers.get("warc-target-uri", "").startswith(TEXT_URN)
    return hashlib.sha256() if is_text and headers.get("warc-type") == "resource" else None
