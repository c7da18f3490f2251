"""A crawl of invented stories marks its run, and lands nowhere near real ones."""

from pathlib import Path

import pytest

from newsbot.archive.snapshots import read_run
from tests.acceptance.conftest import Bench
from tests.capture.conftest import read_records


@pytest.fixture
def synthetic(bench: Bench) -> Bench:
    """A checkout whose crawls are marked."""
    bench.environment["NEWSBOT_SYNTHETIC"] = "true"
    return bench


def test_a_synthetic_run_is_marked_and_keeps_its_store_for_its_kind(synthetic: Bench) -> None:
    assert synthetic.crawl("antara", "limit=2").returncode == 0
    (ref,) = synthetic.runs()
    assert read_run(synthetic.store, ref).manifest.synthetic
    (warc,) = (one.name for one in synthetic.store.list(f"{ref.prefix}warc/"))
    info = read_records(Path(synthetic.store_url, warc))[0]
    assert b"synthetic: true\r\n" in info.block
    del synthetic.environment["NEWSBOT_SYNTHETIC"]
    done = synthetic.crawl("antara", "limit=2")
    assert done.returncode == 2
    assert "holds invented stories" in done.stderr
    assert synthetic.runs() == [ref]


def test_a_real_run_is_not_marked_and_keeps_invented_ones_out(bench: Bench) -> None:
    assert bench.crawl("antara", "limit=2").returncode == 0
    (ref,) = bench.runs()
    assert not read_run(bench.store, ref).manifest.synthetic
    bench.environment["NEWSBOT_SYNTHETIC"] = "true"
    done = bench.crawl("antara", "limit=2")
    assert done.returncode == 2
    assert "not a store of invented stories" in done.stderr
    assert bench.runs() == [ref]
