"""Lands a closed run: manifest, store, ledger, and only then is the spool removed.

The states and their crash points are in ``docs/decisions/0015-landing-protocol.md``; every step
can be repeated.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from newsbot.archive.lines import GzipLines
from newsbot.archive.manifest import Manifest, Previous
from newsbot.errors import FixityError, ObjectMissing
from newsbot.files import disk_errors, write_durably
from newsbot.landing.counts import counts
from newsbot.landing.early_upload import uploaded_early
from newsbot.landing.outcome import status_of
from newsbot.landing.spool import discard
from newsbot.landing.upload import Landed, land
from newsbot.layout import MANIFEST
from newsbot.ledger import Ledger
from newsbot.ledger.ingest import Lines, RunContent, ingest
from newsbot.models import RunOutcome
from newsbot.stores.store import Store
from newsbot.warc.records import timestamp

logger = logging.getLogger(__name__)

LINES = ("crawl", "articles", "events")  # files of a run that the ledger ingests


@dataclass(frozen=True, slots=True)
class Ending:
    """How a run ended, as ``ending.json`` in its spool says once its files are complete.

    ``requests`` are counts that only the crawl itself has, for they left no record: requests made,
    failed ones by reason, and whether a robots.txt could not be read.
    """

    outcome: RunOutcome
    finished: datetime
    exit_status: int
    reasons: tuple[str, ...] = ()
    requests: Mapping[str, Any] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Write it into the run's folder: from here on the run only has to land.

        Raises:
            CaptureError: the disk is full or the folder cannot be written.
        """
        record = {
            "outcome": self.outcome,
            "finished": timestamp(self.finished),
            "exit_status": self.exit_status,
            "reasons": self.reasons,
            "requests": dict(self.requests),
        }
        with disk_errors(folder):
            write_durably(folder / "ending.json", json.dumps(record, indent=2).encode() + b"\n")

    @classmethod
    def read(cls, folder: Path) -> "Ending | None":
        """Return the ending of the run in the folder; None if it died before it was closed.

        A damaged one counts as missing: a closed run can be closed again.
        """
        path = folder / "ending.json"
        if not path.is_file():
            return None
        try:
            record = json.loads(path.read_bytes())
            return cls(
                outcome=record["outcome"],
                finished=datetime.fromisoformat(record["finished"]),
                exit_status=record["exit_status"],
                reasons=tuple(record["reasons"]),
                requests=record.get("requests", {}),
            )
        except (ValueError, KeyError, TypeError) as error:
            logger.warning("%s: damaged (%s); the run is closed again", path, error)
            return None


def land_run(folder: Path, store: Store, ledger: Ledger) -> Landed:
    """Land the closed run in the spool folder, ingest it, and remove the folder.

    Raises:
        StoreError: it could not be stored; the folder is unchanged and this can be repeated.
        LedgerError: it has landed, but the ledger could not be written; likewise.
    """
    ending = Ending.read(folder)
    if ending is None:
        raise ValueError(f"{folder} is not closed")
    record = json.loads((folder / "run.json").read_bytes())
    head = ledger.chain_head(record["site"])
    previous = None if head is None else Previous(run=head[0], manifest_sha256=head[1])
    manifest = _manifest_of(folder, record, ending, previous)
    if manifest.files and manifest.previous != previous:
        manifest = _follow_newer_run(folder, store, record["prefix"], manifest, previous)
    uploaded = uploaded_early(folder)
    landed = land(folder / "files", store, manifest, record["prefix"], uploaded=uploaded)
    if landed.again:
        logger.info("%s had landed before; the ledger is brought up to date", manifest.run)
    files = folder / "files"
    lines = {name: GzipLines(files / f"{name}.jsonl.gz") for name in LINES}
    ingest(ledger, run_content(landed.manifest, record["prefix"], landed.manifest_sha256, lines))
    discard(folder)
    return landed


def run_content(
    manifest: Manifest, prefix: str, manifest_sha256: str, lines: Mapping[str, Lines]
) -> RunContent:
    """Return what the ledger ingests of a landed run; ``lines`` are those of its LINES files."""
    row = {
        "run": manifest.run,
        "site": manifest.site,
        "started": manifest.started,
        "finished": manifest.finished,
        "outcome": manifest.outcome,
        "exit_status": status_of(manifest.outcome, manifest.reasons),
        "prefix": prefix,
        "manifest_sha256": manifest_sha256,
        "previous": None if manifest.previous is None else manifest.previous.run,
        "counts": manifest.counts,
        "reasons": list(manifest.reasons),
        "partial": bool(manifest.arguments.keys() - {"recheck"}),
    }
    return RunContent(row, lines["crawl"], lines["articles"], lines["events"])


def _follow_newer_run(
    folder: Path, store: Store, prefix: str, manifest: Manifest, previous: Previous | None
) -> Manifest:
    """Return the manifest, following runs that landed meanwhile unless it is stored already."""
    if previous is None or previous.run == manifest.run:
        return manifest
    try:
        store.stat(prefix + MANIFEST)
    except ObjectMissing:
        manifest = manifest.model_copy(update={"previous": previous})
        with disk_errors(folder):
            write_durably(folder / "files" / MANIFEST, manifest.to_bytes())
    return manifest


def _stored_manifest(path: Path) -> Manifest | None:
    """Return the manifest that an earlier landing attempt wrote, if it can be read."""
    try:
        return Manifest.from_bytes(path.read_bytes(), str(path)) if path.is_file() else None
    except FixityError as error:
        logger.warning("%s; it is written again", error)
        return None


def _manifest_of(
    folder: Path, record: Mapping[str, Any], ending: Ending, previous: Previous | None
) -> Manifest:
    """Return the manifest; one that an earlier landing attempt wrote is used unchanged."""
    written = _stored_manifest(folder / "files" / MANIFEST)
    if written is not None:
        return written
    refers_to = {
        line["refers_to"]
        for line in GzipLines(folder / "files" / "crawl.jsonl.gz")
        if "refers_to" in line
    }
    return Manifest(
        run=record["run"],
        site=record["site"],
        started=datetime.fromisoformat(record["started"]),
        finished=ending.finished,
        outcome=ending.outcome,
        reasons=ending.reasons,
        counts={**counts(folder), **ending.requests},
        tool=record["tool"],
        rules=record["rules"],
        seed=record["seed"],
        arguments=record["arguments"],
        settings=record["settings"],
        refers_to=tuple(sorted(refers_to)),
        previous=previous,
        imported=record.get("imported"),
        synthetic=record.get("synthetic", False),
    )
