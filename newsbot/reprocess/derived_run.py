"""Derived runs: what reading a run's pages again gives, landed beside its source."""

import gzip
import heapq
import json
import os
import tempfile
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

from newsbot import __version__
from newsbot.archive.lines import checked_lines
from newsbot.archive.manifest import Manifest, Previous, Seed, Tool
from newsbot.archive.snapshots import Snapshot, read_run
from newsbot.errors import NewsbotError, ObjectMissing
from newsbot.extract import EXTRACTOR
from newsbot.landing.upload import land
from newsbot.layout import RunRef
from newsbot.reprocess import worker
from newsbot.reprocess.reader import Run, sources_of
from newsbot.reprocess.worker import Result, Task
from newsbot.sites.site import Site, site_of
from newsbot.stores.store import Store
from newsbot.warc.records import timestamp

_BATCH: Final = 16  # pages a task of a worker: its results are some 100 KB
_AHEAD: Final = 3  # batches under way for each worker; what is in memory is bounded by that
_NOTHING_THEN: Final = ("no-article", "empty", "extraction-failed")

Progress = Callable[[str, int, int], None]


@dataclass
class Report:
    """What reading one run again gave."""

    source: RunRef
    derived: RunRef
    is_there_already: bool = False  # made earlier by this extractor with these rules
    verdicts: Counter[str] = field(default_factory=Counter)  # by worker.Verdict
    fields: Counter[str] = field(default_factory=Counter)  # articles in which it changed


def reprocess(
    store: Store,
    target: Store,
    runs: Iterable[Snapshot],
    sites: Mapping[str, Site],
    *,
    processes: int | None = None,
    progress: Progress = lambda _what, _done, _total: None,
) -> Iterator[Report]:
    """Read the articles of crawled runs again and land a derived run of each in the target.

    A site without a seed today is read by the seed that its run was crawled with. A run that was
    reprocessed by this extractor with these rules is left alone.

    Args:
        processes: workers; one a core that we may use if not given.

    Raises:
        StoreError: a record could not be read, or the derived run not be stored; derived runs
            that have landed before stay.
    """
    size = processes or len(os.sched_getaffinity(0))
    pool = ProcessPoolExecutor(
        size, get_context("spawn"), initializer=worker.start, initargs=(store.url,)
    )
    with ExitStack() as stack:
        stack.callback(pool.shutdown, wait=True, cancel_futures=True)
        for run in runs:
            if not run.ref.is_derived:
                yield _Derivation(store, target, run, sites, pool, size).make(progress)


class _Derivation:
    """The making of one derived run."""

    def __init__(
        self,
        store: Store,
        target: Store,
        landed: Snapshot,
        sites: Mapping[str, Site],
        pool: ProcessPoolExecutor,
        size: int,
    ) -> None:
        self._store, self._target = store, target
        self._landed = landed
        self._ref = landed.ref
        self._site = sites.get(landed.ref.site) or _archived(landed.manifest)
        self._pool = pool
        self._window = size * _AHEAD
        self._started = datetime.now(UTC)

    def make(self, progress: Progress) -> Report:
        """Read, write, land."""
        derived, is_there = _name(self._target, self._ref, self._site)
        report = Report(self._ref, derived, is_there)
        if is_there:
            return report
        with tempfile.TemporaryDirectory(prefix="newsbot-reprocess-") as folder:
            files = Path(folder)
            self._write(files, report, progress)
            land(files, self._target, self._manifest(report), derived.prefix)
        return report

    def _write(self, files: Path, report: Report, progress: Progress) -> None:
        """The derived run's articles in the order of the original, and an event for each change."""
        total, done = int(self._landed.manifest.counts["articles"]), 0
        found = self._found()
        again = self._read(Task(line=line) for line in self._lines("articles.jsonl.gz"))
        with (
            _gzip(files / "articles.jsonl.gz") as articles,
            _gzip(files / "events.jsonl.gz") as events,
        ):
            for result in heapq.merge(again, found, key=lambda r: (r.url, r.fetched_at)):
                report.verdicts[result.verdict] += 1
                report.fields.update(result.fields)
                if result.line is not None:
                    articles.write(result.line.encode() + b"\n")
                if result.verdict != "same":
                    events.write(self._event(result))
                done += 1
                progress(self._ref.run, done, total + len(found))

    def _found(self) -> list[Result]:
        """Return what pages give that yielded no article when they were fetched.

        Articles that are found, each once, and pages that cannot be read today either.
        """
        pages = [
            Task(
                source=sources_of(line, self._ref.run),
                url=line["url"],
                referrer=line.get("referrer"),
            )
            for line in self._crawl()
            if line["became"] in _NOTHING_THEN and line["role"] == "article"
        ]
        if not pages:
            return []
        known = {json.loads(line)["canonical_url"] for line in self._lines("articles.jsonl.gz")}
        results = []
        for result in self._read(pages):
            if result.verdict == "extraction-failed":
                results.append(result)
            elif result.verdict == "found" and result.canonical_url not in known:
                known.add(result.canonical_url)
                results.append(result)
        return sorted(results, key=lambda r: (r.url, r.fetched_at))

    def _read(self, tasks: Iterable[Task]) -> Iterator[Result]:
        """Results in the order of the tasks, with a bounded number of batches under way."""
        run = self._run()
        waiting: deque[Future[list[Result]]] = deque()
        batches = _batches(tasks)
        try:
            while True:
                for batch in islice(batches, self._window - len(waiting)):
                    waiting.append(self._pool.submit(worker.read, run, self._site, batch))
                if not waiting:
                    return
                yield from waiting.popleft().result()
        except BrokenProcessPool as error:
            raise NewsbotError(
                f"{self._ref.run}: a worker process died (is there memory left?); what has landed "
                "stays, and the same command goes on with the other runs"
            ) from error

    def _run(self) -> Run:
        following = {
            line["url"]: sources_of(line, self._ref.run)
            for line in self._crawl()
            if line["role"] == "next_page" and line["became"] != "failed"
        }
        return Run(self._ref, self._landed.manifest.refers_to, following)

    def _crawl(self) -> Iterator[dict[str, Any]]:
        for line in self._lines("crawl.jsonl.gz"):
            yield json.loads(line)

    def _lines(self, name: str) -> Iterator[bytes]:
        return checked_lines(self._landed, name)

    def _event(self, result: Result) -> bytes:
        line = {
            "time": timestamp(self._started),
            "event": f"reprocessed-{result.verdict}",
            "url": result.url,
            "fields": result.fields,
            **({"why": result.why} if result.why else {}),
        }
        return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"

    def _manifest(self, report: Report) -> Manifest:
        verdicts = report.verdicts
        return Manifest(
            schema="newsbot.manifest/1",
            run=report.derived.run,
            site=self._ref.site,
            started=self._started,
            finished=datetime.now(UTC),
            outcome="finished",
            counts={
                "articles": verdicts.total() - verdicts["lost"] - verdicts["extraction-failed"],
                "reprocessed": dict(sorted(verdicts.items())),
                "changed_fields": dict(sorted(report.fields.items())),
            },
            tool=Tool(name="newsbot", version=__version__, extractor=EXTRACTOR),
            rules=self._site.rules_digest,
            seed=Seed(text=self._site.seed_text, sha256=self._site.seed_sha256),
            arguments={},
            settings={},
            previous=Previous(run=self._ref.run, manifest_sha256=self._landed.sha256),
            derived_from=self._ref.run,
        )


def _name(target: Store, ref: RunRef, site: Site) -> tuple[RunRef, bool]:
    """The derived run's place, and whether it is there already.

    ``<run>+<extractor version>``; where that was made with other rules, the rules are added.
    """
    for suffix in (EXTRACTOR, f"{EXTRACTOR}-{site.rules_digest}"):
        derived = RunRef(ref.date, ref.site, f"{ref.run}+{suffix}")
        try:
            there = read_run(target, derived).manifest
        except ObjectMissing:
            return derived, False
        if (there.rules, there.tool.extractor) == (site.rules_digest, EXTRACTOR):
            return derived, True
    raise NewsbotError(f"{target.url}/{derived.prefix}: its manifest has other rules than its name")


def _archived(manifest: Manifest) -> Site:
    return site_of(manifest.seed.text, f"the seed in the manifest of {manifest.run}")


def _batches(tasks: Iterable[Task]) -> Iterator[list[Task]]:
    rest = iter(tasks)
    while batch := list(islice(rest, _BATCH)):
        yield batch


@contextmanager
def _gzip(path: Path) -> Iterator[gzip.GzipFile]:
    """A file as the spool writes it: without name and time, so that the same lines are the same."""
    with path.open("wb") as file, gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed:
        yield packed
