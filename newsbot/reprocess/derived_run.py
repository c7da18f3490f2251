"""Derived runs: the articles of a run extracted again, landed beside their source."""

import asyncio
import gzip
import json
import os
import tempfile
from collections import Counter, deque
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import aclosing, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

from newsbot._version import __version__
from newsbot.archive.lines import checked_lines
from newsbot.archive.manifest import Manifest, Previous, Seed, Tool
from newsbot.archive.read_record import RecordReader
from newsbot.archive.snapshots import Snapshot, read_run
from newsbot.errors import ExtractionFailed, NewsbotError, ObjectMissing
from newsbot.extract import EXTRACTOR
from newsbot.landing.upload import land
from newsbot.layout import RunRef
from newsbot.ledger.recheck import TORN, UNDECODABLE
from newsbot.models import Article, Source
from newsbot.progress import Progress
from newsbot.reprocess.reader import Reader, SourceRun, changed_fields, source_of_line
from newsbot.sites.loading import site_of
from newsbot.sites.site import Site
from newsbot.stores.store import Store
from newsbot.warc.records import timestamp
from newsbot.workers.ordered import in_order
from newsbot.workers.pool import Pool

_TASKS_PER_WORKER: Final = 8  # four extracted by the worker and four being fetched
_THREADS: Final = (
    8  # records fetched at once: distant stores have a high latency, not a low throughput
)
_WITHOUT_ARTICLE: Final = (
    "no-article", "soft-404", "wall", "list-at-article", "needs-browser", "empty",
    "extraction-failed", TORN,
)  # fmt: skip

ReprocessOutcome = Literal["same", "changed", "lost", "found", "nothing", "extraction-failed"]


@dataclass
class Report:
    """The result of reprocessing one run."""

    source: RunRef
    derived: RunRef
    exists_already: bool = False  # made earlier by the same extractor and rules
    outcomes: Counter[str] = field(default_factory=Counter)
    fields: Counter[str] = field(
        default_factory=Counter
    )  # by field: the articles in which it changed


@dataclass(frozen=True, slots=True)
class _PageTask:
    """A page to extract again: an archived line, or a page that yielded no article."""

    line: bytes | None = None
    source: Source | None = None
    url: str = ""  # of the source
    referrer: str | None = None


@dataclass(frozen=True, slots=True)
class _Result:
    """The result of a task; ``line`` is the article's new line, without line feed."""

    outcome: ReprocessOutcome
    url: str
    canonical_url: str = ""
    fetched_at: str = ""
    line: str | None = None
    fields: tuple[str, ...] = ()
    why: str = ""  # of a failed extraction

    @property
    def key(self) -> tuple[str, str]:
        """The sort key of articles in a run."""
        return self.url, self.fetched_at


def reprocess(
    store: Store,
    target: Store,
    runs: Iterable[Snapshot],
    sites: Mapping[str, Site],
    *,
    processes: int | None = None,
    progress: Progress = lambda _what, _done, _total: None,
) -> Iterator[Report]:
    """Extract the articles of crawled runs again and land a derived run of each in the target.

    A site without a current seed is extracted with the seed of its run. A run that was reprocessed
    by the same extractor with the same rules is skipped.

    Args:
        processes: number of workers; one for each available core if not given.

    Raises:
        StoreError: a record could not be read, or the derived run could not be stored; derived
            runs that have landed stay.
        WorkersFailed: no worker process can be started; likewise.
    """
    size = processes or len(os.sched_getaffinity(0))
    records = RecordReader(store)
    with (
        asyncio.Runner() as runner,
        closing(Pool(size)) as pool,
        ThreadPoolExecutor(_THREADS, thread_name_prefix="records") as threads,
    ):
        for run in runs:
            if not run.ref.is_derived:
                derivation = _Derivation(target, run, sites, records, pool, threads, size)
                yield runner.run(derivation.make(progress))


class _Derivation:
    """One derived run being made."""

    def __init__(
        self,
        target: Store,
        source: Snapshot,
        sites: Mapping[str, Site],
        records: RecordReader,
        pool: Pool,
        threads: Executor,
        size: int,
    ) -> None:
        self._target = target
        self._source = source
        self._ref = source.ref
        self._site = sites.get(source.ref.site) or _site_of_manifest(source.manifest)
        self._records, self._pool, self._threads = records, pool, threads
        self._window = size * _TASKS_PER_WORKER
        self._started = datetime.now(UTC)

    async def make(self, progress: Progress) -> Report:
        """Extract, write and land the derived run; return its report."""
        derived, exists = _derived_ref(self._target, self._ref, self._site)
        report = Report(self._ref, derived, exists)
        if exists:
            return report
        with tempfile.TemporaryDirectory(prefix="newsbot-reprocess-") as folder:
            files = Path(folder)
            await self._write(files, report, progress)
            land(files, self._target, self._manifest(report), derived.prefix)
        return report

    async def _write(self, files: Path, report: Report, progress: Progress) -> None:
        """Write the articles in the order of the original, and an event for each difference."""
        reader = Reader(
            SourceRun.of(self._source), self._site, self._records, self._pool, self._threads
        )
        total, done = int(self._source.manifest.counts["articles"]), 0
        found = await self._newly_found(reader)
        with (
            _gzip(files / "articles.jsonl.gz") as articles,
            _gzip(files / "events.jsonl.gz") as events,
        ):
            async with aclosing(self._merge_results(reader, found)) as results:
                async for result in results:
                    report.outcomes[result.outcome] += 1
                    report.fields.update(result.fields)
                    if result.line is not None:
                        articles.write(result.line.encode() + b"\n")
                    if result.outcome != "same":
                        events.write(self._event(result))
                    done += 1
                    progress(self._ref.run, done, total + len(found))

    async def _merge_results(
        self, reader: Reader, found: list[_Result]
    ) -> AsyncGenerator[_Result, None]:
        """Yield the results of archived and newly found articles, in the order of a run."""
        waiting = deque(found)
        tasks = (_PageTask(line=line) for line in self._lines("articles.jsonl.gz"))
        async with aclosing(self._results(reader, tasks)) as results:
            async for result in results:
                while waiting and waiting[0].key < result.key:
                    yield waiting.popleft()
                yield result
        for result in waiting:
            yield result

    async def _newly_found(self, reader: Reader) -> list[_Result]:
        """Return the results of pages that yielded no article when they were fetched.

        These are articles found now, each once, and pages that still cannot be read.
        """
        pages = [
            _PageTask(
                source=source_of_line(line, self._ref.run),
                url=line["url"],
                referrer=line.get("referrer"),
            )
            for line in self._crawl()
            if _had_no_article(line)
        ]
        if not pages:
            return []
        known = {json.loads(line)["canonical_url"] for line in self._lines("articles.jsonl.gz")}
        found = []
        async with aclosing(self._results(reader, pages)) as results:
            async for result in results:
                if result.outcome == "extraction-failed":
                    found.append(result)
                elif result.outcome == "found" and result.canonical_url not in known:
                    known.add(result.canonical_url)
                    found.append(result)
        return sorted(found, key=lambda result: result.key)

    def _results(self, reader: Reader, tasks: Iterable[_PageTask]) -> AsyncGenerator[_Result, None]:
        """Yield the results in the order of the tasks, with a bounded number in progress."""
        return in_order((_result(reader, task) for task in tasks), self._window)

    def _crawl(self) -> Iterator[dict[str, Any]]:
        for line in self._lines("crawl.jsonl.gz"):
            yield json.loads(line)

    def _lines(self, name: str) -> Iterator[bytes]:
        return checked_lines(self._source, name)

    def _event(self, result: _Result) -> bytes:
        line = {
            "time": timestamp(self._started),
            "event": f"reprocessed-{result.outcome}",
            "url": result.url,
            "fields": result.fields,
            **({"why": result.why} if result.why else {}),
        }
        return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"

    def _manifest(self, report: Report) -> Manifest:
        outcomes = report.outcomes
        return Manifest(
            schema="newsbot.manifest/1",
            run=report.derived.run,
            site=self._ref.site,
            started=self._started,
            finished=datetime.now(UTC),
            outcome="finished",
            counts={
                "articles": outcomes.total() - outcomes["lost"] - outcomes["extraction-failed"],
                "reprocessed": dict(sorted(outcomes.items())),
                "changed_fields": dict(sorted(report.fields.items())),
            },
            tool=Tool(name="newsbot", version=__version__, extractor=EXTRACTOR),
            rules=self._site.rules_digest,
            seed=Seed(text=self._site.seed_text, sha256=self._site.seed_sha256),
            arguments={},
            settings={},
            previous=Previous(run=self._ref.run, manifest_sha256=self._source.sha256),
            derived_from=self._ref.run,
            synthetic=self._source.manifest.synthetic,
        )


def _derived_ref(target: Store, ref: RunRef, site: Site) -> tuple[RunRef, bool]:
    """Return the reference of the derived run, and whether it exists already.

    Its id is ``<run>+<extractor version>``; if that was made with other rules, the rules' digest is
    appended.
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


def _had_no_article(line: Mapping[str, Any]) -> bool:
    """Return whether a page of the crawl log came and yielded no article."""
    if line["role"] not in ("article", "page"):  # a page that was saved
        return False
    is_undecodable = line["became"] == "failed" and line.get("why") == UNDECODABLE
    return is_undecodable or line["became"] in (*_WITHOUT_ARTICLE, "page")


def _site_of_manifest(manifest: Manifest) -> Site:
    return site_of(manifest.seed.text, f"the seed in the manifest of {manifest.run}")


async def _result(reader: Reader, task: _PageTask) -> _Result:
    if task.line is not None:
        return await _reextract(reader, json.loads(task.line))
    if task.source is None:
        raise ValueError("a task needs a line or a source")
    try:
        article = await reader.found(task.source, task.referrer)
    except ExtractionFailed as error:
        return _Result("extraction-failed", task.url, why=str(error))
    if article is None:
        return _Result("nothing", task.url)
    return _result_of_article("found", article, {})


async def _reextract(reader: Reader, old: dict[str, Any]) -> _Result:
    url, canonical_url, fetched_at = old["url"], old["canonical_url"], old["fetched_at"]
    try:
        article = await reader.article(old)
    except ExtractionFailed as error:
        return _Result("extraction-failed", url, canonical_url, fetched_at, why=str(error))
    if article is None:
        return _Result("lost", url, canonical_url, fetched_at)
    return _result_of_article("same", article, old)


def _result_of_article(
    outcome: ReprocessOutcome, article: Article, old: Mapping[str, Any]
) -> _Result:
    """Return the result with the article's line of articles.jsonl.gz."""
    fields: dict[str, Any] = json.loads(article.to_json())
    line = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    changed = tuple(changed_fields(old, fields)) if old else ()
    return _Result(
        "changed" if changed else outcome,
        fields["url"],
        fields["canonical_url"],
        fields["fetched_at"],
        line,
        changed,
    )


@contextmanager
def _gzip(path: Path) -> Iterator[gzip.GzipFile]:
    """Yield a gzip file without name and time: the same lines give the same bytes."""
    with path.open("wb") as file, gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed:
        yield packed
