"""`newsbot schedule` with real crawls: what hangs, eats memory or exits 1 is recorded as that."""

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from newsbot.ledger import Ledger
from newsbot.ledger.attempts import History, PastRun
from replica import Running, running
from tests.acceptance.conftest import BIN, QUICK, ROOT, Bench, bench_for

pytestmark = pytest.mark.slow

SETTINGS = [part for name, value in QUICK.items() for part in ("-s", f"{name}={value}")]


@pytest.fixture
def replica() -> Iterator[Running]:
    """A small synthetic world."""
    with running(articles=25) as server:
        yield server


@pytest.fixture
def bench(tmp_path: Path, replica: Running) -> Bench:
    """A checkout with one seed, antara, that is due at once."""
    made = bench_for(tmp_path, replica, str(tmp_path / "archive"))
    made.environment |= {"NEWSBOT_SEEDS": str(tmp_path / "seeds"), "NEWSBOT_KILL_AFTER": "3"}
    (tmp_path / "seeds").mkdir()
    text = (ROOT / "seeds" / "antara.toml").read_text()
    (tmp_path / "seeds" / "antara.toml").write_text(text)
    return made


def limited(bench: Bench, **limits: float) -> None:
    """Put limits into the seed."""
    path = Path(bench.environment["NEWSBOT_SEEDS"]) / "antara.toml"
    head = path.read_text().partition("[schedule]")[0]
    lines = "".join(f"{name} = {value}\n" for name, value in limits.items())
    path.write_text(f'{head}[schedule]\ncron = "0 0 1 1 *"\n{lines}')


def newest(bench: Bench) -> PastRun:
    """The newest run of the history."""
    ledger = Ledger.open(f"sqlite:///{bench.state / 'ledger.sqlite'}")
    try:
        return History(ledger).newest("antara")[0]
    finally:
        ledger.close()


@pytest.mark.endurance
def test_a_site_that_accepts_and_never_answers(bench: Bench, replica: Running) -> None:
    limited(bench, time_limit=12)
    replica.latency(600)
    done = bench.newsbot("schedule", "--once", *SETTINGS)
    assert done.returncode == 3, done.stderr
    past = newest(bench)
    assert past.outcome == "timed-out"
    assert "not ended by its time limit of 12 s" in past.reasons[0]
    status = bench.newsbot("status")
    assert status.returncode == 3
    assert "timed-out" in status.stdout
    spooled = list((bench.state / "spool").glob("*/run.json"))  # none if it never got so far
    replica.latency(0)
    assert bench.crawl().returncode in (0, 3)
    runs: list[dict[str, Any]] = json.loads(bench.newsbot("runs", "--json").stdout)
    assert [one["outcome"] for one in runs] == ["finished", "timed-out"]
    assert runs[1]["landed"] or not spooled, "what it had has landed with the next run"


def test_a_crawl_that_eats_memory(bench: Bench) -> None:
    limited(bench, memory_limit=20)  # less than it takes to start
    done = bench.newsbot("schedule", "--once", *SETTINGS)
    assert done.returncode == 3, done.stderr
    past = newest(bench)
    assert past.outcome == "killed"
    assert "MB of memory; its limit is 20 MB" in past.reasons[0]


def test_a_crawl_that_exits_1(bench: Bench) -> None:
    limited(bench)
    Path(bench.store_url).write_text("a file where the store should be")
    done = bench.newsbot("schedule", "--once", *SETTINGS)
    assert done.returncode == 3, done.stderr
    past = newest(bench)
    assert (past.outcome, past.exit_status) == ("failed", 1)
    assert bench.store_url in past.reasons[0]
    assert "antara" in bench.newsbot("status").stdout


def test_all_is_well_and_sigterm_ends_it(bench: Bench, replica: Running) -> None:
    limited(bench)
    done = bench.newsbot("schedule", "--once", *SETTINGS)
    assert done.returncode == 0, done.stderr
    past = newest(bench)
    assert past.went_well
    assert past.due is not None
    (ref,) = bench.runs()
    messages = [line["message"] for line in bench.lines(ref, "log")]
    assert "antara: finished" in messages
    assert bench.newsbot("status").returncode == 0
    process = subprocess.Popen(
        [str(BIN / "newsbot"), "schedule"],
        cwd=ROOT,
        env=bench.variables | {"NEWSBOT_METRICS_PORT": "0"},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert "sites, at most 2 crawls at once" in process.stderr.readline()
    process.send_signal(signal.SIGTERM)
    assert process.wait(600) == 0
    process.stderr.close()
