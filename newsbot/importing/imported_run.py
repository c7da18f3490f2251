"""The run of an import: its files in the spool, what was read in them, and its landing."""

import asyncio
import os
import platform
import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from newsbot._version import __version__
from newsbot.archive.manifest import Imported, ImportedWarc
from newsbot.config import Config
from newsbot.errors import StoreError
from newsbot.extract import EXTRACTOR
from newsbot.files import disk_errors, durable_file
from newsbot.importing.captures import Capture, Payloads, Scan
from newsbot.importing.lines import capture_line, dump
from newsbot.importing.pages import ImportedPages
from newsbot.importing.source import Source
from newsbot.importing.versions import Versions
from newsbot.landing.counts import counts
from newsbot.landing.land import Ending, land_run
from newsbot.landing.outcome import ExitStatus, status_of
from newsbot.landing.spool import Spool
from newsbot.layout import new_run_ref
from newsbot.ledger import Ledger
from newsbot.ledger.attempts import AttemptEnd, History
from newsbot.progress import Progress
from newsbot.sites.loading import Sites
from newsbot.sites.site import Site
from newsbot.stores.store import Store
from newsbot.warc.records import timestamp
from newsbot.warc.writer import WarcWriter
from newsbot.workers.pool import Pool

MARK: Final = 6  # hex digits of the source's SHA-256 that end the run's id
_PER_WORKER: Final = 8  # pages in progress: four extracted by it and four being read


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What came of one file.

    ``outcome`` is imported, already-imported (in ``prefix``, by an earlier import), spooled (it
    could not land yet) or dry-run; ``counts`` are those of the run's manifest.
    """

    name: str
    sha256: str
    outcome: str
    status: ExitStatus
    site: str
    prefix: str | None = None
    manifest_sha256: str | None = None
    tool: str | None = None
    captures: int = 0
    pages: int = 0
    faults: int = 0
    reasons: tuple[str, ...] = ()
    counts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file that was checked and read, and the site that it is imported for."""

    source: Source
    scan: Scan
    site: Site
    sites: Sites
    faults: int

    def report(self, outcome: str, status: ExitStatus, **more: Any) -> ImportReport:
        """Return the report of the import."""
        return ImportReport(
            name=self.source.name,
            sha256=self.source.sha256,
            outcome=outcome,
            status=status,
            site=self.site.name,
            tool=self.scan.tool,
            captures=len(self.scan.captures),
            pages=sum(one.is_html for one in self.scan.captures),
            faults=self.faults,
            **more,
        )


class ImportedRun:
    """The run of one import, from its start until it has landed."""

    def __init__(self, config: Config, store: Store, ledger: Ledger, prepared: Prepared) -> None:
        self._config = config
        self._store = store
        self._ledger = ledger
        self._prepared = prepared
        self._site = prepared.site
        self._started = datetime.now(UTC)
        mark = prepared.source.sha256[:MARK]
        self._ref = new_run_ref(self._started, self._site.time_zone, self._site.name, mark)
        self._folder = config.spool_folder / self._ref.run
        self._prefix = f"NEWSBOT-{self._site.name}-{self._ref.run}"

    def write(self, progress: Progress) -> tuple[str, ...]:
        """Write the run's files and close it; return why its outcome is not plainly good.

        If that fails, nothing of it stays.
        """
        history = History(self._ledger)
        history.begin(self._ref.run, self._site.name, self._started, partial=True)
        spool = self._new_spool()
        try:
            failed = self._fill(spool, progress)
            spool.close()
            reasons = tuple(self._reasons(failed))
            Ending("imported", datetime.now(UTC), _status(reasons), reasons).write(self._folder)
        except BaseException as error:
            reason = str(error) or type(error).__name__
            end = AttemptEnd("failed", ExitStatus.FAILED, datetime.now(UTC), (reason,))
            history.end(self._ref.run, end, {})
            spool.abandon()
            raise
        return reasons

    def land(self, reasons: tuple[str, ...]) -> ImportReport:
        """Land the closed run; return its report, also where it stays in the spool."""
        numbers = counts(self._folder)
        try:
            landed = land_run(self._folder, self._store, self._ledger)
        except StoreError as error:
            why = (*reasons, f"not landed: {error}")
            end = AttemptEnd("imported", ExitStatus.SPOOLED, datetime.now(UTC), why)
            History(self._ledger).end(self._ref.run, end, numbers)
            return self._prepared.report(
                "spooled", ExitStatus.SPOOLED, prefix=self._ref.prefix, reasons=why, counts=numbers
            )
        return self._prepared.report(
            "imported",
            _status(reasons),
            prefix=self._ref.prefix,
            manifest_sha256=landed.manifest_sha256,
            reasons=reasons,
            counts=landed.manifest.counts,
        )

    # -- writing -------------------------------------------------------------------------------

    def _new_spool(self) -> Spool:
        writer = partial(
            WarcWriter,
            prefix=self._prefix,
            info=self._warcinfo(),
            last_serial=len(self._prepared.source.warcs),
            roll_at=self._config.roll_size,
        )
        return Spool(self._folder, self._record(), writer)

    def _fill(self, spool: Spool, progress: Progress) -> int:
        """Write everything into the spool; return how many pages the extractor failed on."""
        self._copy()
        urn = f"urn:newsbot:{self._ref.run}:seed"
        seed = self._site.seed_text.encode()
        spool.warc.write_resource(urn, self._started, "application/toml", seed)
        payloads = Payloads(self._prepared.scan.captures)
        wanted = list(self._write_lines(spool, payloads))
        size = self._config.workers
        size = len(os.sched_getaffinity(0)) if size is None else size
        with asyncio.Runner() as runner, closing(Pool(size)) as pool:
            pages = ImportedPages(
                self._ref.run, self._site, self._paths, payloads, spool, self._ledger, pool,
                self._started,
            )  # fmt: skip
            versions = Versions(
                self._ledger, self._store, self._site, self._prepared.sites, pages.extract
            )
            with closing(versions):
                runner.run(pages.read(wanted, versions, _PER_WORKER * max(size, 1), progress))
        return pages.failed

    @property
    def _paths(self) -> tuple[Path, ...]:
        """The WARC files in the spool, in the order of the source."""
        folder, numbers = self._folder / "files" / "warc", range(len(self._prepared.source.warcs))
        return tuple(folder / f"{self._prefix}-{number + 1:05d}.warc.gz" for number in numbers)

    def _copy(self) -> None:
        """Copy what came, byte for byte."""
        source = self._prepared.source
        with disk_errors(self._folder):
            for warc, path in zip(source.warcs, self._paths, strict=True):
                with durable_file(path) as file:
                    warc.copy_to(file)
            for name, opener in source.extras.items():
                path = self._folder / "files" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                with opener() as extra, durable_file(path) as file:
                    shutil.copyfileobj(extra, file)

    def _write_lines(self, spool: Spool, payloads: Payloads) -> Iterator[Capture]:
        """Write a line for each capture; yield those that are pages to be read."""
        files = [path.name for path in self._paths]
        for capture in self._prepared.scan.captures:
            payload = payloads.of(capture)
            payload_file = "" if payload is None else files[payload.warc]
            line = capture_line(capture, files[capture.warc], self._site, payload, payload_file)
            spool.add("crawl", dump(line))
            if line["became"] == "fetched":
                yield capture

    def _reasons(self, failed: int) -> Iterator[str]:
        faults, undated = self._prepared.faults, self._prepared.scan.undated
        if faults:
            yield f"imported although it is damaged: {faults} faults, which `newsbot verify` names"
        if undated:
            yield f"{undated} captures have no address or no date: they are kept, and not indexed"
        if failed:
            yield f"extraction-failed: {failed} pages could not be extracted"

    # -- what the run is -----------------------------------------------------------------------

    def _imported(self) -> Imported:
        source = self._prepared.source
        return Imported(
            name=source.name,
            kind=source.kind,
            size=source.size,
            sha256=source.sha256,
            tool=self._prepared.scan.tool,
            files=tuple(
                ImportedWarc(
                    name=f"warc/{path.name}", was=warc.name, size=warc.size, sha256=warc.sha256
                )
                for warc, path in zip(source.warcs, self._paths, strict=True)
            ),
            faults=self._prepared.faults,
        )

    def _record(self) -> dict[str, Any]:
        """Return the content of ``run.json``: what landing needs without this process."""
        return {
            "run": self._ref.run,
            "site": self._site.name,
            "started": timestamp(self._started),
            "prefix": self._ref.prefix,
            "tool": {"name": "newsbot", "version": __version__, "extractor": EXTRACTOR},
            "rules": self._site.rules_digest,
            "seed": {"text": self._site.seed_text, "sha256": self._site.seed_sha256},
            "arguments": {"import": self._prepared.source.name},
            "settings": {},
            "imported": self._imported().model_dump(mode="json"),
            "synthetic": self._config.synthetic,
        }

    def _warcinfo(self) -> dict[str, str]:
        source = self._prepared.source
        return {
            "software": f"newsbot/{__version__} ({platform.python_implementation()} "
            f"{platform.python_version()})",
            "format": "WARC File Format 1.1",
            "isPartOf": self._ref.run,
            "description": f"what newsbot read in {source.name} (SHA-256 {source.sha256}); the "
            "files before this one are as they came",
        }


def _status(reasons: tuple[str, ...]) -> ExitStatus:
    return status_of("imported", reasons)
