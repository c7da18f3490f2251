"""Every attempt is in the history, with its outcome and why; what landed has the last word."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from newsbot.crawl.crawl import record_attempt
from newsbot.errors import LockHeld, StoreError
from newsbot.ledger import Ledger
from newsbot.ledger.attempts import AttemptEnd, History

NOW = datetime(2025, 2, 28, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(minutes=5)
PID = os.getpid()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    yield opened
    opened.close()


@pytest.fixture
def history(ledger: Ledger) -> History:
    return History(ledger)


def test_a_run_is_there_from_its_beginning(history: History) -> None:
    history.begin("r1", "x", NOW, partial=False)
    (past,) = history.newest()
    assert (past.run, past.outcome, past.pid, past.landed) == ("r1", None, PID, False)
    assert past.seconds is None


def test_the_scheduler_completes_the_row_of_a_crawl_that_could_not(history: History) -> None:
    history.begin("r1", "x", NOW, partial=False)
    end = AttemptEnd("killed", -9, LATER, ("used 900 MB of memory",))
    past = history.complete("x", PID, NOW, end)
    assert past == history.run("r1")
    assert (past.outcome, past.exit_status, past.seconds) == ("killed", -9, 300.0)
    assert past.reasons == ("used 900 MB of memory",)


def test_what_the_crawl_said_itself_stands_but_for_what_the_scheduler_knows_better(
    history: History,
) -> None:
    history.begin("r1", "x", NOW, partial=False)
    history.end("r1", AttemptEnd("finished", 4, LATER, ("not landed",)), {"new": 3})
    past = history.complete("x", PID, NOW, AttemptEnd("failed", 4, LATER))
    assert (past.outcome, past.reasons, past.counts) == ("finished", ("not landed",), {"new": 3})
    over = history.complete(
        "x", PID, NOW, AttemptEnd("timed-out", 1, LATER), replacing=("finished",)
    )
    assert over.outcome == "timed-out"


def test_a_crawl_that_died_before_it_wrote_anything_is_in_the_history(history: History) -> None:
    history.complete("x", PID, NOW - timedelta(days=1), AttemptEnd("finished", 0, NOW))
    failed = history.complete(
        "x", PID, NOW, AttemptEnd("failed", 1, LATER, ("ImportError",)), due=NOW
    )
    assert failed.due == NOW
    assert [past.outcome for past in history.newest("x")] == ["failed", "finished"]


def test_an_error_before_the_first_page_leaves_its_reason(ledger: Ledger) -> None:
    with pytest.raises(StoreError), record_attempt(ledger, "x", partial=False):
        raise StoreError("the bucket is gone")
    with pytest.raises(LockHeld), record_attempt(ledger, "x", partial=False):
        raise LockHeld("another crawl is running")
    with pytest.raises(ZeroDivisionError), record_attempt(ledger, "x", partial=True):
        _ = 1 / 0
    bug, lock, store = History(ledger).newest("x")
    assert (store.outcome, store.exit_status) == ("failed", 1)
    assert store.reasons == ("the bucket is gone",)
    assert (lock.outcome, lock.exit_status) == ("locked", 75)
    assert (bug.outcome, bug.partial) == ("failed", True)


def test_what_served_no_period_is_no_attempt(history: History) -> None:
    for minute, outcome, partial in (
        (0, "finished", False),
        (1, "locked", False),
        (2, "failed", 1),
    ):
        since = NOW + timedelta(minutes=minute)
        history.complete("x", PID, since, AttemptEnd(outcome, 1, since), partial=bool(partial))  # type: ignore[arg-type]
    future = NOW + timedelta(days=900)
    history.complete("x", PID, future, AttemptEnd("finished", 0, future))
    history.begin("on", "y", future, partial=False)
    found = history.attempts(["x", "y"], 2, NOW + timedelta(hours=1))
    assert [past.started for past in found["x"]] == [NOW]
    assert [past.run for past in found["y"]] == ["on"], "it may still run: the clock was put back"


def test_runs_that_died_unseen_are_given_up_unless_the_spool_has_them(history: History) -> None:
    for run in ("r1", "r2"):
        history.begin(run, "x", NOW, partial=False)
    history.begin("r3", "y", NOW, partial=False)
    history.end_lost_runs("x", ["r2"], LATER)
    outcomes = {past.run: past.outcome for past in history.newest()}
    assert outcomes == {"r1": "killed", "r2": None, "r3": None}
