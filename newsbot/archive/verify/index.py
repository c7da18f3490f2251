"""The index of a run or a package: each line against its record, and each record's line."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from newsbot.archive.verify.records import NotRead, RunRecords
from newsbot.warc.cdxj import sort_key
from newsbot.warc.check import CheckedRecord
from newsbot.warc.fault import Fault


class IndexCheck:
    """The check of one index; lines are taken in their order, one by one.

    Args:
        name: of the index.
        is_exact: each field of a line is as newsbot writes it; otherwise only place and URL count,
            as other programs write less.
        of_others: the records are other programs', whose media types are read in several ways.
    """

    def __init__(
        self, name: str, records: RunRecords, *, is_exact: bool = True, of_others: bool = False
    ) -> None:
        self.count = 0
        self._name = name
        self._records = records
        self._is_exact = is_exact
        self._of_others = of_others
        self._indexed: set[tuple[str, int]] = set()
        self._last = b""

    def take(self, lines: Iterable[bytes]) -> Iterator[Fault]:
        """Yield the faults of these lines."""
        for line in lines:
            self.count += 1
            if line < self._last:
                yield self._fault("is not sorted bytewise")
            self._last = line
            yield from self._line_faults(line)

    def close(self) -> Iterator[Fault]:
        """Yield a fault for each record of which no line was taken, and which needs one."""
        for file, record in self._records:
            if record.is_indexed and (file, record.offset) not in self._indexed:
                where = f"the one at {record.offset} of {file}, {(record.url or '')[:200]}"
                yield Fault(
                    self._name, "has no line for a record", None, record.record_id, detail=where
                )

    def _fault(self, what: str, detail: str = "", record_id: str | None = None) -> Fault:
        where = f"line {self.count}"
        return Fault(
            self._name, what, None, record_id, detail=f"{where}: {detail}" if detail else where
        )

    def _line_faults(self, line: bytes) -> Iterator[Fault]:
        try:
            key, stamp, data = line.split(b" ", 2)
            fields = json.loads(data)
            file, offset = str(fields["filename"]), int(fields["offset"])
        except (ValueError, KeyError, TypeError, RecursionError):
            yield self._fault("a line is not CDXJ")
            return
        if (file, offset) in self._indexed:
            yield self._fault("has two lines for a record", f"the one at {offset} of {file[:200]}")
        self._indexed.add((file, offset))
        try:
            record = self._records.find(file, offset)
        except NotRead:
            return
        if record is None:
            yield self._fault("a line names no record", f"none is at {offset} of {file[:200]}")
            return
        differing = list(self._differing(fields, record))
        if self._is_exact:
            differing += _differing_keys(key, stamp, record)
        if differing:
            text = f"in {', '.join(differing)}"
            yield self._fault("a line differs from its record", text, record.record_id)

    def _differing(self, fields: Mapping[str, Any], record: CheckedRecord) -> Iterator[str]:
        if fields.get("url") != record.url:
            yield "url"
        if not self._is_exact:
            return
        wanted = {
            "length": str(record.length),
            "digest": record.payload_digest,
            "status": None if record.status is None else str(record.status),
            "mime": "warc/revisit" if record.kind == "revisit" else record.media_type,
        }
        if self._of_others:
            del wanted["mime"]
        for name, value in wanted.items():
            if fields.get(name) != value:
                yield name


def _differing_keys(key: bytes, stamp: bytes, record: CheckedRecord) -> Iterator[str]:
    """Yield which of the keys by which replay tools search is not the record's."""
    digits = "".join(character for character in record.date or "" if character.isdigit())
    if stamp.decode("ascii", "replace") != digits[:14]:
        yield "time"
    if key.decode("utf-8", "replace") != _key_of(record.url or ""):
        yield "sort key"


def _key_of(url: str) -> str | None:
    try:
        return sort_key(url)
    except (ValueError, LookupError, TypeError):
        return None  # no URL that newsbot has asked for
