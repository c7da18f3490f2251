"""Checks that archived pages give the articles that stand beside them: by extracting them again.

Whoever forges an article can make every sum and pointer fit; what its page says stays.
"""

import asyncio
import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import islice
from typing import Any, Final, Self

from newsbot.archive.lines import checked_lines
from newsbot.archive.read_record import RecordReader
from newsbot.archive.snapshots import Snapshot
from newsbot.errors import ConfigError, ExtractionFailed, FixityError, ObjectMissing
from newsbot.extract import EXTRACTOR
from newsbot.reprocess.reader import Reader, SourceRun, changed_fields
from newsbot.sites.loading import site_of
from newsbot.sites.site import Site
from newsbot.warc.fault import Fault
from newsbot.workers.pool import Pool

_ARTICLES: Final = "articles.jsonl.gz"
_TASKS_PER_WORKER: Final = 8  # four extracted by the worker and four being fetched
_THREADS: Final = 8  # records fetched at once
_NO_ARTICLE: Final = "a line is no article"
_NOT_READ_AGAIN: Final = "articles were not extracted again for comparison"


class DeepCheck:
    """Extracts the articles of landed runs again, in worker processes; close it after use.

    Args:
        processes: number of workers; one for each available core if not given, and with 0 the
            caller's process extracts.
    """

    def __init__(self, processes: int | None = None) -> None:
        size = len(os.sched_getaffinity(0)) if processes is None else processes
        self._window = max(size, 1) * _TASKS_PER_WORKER
        self._open = ExitStack()
        self._runner = self._open.enter_context(asyncio.Runner())
        self._pool = Pool(size)
        self._open.callback(self._pool.close)
        threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="records")
        self._threads = self._open.enter_context(threads)
        self._records: RecordReader | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def faults(self, run: Snapshot) -> Iterator[Fault]:
        """Yield a fault for each article that its pages do not give, and remarks on those not read.

        Articles of another version of the extractor, or of other rules, are not extracted again:
        they may rightly differ.

        Raises:
            WorkersFailed: no worker process can be started.
        """
        name = run.ref.prefix + _ARTICLES
        try:
            site = _site(run)
            if isinstance(site, Fault):
                yield site
                return
            source = Snapshot(run.store, run.ref.of_source())
            reader = Reader(
                SourceRun.of(source), site, self._reader_of(run), self._pool, self._threads
            )
            lines = enumerate(checked_lines(run, _ARTICLES), 1)
            while batch := list(islice(lines, self._window)):
                yield from self._runner.run(self._batch(name, run, reader, batch))
        except (FixityError, ObjectMissing, ValueError, KeyError, TypeError) as error:
            # The check of the run's files says what is wrong with which.
            yield Fault(name, _NOT_READ_AGAIN, is_remark=True, detail=f"damaged: {error!r:.200}")

    def _reader_of(self, run: Snapshot) -> RecordReader:
        if self._records is None:
            self._records = RecordReader(run.store)
        return self._records

    async def _batch(
        self, name: str, run: Snapshot, reader: Reader, batch: list[tuple[int, bytes]]
    ) -> list[Fault]:
        tasks = (_article_fault(run, reader, line) for _, line in batch)
        found = await asyncio.gather(*tasks)
        return [
            Fault(name, what, is_remark=what == _NOT_READ_AGAIN, detail=f"line {number}: {detail}")
            for (number, _), (what, detail) in zip(batch, found, strict=True)
            if what
        ]


def _site(run: Snapshot) -> Site | Fault:
    """Return the site by whose rules the run was extracted; a remark if it cannot be done again."""
    manifest, name = run.manifest, run.ref.prefix + _ARTICLES
    try:
        site = site_of(manifest.seed.text, f"the seed in the manifest of {manifest.run}")
    except ConfigError as error:
        detail = f"this newsbot does not accept the run's seed: {error}"
        return Fault(name, _NOT_READ_AGAIN, is_remark=True, detail=detail)
    if (manifest.tool.extractor, manifest.rules) == (EXTRACTOR, site.rules_digest):
        return site
    detail = (
        f"version {manifest.tool.extractor} of the extractor with the rules {manifest.rules} gave "
        f"them, this is {EXTRACTOR} with {site.rules_digest}"
    )
    return Fault(name, _NOT_READ_AGAIN, is_remark=True, detail=detail)


async def _article_fault(run: Snapshot, reader: Reader, line: bytes) -> tuple[str, str]:
    """Return what is wrong with an article, and particulars; twice "" if nothing is."""
    try:
        old: dict[str, Any] = json.loads(line)
        url = f"{old['url']:.200}"
        by = (old["extractor"]["version"], old["extractor"]["rules"])
        if by != (run.manifest.tool.extractor, run.manifest.rules):
            return "an article names another extractor or other rules than its run", url
        if not isinstance(old["discovered_from"], str | None):
            return _NO_ARTICLE, "discovered_from is no URL"
        article = await reader.article(old)
        new = {} if article is None else json.loads(article.to_json())
        differing = list(changed_fields(old, new))
    except ExtractionFailed as error:
        return "an article's page cannot be extracted", str(error)
    except (ObjectMissing, FixityError) as error:
        return _NOT_READ_AGAIN, str(error)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return _NO_ARTICLE, f"{error!r:.200}"
    if article is None:
        return "an article is on a page that gives none", url
    if differing:
        return "an article is not what its page gives", f"{url}: {', '.join(differing)}"
    return "", ""
