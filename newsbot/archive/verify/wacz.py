"""Checks a WACZ package: its sums, each WARC file in it, its index and its pages.

What `wacz validate` passes is not enough: it takes a package without captures for good.
Source: webrecorder/specs, WACZ 1.1.1 and CDXJ 1.0.
"""

import hashlib
import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

from newsbot.archive.lines import gzip_lines, plain_lines
from newsbot.archive.verify.index import IndexCheck
from newsbot.archive.verify.pages import PAGES, PagesCheck, json_object
from newsbot.archive.verify.records import RunRecords
from newsbot.errors import DamagedGzip, NewsbotError
from newsbot.progress import Progress
from newsbot.warc.check import WarcCheck
from newsbot.warc.fault import Fault, grouped

DESCRIPTION: Final = "datapackage.json"
DIGEST: Final = "datapackage-digest.json"
_PIECE: Final = 1024 * 1024
_LONGEST: Final = 64 * 1024**2  # bytes of a line, and of a description
_DAMAGED: Final = (zipfile.BadZipFile, zlib.error, EOFError, DamagedGzip)


def verify_wacz(
    path: Path, progress: Progress = lambda _name, _done, _size: None
) -> Iterator[Fault]:
    """Yield every fault and remark of the package, each cause once.

    A file in it is named as ``<path>/<name>``.

    Raises:
        NewsbotError: it cannot be read at all.
    """
    try:
        with zipfile.ZipFile(path) as package:
            yield from grouped(_WaczCheck(str(path), package, progress).faults())
    except zipfile.BadZipFile as error:
        yield Fault(str(path), "is not a whole zip file", detail=str(error))
    except OSError as error:
        raise NewsbotError(f"{path}: cannot be read: {error.strerror}") from error


class _WaczCheck:
    """The check of one package."""

    def __init__(self, path: str, package: zipfile.ZipFile, progress: Progress) -> None:
        self._path = path
        self._zip = package
        self._progress = progress
        self._names = [info.filename for info in package.infolist() if not info.is_dir()]
        self._records = RunRecords()
        self._is_of_newsbot = False
        self._imported: set[str] = set()  # files with records that other programs wrote
        self._bad: set[str] = set()  # files that are not as they were packed
        self._broken: set[str] = set()  # files that cannot be read to their end

    def faults(self) -> Iterator[Fault]:
        yield from self._name_faults()
        yield from self._description_faults()
        yield from self._warc_faults()
        yield from self._index_faults()
        yield from self._page_faults()

    def fault(self, name: str, what: str, detail: str = "", *, is_remark: bool = False) -> Fault:
        return Fault(f"{self._path}/{name}", what, is_remark=is_remark, detail=detail)

    def _name_faults(self) -> Iterator[Fault]:
        for name in sorted(name for name, number in Counter(self._names).items() if number > 1):
            yield self.fault(name, "is in the package twice: readers choose either")
        for name in (DESCRIPTION, DIGEST, PAGES):
            if name not in self._names:
                yield self.fault(name, "is missing")

    # -- sums ----------------------------------------------------------------------------------

    def _description_faults(self) -> Iterator[Fault]:
        if DESCRIPTION not in self._names:
            return
        data = yield from self._small(DESCRIPTION)
        description = json_object(data)
        resources = description.get("resources")
        if not isinstance(resources, list):
            yield self.fault(DESCRIPTION, "is no description of a package, with its resources")
            return
        self._is_of_newsbot = str(description.get("software", "")).startswith("newsbot ")
        yield from self._digest_faults(data)
        listed = set()
        for resource in resources:
            name = resource.get("path") if isinstance(resource, dict) else None
            if not isinstance(name, str):
                yield self.fault(DESCRIPTION, "lists a resource without a path")
                continue
            listed.add(name)
            if resource.get("imported") is True:
                self._imported.add(name)
            for fault in self._resource_faults(name, resource):
                self._bad.add(name)
                yield fault
        for name in sorted(set(self._names) - listed - {DESCRIPTION, DIGEST}):
            yield self.fault(name, f"is not listed in {DESCRIPTION}")

    def _digest_faults(self, data: bytes) -> Iterator[Fault]:
        if DIGEST not in self._names:
            return
        digest = json_object((yield from self._small(DIGEST)))
        found = f"sha256:{hashlib.sha256(data).hexdigest()}"
        if digest.get("path") != DESCRIPTION or digest.get("hash") != found:
            detail = f"{found}, not {digest.get('hash')!r:.100}"
            yield self.fault(DIGEST, f"is not the digest of {DESCRIPTION}", detail)

    def _resource_faults(self, name: str, resource: Mapping[str, Any]) -> Iterator[Fault]:
        if name not in self._names:
            yield self.fault(name, f"is listed in {DESCRIPTION}, but missing")
            return
        algorithm, _, wanted = str(resource.get("hash")).partition(":")
        if algorithm not in ("sha256", "md5"):
            yield self.fault(
                name, f"has no sha256 in {DESCRIPTION}", f"{resource.get('hash')!r:.80}"
            )
            return
        digest, size = hashlib.new(algorithm, usedforsecurity=False), 0
        with self._open(name) as (file, broken):
            while piece := file.read(_PIECE):
                digest.update(piece)
                size += len(piece)
                self._progress(name, size, self._zip.getinfo(name).file_size)
        yield from broken
        if name in self._broken:
            return
        if "bytes" in resource and resource["bytes"] != size:
            yield self.fault(
                name, f"has {size} bytes, {DESCRIPTION} says {resource['bytes']!r:.40}"
            )
        elif digest.hexdigest() != wanted:
            yield self.fault(name, f"{algorithm} is {digest.hexdigest()}, not {wanted[:80]}")

    # -- records -------------------------------------------------------------------------------

    def _warc_faults(self) -> Iterator[Fault]:
        names = [name for name in self._names if _is_warc(name)]
        if not names:
            yield self.fault("archive/", "holds no WARC file: the package is an empty shell")
        for name in dict.fromkeys(names):
            if self._zip.getinfo(name).compress_type != zipfile.ZIP_STORED:
                what = "is compressed again: readers cannot fetch single records of it"
                yield self.fault(name, what, is_remark=True)
            is_imported = name in self._imported
            check = WarcCheck(
                f"{self._path}/{name}", is_renamed=is_imported,
                is_of_newsbot=self._is_of_newsbot and not is_imported,
            )  # fmt: skip
            with self._open(name) as (file, broken):
                yield from check.run(file)
            yield from broken
            if name in self._bad | self._broken:  # what refers to it is not to blame
                self._records.add_unread(name.rpartition("/")[2])
            else:
                self._records.add(name.rpartition("/")[2], check)
        for later, record_id in self._records.repeated_ids():
            what = "a record of another file has the same WARC-Record-ID"
            yield Fault(f"{self._path}/archive/{later}", what, None, record_id)
        has_response = any(record.kind == "response" for _, record in self._records)
        if names and self._records.is_complete and not has_response:
            yield self.fault("archive/", "holds no response: the package is an empty shell")

    # -- the index -----------------------------------------------------------------------------

    def _index_faults(self) -> Iterator[Fault]:
        names = [name for name in self._names if _is_index(name)]
        if not names:
            yield self.fault("indexes/", "holds no index (index.cdx.gz or index.cdx)")
            return
        for name in names:
            check = IndexCheck(
                f"{self._path}/{name}", self._records, is_exact=self._is_of_newsbot,
                of_others=name in self._imported,
            )  # fmt: skip
            yield from self._line_faults(name, check.take)
            if len(names) == 1:
                yield from check.close()
        if "indexes/index.idx" in self._names:
            yield from self._idx_faults("indexes/index.idx")
        elif any(name.endswith(".gz") for name in names):
            yield self.fault("indexes/index.idx", "is missing, which a compressed index needs")

    def _idx_faults(self, name: str) -> Iterator[Fault]:
        """Yield a fault for each line of the index's table whose block is another."""

        def check(lines: Iterator[bytes]) -> Iterator[Fault]:
            for number, line in enumerate(lines, 1):
                if not line.startswith(b"!meta"):
                    what = self._block_fault(line)
                    if what is not None:
                        yield self.fault(name, what, f"line {number}")

        yield from self._line_faults(name, check)

    def _block_fault(self, line: bytes) -> str | None:
        fields = json_object(line[line.find(b"{") :])
        index = f"indexes/{fields.get('filename')}"
        offset, length = _size(fields.get("offset")), _size(fields.get("length"))
        if index not in self._names or offset is None or length is None:
            return "a line names no block of the index"
        block = b""
        with self._open(index) as (file, _):
            file.seek(offset)
            block = file.read(min(length, _LONGEST))
        digest = fields.get("digest")
        wanted = None if digest is None else str(digest).removeprefix("sha256:")
        is_other = wanted is not None and hashlib.sha256(block).hexdigest() != wanted
        key = b" ".join(_first_line(block).split(b" ", 2)[:2])
        if index in self._broken or is_other or not line.startswith(key or b"\xff"):
            return "a line's block of the index is another"
        return None

    # -- pages ---------------------------------------------------------------------------------

    def _page_faults(self) -> Iterator[Fault]:
        urls = {record.url for _, record in self._records if record.kind in ("response", "revisit")}
        for name in self._names:
            if name.startswith("pages/") and name.endswith(".jsonl"):
                check = PagesCheck(self.fault, name, urls if self._records.is_complete else None)
                yield from self._line_faults(name, check.take)

    # -- reading -------------------------------------------------------------------------------

    def _line_faults(
        self, name: str, check: Callable[[Iterator[bytes]], Iterator[Fault]]
    ) -> Iterator[Fault]:
        """Yield the faults of a file's lines, and that it is damaged if it is."""
        with self._open(name) as (file, broken):
            pieces = iter(lambda: file.read(_PIECE), b"")
            lines = gzip_lines if name.endswith(".gz") else plain_lines
            yield from check(lines(pieces, name, _LONGEST))
        yield from broken

    def _small(self, name: str) -> Generator[Fault, None, bytes]:
        """Return the bytes of a small file; yield that it is damaged if it is."""
        data = b""
        with self._open(name) as (file, broken):
            data = file.read(_LONGEST)
        yield from broken
        return data

    @contextmanager
    def _open(self, name: str) -> Iterator[tuple[IO[bytes], list[Fault]]]:
        """Yield a file of the package, and a list that gets a fault if it cannot be read."""
        broken: list[Fault] = []

        def is_broken(error: Exception) -> None:
            if name not in self._broken:
                self._broken.add(name)
                broken.append(self.fault(name, "cannot be read", str(error)))

        try:
            file: IO[bytes] = self._zip.open(name)
        except (zipfile.BadZipFile, RuntimeError) as error:  # as where it is encrypted
            is_broken(error)
            file = io.BytesIO()
        with file:
            try:
                yield file, broken
            except _DAMAGED as error:
                is_broken(error)


def _is_warc(name: str) -> bool:
    return name.startswith("archive/") and name.endswith(".warc.gz")


def _is_index(name: str) -> bool:
    return name.startswith("indexes/") and name.endswith((".cdx.gz", ".cdxj.gz", ".cdx", ".cdxj"))


def _size(value: object) -> int | None:
    return value if type(value) is int and 0 <= value < 2**48 else None


def _first_line(block: bytes) -> bytes:
    """Return the first line of an index's block, a gzip member; of a damaged one nothing."""
    try:
        plain = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(block, _PIECE)
    except zlib.error:
        return b""
    return plain.partition(b"\n")[0]
