"""A day pressed into minutes: the real scheduler and real crawls of three sites, killed at random.

NEWSBOT_SOAK_SECONDS sets for how long; NEWSBOT_SOAK_SEED chooses other moments.
"""

import itertools
import json
import os
import random
import re
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from newsbot.ledger import Ledger
from newsbot.ledger.attempts import History, PastRun
from replica import Running, running
from tests.acceptance.conftest import BIN, QUICK, ROOT, Bench, bench_for

SITES = {"antara": 20, "antara-megapolitan": 30, "rakyatnews": 60}  # seconds of a period
SECONDS = int(os.environ.get("NEWSBOT_SOAK_SECONDS", "130"))
LONGEST = timedelta(seconds=120)  # without a run: one that is killed, its next attempt, a busy hour


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[tuple[Bench, Running]]:
    """A checkout with three sites that are crawled every few seconds."""
    (tmp_path / "seeds").mkdir()
    for name, period in SITES.items():
        text = (ROOT / "seeds" / f"{name}.toml").read_text().partition("\n[schedule]")[0]
        text = re.sub(r"delay = [\d.]+", "delay = 0.0", text)
        cron = f"*/{period}" if period < 60 else "0"
        schedule = f'[schedule]\ncron = "{cron} * * * * *"\ntime_limit = 60\n'
        (tmp_path / "seeds" / f"{name}.toml").write_text(f"{text}\n{schedule}")
    with running(articles=30) as replica:
        made = bench_for(tmp_path, replica, str(tmp_path / "archive"))
        made.environment |= {
            "NEWSBOT_SEEDS": str(tmp_path / "seeds"),
            "NEWSBOT_METRICS_PORT": "0",
            "NEWSBOT_KILL_AFTER": "5",
        }
        yield made, replica


def supervise(bench: Bench, log: Path) -> "subprocess.Popen[bytes]":
    command = [str(BIN / "newsbot"), "schedule"]
    for name, value in QUICK.items():
        command += ["-s", f"{name}={value}"]
    with log.open("ab") as output:
        return subprocess.Popen(
            command, cwd=ROOT, env=bench.variables, stdout=output, stderr=output
        )


def crawls(bench: Bench) -> list[psutil.Process]:
    """Living crawls that write to this checkout's state, whoever started them."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            if "crawl" in process.cmdline()[:4] and (
                process.environ().get("NEWSBOT_STATE") == str(bench.state)
            ):
                found.append(process)
    return found


def history(bench: Bench) -> list[PastRun]:
    """Every attempt that had the lock, in the order they began."""
    ledger = Ledger.open(f"sqlite:///{bench.state / 'ledger.sqlite'}")
    try:
        past = History(ledger).newest(limit=1000)
    finally:
        ledger.close()
    return sorted((one for one in past if one.outcome != "locked"), key=lambda one: one.started)


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    pause, end = threading.Event(), time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        pause.wait(0.2)
    return True


@pytest.mark.endurance
@pytest.mark.timeout(900)
def test_a_pressed_day(bench: tuple[Bench, Running], tmp_path: Path) -> None:
    made, replica = bench
    rng = random.Random(os.environ.get("NEWSBOT_SOAK_SEED", "day"))
    log, begin = tmp_path / "supervisor.log", datetime.now(UTC)
    supervisor, killed = supervise(made, log), {"supervisor": 0, "crawl": 0}
    try:
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            time.sleep(rng.uniform(3, 9))  # what happens in between is the test
            replica.add(2)
            alive = crawls(made)
            if rng.random() < 0.25:
                supervisor.kill()
                supervisor.wait()
                supervisor = supervise(made, log)
                killed["supervisor"] += 1
            elif alive and rng.random() < 0.4:
                with suppress(psutil.NoSuchProcess):
                    rng.choice(alive).kill()
                    killed["crawl"] += 1
        calm = datetime.now(UTC)
        assert wait_for(lambda: all_crawled(made, calm), 240), log.read_text()
        check_leaks(supervisor)
        supervisor.terminate()
        assert supervisor.wait(600) == 0, log.read_text()
    finally:
        supervisor.kill()
        supervisor.wait()
        for process in crawls(made):
            process.kill()
    print(f"killed: {killed}; {len(history(made))} runs")
    assert min(killed.values()) >= 2, "too little went wrong to tell anything"
    assert "Traceback" not in log.read_text()
    check_history(history(made), begin, calm)
    check_archive(made, replica)


def all_crawled(bench: Bench, since: datetime) -> bool:
    good = {one.site for one in history(bench) if one.started > since and one.landed}
    return good == SITES.keys()


def check_leaks(supervisor: "subprocess.Popen[bytes]") -> None:
    process = psutil.Process(supervisor.pid)
    zombies = [one for one in process.children() if one.status() == psutil.STATUS_ZOMBIE]
    assert len(zombies) <= len(SITES), "crawls that ended are not reaped"
    assert process.num_fds() < 40
    assert process.num_threads() < 20


def check_history(past: list[PastRun], begin: datetime, calm: datetime) -> None:
    """No two runs of a site at once; each period has a run that began after it."""
    for site, seconds in SITES.items():
        own = [one for one in past if one.site == site]
        for before, after in itertools.pairwise(own):
            assert before.finished is not None, f"{before.run} has no end"
            assert before.finished <= after.started, f"{before.run} and {after.run} at once"
        period = begin + timedelta(seconds=seconds)
        while period < calm:
            served = next((one.started for one in own if one.started >= period), None)
            assert served is not None, f"{site}: nobody served {period}"
            assert served - period < LONGEST, f"{site}: {period} was served at {served}"
            period += timedelta(seconds=seconds)


def check_archive(bench: Bench, replica: Running) -> None:
    """Every run that fetched something has landed, none overlaps, and all of it checks."""
    bench.newsbot("recover")
    assert list((bench.state / "spool").iterdir()) == []
    for site in SITES:
        spans = []
        for ref in bench.runs(site):
            times = [line["time"] for line in bench.lines(ref, "crawl")]
            spans += [(min(times), max(times))] if times else []
        for before, after in itertools.pairwise(spans):
            assert before[1] <= after[0], f"{site}: two crawls fetched at once"
    landed = {ref.run for ref in bench.runs()}
    named = {run["run"] for run in json.loads(bench.newsbot("runs", "--json").stdout)}
    assert landed <= named
    verified = bench.newsbot("verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
