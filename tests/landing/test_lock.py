"""One crawl of a site at a time, across hosts that share a PostgreSQL ledger."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from newsbot.errors import LedgerError, LockHeld, LockLost
from newsbot.landing.lock import SiteLock
from newsbot.ledger import Ledger
from tests.databases import Postgres

HOLDER = """
import sys
from pathlib import Path
from newsbot.landing.lock import SiteLock
with SiteLock(Path(sys.argv[1]), "x", sys.argv[2]):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def url(postgres: Postgres) -> str:
    """A shared ledger with its tables."""
    found = postgres.new_database()
    Ledger.open(found).close()
    return found


@contextmanager
def another_host(folder: Path, url: str) -> Iterator["subprocess.Popen[str]"]:
    """A crawl of site x in a process of its own, with a state folder of its own."""
    command = [sys.executable, "-c", HOLDER, str(folder), url]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_two_hosts_one_ledger(tmp_path: Path, url: str) -> None:
    with another_host(tmp_path / "a", url) as process:
        with pytest.raises(LockHeld) as caught, SiteLock(tmp_path / "b", "x", url):
            pass
        said = str(caught.value)
        assert said.startswith(f"x: another crawl is running: process {process.pid} on ")
        assert "since 20" in said
        assert "last heard of" in said
        with SiteLock(tmp_path / "b", "y", url):
            pass  # another site
        with SiteLock(tmp_path / "b", "x", None):
            pass  # the loser left its own file lock free
        process.kill()
        process.wait()
    with SiteLock(tmp_path / "b", "x", url):
        pass  # a dead crawl holds nothing


def test_released_is_free(tmp_path: Path, url: str) -> None:
    for folder in ("a", "b", "a"):
        with SiteLock(tmp_path / folder, "x", url) as lock:
            lock.check()


def test_a_lock_that_is_lost_is_told_at_once(
    tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("newsbot.ledger.sharedlock.HEARTBEAT_SECONDS", 600)  # it is told sooner
    told = threading.Event()
    with SiteLock(tmp_path / "a", "x", url) as lock:
        lock.when_lost(lambda _lost: told.set())
        _cut_off(url)
        assert told.wait(600)
        with pytest.raises(LockLost, match=r"x: the lock on postgresql.* was lost: .*terminat"):
            lock.check()
        with SiteLock(tmp_path / "b", "x", url):
            pass  # the server has given it up
    again = threading.Event()
    lock.when_lost(lambda _lost: again.set())
    assert again.is_set(), "who asks late is told too"


def test_heartbeats_are_seen(tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("newsbot.ledger.sharedlock.HEARTBEAT_SECONDS", 0.05)
    with SiteLock(tmp_path / "a", "x", url), psycopg.connect(_plain(url)) as connection:
        connection.autocommit = True
        beats = set()
        while len(beats) < 3:
            beats.add(connection.execute("SELECT heartbeat FROM locks").fetchone())


def test_a_server_that_is_away_is_said(tmp_path: Path) -> None:
    url = f"postgresql+psycopg://nobody@/none?host={tmp_path}"
    with (
        pytest.raises(LedgerError, match=r"the lock on .* cannot be requested: .*is the server up"),
        SiteLock(tmp_path / "a", "x", url),
    ):
        pass
    with SiteLock(tmp_path / "a", "x"):
        pass  # nothing is left held


def test_a_lock_that_cannot_be_signed_is_given_up(tmp_path: Path, url: str) -> None:
    with psycopg.connect(_plain(url), autocommit=True) as connection:
        connection.execute("ALTER TABLE locks RENAME TO away")
        with pytest.raises(LedgerError) as refusal, SiteLock(tmp_path / "a", "x", url):
            pass
        connection.execute("ALTER TABLE away RENAME TO locks")
    with SiteLock(tmp_path / "b", "x", url):
        pass  # although a traceback still refers to the first session
    assert "cannot be requested" in str(refusal.value)


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _cut_off(url: str) -> None:
    """End the session that holds the lock, as a server that restarts does."""
    with psycopg.connect(_plain(url), autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'newsbot crawl x'"
        )
