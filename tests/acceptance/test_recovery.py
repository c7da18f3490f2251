"""A spool that the disk did not keep well: what can land lands, the rest is kept and named."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from newsbot.archive.manifest import Manifest
from newsbot.errors import CaptureError
from newsbot.landing.recover import BlockedRun, recover_site
from newsbot.landing.spool import spooled
from newsbot.ledger import Ledger
from newsbot.stores.opening import check_store
from replica import running
from tests.acceptance.conftest import Bench, bench_for, small_disk
from tests.soak.test_kill import crawl_and_die, logged

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def died(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A checkout whose crawl died as it was about to put its manifest."""
    with running(articles=12) as replica:
        folder = tmp_path_factory.mktemp("died")
        bench = bench_for(folder, replica, str(folder / "archive"))
        crawl_and_die(bench, "manifest", 1)
    return bench


@pytest.fixture
def bench(died: Bench, tmp_path: Path) -> Bench:
    """A copy of it, to be damaged."""
    shutil.copytree(died.state, tmp_path / "var")
    made = Bench(str(tmp_path / "archive"), tmp_path / "var", died.environment)
    check_store(made.store, write=True)
    return made


def folder_of(bench: Bench) -> Path:
    (folder,) = (bench.state / "spool").glob("2*")
    return folder


def recovered(bench: Bench, spool: Path | None = None) -> list[Manifest | BlockedRun]:
    ledger = Ledger.open(f"sqlite:///{bench.state / 'ledger.sqlite'}")
    try:
        return list(recover_site(spool or bench.state / "spool", "antara", bench.store, ledger))
    finally:
        ledger.close()


def check_landed(bench: Bench, wanted: set[str]) -> None:
    (ref,) = bench.runs()
    assert {line["record"]["id"] for line in bench.lines(ref, "crawl")} == wanted
    assert len(bench.articles()) == 12
    assert list((bench.state / "spool").iterdir()) == []
    assert bench.newsbot("verify").returncode == 0


@pytest.mark.parametrize("left", [0, 40])
@pytest.mark.parametrize("name", ["ending.json", "files/manifest.json"])
def test_what_can_be_made_again_is(bench: Bench, name: str, left: int) -> None:
    wanted = logged(bench)
    if name == "ending.json":
        (folder_of(bench) / "files/manifest.json").unlink()
    os.truncate(folder_of(bench) / name, left)
    (landed,) = recovered(bench)
    assert isinstance(landed, Manifest)
    assert landed.outcome == ("recovered" if name == "ending.json" else "finished")
    check_landed(bench, wanted)


def torn_gzip(folder: Path) -> None:
    path = folder / "files" / "articles.jsonl.gz"
    os.truncate(path, path.stat().st_size // 2)


def no_gzip(folder: Path) -> None:
    (folder / "files" / "crawl.jsonl.gz").write_bytes(bytes(100))


def junk_in_a_journal(folder: Path) -> None:
    (folder / "ending.json").unlink()
    path = folder / "journal" / "crawl.jsonl"
    path.write_bytes(bytes(30) + b"\n" + path.read_bytes())


def junk_in_what_was_sent(folder: Path) -> None:
    (folder / "sent.jsonl").write_bytes(b"{}\n")


@pytest.mark.parametrize(
    "damage", [torn_gzip, no_gzip, junk_in_a_journal, junk_in_what_was_sent],
    ids=lambda damage: damage.__name__,
)  # fmt: skip
def test_what_cannot_be_read_is_kept_and_named_and_lands_once_it_is_mended(
    bench: Bench, damage: Callable[[Path], None], tmp_path: Path
) -> None:
    wanted, folder = logged(bench), folder_of(bench)
    shutil.copytree(folder, tmp_path / "whole")
    (folder / "files" / "manifest.json").unlink()
    damage(folder)
    done = bench.newsbot("recover")
    assert done.returncode == 4, done.stdout + done.stderr
    assert f"kept {folder.name}: {folder}: damaged (" in done.stdout
    assert "Traceback" not in done.stderr
    assert bench.runs() == []
    shutil.rmtree(folder)
    shutil.copytree(tmp_path / "whole", folder)
    done = bench.newsbot("recover")
    assert done.returncode == 0, done.stdout + done.stderr
    check_landed(bench, wanted)


@pytest.mark.parametrize("text", ["", '{"run": "2'])
def test_a_run_without_its_record_is_named_by_all_who_look(bench: Bench, text: str) -> None:
    record = folder_of(bench) / "run.json"
    whole = record.read_text()
    record.write_text(text)
    assert list(spooled(bench.state / "spool")) == ["(damaged)"]
    done = bench.newsbot("recover")
    assert "run.json: damaged" in (done.stderr + done.stdout).replace("\n", "")
    assert "Traceback" not in done.stderr
    assert "Traceback" not in bench.newsbot("status").stderr
    record.write_text(whole)
    landed = json.loads(bench.newsbot("recover", "--json").stdout)["landed"]
    assert landed == [json.loads(whole)["run"]]


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "small", "2m") as folder:
        yield folder


def test_a_disk_that_is_full_when_it_recovers(bench: Bench, small: Path) -> None:
    wanted = logged(bench)
    spool = small / "spool"
    shutil.move(bench.state / "spool", spool)
    (bench.state / "spool").symlink_to(spool)
    for name in ("ending.json", "files/manifest.json"):
        (folder_of(bench) / name).unlink()
    filler = small / "filler"
    for free in (0, 4096, 16384):  # it fails at one step and then at a later one
        with filler.open("wb") as file:
            room = os.statvfs(small)
            file.write(bytes(max(0, room.f_bavail * room.f_bsize - free)))
        with pytest.raises(CaptureError, match=r"No space left on device.*make room"):
            recovered(bench, spool)
        assert bench.runs() == []
        assert logged(bench) == wanted
        filler.unlink()
    (landed,) = recovered(bench, spool)
    assert isinstance(landed, Manifest)
    (bench.state / "spool").unlink()
    shutil.move(spool, bench.state / "spool")
    check_landed(bench, wanted)
