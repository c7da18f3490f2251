"""A crawl's processes as the scheduler sees them: it starts, measures, signals and reaps them."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Protocol

import psutil

from newsbot.config import Config, child_environment, project_of
from newsbot.ledger.attempts import PastRun
from newsbot.sites.site import Site

_TAIL = 4096  # bytes at the end of a crawl's output that its last line is searched in


class CrawlProcess(Protocol):
    """One crawl, with all the processes it started."""

    pid: int

    def poll(self) -> int | None:
        """Return its exit status, negative for a signal; None while it runs."""
        ...

    def send(self, number: signal.Signals) -> None:
        """Send the signal to all of its processes."""
        ...

    def memory(self) -> int:
        """Return the resident memory of all its processes, in bytes."""
        ...

    def last_line(self) -> str:
        """Return the last line that it printed."""
        ...


class Processes(Protocol):
    """The crawls of this host."""

    def start(self, site: Site, due: datetime, time_limit: float) -> CrawlProcess:
        """Start the crawl of a site for a period, without waiting for it."""
        ...

    def is_alive(self, past: PastRun) -> bool:
        """Return whether the process of this host that began the run is still crawling."""
        ...

    def adopt(self, past: PastRun) -> CrawlProcess:
        """Return the crawl of a run that another process of this host started."""
        ...


class LocalProcesses:
    """Starts crawls by the command line, each in a session of its own.

    So a signal reaches the browser and the workers too, and a crawl outlives a scheduler that
    is killed: it holds its lock until it ends.
    """

    def __init__(self, config: Config, seeds: Path, settings: Mapping[str, str]) -> None:
        """Create the folder of the crawls' output.

        Args:
            seeds: folder of the seeds that crawls read.
            settings: Scrapy settings for every crawl, as ``-s`` has them.

        Raises:
            ConfigError: there is no project to crawl from.
        """
        self._root = project_of(config)
        self._logs = config.state_folder / "logs"
        self._logs.mkdir(parents=True, exist_ok=True)
        self._environment = {"NEWSBOT_SEEDS": str(seeds), **child_environment(config)}
        self._settings = settings

    def start(self, site: Site, due: datetime, time_limit: float) -> CrawlProcess:
        """Start the crawl; its output is in ``<state>/logs/<site>.log`` until the next start."""
        log = self._logs / f"{site.name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                self.command(site, due, time_limit),
                cwd=self._root,
                env=os.environ | self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        return ChildProcess(process, log)

    def command(self, site: Site, due: datetime, time_limit: float) -> Sequence[str]:
        """Return the command line of a crawl that stops fetching at its time limit."""
        settings = {
            **self._settings,
            "CLOSESPIDER_TIMEOUT": f"{time_limit:.0f}",
            "SCHEDULED_FOR": due.isoformat(),
        }
        command = [sys.executable, "-m", "scrapy", "crawl", site.kind, "-a", f"site={site.name}"]
        for name, value in settings.items():
            command += ["-s", f"{name}={value}"]
        return command

    def is_alive(self, past: PastRun) -> bool:
        """Return whether the process of this host that began the run is still crawling."""
        return is_alive(past)

    def adopt(self, past: PastRun) -> CrawlProcess:
        """Return the crawl of a run that another process of this host started."""
        return AdoptedProcess(past)


class ChildProcess:
    """A crawl that this process started."""

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self.pid = process.pid
        self._process = process
        self._log = log

    def poll(self) -> int | None:
        """Return its exit status, or None while it runs; kill what it left running."""
        if self._process.returncode is None and _has_ended(self.pid):
            # Its number belongs to no other process until it is reaped.
            _send_to_all(self.pid, signal.SIGKILL)
        return self._process.poll()

    def send(self, number: signal.Signals) -> None:
        """Send the signal to all of its processes."""
        _send_to_all(self.pid, number)

    def memory(self) -> int:
        """Return the resident memory of all its processes, in bytes."""
        return _memory_of(self.pid)

    def last_line(self) -> str:
        """Return the last line that newsbot itself printed, or else the last line of the output."""
        try:
            with self._log.open("rb") as file:
                file.seek(max(0, self._log.stat().st_size - _TAIL))
                lines = file.read().decode("utf-8", "replace").splitlines()
        except OSError as error:
            return f"{self._log}: {error.strerror}"
        printed = [line.strip() for line in lines if line.strip()]
        own = [line for line in printed if line.startswith("newsbot: ")]
        return (own or printed or ["it printed nothing"])[-1].removeprefix("newsbot: ")


class AdoptedProcess:
    """A crawl that another process of this host started, such as a scheduler that was killed."""

    def __init__(self, past: PastRun) -> None:
        self.pid = past.pid or 0
        self._past = past

    def poll(self) -> int | None:
        """Return None while it runs, then 0: its exit status is not ours to read."""
        return None if is_alive(self._past) else 0

    def send(self, number: signal.Signals) -> None:
        """Send the signal to all of its processes."""
        _send_to_all(self.pid, number)

    def memory(self) -> int:
        """Return the resident memory of all its processes, in bytes."""
        return _memory_of(self.pid)

    def last_line(self) -> str:
        """Return an empty text: its output is not ours to read."""
        return ""


def is_alive(past: PastRun) -> bool:
    """Return whether the process of this host that began the run is still a crawl."""
    try:
        process = psutil.Process(past.pid)
        words = " ".join(process.cmdline())
        return process.status() != psutil.STATUS_ZOMBIE and "crawl" in words
    except psutil.Error:
        return False


def _send_to_all(leader: int, number: signal.Signals) -> None:
    """Send a signal to the process group, and to descendants that left it, as a browser does."""
    try:
        strays = [
            process
            for process in psutil.Process(leader).children(recursive=True)
            if os.getpgid(process.pid) != leader
        ]
    except (psutil.Error, ProcessLookupError):
        strays = []
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)
    for process in strays:
        with suppress(psutil.Error):
            process.send_signal(number)


def _memory_of(leader: int) -> int:
    """Return the resident memory of the process and all its descendants, in bytes."""
    total = 0
    try:
        process = psutil.Process(leader)
        family = [process, *process.children(recursive=True)]
    except psutil.Error:
        return 0
    for member in family:
        with suppress(psutil.Error):
            total += member.memory_info().rss
    return total


def _has_ended(pid: int) -> bool:
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
