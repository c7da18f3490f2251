"""Articles per second of reprocessing with a process for each core, and of extraction alone in one.

A run of 84 KB pages is landed in a folder as by a crawl; both read the same pages. Wall-clock time
means little on a machine with other load, so the processor time of a page is printed too, and the
speed of extraction alone with as many processes at the same time.
"""

import os
import resource
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import urlsplit

import benchmarks
from newsbot.archive.manifest import Manifest, Seed, Tool
from newsbot.archive.snapshots import Snapshot, read_run
from newsbot.extract import EXTRACTOR, extract
from newsbot.extract.normalise import normalise
from newsbot.landing.spool import Spool
from newsbot.landing.upload import land
from newsbot.layout import RunRef, new_run_id
from newsbot.models import Page, Revision, Source
from newsbot.reprocess import reprocess
from newsbot.sites.loading import load_sites
from newsbot.sites.site import Site
from newsbot.stores.opening import check_store, open_store
from newsbot.stores.store import Store
from newsbot.warc.exchange import Exchange
from newsbot.warc.writer import WarcWriter
from replica.pages import Pages
from replica.world import World

STORIES = 600  # half of it without --long
PAGE_BYTES = 84_000
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n"
SEEDS = Path(__file__).resolve().parents[1] / "seeds"


def main() -> None:
    """Print both speeds, and their ratio for each core."""
    sites = load_sites(SEEDS)
    cores = len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(f"{folder}/source")
        check_store(store, write=True)
        run, pages = _landed(store, Path(folder), sites["antara"])
        single = _extraction(pages, sites["antara"])
        alone = _processor_time(pages, sites["antara"])
        together = _extraction_at_once(pages, sites["antara"], cores)
        target = open_store(f"{folder}/target")
        check_store(target, write=True)
        marks: list[float] = []
        started, used, children = time.perf_counter(), time.process_time(), _children_time()
        (report,) = reprocess(
            store, target, [run], sites, progress=lambda *_: marks.append(time.perf_counter())
        )
        whole = time.perf_counter() - started
        parent = 1000 * (time.process_time() - used) / len(pages)
        workers = 1000 * (_children_time() - children) / len(pages)
    if report.outcomes["same"] != len(pages):
        raise SystemExit(f"not the same articles: {dict(report.outcomes)}")
    speed = (len(marks) - 1) / (marks[-1] - marks[0])
    print(f"  extraction, one process  {single:7.1f} articles/s")
    print(f"  reprocess, {cores} processes  {speed:7.1f} articles/s, once they run")
    print(f"  whole command            {len(pages) / whole:7.1f} articles/s, with their start")
    print(f"  extraction, {cores} processes {together:7.1f} articles/s")
    print(f"  ratio                    {speed / (cores * single):7.2f} of cores x one process")
    print(f"  ratio                    {speed / together:7.2f} of extraction in {cores} processes")
    print(
        f"  processor time a page    {alone:.2f} ms extracted; reprocessed {workers:.2f} ms in "
        f"the workers, with their start, {parent:.2f} ms in the parent"
    )
    print(f"  ratio of these           {alone / (workers + parent):7.2f}")


def _processor_time(pages: list[Page], site: Site) -> float:
    """Return the milliseconds of processor time per page of extraction alone."""
    started = time.process_time()
    for page in pages:
        extract(page, site)
    return 1000 * (time.process_time() - started) / len(pages)


def _children_time() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _extraction(pages: list[Page], site: Site) -> float:
    for page in pages[:10]:
        extract(page, site)
    started = time.perf_counter()
    for page in pages:
        extract(page, site)
    return len(pages) / (time.perf_counter() - started)


def _extraction_at_once(pages: list[Page], site: Site, cores: int) -> float:
    batches = [pages[at : at + 16] for at in range(0, len(pages), 16)]
    with ProcessPoolExecutor(cores, get_context("spawn")) as pool:
        list(pool.map(_extract_all, [batches[0]] * (4 * cores), [site] * (4 * cores)))  # warm
        started = time.perf_counter()
        list(pool.map(_extract_all, batches, [site] * len(batches)))
        return len(pages) / (time.perf_counter() - started)


def _extract_all(pages: list[Page], site: Site) -> None:
    for page in pages:
        extract(page, site)


def _landed(store: Store, folder: Path, site: Site) -> tuple[Snapshot, list[Page]]:
    """Land a run with a record and an article for each page; return both."""
    stories = STORIES if benchmarks.LONG else STORIES // 2
    world = World(7, stories, template="T3", page_bytes=PAGE_BYTES)
    site_pages = Pages(world)
    run = new_run_id(datetime.now(UTC))
    ref = RunRef(datetime.now(UTC).date(), site.name, run)
    record = {"run": run, "site": site.name}
    writer = partial(WarcWriter, prefix=f"NEWSBOT-{site.name}-{run}", info={"format": "1.1"})
    spool = Spool(folder / "spool" / run, record, writer)
    pages = []
    for truth in world.truth():
        if truth["site"] != site.name or truth["pages"] != 1:
            continue
        parts = urlsplit(truth["canonical_url"])
        served = site_pages.document(parts.hostname or "", parts.path)
        page = _recorded(spool, run, truth["canonical_url"], served.body)
        found = extract(page, site).articles
        if found:
            article = normalise(found[0]).model_copy(update={"revision": Revision(number=1)})
            spool.add("articles", article.to_json())
            pages.append(page)
    spool.close()
    land(spool.folder / "files", store, _manifest(ref, site, len(pages)), ref.prefix)
    return read_run(store, ref), pages


def _recorded(spool: Spool, run: str, url: str, body: bytes) -> Page:
    exchange = Exchange(
        url=url, method="GET", purpose={"role": "article"}, limit=2**24, folder=spool.folder
    )
    exchange.request += b"GET / HTTP/1.1\r\n\r\n"
    exchange.take(HEAD % len(body) + body)
    exchange.finish(0)
    at = spool.warc.write_exchange(exchange)
    source = Source(
        run=run, file=at.file, offset=at.offset, length=at.length, record_id=at.record_id,
        payload_digest=at.payload_digest,
    )  # fmt: skip
    return Page(url, body, at.ended, 200, "text/html; charset=utf-8", (source,))


def _manifest(ref: RunRef, site: Site, articles: int) -> Manifest:
    now = datetime.now(UTC)
    return Manifest(
        schema="newsbot.manifest/1", run=ref.run, site=ref.site, started=now, finished=now,
        outcome="finished", counts={"articles": articles},
        tool=Tool(name="newsbot", version="0", extractor=EXTRACTOR), rules=site.rules_digest,
        seed=Seed(text=site.seed_text, sha256=site.seed_sha256), arguments={}, settings={},
    )  # fmt: skip


if __name__ == "__main__":
    main()
