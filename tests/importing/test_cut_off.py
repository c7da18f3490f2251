"""An import that ends in the middle: nothing is lost, and nothing comes in twice."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from time_machine import travel

from newsbot.errors import LockHeld, StoreUnavailable
from newsbot.importing import import_file as importing
from newsbot.landing.lock import SiteLock
from newsbot.landing.outcome import ExitStatus
from newsbot.ledger.attempts import History
from newsbot.stores.opening import open_store
from tests.importing.conftest import Place
from tests.importing.made import DATA
from tests.importing.site import STORIES
from tests.small_run import Altered

FILE = DATA / "wget.warc.gz"
DIES = """\
import os, signal, sys
from pathlib import Path
from newsbot.config import load_config
from newsbot.importing.import_file import import_file

def die(what, done, total):
    if done == 2:
        os.kill(os.getpid(), signal.SIGKILL)

folder, file = map(Path, sys.argv[1:])
config = load_config(store=str(folder / "archive"), state=folder / "var", seeds=folder / "seeds",
                     workers=0, spool_reserve=0)
import_file(config, file, progress=die)
"""


def test_cut_off_while_it_reads_it_starts_over(place: Place, tmp_path: Path) -> None:
    aside = tmp_path / "aside"

    def end(_what: str, done: int, _total: int) -> None:
        if done == 2:
            shutil.copytree(place.config.spool_folder, aside)  # what a killed process leaves
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), travel("2025-06-01T08:00:00Z"):
        place.add(FILE, progress=end)  # the same second and file would give the run the same id
    place.config.spool_folder.rmdir()
    aside.rename(place.config.spool_folder)
    assert len(place.spooled) == 1
    check_that_it_starts_over(place)


@pytest.mark.endurance
def test_killed_while_it_reads_it_starts_over(place: Place, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", DIES, str(tmp_path), str(FILE)], env=os.environ, check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert len(place.spooled) == 1
    check_that_it_starts_over(place)


def check_that_it_starts_over(place: Place) -> None:
    """Whatever was cut off is gone; the file comes in once."""
    assert place.runs == []
    report = place.add(FILE)
    assert report.outcome == "imported"
    assert len(place.lines(report, "articles")) == len(STORIES)
    assert place.spooled == []
    assert len(place.runs) == 1
    ledger = place.ledger()
    assert [run.outcome for run in History(ledger).newest("berita")] == ["imported", "killed"]
    ledger.close()


def test_what_could_not_land_lands_with_the_next(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise StoreUnavailable("the store is down")

    def altered(*given: Any) -> Any:
        store = open_store(*given)
        return Altered(store, put_file=refuse) if given[0] == place.config.store_url else store

    monkeypatch.setattr(importing, "open_store", altered)
    monkeypatch.setattr("newsbot.stores.retry.RetryPolicy.do", lambda _self, work: work())
    report = place.add(FILE)
    assert (report.outcome, report.status) == ("spooled", ExitStatus.SPOOLED)
    assert any("the store is down" in reason for reason in report.reasons)
    assert len(place.spooled) == 1
    monkeypatch.undo()
    again = place.add(FILE)
    assert (again.outcome, again.prefix) == ("already-imported", report.prefix)
    assert place.spooled == []
    assert len(place.runs) == 1
    assert place.faults() == []


def test_an_error_while_it_is_written_leaves_nothing(place: Place) -> None:
    def fail(_what: str, _done: int, _total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        place.add(FILE, progress=fail)
    assert place.spooled == place.runs == []
    ledger = place.ledger()
    (past,) = History(ledger).newest("berita")
    assert (past.outcome, past.exit_status) == ("failed", 1)
    ledger.close()


def test_a_file_that_changes_meanwhile_is_not_imported(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.warc.gz"
    path.write_bytes(FILE.read_bytes())
    choose = importing.choose_site

    def choose_and_change(*given: Any) -> Any:
        path.write_bytes((DATA / "warcio.warc.gz").read_bytes())
        return choose(*given)

    monkeypatch.setattr(importing, "choose_site", choose_and_change)
    with pytest.raises(Exception, match="was changed while it was imported"):
        place.add(path)
    assert place.spooled == place.runs == []


def test_a_site_that_is_crawled_is_left_alone(place: Place) -> None:
    with (
        SiteLock(place.config.state_folder, "berita", place.config.ledger_url),
        pytest.raises(LockHeld),
    ):
        place.add(FILE)
    assert place.runs == []
