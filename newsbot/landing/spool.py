"""The spool: where a run's files grow on the local disk until they have landed in the store.

A run's folder holds ``journal/`` (lines in the order of events, each flushed) and ``files/`` (what
will be uploaded). Closing makes the second from the first; it is idempotent, so a crash while
closing loses nothing.
"""

import json
import os
import shutil
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from hashlib import blake2b
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import IO, Any

from isal import igzip

from newsbot.files import (
    disk_errors,
    durable_file,
    sync_folder,
    write_all,
    write_durably,
)
from newsbot.landing.requisites import read_requisites
from newsbot.warc.writer import WarcWriter

JOURNALS = ("crawl", "articles", "events", "requisites", "log")
# The beginning of a crawl line that adds fields to a record, and the text before a record's own id.
# Within a string the quotation marks would be escaped.
_UPDATE, _RECORD_ID = b'{"of":"', b',"record":{"id":"'
_LEVEL = 3  # of ISA-L: a third of the time of zlib's 6, for files a seventh larger
_LANDED = "landed.json"  # the name of run.json once the folder may be removed


class Journal:
    """A file of JSON lines that is appended to, by any thread.

    Each line reaches the operating system at once.
    """

    def __init__(self, path: Path) -> None:
        self._folder = path.parent
        self._file = path.open("ab", buffering=0)
        self._lock = Lock()

    def add(self, line: str) -> None:
        """Append one line.

        Raises:
            CaptureError: it could not be written.
        """
        data = (line + "\n").encode("utf-8")
        with self._lock, disk_errors(self._folder):
            start = self._file.seek(0, os.SEEK_END)  # not after the part of a line that failed
            try:
                write_all(self._file, data)
            except OSError:
                self._file.truncate(start)  # half a line would hide the next one
                raise

    def sync(self) -> None:
        """Sync the file to disk."""
        with disk_errors(self._folder):
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class Spool:
    """The folder of one run that is being written."""

    def __init__(
        self, folder: Path, record: Mapping[str, Any], writer: Callable[..., WarcWriter]
    ) -> None:
        """Create the folder, which gets its name once ``run.json`` is in it.

        Args:
            folder: ``<state>/spool/<run>``; must not exist.
            record: what recovery needs to finish the run (JSON), with its ``site``.
            writer: makes the WARC writer from the folder.
        """
        self.folder = folder
        with disk_errors(folder):
            incomplete = folder.with_name(_incomplete(record["site"], folder.name))
            (incomplete / "journal").mkdir(parents=True)
            (incomplete / "files" / "warc").mkdir(parents=True)
            write_durably(incomplete / "run.json", json.dumps(record, indent=2).encode() + b"\n")
            incomplete.rename(folder)
            sync_folder(folder.parent)
            self._journals = {
                name: Journal(folder / "journal" / f"{name}.jsonl") for name in JOURNALS
            }
        self.warc = writer(folder=folder / "files" / "warc")

    def add(self, journal: str, line: str) -> None:
        """Append a line to one of the journals (crawl, articles, events, requisites, log)."""
        self._journals[journal].add(line)

    def sync(self) -> None:
        """Sync everything written so far to disk."""
        self.warc.sync()
        self.sync_journals()

    def sync_journals(self) -> None:
        """Sync the journals to disk; callable from any thread."""
        for journal in self._journals.values():
            journal.sync()

    def close(self) -> None:
        """Close the WARC file and the journals and make the run's files from them."""
        self.warc.close()
        for journal in self._journals.values():
            journal.sync()
            journal.close()
        close_files(self.folder)

    def abandon(self) -> None:
        """Close the files and remove the folder: nothing of the run is to land."""
        self.warc.close()
        for journal in self._journals.values():
            journal.close()
        discard(self.folder)


def close_files(folder: Path) -> None:
    """Make the files that will land from a run's journals; this can be repeated.

    Raises:
        CaptureError: the disk is full or the folder cannot be written.
    """
    journal, files = folder / "journal", folder / "files"
    with disk_errors(folder):
        index: list[bytes] = []
        _write_gzip(files / "crawl.jsonl.gz", merged_crawl(journal / "crawl.jsonl", index))
        with durable_file(files / "index.cdxj") as file:
            file.writelines(sorted(index))
        requisites = read_requisites(journal / "requisites.jsonl")
        articles = _sorted_articles(journal / "articles.jsonl")
        _write_gzip(files / "articles.jsonl.gz", map(requisites.complete, articles))
        events = chain(journal_lines(journal / "events.jsonl"), requisites.events())
        _write_gzip(files / "events.jsonl.gz", events)
        _write_gzip(files / "log.jsonl.gz", journal_lines(journal / "log.jsonl"))


def spooled(spool: Path) -> dict[str, tuple[int, int]]:
    """Return for each site the number of runs in the spool, running or not, and their bytes."""
    found: dict[str, tuple[int, int]] = {}
    for record in spool.glob("*/run.json"):
        with suppress(FileNotFoundError):  # it has just landed
            site = site_of(record)
            sizes = (path.stat().st_size for path in record.parent.rglob("*") if path.is_file())
            runs, size = found.get(site, (0, 0))
            found[site] = (runs + 1, size + sum(sizes))
    return found


def site_of(record: Path) -> str:
    """Return the site that a run's ``run.json`` names, "(damaged)" if it cannot be read as one."""
    try:
        return str(json.loads(record.read_bytes())["site"])
    except (ValueError, KeyError, TypeError):
        return "(damaged)"  # recovery names the file


def is_import(folder: Path) -> bool:
    """Return whether the run in the folder imports a file."""
    return json.loads((folder / "run.json").read_bytes()).get("imported") is not None


def merged_crawl(path: Path, index: list[bytes]) -> Iterator[str]:
    """Yield one line for each exchange, in the order they ended, with its outcome.

    The journal has a line for each exchange (with its line of the index, which is appended to
    ``index``) and further lines ``{"of": record id, …}`` that add what the page was. A request
    that was refused before it was sent has no record. Only offsets are held in memory.
    """
    numbers: dict[bytes, int] = {}  # of the exchanges, by record id
    places: list[array[int]] = []  # by number: of the exchange's line, and of the others
    with path.open("rb") as file:
        for place, line in _whole_lines(file):
            if line.startswith(_UPDATE):
                number = numbers.get(_short_id(line[len(_UPDATE) : line.index(b'"', len(_UPDATE))]))
                if number is not None:
                    places[number].append(place)
                continue
            _, has_record, rest = line.partition(_RECORD_ID)
            if has_record:
                numbers[_short_id(rest.partition(b'"')[0])] = len(places)
            places.append(array("q", [place]))
        for first, *others in places:
            exchange = _line_at(file, first)
            for place in others:
                exchange |= _line_at(file, place)
            exchange.pop("of", None)
            if "index" in exchange:
                index.append(exchange.pop("index").encode() + b"\n")
            yield _dump(exchange)


def _short_id(record_id: bytes) -> bytes:
    return blake2b(record_id, digest_size=16).digest()


def journal_lines(path: Path) -> Iterator[str]:
    """Yield the journal's complete lines; one that a crash truncated is left out."""
    with path.open("rb") as file:
        for _, line in _whole_lines(file):
            yield line[:-1].decode("utf-8")


def _whole_lines(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield the complete lines of a journal, each with its offset."""
    place = 0
    for line in file:
        if line.endswith(b"\n"):
            yield place, line
        place += len(line)


def _line_at(file: IO[bytes], place: int) -> dict[str, Any]:
    file.seek(place)
    found: dict[str, Any] = json.loads(file.readline())
    return found


def discard(folder: Path) -> None:
    """Remove a run's folder after it has landed and the ledger has ingested it.

    A rename marks it as landed first; a removal that a crash stopped is finished by the next call.

    Raises:
        CaptureError: it cannot be removed.
    """
    with disk_errors(folder):
        (folder / "run.json").rename(folder / _LANDED)
        sync_folder(folder)
        for landed in folder.parent.glob(f"*/{_LANDED}"):
            _remove(landed.parent)
        sync_folder(folder.parent)


def remove_incomplete(spool: Path, site: str) -> None:
    """Remove the folders of crawls of the site that died while creating them.

    The caller holds the site's lock, so no process is creating one.

    Raises:
        CaptureError: it cannot be removed.
    """
    with disk_errors(spool):
        for folder in spool.glob(_incomplete(site, "*")):
            shutil.rmtree(folder)


def _incomplete(site: str, run: str) -> str:
    return f".new.{site}.{run}"


def _remove(folder: Path) -> None:
    """Remove a landed run's folder, its marker last."""
    with suppress(FileNotFoundError):  # another process removes it too
        for path in folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name != _LANDED:
                path.unlink()
        (folder / _LANDED).unlink()
        folder.rmdir()


def _sorted_articles(path: Path) -> Iterator[str]:
    """Yield the journal's lines by URL and fetch time; only the keys are held in memory."""
    places: list[tuple[str, str, int]] = []
    with path.open("rb") as file:
        for place, line in _whole_lines(file):
            article = json.loads(line)
            places.append((article["url"], article["fetched_at"], place))
        for _, _, place in sorted(places):
            file.seek(place)
            yield file.readline()[:-1].decode("utf-8")


def _write_gzip(path: Path, lines: Iterable[str]) -> None:
    """Write the lines as a gzip file without name and time: the same lines give the same bytes."""
    with durable_file(path) as file:
        packed: Any = igzip.IGzipFile(  # type: ignore[no-untyped-call]
            filename="", fileobj=file, mode="wb", compresslevel=_LEVEL, mtime=0
        )
        with packed:
            for line in lines:
                packed.write(line.encode("utf-8") + b"\n")


def _dump(line: Mapping[str, Any]) -> str:
    return json.dumps(line, ensure_ascii=False, separators=(",", ":"))
