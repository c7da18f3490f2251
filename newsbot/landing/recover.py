"""Makes whole what a dead run left: the torn end is cut off, everything before it lands."""

import gzip
import json
import logging
import os
import re
import zlib
from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from newsbot.archive.manifest import Manifest
from newsbot.errors import StoreError, StoreUnavailable
from newsbot.files import disk_errors, sync_folder, write_durably
from newsbot.landing.land import Ending, land_run
from newsbot.landing.spool import close_files, journal_lines, remove_incomplete
from newsbot.ledger import Ledger
from newsbot.ledger.attempts import History
from newsbot.stores.store import Store
from newsbot.warc.members import members

logger = logging.getLogger(__name__)

_LONGEST_HEAD = 64 * 1024  # bytes of a record's header
# What the writer writes last of an exchange, or alone.
_KIND = re.compile(rb"(?im)^WARC-Type: (metadata|warcinfo|resource)\r$")


# What reading JSON or gzip of the wrong form raises: the disk did not keep what it was given.
_DAMAGED = (ValueError, KeyError, TypeError, EOFError, gzip.BadGzipFile, zlib.error)

DIED = ("the crawl's process died",)


def close_dead(folder: Path, ending: Ending | None = None) -> None:
    """Close the spool of a run whose process died, cut at its last whole exchange.

    ``ending`` is what is known of its end, from the history; without it, it was ``recovered``.

    The caller holds the site's lock, so nobody writes to the folder.

    Raises:
        CaptureError: the disk is full or the folder cannot be written.
    """
    with disk_errors(folder):
        # Closed files too: a power cut may have taken lines of the journals, and what went to the
        # store, for which they were put on the disk first, is here no more.
        for path in sorted((folder / "files" / "warc").glob("*.warc.gz*")):
            name = path.name.removesuffix(".open")
            end = _last_whole_exchange(path, _logged(folder / "journal" / "crawl.jsonl", name))
            _forget_beyond(folder / "journal", name, end)
            if end == 0:
                path.unlink()
            elif end < path.stat().st_size or path.name != name:
                os.truncate(path, end)
                path.rename(path.with_name(name))
        sync_folder(folder / "files" / "warc")
    close_files(folder)
    (ending or Ending("recovered", datetime.now(UTC), 3, DIED)).write(folder)
    logger.warning("%s: its process had died; closed at the last whole exchange", folder.name)


@dataclass(frozen=True, slots=True)
class Kept:
    """A run that cannot land as things are, and stays in the spool until a person has looked."""

    run: str
    reason: str


def recover_site(spool: Path, site: str, store: Store, ledger: Ledger) -> Iterator[Manifest | Kept]:
    """Land what earlier runs of the site left in the spool, oldest first.

    The caller holds the site's lock: whoever wrote these folders is dead. A run that the store
    refuses does not keep the others, or a new crawl, from landing.

    Raises:
        StoreUnavailable, LedgerError, CaptureError: the folders stay as they are.
    """
    remove_incomplete(spool, site)
    for folder in _leftovers(spool, site):
        try:
            if Ending.read(folder) is None:
                close_dead(folder, _ending(folder, ledger))
            manifest = land_run(folder, store, ledger).manifest
        except StoreUnavailable:
            raise
        except StoreError as error:
            yield Kept(folder.name, str(error))
            continue
        except _DAMAGED as error:
            yield Kept(
                folder.name,
                f"{folder}: damaged ({error}): look at the disk and its log, mend or move the "
                "folder, then `newsbot recover`; nothing was removed",
            )
            continue
        logger.info("%s: landed the earlier run %s", site, manifest.run)
        yield manifest


def spooled_sites(spool: Path) -> list[str]:
    """Sites that have runs in the spool, alive or dead."""
    return sorted({site for _, site in _spooled(spool)})


def give_up(spool: Path, site: str, ledger: Ledger) -> None:
    """End the site's runs in the history that died and left nothing in the spool.

    The caller holds the site's lock, so none of them is running.
    """
    spooled = [folder.name for folder in _leftovers(spool, site)]
    History(ledger).give_up(site, spooled, datetime.now(UTC))


def _ending(folder: Path, ledger: Ledger) -> Ending | None:
    """Return how the run ended, if whoever stopped it wrote that down: a time limit, memory."""
    known = History(ledger).run(folder.name)
    if known is None or known.outcome is None or known.outcome == "locked":
        return None
    finished = known.finished or datetime.now(UTC)
    return Ending(known.outcome, finished, known.exit_status or 3, known.reasons)


def _leftovers(spool: Path, site: str) -> list[Path]:
    return [folder for folder, its in _spooled(spool) if its == site]


def _spooled(spool: Path) -> Iterator[tuple[Path, str]]:
    """Folders of runs, oldest first, each with its site; one without a readable record is named."""
    for path in sorted(spool.glob("[0-9]*/run.json")):
        try:
            yield path.parent, json.loads(path.read_bytes())["site"]
        except FileNotFoundError:
            continue  # it has just landed
        except (ValueError, KeyError, TypeError, OSError) as error:
            logger.error(  # noqa: TRY400 - a user's message, no traceback
                "%s: damaged (%s), so its run cannot be landed: put back its `run` and `site` from "
                "the warcinfo record, or move the folder away; nothing was removed",
                path,
                error,
            )


def _logged(journal: Path, file: str) -> set[int]:
    """Offsets in the WARC file where exchanges begin that the crawl's journal has a line of."""
    records = (
        line["record"] for line in map(json.loads, journal_lines(journal)) if "record" in line
    )
    return {record["offset"] for record in records if record["file"] == file}


def _last_whole_exchange(path: Path, logged: Container[int]) -> int:
    """The offset after the last record that ends an exchange, up to the first that is not logged.

    A page is handed on only when its exchange is logged, so nothing has come of what is cut off.
    """
    begin = end = 0
    with path.open("rb") as file:
        for member in members(file):
            head = member.read_until(b"\r\n\r\n", _LONGEST_HEAD)
            member.skip()
            if member.broken is not None:
                break
            kind = _KIND.search(head) if head is not None else None
            if kind is None:
                continue
            ends_exchange = kind[1] == b"metadata" and b"application/warc-fields" in (head or b"")
            if ends_exchange and begin not in logged:
                break
            begin = end = member.end
    return end


def _forget_beyond(journal: Path, file: str, end: int) -> None:
    """Take lines about records behind the cut out of the journals."""
    for name, places in (("crawl", _record), ("articles", _sources)):
        path = journal / f"{name}.jsonl"
        kept = [
            line
            for line in journal_lines(path)
            if not any(
                place["file"] == file and place["offset"] >= end
                for place in places(json.loads(line))
            )
        ]
        write_durably(path, "".join(line + "\n" for line in kept).encode())


def _record(crawl_line: dict[str, Any]) -> list[dict[str, Any]]:
    return [crawl_line["record"]] if "record" in crawl_line else []


def _sources(article: dict[str, Any]) -> list[dict[str, Any]]:
    return list(article["sources"])
