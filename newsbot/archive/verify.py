"""Checks a snapshot without trusting who made it: every sum, every record, every pointer."""

import hashlib
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, cast

from newsbot.archive.lines import GzipLines
from newsbot.archive.manifest import FileEntry, Manifest
from newsbot.archive.snapshots import LandedFile, Snapshot, read_runs
from newsbot.errors import FixityError, NewsbotError, ObjectMissing
from newsbot.layout import INDEX, MANIFEST, SUMS, Part, RunRef, is_part
from newsbot.stores.store import Store
from newsbot.warc.check import CheckedRecord, Fault, WarcCheck

Records = Mapping[str, Mapping[int, CheckedRecord]]  # by file name, by offset
_Find = Callable[[Mapping[str, Any]], CheckedRecord | None]


class _NotHere(Exception):
    """The file that a line points into is not in this store: the pointer cannot be judged."""


def verify_file(path: Path) -> Iterator[Fault]:
    """Yield every fault of one WARC file.

    Raises:
        NewsbotError: it cannot be read at all.
    """
    try:
        with path.open("rb") as file:
            yield from WarcCheck(path.name).run(file)
    except OSError as error:
        raise NewsbotError(f"{path}: cannot be read: {error.strerror}") from error


def verify_runs(
    store: Store, refs: Iterable[RunRef], only: Part | None = None
) -> Iterator[Fault | Snapshot]:
    """Every fault of those of the runs that have landed, and each whose manifest can be read."""
    for found in read_runs(store, sorted(refs, key=lambda ref: ref.run)):
        if isinstance(found, Snapshot):
            yield found
            yield from verify_run(found, only)
        else:
            yield Fault(found.ref.prefix + MANIFEST, str(found.error))


def verify_run(run: Snapshot, only: Part | None = None) -> Iterator[Fault]:
    """Yield every fault of one run: its files, its records, and all that points at them.

    Args:
        only: the part that there should be, of a download of a part.
    """
    ref, manifest = run.ref, run.manifest
    entries = [entry for entry in manifest.files if is_part(entry.name, only)]
    there = set(run.paths())
    for name in sorted(there - {entry.name for entry in manifest.files} - {MANIFEST}):
        yield Fault(ref.prefix + name, "is not in the manifest")
    records: dict[str, Mapping[int, CheckedRecord]] = {}
    ids: set[str] = set()
    for entry in entries:
        file = run.open(entry.name)
        if entry.name not in there:
            yield Fault(file.name, "is in the manifest, but not there")
            continue
        reader = _Hashing(file.stream())
        if entry.name.endswith(".warc.gz"):
            check = WarcCheck(file.name)
            yield from check.run(cast("BinaryIO", reader))
            records[entry.name.rsplit("/", 1)[-1]] = check.records
            ids |= check.ids
        yield from reader.faults(file.name, entry)
    yield from _sums(run, there)
    yield from _revisits(ref, manifest, records, ids)
    yield from _index(run, there, records)
    find = _among(records)
    if only == "articles" or ref.is_derived:
        find = _in_store(Snapshot(run.store, ref.of_source()))
    yield from _lines(run, there, find)


class _Hashing(io.RawIOBase):
    """A stream of pieces as a file that remembers size and SHA-256 of all of it."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""
        self._digest = hashlib.sha256()
        self._size = 0

    def read(self, size: int = -1) -> bytes:
        if not self._rest:
            self._rest = next(self._pieces, b"")
            self._digest.update(self._rest)
            self._size += len(self._rest)
        piece, self._rest = (
            (self._rest, b"") if size < 0 else (self._rest[:size], self._rest[size:])
        )
        return piece

    def faults(self, name: str, entry: FileEntry) -> Iterator[Fault]:
        """Yield whether the rest of the stream ends with the size and sum it should have."""
        self._rest = b""
        while self.read():
            pass
        if self._size != entry.size:
            yield Fault(name, f"has {self._size} bytes, the manifest says {entry.size}")
        elif self._digest.hexdigest() != entry.sha256:
            yield Fault(name, f"SHA-256 is {self._digest.hexdigest()}, not {entry.sha256}")


def _sums(run: Snapshot, there: set[str]) -> Iterator[Fault]:
    if SUMS not in there:
        return
    sums = run.open(SUMS)
    lines = sums.read().decode("utf-8", "replace").splitlines()
    said = {line[66:]: line[:64] for line in lines}
    wanted = {entry.name: entry.sha256 for entry in run.manifest.files if entry.name != SUMS}
    for path in sorted(said.keys() | wanted.keys()):
        if said.get(path) != wanted.get(path):
            what = f"{path}: says {said.get(path)}, the manifest {wanted.get(path)}"
            yield Fault(sums.name, what)


def _revisits(ref: RunRef, manifest: Manifest, records: Records, ids: set[str]) -> Iterator[Fault]:
    """Yield the revisits that refer to no record of this run, nor of a file the manifest names."""
    for file, of_file in records.items():
        for seen in of_file.values():
            if seen.kind != "revisit" or seen.refers_to is None or seen.refers_to in ids:
                continue
            if not manifest.refers_to:
                what = f"refers to {seen.refers_to}, which is nowhere that the manifest names"
                yield Fault(f"{ref.prefix}warc/{file}", what, seen.offset, seen.record_id)


def _index(run: Snapshot, there: set[str], records: Records) -> Iterator[Fault]:
    if INDEX not in there:
        return
    index = run.open(INDEX)
    name, lines = index.name, index.read().splitlines()
    if lines != sorted(lines):
        yield Fault(name, "is not sorted bytewise")
    indexed = set()
    for number, line in enumerate(lines, 1):
        try:
            fields = json.loads(line.split(b" ", 2)[2])
            at = (fields["filename"], int(fields["offset"]))
        except (ValueError, KeyError, IndexError):
            yield Fault(name, f"line {number} is no CDXJ line")
            continue
        indexed.add(at)
        seen = records.get(at[0], {}).get(at[1])
        if seen is None:
            yield Fault(name, f"line {number}: no record at {at[1]} of {at[0]}")
            continue
        status = None if seen.status is None else str(seen.status)
        said = (fields["url"], fields.get("status"), int(fields["length"]), fields.get("digest"))
        if said != (seen.url, status, seen.length, seen.payload_digest):
            yield Fault(name, f"line {number} is not what the record says", None, seen.record_id)
    for file, of_file in records.items():
        for seen in of_file.values():
            if seen.kind in ("response", "revisit") and (file, seen.offset) not in indexed:
                yield Fault(
                    name, f"lacks the record at {seen.offset} of {file}", None, seen.record_id
                )


def _lines(run: Snapshot, there: set[str], find: _Find) -> Iterator[Fault]:
    for file in ("articles.jsonl.gz", "crawl.jsonl.gz", "events.jsonl.gz"):
        if file not in there:
            continue
        lines = run.open(file)
        name = lines.name
        for number, line in enumerate(_json_lines(lines), 1):
            if isinstance(line, Fault):
                yield line
                break
            places = (
                line.get("sources", []) if file.startswith("articles") else [line.get("record")]
            )
            for place in places:
                if place is not None:
                    yield from _pointer(name, number, place, line, find)
            if file.startswith("articles"):
                yield from _digest(name, number, line)


def _among(records: Records) -> _Find:
    """Looks records up among those that were read."""

    def find(place: Mapping[str, Any]) -> CheckedRecord | None:
        return records.get(str(place.get("file")), {}).get(int(place.get("offset") or 0))

    return find


def _in_store(source: Snapshot) -> _Find:
    """Look records up in the source's files, with a range read each, where they are there."""
    there = set(source.paths())

    def find(place: Mapping[str, Any]) -> CheckedRecord | None:
        path = f"warc/{place.get('file')}"
        if path not in there:
            raise _NotHere
        file, offset = source.open(path), int(place.get("offset") or 0)
        member = file.read_range(offset, int(place.get("length") or 0))
        check = WarcCheck(file.name)
        if list(check.run(io.BytesIO(member))):
            return None
        return replace(check.records[0], offset=offset)

    return find


def _json_lines(file: LandedFile) -> Iterator[dict[str, Any] | Fault]:
    try:
        yield from GzipLines(file.read(), file.name)
    except (FixityError, ValueError, ObjectMissing) as error:
        yield Fault(file.name, f"is not gzipped JSON lines: {error}")


def _pointer(
    name: str, number: int, place: Mapping[str, Any], line: Mapping[str, Any], find: _Find
) -> Iterator[Fault]:
    record_id = place.get("record_id") or place.get("id")
    if place.get("type") in ("request", "metadata"):
        return  # a failed exchange: it has no response to point at
    try:
        seen = find(place)
    except _NotHere:
        return
    except (TypeError, ValueError):
        seen = None
    if seen is None or seen.record_id != record_id or seen.length != place.get("length"):
        where = f"{place.get('offset')} of {place.get('file')}"
        yield Fault(name, f"line {number}: {record_id} is not at {where}")
    elif place.get("role", "page") == "page" and seen.url != line.get("url"):
        yield Fault(name, f"line {number}: its record is of {seen.url}", None, seen.record_id)


def _digest(name: str, number: int, article: Mapping[str, Any]) -> Iterator[Fault]:
    text = f"{article.get('title') or ''}\n{article.get('text')}"
    if hashlib.sha256(text.encode()).hexdigest() != article.get("content_sha256"):
        yield Fault(name, f"line {number}: content_sha256 is not that of its title and text")
