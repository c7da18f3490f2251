"""Derived runs: what extracting a run's pages again gives, landed beside its source."""

import asyncio
import gzip
import json
import os
import tempfile
from collections import Counter, deque
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping
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
from newsbot.models import Article, Hints, Source
from newsbot.reprocess.reader import Reader, SourceRun, changed_fields, sources_of
from newsbot.sites.site import Site, site_of
from newsbot.stores.store import Store
from newsbot.warc.records import timestamp
from newsbot.workers.pool import Pool

_AHEAD: Final = 8  # articles under way for each worker: four at the worker, four being fetched
_THREADS: Final = 8  # records fetched at once: a store far away answers late, not slowly
_NOTHING_THEN: Final = ("no-article", "empty", "extraction-failed")

Progress = Callable[[str, int, int], None]
Verdict = Literal["same", "changed", "lost", "found", "nothing", "extraction-failed"]


@dataclass
class Report:
    """What extracting one run again gave."""

    source: RunRef
    derived: RunRef
    is_there_already: bool = False  # made earlier by this extractor with these rules
    verdicts: Counter[str] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)  # articles in which it changed


@dataclass(frozen=True, slots=True)
class _Task:
    """One page to extract again: an archived line, or a page that yielded no article then."""

    line: bytes | None = None
    source: Source | None = None
    url: str = ""  # of the source
    referrer: str | None = None


@dataclass(frozen=True, slots=True)
class _Result:
    """What became of a task; ``line`` is the article's new line, without line feed."""

    verdict: Verdict
    url: str
    canonical_url: str = ""
    fetched_at: str = ""
    line: str | None = None
    fields: tuple[str, ...] = ()
    why: str = ""  # of a failed extraction

    @property
    def key(self) -> tuple[str, str]:
        """The order of articles in a run."""
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

    A site without a seed today is read by the seed that its run was crawled with. A run that was
    reprocessed by this extractor with these rules is left alone.

    Args:
        processes: workers; one a core that we may use if not given.

    Raises:
        StoreError: a record could not be read, or the derived run not be stored; derived runs
            that have landed before stay.
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
    """The making of one derived run."""

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
        self._site = sites.get(source.ref.site) or _archived(source.manifest)
        self._records, self._pool, self._threads = records, pool, threads
        self._window = size * _AHEAD
        self._started = datetime.now(UTC)

    async def make(self, progress: Progress) -> Report:
        """Extract, write, land."""
        derived, is_there = _name(self._target, self._ref, self._site)
        report = Report(self._ref, derived, is_there)
        if is_there:
            return report
        with tempfile.TemporaryDirectory(prefix="newsbot-reprocess-") as folder:
            files = Path(folder)
            await self._write(files, report, progress)
            land(files, self._target, self._manifest(report), derived.prefix)
        return report

    async def _write(self, files: Path, report: Report, progress: Progress) -> None:
        """Write the articles in the order of the original, and an event for each change."""
        reader = Reader(self._run(), self._site, self._records, self._pool, self._threads)
        total, done = int(self._source.manifest.counts["articles"]), 0
        found = await self._found(reader)
        with (
            _gzip(files / "articles.jsonl.gz") as articles,
            _gzip(files / "events.jsonl.gz") as events,
        ):
            async with aclosing(self._again(reader, found)) as results:
                async for result in results:
                    report.verdicts[result.verdict] += 1
                    report.fields.update(result.fields)
                    if result.line is not None:
                        articles.write(result.line.encode() + b"\n")
                    if result.verdict != "same":
                        events.write(self._event(result))
                    done += 1
                    progress(self._ref.run, done, total + len(found))

    async def _again(self, reader: Reader, found: list[_Result]) -> AsyncGenerator[_Result, None]:
        """Yield a result for each archived article, and those found, in the order of a run."""
        waiting = deque(found)
        tasks = (_Task(line=line) for line in self._lines("articles.jsonl.gz"))
        async with aclosing(self._results(reader, tasks)) as results:
            async for result in results:
                while waiting and waiting[0].key < result.key:
                    yield waiting.popleft()
                yield result
        for result in waiting:
            yield result

    async def _found(self, reader: Reader) -> list[_Result]:
        """Return what pages give that yielded no article when they were fetched.

        Articles that are found, each once, and pages that cannot be read today either.
        """
        pages = [
            _Task(
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
        found = []
        async with aclosing(self._results(reader, pages)) as results:
            async for result in results:
                if result.verdict == "extraction-failed":
                    found.append(result)
                elif result.verdict == "found" and result.canonical_url not in known:
                    known.add(result.canonical_url)
                    found.append(result)
        return sorted(found, key=lambda result: result.key)

    async def _results(
        self, reader: Reader, tasks: Iterable[_Task]
    ) -> AsyncGenerator[_Result, None]:
        """Yield the results in the order of the tasks, with a bounded number under way."""
        under_way: deque[asyncio.Task[_Result]] = deque()
        try:
            for task in tasks:
                under_way.append(asyncio.create_task(_result(reader, task)))
                if len(under_way) >= self._window:
                    yield await under_way.popleft()
            while under_way:
                yield await under_way.popleft()
        finally:
            for one in under_way:
                one.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    def _run(self) -> SourceRun:
        following: dict[str, Source] = {}
        hints: dict[str, Hints] = {}
        for line in self._crawl():
            if line["role"] == "next_page" and line["became"] != "failed":
                following[line["url"]] = sources_of(line, self._ref.run)
            elif line["role"] == "article" and "hints" in line and "record" in line:
                hints[line["record"]["id"]] = Hints.from_fields(line["hints"])
        return SourceRun(self._ref, self._source.manifest.refers_to, following, hints)

    def _crawl(self) -> Iterator[dict[str, Any]]:
        for line in self._lines("crawl.jsonl.gz"):
            yield json.loads(line)

    def _lines(self, name: str) -> Iterator[bytes]:
        return checked_lines(self._source, name)

    def _event(self, result: _Result) -> bytes:
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
            previous=Previous(run=self._ref.run, manifest_sha256=self._source.sha256),
            derived_from=self._ref.run,
            synthetic=self._source.manifest.synthetic,
        )


def _name(target: Store, ref: RunRef, site: Site) -> tuple[RunRef, bool]:
    """Return the derived run's place, and whether it is there already.

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


async def _result(reader: Reader, task: _Task) -> _Result:
    if task.line is not None:
        return await _extracted_again(reader, json.loads(task.line))
    if task.source is None:
        raise ValueError("a task needs a line or a source")
    try:
        article = await reader.found(task.source, task.referrer)
    except ExtractionFailed as error:
        return _Result("extraction-failed", task.url, why=str(error))
    if article is None:
        return _Result("nothing", task.url)
    return _of_article("found", article, {})


async def _extracted_again(reader: Reader, old: dict[str, Any]) -> _Result:
    url, canonical_url, fetched_at = old["url"], old["canonical_url"], old["fetched_at"]
    try:
        article = await reader.article(old)
    except ExtractionFailed as error:
        return _Result("extraction-failed", url, canonical_url, fetched_at, why=str(error))
    if article is None:
        return _Result("lost", url, canonical_url, fetched_at)
    return _of_article("same", article, old)


def _of_article(verdict: Verdict, article: Article, old: Mapping[str, Any]) -> _Result:
    """Return the result with the article's line as it stands in articles.jsonl.gz."""
    fields: dict[str, Any] = json.loads(article.to_json())
    line = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    changed = tuple(changed_fields(old, fields)) if old else ()
    return _Result(
        "changed" if changed else verdict,
        fields["url"],
        fields["canonical_url"],
        fields["fetched_at"],
        line,
        changed,
    )


@contextmanager
def _gzip(path: Path) -> Iterator[gzip.GzipFile]:
    """A file as the spool writes it: without name and time, so that the same lines are the same."""
    with path.open("wb") as file, gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed:
        yield packed
