"""WARC files that are closed while a crawl goes on are in the store before it ends."""

import json
import threading
from concurrent.futures import wait
from pathlib import Path
from typing import Any

import pytest

from newsbot.archive.snapshots import read_run
from newsbot.errors import StoreError, StoreUnavailable
from newsbot.landing.early_upload import EarlyUploader, uploaded_early
from newsbot.landing.upload import land
from newsbot.stores.store import Store
from tests.small_run import REF, Altered, manifest

WARC = "warc/NEWSBOT-a.warc.gz"


def send(store: Any, files: Path, name: str = WARC, sync: Any = lambda: None) -> None:
    """Close a file while the crawl goes on long enough for it to be sent."""
    sender = EarlyUploader(files.parent, store, REF.prefix, sync)
    sender.send(files / name)
    wait(sender._pending, timeout=600)
    sender.close()


def test_a_closed_file_is_stored_and_leaves_the_spool_and_the_manifest_has_it(
    store: Store, files: Path
) -> None:
    send(store, files)
    assert store.stat(REF.prefix + WARC).size == 3_000_000
    assert not (files / WARC).exists()
    land(files, store, manifest(), REF.prefix, uploaded=uploaded_early(files.parent))
    names = {entry.name: entry.size for entry in read_run(store, REF).manifest.files}
    assert names[WARC] == 3_000_000
    assert WARC in store.get(REF.prefix + "SHA256SUMS").decode()


def test_the_journals_are_on_the_disk_before_what_they_are_about_is_in_the_store(
    store: Store, files: Path
) -> None:
    order: list[str] = []
    put = store.put_file
    watched: Any = Altered(store, put_file=lambda *args: (order.append("put"), put(*args)))
    send(watched, files, sync=lambda: order.append("sync"))
    assert order == ["sync", "put"]


def test_stored_but_killed_before_it_was_written_down(store: Store, files: Path) -> None:
    send(store, files)
    (files / WARC).write_bytes(b"w" * 3_000_000)  # the kill fell before it was removed
    (files.parent / "sent.jsonl").write_text("{")  # … and before it was noted
    land(files, store, manifest(), REF.prefix, uploaded=uploaded_early(files.parent))
    assert WARC in {entry.name for entry in read_run(store, REF).manifest.files}


def test_a_store_that_is_away_keeps_it_in_the_spool_and_the_next_file_takes_it_along(
    store: Store, files: Path, caplog: pytest.LogCaptureFixture
) -> None:
    tried = threading.Event()

    def away(*_: Any) -> None:
        tried.set()
        raise StoreUnavailable("away")

    altered: Any = Altered(store, put_file=away)
    sender = EarlyUploader(files.parent, altered, REF.prefix, lambda: None)
    sender.send(files / WARC)
    assert tried.wait(600)
    sender.close()  # does not wait for the store to come back
    assert (files / WARC).exists()
    assert "stays in the spool: the crawl has ended" in caplog.text
    (files / "warc" / "NEWSBOT-b.warc.gz").write_bytes(b"b")
    send(store, files, "warc/NEWSBOT-b.warc.gz")
    assert {entry.name for entry in uploaded_early(files.parent)} == {
        WARC,
        "warc/NEWSBOT-b.warc.gz",
    }
    land(files, store, manifest(), REF.prefix, uploaded=uploaded_early(files.parent))
    assert {WARC, "warc/NEWSBOT-b.warc.gz"} < {e.name for e in read_run(store, REF).manifest.files}


def test_a_file_that_was_stored_and_is_gone_is_an_alarm(store: Store, files: Path) -> None:
    entry = {"name": "warc/NEWSBOT-z.warc.gz", "size": 1, "sha256": "0" * 64}
    (files.parent / "sent.jsonl").write_text(json.dumps(entry) + "\n")
    with pytest.raises(StoreError, match=r"NEWSBOT-z\.warc\.gz: missing in the store"):
        land(files, store, manifest(), REF.prefix, uploaded=uploaded_early(files.parent))
