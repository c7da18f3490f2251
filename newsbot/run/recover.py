"""Makes whole what a dead run left: the torn end is cut off, everything before it lands."""

import json
import logging
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from newsbot.archive.manifest import Manifest
from newsbot.archive.members import members
from newsbot.archive.spool import close_files
from newsbot.archive.store import Store
from newsbot.capture.disk import disk_errors, sync_folder, write_durably
from newsbot.ledger import Ledger
from newsbot.ledger.history import History
from newsbot.run.finish import Ending, land_run

logger = logging.getLogger(__name__)

_LONGEST_HEAD = 64 * 1024  # bytes of a record's header
# What the writer writes last of an exchange, or alone.
_KIND = re.compile(rb"(?im)^WARC-Type: (metadata|warcinfo|resource)\r$")


DIED = ("the crawl's process died",)


def close_dead(folder: Path, ending: Ending | None = None) -> None:
    """Close the spool of a run whose process died, cut at its last whole exchange.

    ``ending`` is what is known of its end, from the history; without it, it was ``recovered``.

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
    (ending or Ending("recovered", datetime.now(UTC), 3, DIED)).write(folder)
    logger.warning("%s: its process had died; closed at the last whole exchange", folder.name)


def recover_site(spool: Path, site: str, store: Store, ledger: Ledger) -> Iterator[Manifest]:
    """Land what earlier runs of the site left in the spool, oldest first.

    The caller holds the site's lock: whoever wrote these folders is dead.

    Raises:
        StoreError, LedgerError, CaptureError: as landing does; the folders stay as they are.
    """
    for folder in _leftovers(spool, site):
        if Ending.read(folder) is None:
            close_dead(folder, _ending(folder, ledger))
        manifest = land_run(folder, store, ledger)
        logger.info("%s: landed the earlier run %s", site, manifest.run)
        yield manifest


def spooled_sites(spool: Path) -> list[str]:
    """Sites that have runs in the spool, alive or dead."""
    records = (json.loads(path.read_bytes()) for path in spool.glob("*/run.json"))
    return sorted({record["site"] for record in records})


def give_up(spool: Path, site: str, ledger: Ledger) -> None:
    """End the site's runs in the history that died and left nothing in the spool.

    The caller holds the site's lock, so none of them is running.
    """
    spooled = [folder.name for folder in _leftovers(spool, site)]
    History(ledger).give_up(site, spooled, datetime.now(UTC))


def _ending(folder: Path, ledger: Ledger) -> Ending | None:
    """How the run ended, if whoever stopped it wrote that down: a time limit, memory."""
    known = History(ledger).run(folder.name)
    if known is None or known.outcome is None or known.outcome == "locked":
        return None
    finished = known.finished or datetime.now(UTC)
    return Ending(known.outcome, finished, known.exit_status or 3, known.reasons)


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
        for member in members(file):
            head = member.until(b"\r\n\r\n", _LONGEST_HEAD)
            member.skip()
            if member.broken is not None:
                break
            if head is not None and _KIND.search(head):
                end = member.end
    return end


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
