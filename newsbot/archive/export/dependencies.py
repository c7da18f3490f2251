"""The records of other runs that revisits refer to, fetched one by one.

A day may refer to pictures in a hundred files; a package that replays by itself needs the
pictures, not the files.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from newsbot.archive.lines import checked_lines
from newsbot.archive.read_record import MemberRange, Record, RecordReader, range_of_index_line
from newsbot.archive.snapshots import Snapshot, read_run
from newsbot.errors import FixityError, ObjectMissing
from newsbot.layout import places_of_warc

DEPENDENCIES_FILE: Final = "dependencies.warc.gz"


class Dependencies:
    """The records in other runs that the revisits of these runs refer to.

    ``index`` has a line for each record and ``missing`` what was not found, once ``members`` is
    exhausted.
    """

    def __init__(self, runs: list[Snapshot]) -> None:
        self._runs = runs
        self._records = RecordReader(runs[0].store)
        self._added: set[MemberRange] = set()
        self._offset = 0
        self.index: list[bytes] = []
        self.missing: set[str] = set()

    def members(self) -> Iterator[bytes]:
        """Yield the records' gzip members as stored, each once."""
        for line, record in self.records():
            self.index.append(moved_line(line, self._offset, DEPENDENCIES_FILE))
            self._offset += len(record.member)
            yield record.member

    def records(self) -> Iterator[tuple[bytes, Record]]:
        """Yield the records, each once, with their index lines as stored."""
        chosen = {run.ref for run in self._runs}
        for run in self._runs:
            for line in self._crawl(run):
                file = line.get("refers_to")
                if file is None or chosen.intersection(places_of_warc(file)):
                    continue
                try:
                    revisit = self._records.read(MemberRange.from_fields(line["record"]), run.ref)
                    yield from self._record(revisit, [file])
                except (ObjectMissing, FixityError):
                    self.missing.add(f"{line['url']} in {file}")

    def _crawl(self, run: Snapshot) -> Iterator[dict[str, Any]]:
        for line in checked_lines(run, "crawl.jsonl.gz"):
            yield json.loads(line)

    def _record(self, revisit: Record, files: Sequence[str]) -> Iterator[tuple[bytes, Record]]:
        line = self._records.referred_to(revisit, files)
        if line is None:
            raise ObjectMissing(
                f"{', '.join(files)}: do not have the record that {revisit.record_id} refers to"
            )
        place = range_of_index_line(line)
        if place in self._added:
            return
        record = self._records.read(place)
        self._added.add(place)
        yield line, record
        if record.kind == "revisit":  # a 304 of an older version may refer to one
            source_run = self._records.home(place.file)
            earlier = (
                read_run(self._runs[0].store, source_run).manifest.refers_to if source_run else ()
            )
            yield from self._record(record, (place.file, *earlier))


def moved_line(line: bytes, offset: int, file: str) -> bytes:
    """Return the index line of a record that was copied to another file."""
    key, stamp, fields = line.split(b" ", 2)
    moved = json.loads(fields) | {"offset": str(offset), "filename": file}
    return b" ".join((key, stamp, json.dumps(moved, ensure_ascii=False).encode()))
