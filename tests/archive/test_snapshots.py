"""Downloaded snapshots are what landed, byte for byte, or an error says what is not."""

import subprocess
from collections.abc import Iterator
from datetime import date
from itertools import repeat
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from newsbot.archive.download import download_runs
from newsbot.archive.snapshots import list_runs, read_run
from newsbot.errors import FixityError, ObjectMissing, StoreError, StoreUnavailable
from newsbot.files import sha256_of
from newsbot.landing.upload import land
from newsbot.layout import RunRef
from newsbot.stores.opening import open_store
from newsbot.stores.retry import RetryPolicy
from newsbot.stores.store import Store
from tests.small_run import REF, Altered, manifest


def overwrite(store: Store, name: str, data: bytes) -> None:
    """What a fault of the disk, or somebody with other tools, does."""
    if not store.url.startswith("s3:"):
        (Path(store.url) / name).write_bytes(data)
        return
    bucket, _, prefix = store.url.removeprefix("s3://").partition("/")
    store._client.put_object(Bucket=bucket, Key=f"{prefix}/{name}", Body=data)  # type: ignore[attr-defined]


def test_a_download_is_checked_and_sha256sum_agrees(
    store: Store, files: Path, tmp_path: Path
) -> None:
    land(files, store, manifest(), REF.prefix)
    to = tmp_path / "to"
    seen: list[tuple[str, int, int]] = []
    done = download_runs(store, to, progress=lambda *what: seen.append(what))
    assert (done.runs, done.files) == (1, 5)
    assert ("warc/NEWSBOT-a.warc.gz", 3_000_000) in [
        (name.removeprefix(REF.prefix), at) for name, at, _ in seen
    ]
    folder = to / REF.prefix
    subprocess.run(["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=folder, check=True)
    assert list(list_runs(open_store(str(to)))) == [REF], "a download is a store again"


def test_a_part_alone(store: Store, files: Path, tmp_path: Path) -> None:
    (files / "events.jsonl.gz").write_bytes(b"events")
    land(files, store, manifest(), REF.prefix)
    download_runs(store, tmp_path / "to", only="articles")
    folder = tmp_path / "to" / REF.prefix
    names = sorted(p.name for p in folder.rglob("*") if p.is_file())
    assert names == ["SHA256SUMS", "articles.jsonl.gz", "events.jsonl.gz", "manifest.json"]
    check = ["sha256sum", "-c", "--quiet", "--ignore-missing", "SHA256SUMS"]
    subprocess.run(check, cwd=folder, check=True)


def test_a_download_says_what_it_kept_fetched_and_mended(
    store: Store, files: Path, tmp_path: Path
) -> None:
    land(files, store, manifest(), REF.prefix)
    to = tmp_path / "to"
    first = download_runs(store, to)
    assert (first.kept, first.fetched, first.mended) == (0, 5, ())
    (to / REF.prefix / "articles.jsonl.gz").write_bytes(b"Articles")
    (to / REF.prefix / "manifest.json").write_bytes(b"{}")
    (to / REF.prefix / "index.cdxj").unlink()
    again = download_runs(store, to)
    assert (again.kept, again.fetched) == (2, 1)
    assert again.mended == (f"{REF.prefix}articles.jsonl.gz", f"{REF.prefix}manifest.json")
    assert (to / REF.prefix / "articles.jsonl.gz").read_bytes() == b"articles"
    assert download_runs(store, to).kept == again.files == 5


@pytest.mark.parametrize("have", [b"", b"w" * 1_000_000, b"wrong" * 1000, b"w" * 3_000_001])
def test_a_download_goes_on_where_it_stopped(
    store: Store, files: Path, tmp_path: Path, have: bytes
) -> None:
    land(files, store, manifest(), REF.prefix)
    folder = tmp_path / "to" / REF.prefix / "warc"
    folder.mkdir(parents=True)
    (folder / "NEWSBOT-a.warc.gz.part").write_bytes(have)
    started: list[int] = []

    def stream(name: str, offset: int = 0) -> Iterator[bytes]:
        if name.endswith(".warc.gz"):
            started.append(offset)
        return store.stream(name, offset)

    counting: Any = Altered(store, stream=stream)
    download_runs(counting, tmp_path / "to")
    assert (folder / "NEWSBOT-a.warc.gz").read_bytes() == b"w" * 3_000_000
    assert not (folder / "NEWSBOT-a.warc.gz.part").exists()
    if have == b"w" * 1_000_000:
        assert started == [1_000_000]


def test_an_empty_file_with_a_longer_part_is_empty(
    store: Store, files: Path, tmp_path: Path
) -> None:
    land(files, store, manifest(), REF.prefix)
    folder = tmp_path / "to" / REF.prefix
    folder.mkdir(parents=True)
    (folder / "index.cdxj.part").write_bytes(b"junk")
    download_runs(store, tmp_path / "to")
    assert (folder / "index.cdxj").read_bytes() == b""


def test_a_connection_that_breaks_is_made_again_where_it_broke(
    store: Store, files: Path, tmp_path: Path
) -> None:
    land(files, store, manifest(), REF.prefix)
    started: list[int] = []

    def stream(name: str, offset: int = 0) -> Iterator[bytes]:
        if not name.endswith(".warc.gz"):
            yield from store.stream(name, offset)
            return
        started.append(offset)
        rest = b"".join(store.stream(name, offset))
        yield rest[:1_000_000]
        if len(started) < 3:
            raise StoreUnavailable("broke")
        yield rest[1_000_000:]

    breaking: Any = Altered(store, stream=stream)
    download_runs(breaking, tmp_path / "to", retry_policy=RetryPolicy(wait=lambda _: None))
    assert started == [0, 1_000_000, 2_000_000]
    path = tmp_path / "to" / REF.prefix / "warc" / "NEWSBOT-a.warc.gz"
    assert path.read_bytes() == b"w" * 3_000_000


@pytest.mark.parametrize("damaged", [b"Articles", b"article", b"articles+", b""])
def test_damaged_bytes_in_the_store_are_found(
    store: Store, files: Path, tmp_path: Path, damaged: bytes
) -> None:
    land(files, store, manifest(), REF.prefix)
    overwrite(store, REF.prefix + "articles.jsonl.gz", damaged)
    to = tmp_path / "to"
    good, bad = sha256_of(b"articles"), sha256_of(damaged)
    with pytest.raises(FixityError, match=rf"articles\.jsonl\.gz: .*{bad}.*{good}") as caught:
        download_runs(store, to)
    assert "the stored copy is damaged" in str(caught.value)
    assert not (to / REF.prefix / "articles.jsonl.gz").exists()
    assert not (to / REF.prefix / "manifest.json").exists(), "the copy looks whole"


def test_a_file_that_the_store_has_lost_is_named(files: Path, tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "store"))
    land(files, store, manifest(), REF.prefix)
    (tmp_path / "store" / REF.prefix / "index.cdxj").unlink()
    with pytest.raises(ObjectMissing, match=r"index\.cdxj: no such file"):
        download_runs(store, tmp_path / "to")


def test_the_first_failure_stops_what_is_under_way(
    store: Store, files: Path, tmp_path: Path
) -> None:
    """A long file is not fetched to its end when another has failed."""
    land(files, store, manifest(), REF.prefix)
    begun = Event()

    def stream(name: str, offset: int = 0) -> Iterator[bytes]:
        if name.endswith("articles.jsonl.gz"):
            assert begun.wait(600)
            raise StoreError("gone wrong")
        if name.endswith(".warc.gz"):
            begun.set()
            yield from repeat(b"")  # for ever, unless it is halted
        yield from store.stream(name, offset)

    altered: Any = Altered(store, stream=stream)
    with pytest.raises(StoreError, match="gone wrong"):
        download_runs(altered, tmp_path / "to")


def test_a_manifest_that_changes_while_it_is_read_is_kept_as_it_was_checked(
    store: Store, files: Path, tmp_path: Path
) -> None:
    land(files, store, manifest(), REF.prefix)
    asked: list[str] = []

    def get(name: str) -> bytes:
        asked.append(name)
        return store.get(name) if len(asked) == 1 else b"hostile"

    altered: Any = Altered(store, get=get)
    download_runs(altered, tmp_path / "to")
    copy = tmp_path / "to" / REF.prefix / "manifest.json"
    assert copy.read_bytes() == (files / "manifest.json").read_bytes()


def test_a_manifest_of_another_run_is_refused(store: Store, files: Path) -> None:
    land(files, store, manifest(run="20250228T080000Z-000000"), REF.prefix)
    with pytest.raises(
        FixityError, match="the manifest is of another run, antara/20250228T080000Z-000000"
    ):
        read_run(store, REF)


def test_runs_are_listed_in_order_whatever_the_stores_own(store: Store, files: Path) -> None:
    later = RunRef(date(2025, 3, 1), "antara", "20250301T080000Z-abcdef")
    for ref in (REF, later):
        land(files, store, manifest(run=ref.run, files=()), ref.prefix)
    store.put_new("snapshots/2025-03-01/antara/20250301T090000Z-abcdef/articles.jsonl.gz", b"x")
    store.put_new("snapshots/2025-03-01/not-a-run/x/manifest.json", b"{}")
    altered: Any = Altered(store, folders=lambda prefix: reversed(list(store.folders(prefix))))
    assert list(list_runs(altered)) == [REF, later]
    assert list(list_runs(altered, last=REF.date)) == [REF]


def test_a_link_in_the_target_folder_leads_nowhere(
    store: Store, files: Path, tmp_path: Path
) -> None:
    land(files, store, manifest(), REF.prefix)
    outside = tmp_path / "outside"
    outside.mkdir()
    folder = tmp_path / "to" / REF.prefix
    folder.mkdir(parents=True)
    (folder / "warc").symlink_to(outside)
    with pytest.raises(StoreError, match="a link leads out"):
        download_runs(store, tmp_path / "to")
    assert list(outside.iterdir()) == []
