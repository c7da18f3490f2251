"""What may be checked: a store and each part of one, by name or by where it stands."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from newsbot.archive.verify import RunVerdict
from newsbot.archive.verify.target import Selection
from newsbot.cli import main
from newsbot.crawl.summary import summary
from newsbot.errors import ConfigError, NewsbotError
from newsbot.landing.land import run_content
from newsbot.landing.outcome import Judgement
from newsbot.landing.upload import land
from newsbot.ledger import Ledger
from newsbot.ledger.ingest import ingest
from newsbot.stores.store import Store
from tests.acceptance.conftest import Bench
from tests.landed import packed
from tests.small_run import REF, manifest
from tests.verified import everything, faults, found


@dataclass
class Ended:
    """What a command printed, and its exit status."""

    status: int
    out: str
    error: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The JSON objects that it printed."""
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def verify(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., Ended]:
    """`newsbot verify …` in this process, with no store but the one that is given."""
    monkeypatch.setenv("NEWSBOT_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("NEWSBOT_STORE", str(tmp_path / "archive"))

    def run(*arguments: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["newsbot", "verify", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capfd.readouterr()
        return Ended(int(ended.value.code or 0), said.out, said.err)

    return run


def runs_of(target: object, store: str = "nowhere", **how: Any) -> set[str]:
    """The runs that the check of a target reads."""
    found = everything(target, store=store, **how)  # type: ignore[arg-type]
    return {one.ref.run for one in found if isinstance(one, RunVerdict)}


def test_each_part_of_a_store_is_a_target(landed: Bench) -> None:
    first, second = landed.runs("antara")
    (other,) = landed.runs("rakyatnews")
    every = {first.run, second.run, other.run}
    day, store = first.date.isoformat(), landed.store_url
    folder = Path(store)
    assert runs_of(None, store) == every
    assert runs_of(folder) == runs_of(folder / "snapshots") == every
    assert runs_of(day, store) == runs_of(f"2001-01-01..{day}", store) == every
    assert runs_of(folder / "snapshots" / day) == every
    assert runs_of(folder / "snapshots" / day / "rakyatnews") == {other.run}
    assert runs_of(second.run, store) == runs_of(folder / second.prefix) == {second.run}
    assert runs_of(None, store, within=Selection("antara")) == {first.run, second.run}
    later = Selection(first=date(2001, 1, 1), last=first.date)
    assert runs_of(folder, within=later) == every


@pytest.mark.parametrize(
    "name", ["2001-01-01", "2001-01-01..2001-02-01", "20010101T000000Z-aaaaaa"]
)
def test_days_and_runs_that_are_not_there(landed: Bench, name: str) -> None:
    with pytest.raises(NewsbotError, match="no run of"):
        everything(name, store=landed.store_url)


@pytest.mark.parametrize("name", ["nowhere", "2025-02-31", "2025-03-01..2025-02-01"])
def test_names_that_are_no_target(name: str) -> None:
    with pytest.raises(ConfigError):
        everything(name)


def test_a_folder_that_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="neither a store"):
        everything(tmp_path)
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(ConfigError, match="neither a WARC file, a WACZ file nor a file in a run"):
        everything(tmp_path / "notes.txt")


def test_a_store_that_is_called_as_the_folder_in_it(copy: Bench, tmp_path: Path) -> None:
    """As `newsbot download --to snapshots` makes it."""
    Path(copy.store_url).rename(tmp_path / "snapshots")
    assert len(runs_of(tmp_path / "snapshots")) == 3


FILES = ["articles.jsonl.gz", "crawl.jsonl.gz", "events.jsonl.gz", "log.jsonl.gz", "index.cdxj",
         "SHA256SUMS", "manifest.json", "warc"]  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_each_file_of_a_run_is_a_target(copy: Bench, name: str) -> None:
    folder = Path(copy.store_url) / copy.runs("antara")[0].prefix
    path = next((folder / "warc").iterdir()) if name == "warc" else folder / name
    assert faults(path) == []
    (folder / "extra.txt").write_text("x")
    assert faults(path) == [], "what is wrong with another file is not asked for"
    path.write_bytes(path.read_bytes()[:-3])
    said = faults(path)
    assert said
    assert all(path.name in one for one in said)


def test_a_file_of_a_run_whose_manifest_is_not_here_stands_alone(copy: Bench) -> None:
    folder = Path(copy.store_url) / copy.runs("antara")[0].prefix
    (folder / "manifest.json").unlink()
    (warc,) = (folder / "warc").iterdir()
    assert faults(warc) == []


def test_a_missing_file_is_no_good_one(landed: Bench) -> None:
    ref = landed.runs("antara")[0]
    path = Path(landed.store_url) / ref.prefix / "none.gz"
    with pytest.raises(ConfigError):
        everything(path)


def test_days_are_a_part_of_a_chain_whose_middle_must_be_there(copy: Bench) -> None:
    ref = copy.runs("antara")[0]
    shutil.rmtree(Path(copy.store_url) / ref.prefix)
    day = ref.date.isoformat()
    assert faults(day, store=copy.store_url) == [], "it may be of the day before"
    (said,) = faults(f"2001-01-01..{date.max}", store=copy.store_url)
    assert f"its previous run {ref.run} is missing" in said


def test_what_stands_beside_the_runs_of_a_day_is_found_with_the_day(copy: Bench) -> None:
    ref = copy.runs("antara")[0]
    (Path(copy.store_url) / "notes.txt").write_text("x")
    (Path(copy.store_url) / ref.prefix).with_name("notes.txt").write_text("x")
    (said,) = faults(ref.date.isoformat(), store=copy.store_url)
    assert "/antara/notes.txt: belongs to no run" in said


def test_a_copy_by_other_tools_needs_no_marker_if_one_says_so(copy: Bench) -> None:
    (Path(copy.store_url) / "newsbot.json").unlink()
    (said,) = faults(copy.store_url)
    assert said.startswith("newsbot.json: is missing")
    assert faults(copy.store_url, is_copy=True) == []


def test_what_belongs_to_no_run_is_found_in_each_kind_of_store(store: Store, files: Path) -> None:
    land(files, store, manifest(), REF.prefix)
    for name in ("notes.txt", f"{REF.prefix}more.txt", "snapshots/2025-02-28/antara/x/y"):
        store.put_new(name, b"x")
    names = {one.file: one.what for one in found(store.url)}
    assert names["notes.txt"] == names["snapshots/2025-02-28/antara/x/"] == "belongs to no run"
    assert names[f"{REF.prefix}more.txt"] == "is not in the manifest"
    assert {one.file for one in found(f"{store.url}/{REF.prefix}index.cdxj")} == set()
    with pytest.raises(NewsbotError, match=r"no such file|neither a file"):
        everything(f"{store.url}/{REF.prefix}none.gz")


# -- the command -----------------------------------------------------------------------------------


def test_names_are_as_from_where_one_stands(
    copy: Bench, verify: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ref = copy.runs("antara")[0]
    (Path(copy.store_url) / ref.prefix / "extra.txt").write_text("x")
    monkeypatch.chdir(tmp_path)
    assert f"FAULT archive/{ref.prefix}extra.txt: is not in" in verify("archive").out
    monkeypatch.chdir(tmp_path / "archive" / "snapshots")
    told = verify()
    assert told.status == 1
    assert f"FAULT {ref.prefix.removeprefix('snapshots/')}extra.txt" in told.out
    monkeypatch.chdir("/")
    assert f"FAULT {copy.store_url.lstrip('/')}/{ref.prefix}extra.txt" in verify().out


def test_good_runs_have_an_outcome_and_a_head(copy: Bench, verify: Callable[..., Ended]) -> None:
    told = verify("--json")
    assert told.status == 0
    *runs, last = told.lines
    assert [one["outcome"] for one in runs] == ["good"] * 3
    assert {"run", "site", "day", "outcome", "head", "faults", "remarks", "counts"} == set(runs[0])
    assert runs[0]["counts"]["records"] > 100
    assert (last["outcome"], last["runs"]) == ("good", 3)
    assert set(last["heads"]) == {"antara", "rakyatnews"}
    assert verify("--json", "--site", "rakyatnews").lines[-1]["runs"] == 1


def test_usage(copy: Bench, verify: Callable[..., Ended]) -> None:
    assert verify("nowhere").status == 2
    assert verify("--from", "yesterday").status == 2
    articles = Path(copy.store_url) / copy.runs("antara")[0].prefix / "articles.jsonl.gz"
    told = verify(articles, "--head", "0" * 64)
    assert (told.status, "is one file" in told.error) == (2, True)


def test_progress_names_the_days(copy: Bench, verify: Callable[..., Ended]) -> None:
    told = verify()
    assert told.out.startswith(f"{copy.runs('antara')[0].date.isoformat()} ")
    assert re.search(r": 3 runs, \S+ kB, \d+ records, 20 articles: no fault\n$", told.out)


COUNTS: dict[str, Any] = {
    "articles": 0, "new": 0, "changed": 0, "exchanges": 0, "bytes": 0, "became": {},
    "not_modified": 0, "failed": {}, "fields": {},
}  # fmt: skip


def test_the_head_of_a_chain_is_what_sha256sum_says_of_the_manifest(
    store: Store,
    files: Path,
    tmp_path: Path,
    verify: Callable[..., Ended],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """In the crawl's summary, the ledger, `list` and `verify` alike, in a folder and on S3."""
    (files / "warc" / "NEWSBOT-a.warc.gz").unlink()
    for name in ("articles", "events", "crawl"):
        (files / f"{name}.jsonl.gz").write_bytes(packed([]))
    landed = land(files, store, manifest(counts=COUNTS), REF.prefix)
    path = tmp_path / "as-stored.json"
    path.write_bytes(store.get(f"{REF.prefix}manifest.json"))
    done = subprocess.run(["sha256sum", path], capture_output=True, text=True, check=True)
    head = done.stdout.split()[0]
    assert f"chain     head {head}" in summary(landed, Judgement("finished", 0, ()), "landed")
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    lines: dict[str, Any] = {"crawl": (), "articles": (), "events": ()}
    ingest(ledger, run_content(landed.manifest, REF.prefix, landed.manifest_sha256, lines))
    assert ledger.chain_head("antara") == (REF.run, head)
    ledger.close()
    monkeypatch.setenv("NEWSBOT_STORE", store.url)
    assert verify("--json").lines[-1]["heads"] == {"antara": [head]}
    assert f"antara: 1 runs from its first run; head {head}" in verify().out
    monkeypatch.setattr(sys, "argv", ["newsbot", "list", "--json"])
    with pytest.raises(SystemExit):
        main()
    assert json.loads(capfd.readouterr().out)[0]["manifest_sha256"] == head
