"""A run lands whole, once, or not at all, wherever it is interrupted."""

import subprocess
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from newsbot.archive.landing import LandingConflict, land
from newsbot.archive.layout import RunRef
from newsbot.archive.manifest import FileEntry, Manifest
from newsbot.archive.snapshots import download_runs, list_runs, read_manifest
from newsbot.archive.store import Store, check_store, open_store
from newsbot.errors import FixityError, StoreError, StoreUnavailable

REF = RunRef(date(2025, 2, 28), "antara", "20250228T080000Z-abcdef")
NOW = datetime(2025, 2, 28, 8, 0, tzinfo=UTC)


def manifest(**changes: Any) -> Manifest:
    fields = {
        "run": REF.run,
        "site": REF.site,
        "started": NOW,
        "finished": NOW,
        "outcome": "finished",
        "counts": {"articles": 1},
        "tool": {"name": "newsbot", "version": "1", "extractor": "1"},
        "rules": "abc",
        "seed": {"text": "", "sha256": "0" * 64},
        "arguments": {},
        "settings": {},
    }
    return Manifest.model_validate(fields | changes)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    (folder / "warc").mkdir(parents=True)
    (folder / "warc" / "NEWSBOT-a.warc.gz").write_bytes(b"w" * 3_000_000)
    (folder / "articles.jsonl.gz").write_bytes(b"articles")
    (folder / "index.cdxj").write_bytes(b"")
    return folder


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "folder":
        opened = open_store(str(tmp_path / "store"))
    else:
        request.getfixturevalue("s3")
        opened = open_store(f"s3://newsbot/{uuid.uuid4().hex}")
    check_store(opened, write=True)
    return opened


class Failing:
    """A store that fails at its n-th operation, as if the process or the network had died."""

    def __init__(self, store: Store, after: int, error: Exception) -> None:
        self._store, self._left, self._error = store, after, error
        self.url = store.url
        self.operations = 0

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            self.operations += 1
            self._left -= 1
            if self._left == 0:
                raise self._error
            return method(*args, **kwargs)

        return call


def no_wait(_seconds: float) -> None:
    pass


def stored(store: Store) -> dict[str, bytes]:
    return {info.name: store.get(info.name) for info in store.list(REF.prefix)}


def test_a_landed_run_can_be_listed_and_read(store: Store, files: Path) -> None:
    landed = land(files, store, manifest(), REF.prefix)
    assert not landed.again
    assert list(list_runs(store)) == [REF]
    assert list(list_runs(store, site="other")) == []
    assert list(list_runs(store, first=date(2025, 3, 1))) == []
    read = read_manifest(store, REF)
    assert [entry.name for entry in read.files] == [
        "SHA256SUMS",
        "articles.jsonl.gz",
        "index.cdxj",
        "warc/NEWSBOT-a.warc.gz",
    ]
    assert land(files, store, read, REF.prefix).again


@pytest.mark.parametrize("step", range(1, 15))
def test_interrupted_anywhere_and_landed_again(store: Store, files: Path, step: int) -> None:
    failing: Any = Failing(store, step, RuntimeError("killed here"))
    try:
        land(files, failing, manifest(), REF.prefix)
    except RuntimeError:
        assert list(list_runs(store)) in ([], [REF])
    before = stored(store)
    again = manifest()
    if (files / "manifest.json").is_file():
        again = Manifest.from_bytes((files / "manifest.json").read_bytes())
    land(files, store, again, REF.prefix)
    after = stored(store)
    assert before.items() <= after.items(), "something stored was written again"
    assert after[REF.prefix + "manifest.json"] == (files / "manifest.json").read_bytes()
    assert len(after) == 5


def test_a_store_that_is_away_for_a_moment_is_waited_for(store: Store, files: Path) -> None:
    waited: list[float] = []
    failing: Any = Failing(store, 3, StoreUnavailable("busy"))
    land(files, failing, manifest(), REF.prefix, wait=waited.append)
    assert len(waited) == 1
    assert list(list_runs(store)) == [REF]


def test_a_store_that_stays_away_is_given_up_and_nothing_local_is_lost(files: Path) -> None:
    class Away:
        url = "s3://away"

        def __getattr__(self, name: str) -> Any:
            def call(*_args: Any) -> None:
                raise StoreUnavailable("away")

            return call

    waited: list[float] = []
    away: Any = Away()
    with pytest.raises(StoreUnavailable):
        land(files, away, manifest(), REF.prefix, wait=waited.append)
    assert len(waited) == 3
    assert (files / "warc" / "NEWSBOT-a.warc.gz").stat().st_size == 3_000_000


def test_another_manifest_in_its_place_is_an_alarm(store: Store, files: Path) -> None:
    store.put_new(REF.prefix + "manifest.json", b"{}")
    with pytest.raises(LandingConflict, match="another manifest is there"):
        land(files, store, manifest(), REF.prefix)
    assert store.get(REF.prefix + "manifest.json") == b"{}"


def test_other_bytes_under_a_files_name_are_an_alarm(store: Store, files: Path) -> None:
    store.put_new(REF.prefix + "index.cdxj", b"not ours")
    with pytest.raises(FixityError, match=r"index\.cdxj: the store has 8 bytes"):
        land(files, store, manifest(), REF.prefix, wait=no_wait)


# -- download ----------------------------------------------------------------------------------


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
    land(files, store, manifest(), REF.prefix)
    download_runs(store, tmp_path / "to", only="articles")
    names = sorted(p.name for p in (tmp_path / "to" / REF.prefix).rglob("*") if p.is_file())
    assert names == ["articles.jsonl.gz", "manifest.json"]


@pytest.mark.parametrize("have", [b"", b"w" * 1_000_000, b"wrong" * 1000, b"w" * 3_000_001])
def test_a_download_goes_on_where_it_stopped(
    store: Store, files: Path, tmp_path: Path, have: bytes
) -> None:
    land(files, store, manifest(), REF.prefix)
    folder = tmp_path / "to" / REF.prefix / "warc"
    folder.mkdir(parents=True)
    (folder / "NEWSBOT-a.warc.gz.part").write_bytes(have)
    started: list[int] = []

    class Counting:
        url = store.url

        def __getattr__(self, name: str) -> Any:
            return getattr(store, name)

        def stream(self, name: str, offset: int = 0) -> Iterator[bytes]:
            if name.endswith(".warc.gz"):
                started.append(offset)
            return store.stream(name, offset)

    counting: Any = Counting()
    download_runs(counting, tmp_path / "to")
    assert (folder / "NEWSBOT-a.warc.gz").read_bytes() == b"w" * 3_000_000
    assert not (folder / "NEWSBOT-a.warc.gz.part").exists()
    if have == b"w" * 1_000_000:
        assert started == [1_000_000]


def test_damaged_bytes_in_the_store_are_found(files: Path, tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "store"))
    land(files, store, manifest(), REF.prefix)
    path = tmp_path / "store" / REF.prefix / "articles.jsonl.gz"
    path.write_bytes(b"Articles")
    with pytest.raises(FixityError, match=r"articles\.jsonl\.gz.*the stored copy is damaged"):
        download_runs(store, tmp_path / "to")
    assert not (tmp_path / "to" / REF.prefix / "articles.jsonl.gz").exists()


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


@pytest.mark.parametrize("name", ["/etc/passwd", "../../up", "a/../../../up", "warc/..", "~/x"])
def test_a_hostile_name_in_a_manifest_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="it might leave the folder"):
        FileEntry(name=name, size=1, sha256="0" * 64)
    good = manifest(files=({"name": "ok", "size": 1, "sha256": "0" * 64},)).to_bytes()
    with pytest.raises(FixityError, match="not a manifest"):
        Manifest.from_bytes(good.replace(b'"ok"', b'"%s"' % name.encode()))


def test_a_manifest_survives_its_bytes_and_a_newer_one_is_refused() -> None:
    whole = manifest(previous={"run": "r", "manifest_sha256": "1" * 64})
    assert Manifest.from_bytes(whole.to_bytes()) == whole
    with pytest.raises(FixityError, match="upgrade newsbot"):
        Manifest.from_bytes(whole.to_bytes().replace(b"newsbot.manifest/1", b"newsbot.manifest/2"))
    with pytest.raises(FixityError, match="not a manifest"):
        Manifest.from_bytes(b"\xff\xfe")
