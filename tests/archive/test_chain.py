"""A downloaded copy that somebody altered, also one who made every sum in it fit again."""

import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from newsbot.archive.chain import ChainHead, SiteChain
from newsbot.archive.download import download_runs
from newsbot.archive.snapshots import list_runs, read_run
from newsbot.cli.opening import runs_of
from newsbot.layout import RunRef
from newsbot.stores.opening import open_store
from tests.acceptance.conftest import Bench
from tests.landed import packed, rewrite
from tests.verified import everything, faults


@pytest.fixture
def downloaded(landed: Bench, tmp_path: Path) -> Path:
    """What an archivist has: a folder, and nothing of the store."""
    download_runs(landed.store, tmp_path / "copy", runs=landed.runs("antara"))
    return tmp_path / "copy"


def runs(copy: Path) -> list[RunRef]:
    return list(list_runs(open_store(str(copy))))


def head_of(landed: Bench) -> ChainHead:
    """As the summary of the last crawl printed it."""
    return ChainHead(read_run(landed.store, landed.runs("antara")[-1]).sha256, "antara")


def flip(folder: Path) -> str:
    path = next(folder.glob("warc/*.warc.gz"))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    return path.name


def remove(folder: Path) -> str:
    (folder / "crawl.jsonl.gz").unlink()
    return "crawl.jsonl.gz: is in the manifest, but missing"


def add(folder: Path) -> str:
    (folder / "warc" / "more.warc.gz").write_bytes(b"")
    return "warc/more.warc.gz: is not in the manifest"


def unlist(folder: Path) -> str:
    (folder / "manifest.json").unlink()
    return f"{folder.name}/: has no manifest.json"


def altered_line(folder: Path) -> bytes:
    lines = [
        json.loads(line)
        for line in gzip.decompress((folder / "articles.jsonl.gz").read_bytes()).splitlines()
    ]
    lines[0]["text"] = "It never happened."
    return packed(lines)


def alter(folder: Path) -> str:
    (folder / "articles.jsonl.gz").write_bytes(altered_line(folder))
    return "articles.jsonl.gz: has"


@pytest.mark.parametrize("which", [0, 1], ids=["first run", "newest run"])
@pytest.mark.parametrize("damage", [flip, remove, add, unlist, alter])
def test_damage_is_named(downloaded: Path, damage: Callable[[Path], str], which: int) -> None:
    assert faults(downloaded) == []
    says = damage(downloaded / runs(downloaded)[which].prefix)
    assert any(says in fault for fault in faults(downloaded))


def forge(folder: Path) -> None:
    """Another author, and every sum of the run and its manifest, all consistent."""
    lines = [
        json.loads(line)
        for line in gzip.decompress((folder / "articles.jsonl.gz").read_bytes()).splitlines()
    ]
    lines[0]["authors"] = [{"name": "Orang Lain", "role": "reporter"}]
    rewrite(folder, "articles.jsonl.gz", packed(lines))


def test_a_forged_run_is_given_away_by_the_next_one(downloaded: Path) -> None:
    first, second = runs(downloaded)
    forge(downloaded / first.prefix)
    (fault,) = faults(downloaded)
    assert fault.startswith(f"{second.prefix}manifest.json: the manifest of its previous run")
    assert first.run in fault


def test_a_forged_or_removed_newest_run_is_given_away_by_the_head(
    downloaded: Path, landed: Bench
) -> None:
    newest = runs(downloaded)[-1]
    head = head_of(landed)
    assert faults(downloaded, head) == []
    assert faults(downloaded, ChainHead(head.sha256)) == []
    forge(downloaded / newest.prefix)
    assert faults(downloaded) == [], "without a head only --deep can tell"
    assert any(head.sha256 in fault for fault in faults(downloaded, head))
    shutil.rmtree(downloaded / newest.prefix)
    assert any(head.sha256 in fault for fault in faults(downloaded, head))


def test_a_run_taken_out_of_the_middle(copy: Bench) -> None:
    """Of a whole store, where a chain has to begin at its first run."""
    gone = copy.runs("antara")[0]
    shutil.rmtree(Path(copy.store_url) / gone.prefix)
    (fault,) = faults(Path(copy.store_url))
    assert f"its previous run {gone.run} is missing" in fault


def test_a_run_slipped_in_is_found(downloaded: Path) -> None:
    first, second = runs(downloaded)
    made_up = second.run[:-6] + "ffffff"
    folder = downloaded / second.prefix
    shutil.copytree(folder, folder.with_name(made_up))
    manifest = json.loads((folder / "manifest.json").read_bytes()) | {"run": made_up}
    (folder.with_name(made_up) / "manifest.json").write_text(json.dumps(manifest))
    assert any(f"names {first.run} as previous, as" in fault for fault in faults(downloaded))


def test_a_part_of_a_store_begins_in_the_middle_and_says_so(landed: Bench, tmp_path: Path) -> None:
    download_runs(landed.store, tmp_path / "copy", runs=landed.runs("antara"))
    first, second = runs(tmp_path / "copy")
    shutil.rmtree(tmp_path / "copy" / first.prefix)
    told = everything(tmp_path / "copy")
    assert not faults(tmp_path / "copy")
    head = head_of(landed).sha256
    assert [str(one) for one in told if isinstance(one, SiteChain)] == [
        f"antara: 1 runs from {second.run}, after {first.run}; head {head}"
    ]


@pytest.mark.parametrize("only", ["articles", "warc"])
def test_a_part_of_each_run_is_checked_as_that(landed: Bench, tmp_path: Path, only: str) -> None:
    download_runs(landed.store, tmp_path / "copy", runs=landed.runs("antara"), only=only)  # type: ignore[arg-type]
    assert faults(tmp_path / "copy", only=only) == []
    assert faults(tmp_path / "copy"), "taken for whole, it lacks files"


def test_the_ledger_knows_the_head_of_its_own_store(landed: Bench, copy: Bench) -> None:
    shutil.copytree(landed.state, copy.state)
    newest = copy.runs("antara")[-1]
    folder = Path(copy.store_url) / newest.prefix
    (copy.state / "spool" / newest.run).mkdir(parents=True)
    kept = (folder / "manifest.json").read_bytes()
    (folder / "manifest.json").unlink()
    done = copy.newsbot("verify")
    assert done.returncode == 1
    assert f"{newest.run}/manifest.json: no manifest has the SHA-256" in done.stdout
    assert "has no manifest" not in done.stdout, "its spool is there: it is about to land"
    (folder / "manifest.json").write_bytes(kept)
    assert copy.newsbot("verify").returncode == 0


def test_a_head_is_64_hex_digits(copy: Bench) -> None:
    done = copy.newsbot("verify", "--head", "antara=abc")
    assert done.returncode == 2
    assert "64 hex digits" in done.stderr


def test_what_revisits_refer_to_is_named_or_fetched(landed: Bench, tmp_path: Path) -> None:
    first, second = landed.runs("antara")
    named = download_runs(landed.store, tmp_path / "named", runs=[second])
    fetched = download_runs(
        landed.store, tmp_path / "fetched", runs=[second], with_dependencies=True
    )
    assert named.dependencies == (first.run,)
    taken = download_runs(
        landed.store, tmp_path / "taken", runs=runs_of(named.dependencies, landed.store, [])
    )
    assert (taken.runs, runs(tmp_path / "taken")) == (1, [first])
    assert runs(tmp_path / "named") == [second]
    assert fetched.dependencies == ()
    assert runs(tmp_path / "fetched") == [first, second]
    assert faults(tmp_path / "fetched") == []
