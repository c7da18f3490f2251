"""The records that revisits refer to: that they are there, and hold what is revisited."""

import json
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from newsbot.archive.lines import gzip_lines
from newsbot.archive.snapshots import Snapshot, run_of_warc
from newsbot.archive.verify.lines import CRAWL
from newsbot.archive.verify.records import RunRecords
from newsbot.errors import FixityError, ObjectMissing
from newsbot.layout import RunRef
from newsbot.stores.store import Store
from newsbot.warc.check import CheckedRecord
from newsbot.warc.fault import Fault

_KEPT: Final = 16  # crawl logs of other runs, which neighbouring runs refer to as well
_LONGEST: Final = 64 * 1024**2  # bytes of a line


class _Referred(NamedTuple):
    """The record that a revisit refers to, as its run's crawl log has it."""

    file: str
    kind: str
    payload_digest: str | None
    url: str | None
    date: str | None


class EarlierRecords:
    """Finds records of other runs of a store by id, in their crawl logs; keeps the last few."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._homes: dict[str, RunRef | None] = {}
        self._logs: OrderedDict[RunRef, Mapping[str, _Referred]] = OrderedDict()

    def find(self, record_id: str, files: tuple[str, ...]) -> tuple[_Referred | None, bool]:
        """Return the record, if one of the files has it, and whether all could be searched."""
        is_searched = True
        for home in dict.fromkeys(map(self._home, files)):
            log = None if home is None else self._log(home)
            if log is None:
                is_searched = False
            elif record_id in log:
                return log[record_id], True
        return None, is_searched

    def _home(self, file: str) -> RunRef | None:
        if file not in self._homes:
            self._homes[file] = run_of_warc(self._store, file)
        return self._homes[file]

    def _log(self, home: RunRef) -> Mapping[str, _Referred] | None:
        """Return a run's records by id; None if its crawl log cannot be read."""
        if home not in self._logs:
            try:
                self._logs[home] = dict(_logged(Snapshot(self._store, home)))
            except (ObjectMissing, FixityError):
                return None  # it was not downloaded, or the check of that run says what is wrong
            if len(self._logs) > _KEPT:
                self._logs.popitem(last=False)
        self._logs.move_to_end(home)
        return self._logs[home]


class RevisitCheck:
    """The check of a run's revisits; ``faults`` fills ``unchecked``.

    ``unchecked`` is the number of those that refer to runs which are not in this store.
    """

    def __init__(self, run: Snapshot, records: RunRecords, earlier: EarlierRecords) -> None:
        self.unchecked = 0
        self._run = run
        self._records = records
        self._earlier = earlier

    def faults(self) -> Iterator[Fault]:
        """Yield a fault for each revisit whose original is not there, or is another."""
        own = {
            record.record_id: _Referred(
                file, record.kind, record.payload_digest, record.url, record.date
            )
            for file, record in self._records
        }
        for file, record in self._records:
            if record.kind == "revisit" and record.refers_to is not None:
                found = own.get(record.refers_to) or self._found(record.refers_to)
                for what, is_remark in self._causes(record, found):
                    yield Fault(
                        f"{self._run.ref.prefix}warc/{file}", what, record.offset,
                        record.record_id, is_remark, detail=record.refers_to,
                    )  # fmt: skip

    def _found(self, record_id: str) -> _Referred | None:
        """Return a record of an earlier run; one of nothing known where that is not here."""
        found, is_searched = self._earlier.find(record_id, self._run.manifest.refers_to)
        if found is None and not (is_searched and self._records.is_complete):
            self.unchecked += 1
            return _UNKNOWN
        return found

    def _causes(self, record: CheckedRecord, found: _Referred | None) -> Iterator[tuple[str, bool]]:
        if found is None:
            yield "refers to a record that is in no file that the manifest names", False
            return
        if found is _UNKNOWN:
            return
        if found.kind == "revisit":
            # That of a 304, with its head in the block, could: an older newsbot wrote it so.
            yield "refers to a record that is a revisit itself", record.status == 304
        digest = record.payload_digest
        if digest is not None and found.payload_digest != digest:
            yield "refers to a record with another payload digest", False
        said = (record.refers_to_url or found.url, record.refers_to_date or found.date)
        if _address(*said) != _address(found.url, found.date):
            yield "gives another URL or date than the record that it refers to has", False
        named = self._run.manifest.refers_to
        if found.file not in named and found.file not in self._own_files():
            yield "refers to a record in a file that the manifest does not name", False

    def _own_files(self) -> frozenset[str]:
        return frozenset(entry.name.removeprefix("warc/") for entry in self._run.manifest.files)


def _address(url: str | None, date: str | None) -> tuple[str, str]:
    """Return what players find a record by: its URL and second."""
    return (url or "").removeprefix("<").removesuffix(">"), (date or "")[:19]


_UNKNOWN: Final = _Referred("", "", None, None, None)


def _logged(run: Snapshot) -> Iterator[tuple[str, _Referred]]:
    file = run.open(CRAWL)
    for data in gzip_lines(file.stream(), file.name, _LONGEST):
        try:
            line: Any = json.loads(data)
            place = line["record"]
            yield (
                str(place["id"]),
                _Referred(
                    str(place["file"]), str(place["type"]), line.get("payload_digest"),
                    line.get("url"), line.get("time"),
                ),
            )  # fmt: skip
        except (ValueError, KeyError, TypeError, RecursionError):
            continue  # of no exchange; a damaged line is named where its run is checked
