"""Several schedulers and cron side by side, killed at random: no site is crawled twice at once."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from newsbot.ledger import Ledger
from newsbot.ledger.attempts import History
from tests.databases import Postgres
from tests.schedule.world import SEED

SITES = ("a", "b", "c")
CRAWLS = 15  # that have had the lock, before it is over
OF_A_SITE = 3  # among them, at least
STUBS = Path(__file__).parent.parent / "schedule"


class Party:
    """Schedulers and crawls that share a ledger; each host has a state folder of its own."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        self.journal = folder / "journal.txt"
        self.processes: list[subprocess.Popen[bytes]] = []
        (folder / "seeds").mkdir()
        for site in SITES:
            text = SEED.format(name=site, cron="*/2 * * * * *", jitter=0, time_limit=60, more="",
                zone="UTC")  # fmt: skip
            (folder / "seeds" / f"{site}.toml").write_text(text.replace("\\\\", "\\"))

    def scheduler(self, host: str) -> "subprocess.Popen[bytes]":
        """Start a scheduler on a host."""
        return self._start("stub_service.py", self.folder / "seeds", self._state(host), self.url,
            self.journal, host)  # fmt: skip

    def crawl(self, host: str, site: str) -> "subprocess.Popen[bytes]":
        """Start a crawl as cron does."""
        due = "2025-02-28T00:00:00+00:00"
        return self._start("stub_crawl.py", self._state(host), self.url, site, due, self.journal,
            "0.5", host)  # fmt: skip

    def lines(self) -> list[tuple[float, str, str, int]]:
        """What crawls wrote down, in order: when, begin or end, site, process."""
        text = self.journal.read_text() if self.journal.exists() else ""
        words = (line.split() for line in text.splitlines())
        return sorted((float(at), what, site, int(pid)) for at, what, site, pid in words)

    def has_seen_enough(self) -> bool:
        """Whether there were crawls enough of every site, and two that met."""
        begun = Counter(site for _, what, site, _ in self.lines() if what == "begin")
        enough = begun.total() >= CRAWLS and min(begun[site] for site in SITES) >= OF_A_SITE
        return enough and {"finished", "locked"} <= self._outcomes()

    def crawling(self) -> int:
        """Processes that this one started and that go on."""
        return sum(process.poll() is None for process in self.processes)

    def _outcomes(self) -> set[str | None]:
        ledger = Ledger.open(self.url)
        outcomes = {past.outcome for past in History(ledger).newest(limit=1000)}
        ledger.close()
        return outcomes

    def _state(self, host: str) -> Path:
        return self.folder / host

    def _start(self, stub: str, *arguments: object) -> "subprocess.Popen[bytes]":
        command = [sys.executable, str(STUBS / stub), *map(str, arguments)]
        with (self.folder / "output.txt").open("ab") as output:
            process = subprocess.Popen(command, stdout=output, stderr=output)
        self.processes.append(process)
        return process


@contextmanager
def party(folder: Path, url: str) -> Iterator[Party]:
    """A party that leaves no process behind."""
    Ledger.open(url).close()
    made = Party(folder, url)
    try:
        yield made
    finally:
        for process in made.processes:
            process.kill()
            process.wait()


def kill_at_random(made: Party, rng: random.Random, hosts: list[str]) -> int:
    """For a while: kill schedulers and crawls, start schedulers again, crawl as cron does."""
    schedulers = {host: made.scheduler(host) for host in hosts}
    killed = 0
    while killed < 3 or not made.has_seen_enough():
        time.sleep(rng.uniform(0.2, 1.0))  # what happens in between is the test
        host = rng.choice(hosts)
        if made.crawling() < len(hosts) + 4:
            made.crawl(host, rng.choice(SITES))
        if made.lines() and rng.random() < 0.3:
            killed += 1
            if rng.random() < 0.5:
                schedulers[host].kill()
                schedulers[host].wait()
                schedulers[host] = made.scheduler(host)
            else:
                kill_a_crawl(made)
    for scheduler in schedulers.values():
        check_leaks(scheduler)
        stop(scheduler)
    return killed


def check_leaks(scheduler: "subprocess.Popen[bytes]") -> None:
    """What a scheduler has open does not grow with what it has started; it goes on."""
    assert scheduler.poll() is None, "a scheduler ended: see output.txt"
    process = psutil.Process(scheduler.pid)
    zombies = [one for one in process.children() if one.status() == psutil.STATUS_ZOMBIE]
    assert len(zombies) <= len(SITES), "crawls that ended are not reaped"
    assert process.num_fds() < 40
    assert process.num_threads() < 20


def stop(scheduler: "subprocess.Popen[bytes]") -> None:
    """SIGTERM ends it in good order, or at once where it was only just being started."""
    scheduler.terminate()
    assert scheduler.wait(600) in (0, -signal.SIGTERM)


def kill_a_crawl(made: Party) -> None:
    """Kill the crawl that began last, wherever it runs."""
    for _, what, _, pid in made.lines()[-1:]:
        if what == "begin":
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def check(made: Party) -> None:
    """At any time at most one living crawl of a site had the lock."""
    holds: dict[str, int] = {}
    ended = {pid for _, what, _, pid in made.lines() if what == "end"}
    for at, what, site, pid in made.lines():
        if what == "end":
            assert holds.pop(site) == pid
            continue
        before = holds.get(site)
        assert before is None or before not in ended, f"{site}: {pid} began at {at} beside {before}"
        holds[site] = pid


@pytest.mark.long
def test_three_schedulers_and_cron_on_one_state_folder(tmp_path: Path) -> None:
    rng = random.Random(os.environ.get("NEWSBOT_SOAK_SEED", "three"))
    with party(tmp_path, f"sqlite:///{tmp_path / 'ledger.sqlite'}") as made:
        others = [made.scheduler("h") for _ in range(2)]  # the third is killed again and again
        assert kill_at_random(made, rng, ["h"])
        for scheduler in others:
            check_leaks(scheduler)
            stop(scheduler)
        check(made)


@pytest.mark.endurance
@pytest.mark.long
def test_two_hosts_one_ledger(tmp_path: Path, postgres: Postgres) -> None:
    rng = random.Random(os.environ.get("NEWSBOT_SOAK_SEED", "two"))
    with party(tmp_path, postgres.new_database()) as made:
        assert kill_at_random(made, rng, ["north", "south"])
        check(made)
