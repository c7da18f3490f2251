"""Recovers runs whose process died: cuts off the incomplete end and lands everything before it."""

import json
import logging
import os
import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from newsbot.archive.manifest import Manifest
from newsbot.errors import DamagedGzip, StoreError, StoreUnavailable
from newsbot.files import disk_errors, sync_folder, write_durably
from newsbot.landing.land import Ending, land_run
from newsbot.landing.spool import (
    close_files,
    discard,
    is_import,
    journal_lines,
    remove_incomplete,
)
from newsbot.ledger import Ledger
from newsbot.ledger.attempts import AttemptEnd, History
from newsbot.stores.store import Store
from newsbot.warc.members import END_OF_HEADER, members

logger = logging.getLogger(__name__)

_MAX_HEADER = 64 * 1024  # bytes of a record's header
# The writer ends an exchange with such a record, or writes it alone.
_KIND = re.compile(rb"(?im)^WARC-Type: (metadata|warcinfo|resource)\r$")


# Errors of malformed JSON or gzip: the disk lost what was written.
_DAMAGED = (DamagedGzip, ValueError, KeyError, TypeError)

DIED = ("the crawl's process died",)


def close_dead(folder: Path, ending: Ending | None = None) -> None:
    """Close the spool of a run whose process died, cut at its last complete exchange.

    ``ending`` is how it ended, as the history has it; without it the outcome is ``recovered``. The
    caller holds the site's lock, so no process writes to the folder.

    Raises:
        CaptureError: the disk is full or the folder cannot be written.
    """
    with disk_errors(folder):
        # Closed files too: a power cut may have lost lines of the journals. Files in the store are
        # not here any more; the journals were synced before they were uploaded.
        for path in sorted((folder / "files" / "warc").glob("*.warc.gz*")):
            name = path.name.removesuffix(".open")
            end = _last_whole_exchange(
                path, _logged_offsets(folder / "journal" / "crawl.jsonl", name)
            )
            _truncate_journals(folder / "journal", name, end)
            if end == 0:
                path.unlink()
            elif end < path.stat().st_size or path.name != name:
                os.truncate(path, end)
                path.rename(path.with_name(name))
        sync_folder(folder / "files" / "warc")
    close_files(folder)
    (ending or Ending("recovered", datetime.now(UTC), 3, DIED)).write(folder)
    logger.warning("%s: its process had died; closed at its last complete exchange", folder.name)


@dataclass(frozen=True, slots=True)
class BlockedRun:
    """A run that cannot land, and stays in the spool until an operator intervenes."""

    run: str
    reason: str


def recover_site(
    spool: Path, site: str, store: Store, ledger: Ledger
) -> Iterator[Manifest | BlockedRun]:
    """Land the earlier runs of the site that are in the spool, oldest first.

    The caller holds the site's lock, so the processes that wrote them have ended. A run that the
    store refuses does not prevent the others, or a new crawl, from landing.

    Raises:
        StoreUnavailable, LedgerError, CaptureError: the folders stay as they are.
    """
    remove_incomplete(spool, site)
    for folder in _runs_of(spool, site):
        try:
            if Ending.read(folder) is None:
                if is_import(folder):
                    _discard_import(folder, ledger)
                    continue
                close_dead(folder, _ending(folder, ledger))
            manifest = land_run(folder, store, ledger).manifest
        except StoreUnavailable:
            raise
        except _DAMAGED as error:
            yield BlockedRun(
                folder.name,
                f"{folder}: damaged ({error}): check the disk and its log, repair or move the "
                "folder, then run `newsbot recover`; nothing was removed",
            )
            continue
        except StoreError as error:
            yield BlockedRun(folder.name, str(error))
            continue
        logger.info("%s: landed the earlier run %s", site, manifest.run)
        yield manifest


def _discard_import(folder: Path, ledger: Ledger) -> None:
    """Remove an import that was cut off: its source still has everything that it copied."""
    end = AttemptEnd("killed", 1, datetime.now(UTC), ("the import's process died",))
    History(ledger).end(folder.name, end, {})
    discard(folder)
    logger.warning("%s: an import that was cut off; removed: import its file again", folder.name)


def spooled_sites(spool: Path) -> list[str]:
    """Return the sites that have runs in the spool, running or not."""
    return sorted({site for _, site in _spooled(spool)})


def end_lost_runs(spool: Path, site: str, ledger: Ledger) -> None:
    """Record the end of the site's runs that died and left nothing in the spool.

    The caller holds the site's lock, so none of them is running.
    """
    spooled = [folder.name for folder in _runs_of(spool, site)]
    History(ledger).end_lost_runs(site, spooled, datetime.now(UTC))


def _ending(folder: Path, ledger: Ledger) -> Ending | None:
    """Return how the run ended, if the process that stopped it recorded that."""
    known = History(ledger).run(folder.name)
    if known is None or known.outcome is None or known.outcome == "locked":
        return None
    finished = known.finished or datetime.now(UTC)
    return Ending(known.outcome, finished, known.exit_status or 3, known.reasons)


def _runs_of(spool: Path, site: str) -> list[Path]:
    return [folder for folder, its in _spooled(spool) if its == site]


def _spooled(spool: Path) -> Iterator[tuple[Path, str]]:
    """Yield the runs' folders with their sites, oldest first; log those that cannot be read."""
    for path in sorted(spool.glob("[0-9]*/run.json")):
        try:
            yield path.parent, json.loads(path.read_bytes())["site"]
        except FileNotFoundError:
            continue  # it has just landed
        except (ValueError, KeyError, TypeError, OSError) as error:
            logger.error(  # noqa: TRY400 - a user's message, no traceback
                "%s: damaged (%s), so its run cannot land: restore its `run` and `site` from the "
                "warcinfo record, or move the folder away; nothing was removed",
                path,
                error,
            )


def _logged_offsets(journal: Path, file: str) -> set[int]:
    """Return the offsets of the exchanges in the WARC file that the crawl's journal lists."""
    records = (
        line["record"] for line in map(json.loads, journal_lines(journal)) if "record" in line
    )
    return {record["offset"] for record in records if record["file"] == file}


def _last_whole_exchange(path: Path, logged: Container[int]) -> int:
    """Return the offset after the last complete exchange before the first that is not logged.

    A page is processed only once its exchange is logged, so nothing depends on what is cut off.
    """
    begin = end = 0
    with path.open("rb") as file:
        for member in members(file):
            head = member.read_until(END_OF_HEADER, _MAX_HEADER)
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


def _truncate_journals(journal: Path, file: str, end: int) -> None:
    """Remove the lines about records beyond the cut from the journals."""
    for name, places in (("crawl", _records_of_crawl_line), ("articles", _records_of_article)):
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


def _records_of_crawl_line(crawl_line: dict[str, Any]) -> list[dict[str, Any]]:
    return [crawl_line["record"]] if "record" in crawl_line else []


def _records_of_article(article: dict[str, Any]) -> list[dict[str, Any]]:
    return list(article["sources"])
