"""Checks a snapshot without trusting its maker: all checksums, records and references."""

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

_CheckedRecords = Mapping[str, Mapping[int, CheckedRecord]]  # by file name, by offset
_Find = Callable[[Mapping[str, Any]], CheckedRecord | None]


class _FileNotInStore(Exception):
    """The file that a line refers to is not in this store: the reference cannot be checked."""


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
    """Yield each landed run whose manifest can be read, and every fault of the runs."""
    for found in read_runs(store, sorted(refs, key=lambda ref: ref.run)):
        if isinstance(found, Snapshot):
            yield found
            yield from verify_run(found, only)
        else:
            yield Fault(found.ref.prefix + MANIFEST, str(found.error))


def verify_run(run: Snapshot, only: Part | None = None) -> Iterator[Fault]:
    """Yield every fault of one run: of its files, its records and all references to them.

    Args:
        only: the part that was downloaded, if not all was.
    """
    ref, manifest = run.ref, run.manifest
    entries = [entry for entry in manifest.files if is_part(entry.name, only)]
    existing = set(run.paths())
    came_damaged = () if manifest.imported is None else manifest.imported.damaged_names
    for name in sorted(existing - {entry.name for entry in manifest.files} - {MANIFEST}):
        yield Fault(ref.prefix + name, "is not in the manifest")
    records: dict[str, Mapping[int, CheckedRecord]] = {}
    ids: set[str] = set()
    for entry in entries:
        file = run.open(entry.name)
        if entry.name not in existing:
            yield Fault(file.name, "is in the manifest, but missing")
            continue
        reader = _HashingReader(file.stream())
        if entry.name.endswith(".warc.gz"):
            check = WarcCheck(file.name)
            for fault in check.run(cast("BinaryIO", reader)):
                yield _as_it_came(fault) if entry.name in came_damaged else fault
            records[entry.name.rsplit("/", 1)[-1]] = check.records
            ids |= check.ids
        yield from reader.faults(file.name, entry)
    yield from _check_sums(run, existing)
    yield from _check_revisits(ref, manifest, records, ids)
    yield from _check_index(run, existing, records)
    find = _find_in(records)
    if only == "articles" or ref.is_derived:
        find = _find_in_store(Snapshot(run.store, ref.of_source()))
    yield from _check_lines(run, existing, find)


def _as_it_came(fault: Fault) -> Fault:
    """Return the fault of an imported file as a remark: its SHA-256 proves that it had it."""
    return replace(fault, what=f"{fault.what}: so it was imported", is_remark=True)


class _HashingReader(io.RawIOBase):
    """A stream of pieces as a file object that computes size and SHA-256."""

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
        """Read the rest of the stream; yield a fault if size or SHA-256 are not the manifest's."""
        self._rest = b""
        while self.read():
            pass
        if self._size != entry.size:
            yield Fault(name, f"has {self._size} bytes, the manifest says {entry.size}")
        elif self._digest.hexdigest() != entry.sha256:
            yield Fault(name, f"SHA-256 is {self._digest.hexdigest()}, not {entry.sha256}")


def _check_sums(run: Snapshot, existing: set[str]) -> Iterator[Fault]:
    if SUMS not in existing:
        return
    sums = run.open(SUMS)
    lines = sums.read().decode("utf-8", "replace").splitlines()
    listed = {line[66:]: line[:64] for line in lines}
    wanted = {entry.name: entry.sha256 for entry in run.manifest.files if entry.name != SUMS}
    for path in sorted(listed.keys() | wanted.keys()):
        if listed.get(path) != wanted.get(path):
            text = f"{path}: says {listed.get(path)}, the manifest {wanted.get(path)}"
            yield Fault(sums.name, text)


def _check_revisits(
    ref: RunRef, manifest: Manifest, records: _CheckedRecords, ids: set[str]
) -> Iterator[Fault]:
    """Yield a fault for each revisit that refers to a record in none of the known files."""
    for file, of_file in records.items():
        for record in of_file.values():
            if record.kind != "revisit" or record.refers_to is None or record.refers_to in ids:
                continue
            if not manifest.refers_to:
                text = f"refers to {record.refers_to}, which is in no file that the manifest names"
                fault = Fault(f"{ref.prefix}warc/{file}", text, record.offset, record.record_id)
                yield fault if manifest.imported is None else _as_it_came(fault)


def _check_index(run: Snapshot, existing: set[str], records: _CheckedRecords) -> Iterator[Fault]:
    if INDEX not in existing:
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
            yield Fault(name, f"line {number} is not a CDXJ line")
            continue
        indexed.add(at)
        record = records.get(at[0], {}).get(at[1])
        if record is None:
            yield Fault(name, f"line {number}: no record at {at[1]} of {at[0]}")
            continue
        status = None if record.status is None else str(record.status)
        listed = (fields["url"], fields.get("status"), int(fields["length"]), fields.get("digest"))
        if listed != (record.url, status, record.length, record.payload_digest):
            yield Fault(name, f"line {number} differs from its record", None, record.record_id)
    for file, of_file in records.items():
        for record in of_file.values():
            if record.is_indexed and (file, record.offset) not in indexed:
                yield Fault(
                    name,
                    f"has no line for the record at {record.offset} of {file}",
                    None,
                    record.record_id,
                )


def _check_lines(run: Snapshot, existing: set[str], find: _Find) -> Iterator[Fault]:
    for file in ("articles.jsonl.gz", "crawl.jsonl.gz", "events.jsonl.gz"):
        if file not in existing:
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
                if isinstance(place, Mapping):
                    yield from _check_pointer(name, number, place, line, find)
                elif place is not None:
                    yield Fault(name, f"line {number}: {place!r:.80} names no record")
            if file.startswith("articles"):
                yield from _check_content_digest(name, number, line)


def _find_in(records: _CheckedRecords) -> _Find:
    """Return a function that looks records up among those that were read."""

    def find(place: Mapping[str, Any]) -> CheckedRecord | None:
        return records.get(str(place.get("file")), {}).get(int(place.get("offset") or 0))

    return find


def _find_in_store(source: Snapshot) -> _Find:
    """Return a function that reads records from the source run's files, where they exist."""
    existing = set(source.paths())

    def find(place: Mapping[str, Any]) -> CheckedRecord | None:
        path = f"warc/{place.get('file')}"
        if path not in existing:
            raise _FileNotInStore
        file, offset = source.open(path), int(place.get("offset") or 0)
        member = file.read_range(offset, int(place.get("length") or 0))
        check = WarcCheck(file.name, is_of_newsbot=True)
        if any(not fault.is_remark for fault in check.run(io.BytesIO(member))):
            return None
        return replace(check.records[0], offset=offset)

    return find


def _json_lines(file: LandedFile) -> Iterator[dict[str, Any] | Fault]:
    try:
        yield from GzipLines(file.read(), file.name)
    except (FixityError, ValueError, ObjectMissing) as error:
        yield Fault(file.name, f"is not gzipped JSON lines: {error}")


def _check_pointer(
    name: str, number: int, place: Mapping[str, Any], line: Mapping[str, Any], find: _Find
) -> Iterator[Fault]:
    record_id = place.get("record_id") or place.get("id")
    if place.get("type") in ("request", "metadata"):
        return  # a failed exchange has no response to refer to
    try:
        record = find(place)
    except _FileNotInStore:
        return
    except (TypeError, ValueError):
        record = None
    if record is None or record.record_id != record_id or record.length != place.get("length"):
        where = f"{place.get('offset')} of {place.get('file')}"
        yield Fault(name, f"line {number}: {record_id} is not at {where}")
    elif place.get("role", "page") == "page" and record.url != line.get("url"):
        yield Fault(name, f"line {number}: its record is of {record.url}", None, record.record_id)


def _check_content_digest(name: str, number: int, article: Mapping[str, Any]) -> Iterator[Fault]:
    text = f"{article.get('title') or ''}\n{article.get('text')}"
    if hashlib.sha256(text.encode()).hexdigest() != article.get("content_sha256"):
        yield Fault(name, f"line {number}: content_sha256 does not match its title and text")
