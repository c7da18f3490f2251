"""A pool of worker processes that extract pages, so that the crawl's core is free for the network.

A page that kills its worker, or takes too long, fails alone: the worker is replaced, and the pages
that waited behind it go to another worker, as does the page itself while it has tries left.
"""

import asyncio
import logging
import os
from collections import deque
from typing import Final

from newsbot.errors import ExtractionFailed, WorkersFailed
from newsbot.models import Extraction, Page
from newsbot.sites.site import Site
from newsbot.workers.process import ExtractionTask, WorkerProcess

logger = logging.getLogger(__name__)

_PAGE_SECONDS: Final = 30.0  # the largest page that is accepted takes 3 s
AHEAD: Final = 4  # pages sent to a worker: one in progress, others so that it need not wait for us
_FALSE_STARTS: Final = 25  # workers in a row that end before they are ready: give up


def usual_size() -> int:
    """Return the number of cores that we may use, less one for the crawl itself."""
    return len(os.sched_getaffinity(0)) - 1


class Pool:
    """Workers that extract pages; with a size of 0 the caller's process extracts them.

    Workers start with the pool and warm up while the crawl gets ready. Pages are returned in the
    order in which they are done. The caller limits how many wait: Scrapy stops downloading at
    SCRAPER_SLOT_MAX_ACTIVE_SIZE.
    """

    def __init__(self, size: int, *, limit: float = _PAGE_SECONDS) -> None:
        self._size = size
        self._limit = limit  # seconds
        self._waiting: deque[ExtractionTask] = deque()
        self._false_starts = 0
        self._workers = [self._start() for _ in range(size)]

    @property
    def pids(self) -> list[int]:
        """The process ids of the current workers."""
        return [worker.pid for worker in self._workers]

    async def extract(
        self, page: Page, site: Site, tries: int = 1, *, first: bool = False
    ) -> Extraction:
        """Return what a worker extracts from the page.

        Args:
            page: the page as captured.
            site: the site whose rules apply.
            tries: workers that may die on the page, or be too slow, before it fails.
            first: extract it before waiting pages, as others are fetched by its links.

        Raises:
            ExtractionFailed: extraction failed, killed its worker, or took too long.
            WorkersFailed: no worker can be started; the crawl cannot go on.
        """
        if self._size == 0:
            return _extract_here(page, site)
        loop = asyncio.get_running_loop()
        task = ExtractionTask(page, site, loop.create_future(), tries)
        if first:
            self._waiting.appendleft(task)
        else:
            self._waiting.append(task)
        for worker in self._workers:
            worker.attach(loop)
        self._distribute()
        return await task.result

    def close(self) -> None:
        """End the workers and discard their pages; works without the event loop too."""
        for worker in self._workers:
            worker.end()
        self._workers.clear()

    def _start(self) -> WorkerProcess:
        return WorkerProcess(self._limit, self._distribute, self._replace)

    def _distribute(self) -> None:
        """Send waiting pages to the workers that have the fewest."""
        if not self._workers:
            self._fail_waiting()
        while self._waiting:
            worker = min(self._workers, key=_load)
            if _load(worker) >= AHEAD:
                return
            worker.send(self._waiting.popleft())

    def _replace(self, worker: WorkerProcess, why: str) -> None:
        """Replace a worker that died or was killed; requeue the pages behind its current one."""
        if worker.is_ready and worker.tasks:
            task = worker.tasks[0]
            task.tries -= 1
            if task.tries == 0:
                task.fail(ExtractionFailed(f"{task.page.url}: {why}"))
                worker.tasks.popleft()
        self._waiting.extendleft(reversed(worker.tasks))
        self._false_starts = 0 if worker.is_ready else self._false_starts + 1
        place = self._workers.index(worker)
        if self._false_starts < _FALSE_STARTS:
            self._workers[place] = self._start()
            self._workers[place].attach(asyncio.get_running_loop())
        else:
            logger.error("an extraction worker could not be started: %s", why)
            del self._workers[place]
        self._distribute()

    def _fail_waiting(self) -> None:
        for task in self._waiting:
            task.fail(
                WorkersFailed(
                    "no extraction worker can be started: check the free memory, or set "
                    "NEWSBOT_WORKERS=0 to extract in the crawl's own process"
                )
            )
        self._waiting.clear()


def _load(worker: WorkerProcess) -> int:
    return len(worker.tasks)


def _extract_here(page: Page, site: Site) -> Extraction:
    from newsbot.extract import extract  # noqa: PLC0415 - 0.2 s, before which the workers start

    try:
        return extract(page, site)
    except Exception as error:
        logger.exception("%s: extraction failed", page.url)
        raise ExtractionFailed(f"{page.url}: {type(error).__name__}: {error}") from error
