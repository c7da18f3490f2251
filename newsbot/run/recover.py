"""Makes whole what a dead run left: the torn end is cut off, everything before it lands."""

import json
import logging
import os
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from newsbot.archive.manifest import Manifest
from newsbot.archive.spool import close_files, write_durably
from newsbot.archive.store import Store
from newsbot.capture.warc import disk_errors, sync_folder
from newsbot.ledger import Ledger
from newsbot.run.finish import Ending, land_run

logger = logging.getLogger(__name__)

_PIECE = 64 * 1024
_ENDS_AN_EXCHANGE = (b"metadata", b"warcinfo", b"resource")  # what the writer writes last


def close_dead(folder: Path) -> None:
    """Close the spool of a run whose process died, cut at its last whole exchange.

    The caller holds the site's lock, so nobody writes to the folder.

    Raises:
        CaptureError: the disk is full or the folder cannot be written.
    """
    with disk_errors(folder):
        for path in sorted((folder / "files" / "warc").glob("*.warc.gz.open")):
            end = _last_whole_exchange(path)
            _forget_beyond(folder / "journal", path.name.removesuffix(".open"), end)
            if end == 0:
                path.unlink()
            else:
                os.truncate(path, end)
                path.rename(path.with_name(path.name.removesuffix(".open")))
        sync_folder(folder / "files" / "warc")
    close_files(folder)
    Ending("recovered", datetime.now(UTC), 3, ("the crawl's process died",)).write(folder)
    logger.warning("%s: its process had died; closed at the last whole exchange", folder.name)


def recover_site(spool: Path, site: str, store: Store, ledger: Ledger) -> Iterator[Manifest]:
    """Land what earlier runs of the site left in the spool, oldest first.

    The caller holds the site's lock: whoever wrote these folders is dead.

    Raises:
        StoreError, LedgerError, CaptureError: as landing does; the folders stay as they are.
    """
    for folder in _leftovers(spool, site):
        if Ending.read(folder) is None:
            close_dead(folder)
        manifest = land_run(folder, store, ledger)
        logger.info("%s: landed the earlier run %s", site, manifest.run)
        yield manifest


def spooled_sites(spool: Path) -> list[str]:
    """Sites that have runs in the spool, alive or dead."""
    records = (json.loads(path.read_bytes()) for path in spool.glob("*/run.json"))
    return sorted({record["site"] for record in records})


def _leftovers(spool: Path, site: str) -> list[Path]:
    return [
        path.parent
        for path in sorted(spool.glob("*/run.json"))
        if json.loads(path.read_bytes())["site"] == site
    ]


def _last_whole_exchange(path: Path) -> int:
    """The offset after the last record that ends an exchange."""
    end = 0
    with path.open("rb") as file:
        for after, kind in _members(file):
            if kind in _ENDS_AN_EXCHANGE:
                end = after
    return end


def _members(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """End offset and WARC-Type of each whole gzip member."""
    offset, rest = 0, b""
    while True:
        member = zlib.decompressobj(31)
        head, used = b"", 0
        while not member.eof:
            piece = rest or file.read(_PIECE)
            rest = b""
            if not piece:
                return  # the end, or a torn member
            try:
                plain = member.decompress(piece)
            except zlib.error:
                return  # what a crash left of a page of the file system
            used += len(piece)
            head = head if len(head) >= _PIECE else head + plain
        rest = member.unused_data
        offset += used - len(rest)
        yield offset, _kind(head)


def _kind(head: bytes) -> bytes:
    for line in head.split(b"\r\n\r\n", 1)[0].splitlines():
        name, _, value = line.partition(b":")
        if name.lower() == b"warc-type":
            return value.strip()
    return b""


def _forget_beyond(journal: Path, file: str, end: int) -> None:
    """Take lines about records behind the cut out of the journals."""

    def is_kept(name: str, line: dict[str, object]) -> bool:
        places = {
            "crawl": [line.get("record")],
            "articles": line.get("sources", []),
            "index": [line],
            "events": [],
        }[name]
        return not any(
            isinstance(place, dict)
            and (place.get("file") or place.get("filename")) == file
            and int(place["offset"]) >= end
            for place in places  # type: ignore[attr-defined]
        )

    for name in ("crawl", "articles", "index"):
        path = journal / f"{name}.jsonl"
        kept = []
        for line in path.read_bytes().splitlines(keepends=True):
            text = line.decode("utf-8")
            if not line.endswith(b"\n"):
                continue
            fields = json.loads(text.split(" ", 2)[2] if name == "index" else text)
            if is_kept(name, fields):
                kept.append(line)
        write_durably(path, b"".join(kept))
