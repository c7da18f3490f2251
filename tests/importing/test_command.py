"""`newsbot import` as a user runs it, in this process."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from newsbot.cli import main
from newsbot.landing.lock import SiteLock
from tests.importing.conftest import Place
from tests.importing.made import DATA

WGET, WACZ = DATA / "wget.warc.gz", DATA / "py-wacz.wacz"


@dataclass(frozen=True)
class Ended:
    """What a command printed, and its exit status."""

    status: int
    out: str
    error: str


@pytest.fixture
def newsbot(
    place: Place, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., Ended]:
    monkeypatch.setenv("NEWSBOT_STORE", place.config.store_url)
    monkeypatch.setenv("NEWSBOT_STATE", str(place.config.state_folder))
    monkeypatch.setenv("NEWSBOT_SEEDS", str(place.config.seeds_folder))
    monkeypatch.setenv("NEWSBOT_WORKERS", "0")

    def run(*arguments: object) -> Ended:
        monkeypatch.setattr(sys, "argv", ["newsbot", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        printed = capfd.readouterr()
        return Ended(int(end.value.code or 0), printed.out, printed.err)

    return run


def test_files_are_imported_listed_shown_and_verified(
    place: Place, newsbot: Callable[..., Ended]
) -> None:
    done = newsbot("import", WGET, WACZ)
    assert done.status == 0, done.error
    for run in place.runs:
        assert f"landed in {run.ref.prefix}" in done.out
        assert f"head {run.sha256}" in done.out
    assert done.out.count("3 new, 0 changed") == 2
    assert "Wget/1.21.3" in done.out
    listed = json.loads(newsbot("list", "--json").out)
    assert {(one["outcome"], one["imported"]) for one in listed} == {
        ("imported", "wget.warc.gz"), ("imported", "py-wacz.wacz"),
    }  # fmt: skip
    assert newsbot("list").out.count(" imported ") == 2
    assert "Panen raya" in newsbot("show", "http://berita.example/2025/02/04/panen-raya").out
    assert newsbot("verify").status == 0
    again = json.loads(newsbot("import", "--json", WGET, WACZ).out)
    assert [one["outcome"] for one in again] == ["already-imported"] * 2


def test_one_bad_file_does_not_keep_the_others_out(
    place: Place, newsbot: Callable[..., Ended], tmp_path: Path
) -> None:
    bad = tmp_path / "bad.warc.gz"
    bad.write_bytes(WGET.read_bytes()[:-1])
    done = newsbot("import", bad, WACZ)
    assert done.status == 1
    assert f"newsbot: {bad}: is damaged" in done.error
    assert [run.ref.site for run in place.runs] == ["kabar"]
    found = json.loads(newsbot("import", "--json", bad).out)
    assert found[0]["outcome"] == "failed"
    assert newsbot("import", bad, "--even-if-damaged").status == 3


def test_each_refusal_has_its_exit_status(
    place: Place, newsbot: Callable[..., Ended], tmp_path: Path
) -> None:
    assert newsbot("import", WGET, "--site", "berta").status == 2
    assert newsbot("import").status == 2
    assert newsbot("import", tmp_path / "none.warc.gz").status == 1
    with SiteLock(place.config.state_folder, "berita", place.config.ledger_url):
        assert newsbot("import", WGET).status == 75
    trial = newsbot("import", "--dry-run", WGET)
    assert "would be imported for berita" in trial.out
    assert place.runs == []
