"""Pages read by other processes: the same results, and a bad page costs no other."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil
import pytest

from newsbot.errors import ExtractionFailed, WorkersFailed
from newsbot.models import Extraction, Page
from newsbot.sites.site import Site
from newsbot.workers.pool import AHEAD, Pool
from tests.extract.conftest import page
from tests.extract.test_cases import CASES, case

# Takes much longer to read than others, so that something can happen to its worker meanwhile.
SLOW = page(b"<p><b>kata</b> " * 900_000, "https://www.antaranews.com/berita/1/lambat")
STRUCK = page(b"<p>kata</p>", "https://www.antaranews.com/berita/2/kena")
AMPLE = 600.0  # seconds for a page, however busy the machine is
GOOD, SITE = case(next(folder for folder in CASES if folder.name == "t3-amp-mobile"))


@contextmanager
def pool_of(size: int) -> Iterator[Pool]:
    pool = Pool(size, limit=AMPLE)
    try:
        yield pool
    finally:
        pool.close()


def allow(pool: Pool, seconds: float, *, new: float) -> None:
    """Change how long a page may take: for the workers there are, and for new ones."""
    pool._limit = new
    for worker in pool._workers:
        worker._limit = seconds


def every_case() -> list[tuple[Page, Site]]:
    return [case(folder) for folder in CASES]


async def read_all(pool: Pool, pages: list[tuple[Page, Site]]) -> list[Extraction]:
    return await asyncio.gather(*(pool.extract(one, site) for one, site in pages))


@pytest.mark.endurance
def test_the_same_results_with_any_number_of_workers() -> None:
    found = []
    for size in (0, 1, 4):
        with pool_of(size) as pool:
            found.append(asyncio.run(read_all(pool, every_case())))
    assert found[0] == found[1] == found[2]
    lines = [[a.to_json() for e in all_of_one for a in e.articles] for all_of_one in found]
    assert len(lines[0]) > 50
    assert lines[0] == lines[1] == lines[2]


def test_a_page_that_others_wait_for_is_read_before_those_that_wait() -> None:
    done: list[int] = []

    async def read(pool: Pool, number: int, *, first: bool) -> None:
        await pool.extract(GOOD, SITE, first=first)
        done.append(number)

    async def read_twenty(pool: Pool) -> None:
        await asyncio.gather(*(read(pool, number, first=number == 19) for number in range(20)))

    with pool_of(1) as pool:
        asyncio.run(read_twenty(pool))
    assert sorted(done) == list(range(20))
    assert done.index(19) == AHEAD


Strike = Callable[[int], None]


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def stop(pid: int) -> None:
    os.kill(pid, signal.SIGSTOP)


@pytest.mark.parametrize(
    ("strike", "limit", "why"),
    [
        (kill, AMPLE, "its worker died .SIGKILL."),
        (lambda _stopped: None, 0.5, "took longer than 0.5 s to extract"),
    ],
    ids=["dies", "hangs"],
)
def test_a_worker_that_dies_or_hangs_costs_its_page_only(
    antara: Site, strike: Strike, limit: float, why: str
) -> None:
    async def main(pool: Pool) -> None:
        expected = await pool.extract(GOOD, antara)  # now it is warm
        (pid,) = pool.pids
        stop(pid)  # so that it cannot be done before it is struck
        allow(pool, limit, new=AMPLE)
        struck = asyncio.create_task(pool.extract(STRUCK, antara))
        behind = [asyncio.create_task(pool.extract(GOOD, antara)) for _ in range(5)]
        await asyncio.sleep(0)  # they are handed over
        strike(pid)
        assert await asyncio.gather(*behind) == [expected] * 5
        with pytest.raises(ExtractionFailed, match=f"{STRUCK.url}: {why}"):
            await struck
        assert pid not in pool.pids
        assert not psutil.pid_exists(pid), "a zombie is left"

    with pool_of(1) as pool:
        asyncio.run(main(pool))
        pids = pool.pids
    assert not any(map(psutil.pid_exists, pids))


@pytest.mark.parametrize("size", [0, 1])
def test_an_error_of_the_extractor_costs_its_page_only(antara: Site, size: int) -> None:
    bad = Page(GOOD.url, None, GOOD.fetched_at)  # type: ignore[arg-type]

    async def main(pool: Pool) -> None:
        with pytest.raises(ExtractionFailed, match="Error: "):
            await pool.extract(bad, antara)
        await pool.extract(GOOD, antara)

    with pool_of(size) as pool:
        pids = pool.pids
        asyncio.run(main(pool))
        assert pool.pids == pids


def test_signals_to_the_group_are_for_the_crawl(antara: Site) -> None:
    async def main(pool: Pool) -> None:
        await pool.extract(GOOD, antara)
        (pid,) = pool.pids
        for number in (signal.SIGTERM, signal.SIGINT):
            os.kill(pid, number)
        await pool.extract(GOOD, antara)
        assert pool.pids == [pid]

    with pool_of(1) as pool:
        asyncio.run(main(pool))


def test_a_page_that_may_be_tried_twice_costs_two_workers(antara: Site) -> None:
    async def main(pool: Pool) -> None:
        await pool.extract(GOOD, antara)
        pids = []
        allow(pool, 0.05, new=0.05)
        wanted = asyncio.create_task(pool.extract(SLOW, antara, tries=2))
        while not wanted.done():
            pids += [pid for pid in pool.pids if pid not in pids]
            await asyncio.sleep(0.01)
        with pytest.raises(ExtractionFailed, match=r"took longer than 0\.05 s to extract"):
            wanted.result()
        assert len({*pids} - {*pool.pids}) == 2  # the one that is there now may have been seen
        allow(pool, AMPLE, new=AMPLE)
        (pid,) = pool.pids
        wanted = asyncio.create_task(pool.extract(GOOD, antara, tries=2))
        await asyncio.sleep(0)
        kill(pid)
        assert (await wanted).articles

    with pool_of(1) as pool:
        asyncio.run(main(pool))


def test_workers_that_cannot_start_are_an_error(
    antara: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pool_of(2) as pool, pytest.raises(WorkersFailed, match="NEWSBOT_WORKERS=0"):
        asyncio.run(read_all(pool, [(SLOW, antara)]))


PARENT = """
import asyncio
from newsbot.workers.pool import AHEAD, Pool
from tests.workers.test_pool import GOOD, SITE, SLOW

async def main(pool, site):
    await asyncio.gather(*(pool.extract(GOOD, site) for _ in range(8)))
    slow = asyncio.ensure_future(pool.extract(SLOW, site))
    await asyncio.sleep(0)
    print(*pool.pids, flush=True)
    await slow
    await asyncio.Event().wait()

asyncio.run(main(Pool(2), SITE))
"""


@pytest.mark.slow
def test_workers_end_when_their_crawl_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as p:
        assert p.stdout is not None
        workers = [psutil.Process(int(pid)) for pid in p.stdout.readline().split()]
        p.kill()
        _, alive = psutil.wait_procs(workers, timeout=600)
    assert len(workers) == 2
    assert alive == []
