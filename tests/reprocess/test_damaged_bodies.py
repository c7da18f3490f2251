"""One page whose body cannot be decoded costs that page, and no other of its run."""

import gzip
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import brotli
import pytest

from newsbot.archive.snapshots import Snapshot, read_run
from newsbot.archive.verify import verify_run
from newsbot.config import load_config
from newsbot.crawl.journal_lines import CrawlJournal
from newsbot.doctor.site import SiteExamination
from newsbot.extract import extract
from newsbot.extract.normalise import normalise
from newsbot.landing.rebuild_ledger import rebuild_ledger
from newsbot.landing.spool import Spool
from newsbot.landing.upload import land
from newsbot.layout import RunRef
from newsbot.ledger import Ledger
from newsbot.ledger.recheck import UNDECODABLE
from newsbot.models import Page, Revision, Source
from newsbot.reprocess import reprocess
from newsbot.sites.loading import load_site
from newsbot.sites.site import Site
from newsbot.stores.opening import check_store, open_store
from newsbot.warc.exchange import Exchange
from newsbot.warc.writer import WarcWriter
from newsbot.workers.pool import Pool
from replica.pages import Pages
from replica.world import World
from tests.acceptance.conftest import ROOT, Bench
from tests.small_run import REF, manifest
from tests.workers.test_pool import AMPLE, allow

HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Encoding: %s\r\n"
    b"Content-Length: %d\r\n\r\n"
)
Coding = tuple[bytes, Callable[[bytes], bytes]]
WHOLE: Coding = (b"br", brotli.compress)
TORN: Coding = (b"br", lambda body: brotli.compress(body)[:-200])
BAD_CHECKSUM: Coding = (
    b"gzip",
    lambda body: gzip.compress(body)[:-8] + b"\0" * 4 + gzip.compress(body)[-4:],
)
BOMB: Coding = (b"gzip", lambda _body: gzip.compress(bytes(1 << 28), 9))  # 256 MB of zeros
NOT_DEFLATE: Coding = (b"deflate", lambda body: body)


def made_run(
    folder: Path, site: Site, codings: list[Coding], why: str | None = None
) -> tuple[str, list[str]]:
    """Land a run with an article on a page for each coding; its store and the pages' URLs.

    With ``why``, the pages failed and gave no article.
    """
    store = open_store(str(folder / "archive"))
    check_store(store, write=True)
    writer = partial(WarcWriter, prefix=f"NEWSBOT-{REF.site}-{REF.run}", info={"format": "1.1"})
    spool = Spool(folder / REF.run, {"run": REF.run, "site": REF.site}, writer)
    world = World(7, 40, template="T3")
    urls = [
        one["canonical_url"]
        for one in world.truth()
        if one["site"] == site.name and one["pages"] == 1 and "/berita/" in one["canonical_url"]
    ][: len(codings)]
    assert len(urls) == len(codings)
    for url, coding in zip(urls, codings, strict=True):
        parts = urlsplit(url)
        body = Pages(world).document(parts.hostname, parts.path).body
        add_page(spool, site, url, body, coding, why)
    spool.close()
    counts = {"articles": 0 if why else len(urls)}
    seed = {"text": site.seed_text, "sha256": site.seed_sha256}
    land(spool.folder / "files", store, manifest(counts=counts, seed=seed), REF.prefix)
    return store.url, urls


def add_page(
    spool: Spool, site: Site, url: str, body: bytes, coding: Coding, why: str | None
) -> None:
    sent = coding[1](body)
    purpose = {"role": "article"}
    exchange = Exchange(url, "GET", purpose=purpose, limit=2**24, folder=spool.folder)
    exchange.request += b"GET / HTTP/1.1\r\n\r\n"
    exchange.take(HEAD % (coding[0], len(sent)) + sent)
    exchange.finish(0)
    at = spool.warc.write_exchange(exchange)
    journal = CrawlJournal(spool)
    journal.write_exchange(exchange, at)
    exchange.close()
    if why is not None:
        journal.write_outcome(at.record_id, "failed", why=why, key=url)
        return
    source = Source(
        run=REF.run, file=at.file, offset=at.offset, length=at.length, record_id=at.record_id,
        payload_digest=at.payload_digest,
    )  # fmt: skip
    (found,) = extract(Page(url, body, at.ended, 200, "text/html", (source,)), site).articles
    article = normalise(found).model_copy(update={"revision": Revision(number=1)})
    text = f"{article.title or ''}\n\n{article.text}\n".encode()
    spool.warc.write_resource(f"urn:text:{url}", article.fetched_at, "text/plain", text)
    spool.add("articles", article.to_json())


@pytest.fixture
def antara() -> Site:
    return load_site(ROOT / "seeds" / "antara.toml")


def derived(bench: Bench, tmp_path: Path, site: Site) -> tuple[Snapshot, RunRef]:
    run = read_run(bench.store, REF)
    target = open_store(str(tmp_path / "derived"))
    check_store(target, write=True)
    (report,) = reprocess(bench.store, target, [run], {site.name: site}, processes=1)
    return read_run(target, report.derived), report.derived


@pytest.mark.parametrize(
    ("bad", "why"),
    [(TORN, "is br"), (NOT_DEFLATE, "is deflate"), (BOMB, "larger than 134217728 bytes")],
    ids=["torn-brotli", "not-deflate", "gzip-bomb"],
)
def test_all_other_pages_are_derived(tmp_path: Path, antara: Site, bad: Coding, why: str) -> None:
    store_url, urls = made_run(tmp_path, antara, [WHOLE, bad, WHOLE, WHOLE])
    bench = Bench(store_url, tmp_path / "var")
    run, ref = derived(bench, tmp_path, antara)
    other = Bench(str(tmp_path / "derived"), tmp_path / "var")
    assert {line["url"] for line in other.lines(ref, "articles")} == {*urls} - {urls[1]}
    assert run.manifest.counts["articles"] == 3
    assert run.manifest.counts["reprocessed"] == {"extraction-failed": 1, "same": 3}
    (event,) = other.lines(ref, "events")
    assert (event["event"], event["url"]) == ("reprocessed-extraction-failed", urls[1])
    assert why in event["why"]


def test_what_was_read_of_a_body_with_a_wrong_checksum_is_referred_to(
    tmp_path: Path, antara: Site
) -> None:
    store_url, _ = made_run(tmp_path, antara, [BAD_CHECKSUM, WHOLE])
    bench = Bench(store_url, tmp_path / "var")
    run = read_run(bench.store, REF)
    (report,) = reprocess(bench.store, bench.store, [run], {antara.name: antara}, processes=1)
    found = read_run(bench.store, report.derived)
    assert found.manifest.counts["articles"] == 2
    assert list(verify_run(found)) == []


@pytest.mark.parametrize(("why", "found"), [(UNDECODABLE, 1), ("http-404", 0)])
def test_a_page_that_could_not_be_decoded_is_tried_again(
    tmp_path: Path, antara: Site, why: str, found: int
) -> None:
    """As by a later decoder, which reads more."""
    store_url, urls = made_run(tmp_path, antara, [WHOLE], why)
    run, ref = derived(Bench(store_url, tmp_path / "var"), tmp_path, antara)
    assert run.manifest.counts["reprocessed"] == ({"found": 1} if found else {})
    other = Bench(str(tmp_path / "derived"), tmp_path / "var")
    assert [line["url"] for line in other.lines(ref, "articles")] == urls[:found]


def test_a_worker_that_is_killed_costs_no_article(
    tmp_path: Path, antara: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def impatient_at_first(size: int) -> Pool:
        pool = Pool(size, limit=AMPLE)
        allow(pool, 0.0, new=AMPLE)  # the first worker is killed at its first page
        return pool

    monkeypatch.setattr("newsbot.reprocess.derived_run.Pool", impatient_at_first)
    store_url, _ = made_run(tmp_path, antara, [WHOLE, WHOLE, WHOLE])
    run, _ = derived(Bench(store_url, tmp_path / "var"), tmp_path, antara)
    assert run.manifest.counts["reprocessed"] == {"same": 3}


@pytest.mark.parametrize("coding", [WHOLE, TORN], ids=["whole", "torn-brotli"])
def test_the_doctor_compares_with_what_can_be_read(
    tmp_path: Path, antara: Site, coding: Coding
) -> None:
    store_url, (url,) = made_run(tmp_path, antara, [coding])
    config = load_config(state=tmp_path / "var", store=store_url, seeds=ROOT / "seeds")
    store = open_store(store_url)
    assert rebuild_ledger(config, store) == 1
    with closing(Ledger.open(config.ledger_url)) as ledger:
        examination = SiteExamination(antara, config, ledger, store)
        before = examination._earlier_page(ledger.article(url))
    if coding is WHOLE:
        assert before is not None
        assert before.url == url
    else:
        assert before is None


@pytest.mark.slow
def test_commands_that_read_such_a_run(tmp_path: Path, antara: Site) -> None:
    store_url, urls = made_run(tmp_path, antara, [WHOLE, TORN])
    bench = Bench(store_url, tmp_path / "var")
    again = bench.newsbot("reprocess", REF.date.isoformat(), "--to", store_url)
    assert again.returncode == 3
    assert "1 pages cannot be read" in again.stdout
    assert "no fault" in bench.newsbot("verify").stdout
    assert bench.newsbot("show", urls[1]).returncode == 0
    for kind in ("jsonl", "wacz"):
        to = str(tmp_path / f"export.{kind}")
        done = bench.newsbot("export", REF.date.isoformat(), "--format", kind, "--to", to)
        assert done.returncode == 0, done.stderr
