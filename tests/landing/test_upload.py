"""A run lands whole, once, or not at all, wherever it is interrupted."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from newsbot.archive.manifest import Manifest
from newsbot.archive.snapshots import list_runs, read_run
from newsbot.errors import FixityError, StoreError, StoreUnavailable
from newsbot.landing.spool import discard
from newsbot.landing.upload import LandingConflict, land
from newsbot.stores.opening import check_store, open_store
from newsbot.stores.retry import RetryPolicy
from newsbot.stores.store import Store
from tests.servers import s3_server
from tests.small_run import REF, manifest


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


def stored(store: Store) -> dict[str, bytes]:
    return {info.name: store.get(info.name) for info in store.list(REF.prefix)}


def test_a_landed_run_can_be_listed_and_read(store: Store, files: Path) -> None:
    landed = land(files, store, manifest(), REF.prefix)
    assert not landed.again
    assert list(list_runs(store)) == [REF]
    assert list(list_runs(store, site="other")) == []
    assert list(list_runs(store, first=date(2025, 3, 1))) == []
    read = read_run(store, REF).manifest
    assert [entry.name for entry in read.files] == [
        "SHA256SUMS",
        "articles.jsonl.gz",
        "index.cdxj",
        "warc/NEWSBOT-a.warc.gz",
    ]
    assert land(files, store, read, REF.prefix).again


@pytest.mark.parametrize("step", range(1, 16))
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
    land(files, failing, manifest(), REF.prefix, retry_policy=RetryPolicy(wait=waited.append))
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
        land(files, away, manifest(), REF.prefix, retry_policy=RetryPolicy(wait=waited.append))
    assert len(waited) == 5
    assert all(wait < 23 for wait in waited)
    assert waited[0] < waited[-1], "the waits grow"
    with pytest.raises(StoreUnavailable):
        land(
            files,
            away,
            manifest(),
            REF.prefix,
            retry_policy=RetryPolicy(total=0, wait=waited.append),
        )
    assert len(waited) == 5, "the time for it was over"
    assert (files / "warc" / "NEWSBOT-a.warc.gz").stat().st_size == 3_000_000


def test_what_waiting_does_not_mend_fails_at_once(store: Store, files: Path) -> None:
    waited: list[float] = []
    failing: Any = Failing(store, 2, StoreError("may not do that"))
    with pytest.raises(StoreError, match="may not do that"):
        land(files, failing, manifest(), REF.prefix, retry_policy=RetryPolicy(wait=waited.append))
    assert waited == []


def test_an_s3_server_killed_in_the_middle_and_back_is_waited_for(
    files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "server").mkdir()
    with s3_server(tmp_path / "server") as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        store = open_store("s3://newsbot/x")
        check_store(store, write=True)
        put_file = store.put_file
        one_at_a_time = threading.Lock()

        def kill_then_put(name: str, path: Path, sha256: str) -> None:
            if name.endswith("articles.jsonl.gz"):
                with one_at_a_time:
                    server.stop()
            put_file(name, path, sha256)

        def come_back(_seconds: float) -> None:
            monkeypatch.setattr(store, "put_file", put_file)
            with one_at_a_time:
                if server.process.poll() is not None:
                    server.start()

        monkeypatch.setattr(store, "put_file", kill_then_put)
        land(files, store, manifest(), REF.prefix, retry_policy=RetryPolicy(wait=come_back))
        assert len(stored(store)) == 5


def test_landed_twice_at_once_is_landed_once(store: Store, files: Path, tmp_path: Path) -> None:
    land(files, open_store(str(tmp_path / "draft")), manifest(), REF.prefix)  # makes the manifest
    whole = Manifest.from_bytes((files / "manifest.json").read_bytes())
    with ThreadPoolExecutor(4) as pool:
        landings = [pool.submit(land, files, store, whole, REF.prefix) for _ in range(4)]
        landed = [landing.result() for landing in landings]
    assert sorted(one.again for one in landed) == [False, True, True, True]
    assert {one.manifest_sha256 for one in landed} == {landed[0].manifest_sha256}
    assert len(stored(store)) == 5


def test_another_manifest_in_its_place_is_an_alarm(store: Store, files: Path) -> None:
    store.put_new(REF.prefix + "manifest.json", b"{}")
    with pytest.raises(LandingConflict, match="the store has another manifest"):
        land(files, store, manifest(), REF.prefix)
    assert store.get(REF.prefix + "manifest.json") == b"{}"


def test_other_bytes_under_a_files_name_are_an_alarm(store: Store, files: Path) -> None:
    store.put_new(REF.prefix + "index.cdxj", b"not ours")
    with pytest.raises(FixityError, match=r"index\.cdxj: the store has 8 bytes"):
        land(files, store, manifest(), REF.prefix)


def test_a_spool_without_room_for_the_manifest_says_so(store: Store, files: Path) -> None:
    """A file size limit stands in for the full disk."""
    script = """
import resource, signal, sys
from pathlib import Path
from newsbot.landing.upload import land
from newsbot.stores.opening import open_store
from newsbot.errors import StoreError
from tests.small_run import REF, manifest
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))
try:
    land(Path(sys.argv[1]), open_store(sys.argv[2]), manifest(), REF.prefix)
except StoreError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(files), store.url],
        capture_output=True,
        text=True,
        check=True,
    )
    assert (
        f"{files}: File too large: the checksums and the manifest cannot be written" in done.stdout
    )
    assert stored(store) == {}


# -- the spool after it ----------------------------------------------------------------------------


def spooled(spool: Path, run: str) -> Path:
    folder = spool / run
    (folder / "files" / "warc").mkdir(parents=True)
    (folder / "journal").mkdir()
    for name in ("run.json", "ending.json", "files/manifest.json", "files/warc/a", "journal/crawl"):
        (folder / name).write_text("{}")
    return folder


@pytest.mark.parametrize("step", range(6))
def test_a_crash_while_a_landed_run_is_removed_never_leaves_half_a_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Half a run would be recovered as another one, in the place of what has landed."""
    folder = spooled(tmp_path, "one")
    unlink, left = os.unlink, [step]

    def die(*args: Any, **kwargs: Any) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        unlink(*args, **kwargs)

    with monkeypatch.context() as patched:
        patched.setattr(os, "unlink", die)
        try:
            discard(folder)
        except KeyboardInterrupt:
            assert not (folder / "run.json").exists(), "it still looks like a run"
    discard(spooled(tmp_path, "two"))
    assert list(tmp_path.iterdir()) == [], "what the crash left was never removed"


def test_a_run_that_has_not_landed_is_not_removed_with_another(tmp_path: Path) -> None:
    kept = spooled(tmp_path, "kept")
    discard(spooled(tmp_path, "landed"))
    assert (kept / "files" / "warc" / "a").exists()
    assert list(tmp_path.iterdir()) == [kept]
