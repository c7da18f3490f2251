"""Extraction in processes of its own, so that the crawl's one core is free for the network.

A page that a worker dies on, or takes too long for, costs that page and no other: the worker is
replaced, and the pages that were waiting behind it go to the next one. A page that may be tried
again goes with them.
"""

import asyncio
import logging
import os
from collections import deque
from typing import Final

from newsbot.errors import ExtractionFailed, WorkersFailed
from newsbot.models import Extraction, Page
from newsbot.sites.site import Site
from newsbot.workers.process import Process, Task

logger = logging.getLogger(__name__)

PAGE_SECONDS: Final = 30.0  # the hugest page we let in takes 3 s; what takes longer hangs
AHEAD: Final = 4  # pages a worker has: one under way, more to go on with while we are busy
_FALSE_STARTS: Final = 25  # workers in a row that end before they are warm: the next would too


def usual_size() -> int:
    """One worker for each core that we may use, less the one that the crawl itself keeps busy."""
    return len(os.sched_getaffinity(0)) - 1


class Pool:
    """Workers that extract pages; with a size of 0 the caller's own process does.

    Workers start when the pool is made and get warm while the crawl gets ready. Pages are answered
    as they are done. How many may wait is for the caller to bound: Scrapy stops downloading at
    SCRAPER_SLOT_MAX_ACTIVE_SIZE.
    """

    def __init__(self, size: int, *, limit: float = PAGE_SECONDS) -> None:
        self._size = size
        self._limit = limit  # seconds
        self._waiting: deque[Task] = deque()
        self._false_starts = 0
        self._workers = [self._start() for _ in range(size)]

    @property
    def pids(self) -> list[int]:
        """Process ids of the workers that there are now."""
        return [worker.pid for worker in self._workers]

    async def extract(
        self, page: Page, site: Site, tries: int = 1, *, first: bool = False
    ) -> Extraction:
        """Return all that the page says.

        Args:
            page: as it was captured.
            site: whose rules apply.
            tries: workers that may die on the page, or be too slow for it, until it has failed.
            first: before the pages that wait: others are fetched for what it says.

        Raises:
            ExtractionFailed: reading this page failed, killed its worker, or took too long.
            WorkersFailed: no worker can be started; the crawl cannot go on.
        """
        if self._size == 0:
            return _extract_here(page, site)
        loop = asyncio.get_running_loop()
        task = Task(page, site, loop.create_future(), tries)
        if first:
            self._waiting.appendleft(task)
        else:
            self._waiting.append(task)
        for worker in self._workers:
            worker.attach(loop)
        self._hand_out()
        return await task.answer

    def close(self) -> None:
        """End the workers; what they are at is given up. The event loop may be gone by now."""
        for worker in self._workers:
            worker.end()
        self._workers.clear()

    def _start(self) -> Process:
        return Process(self._limit, self._hand_out, self._ended)

    def _hand_out(self) -> None:
        """Give waiting pages to the workers that have the fewest."""
        if not self._workers:
            self._refuse()
        while self._waiting:
            worker = min(self._workers, key=_load)
            if _load(worker) >= AHEAD:
                return
            worker.take(self._waiting.popleft())

    def _ended(self, worker: Process, why: str) -> None:
        """A worker died or was killed: its page may have failed, those behind it have not."""
        if worker.warm and worker.tasks:
            task = worker.tasks[0]
            task.tries -= 1
            if task.tries == 0:
                task.fail(ExtractionFailed(f"{task.page.url}: {why}"))
                worker.tasks.popleft()
        self._waiting.extendleft(reversed(worker.tasks))
        self._false_starts = 0 if worker.warm else self._false_starts + 1
        place = self._workers.index(worker)
        if self._false_starts < _FALSE_STARTS:
            self._workers[place] = self._start()
            self._workers[place].attach(asyncio.get_running_loop())
        else:
            logger.error("an extraction worker cannot be started: %s", why)
            del self._workers[place]
        self._hand_out()

    def _refuse(self) -> None:
        for task in self._waiting:
            task.fail(
                WorkersFailed(
                    "no extraction worker can be started; is there memory left? "
                    "NEWSBOT_WORKERS=0 crawls without"
                )
            )
        self._waiting.clear()


def _load(worker: Process) -> int:
    return len(worker.tasks)


def _extract_here(page: Page, site: Site) -> Extraction:
    from newsbot.extract import extract  # noqa: PLC0415 - 0.2 s, before which the workers start

    try:
        return extract(page, site)
    except Exception as error:
        logger.exception("%s: cannot be read", page.url)
        raise ExtractionFailed(f"{page.url}: {type(error).__name__}: {error}") from error
