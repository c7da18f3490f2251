"""A user's command lines, `scrapy crawl` and `newsbot`, against the replica."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from newsbot.archive.lines import GzipLines
from newsbot.archive.snapshots import list_runs, read_run
from newsbot.layout import RunRef
from newsbot.stores.opening import open_store
from newsbot.stores.store import Store
from replica import Running, running
from tests.commands import ROOT, run_command

BIN = Path(sys.executable).parent
QUICK = {
    "DOWNLOAD_DELAY": "0",
    "AUTOTHROTTLE_ENABLED": "False",
    "CONCURRENT_REQUESTS_PER_DOMAIN": "16",
    "DOWNLOAD_VERIFY_CERTIFICATES": "False",
    "RETRY_TIMES": "1",
    "LOG_LEVEL": "WARNING",
}


@dataclass
class Bench:
    """One user's checkout: a store, a state folder, and where the site is."""

    store_url: str
    state: Path
    environment: dict[str, str] = field(default_factory=dict)

    def crawl(self, spider: str = "antara", *arguments: str, **settings: str) -> Any:
        """`scrapy crawl SPIDER -a …`; returns the finished process."""
        command = [str(BIN / "scrapy"), "crawl", spider]
        for argument in arguments:
            command += ["-a", argument]
        for name, value in (QUICK | settings).items():
            command += ["-s", f"{name}={value}"]
        return self._run(command)

    def start(self, concurrency: int) -> "subprocess.Popen[str]":
        """A crawl of antara that goes on; whoever started it ends it."""
        command = [str(BIN / "scrapy"), "crawl", "antara"]
        for name, value in (QUICK | {"CONCURRENT_REQUESTS_PER_DOMAIN": str(concurrency)}).items():
            command += ["-s", f"{name}={value}"]
        return subprocess.Popen(
            command, cwd=ROOT, env=self.variables, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def newsbot(self, *arguments: str) -> Any:
        """`newsbot …`; returns the finished process."""
        return self._run([str(BIN / "newsbot"), *arguments])

    @property
    def variables(self) -> dict[str, str]:
        """The environment that its user has set up."""
        return os.environ | {
            "NEWSBOT_STORE": self.store_url,
            "NEWSBOT_STATE": str(self.state),
            "NEWSBOT_CONTACT": "tests@example.org",
            "NEWSBOT_REQUISITES": "none",  # the tests of requisites want them
            "NEWSBOT_WORKERS": "1",  # starting one takes longer than reading 100 pages
            "no_proxy": "127.0.0.1",
            **self.environment,
        }

    def _run(self, command: list[str]) -> Any:
        return run_command(command, environment=self.variables)

    @property
    def store(self) -> Store:
        """The store, for looking into it."""
        return open_store(self.store_url)

    def runs(self, site: str | None = None) -> list[RunRef]:
        """Landed runs in the order they began, each before what was derived from it."""
        store = self.store
        found = list(list_runs(store, site))
        began = {
            ref: read_run(store, ref).manifest.started for ref in found
        }  # two in one second too

        def order(ref: RunRef) -> tuple[str, datetime, str]:
            return ref.run[:16], began.get(ref.of_source(), began[ref]), ref.run

        return sorted(found, key=order)

    def lines(self, ref: RunRef, name: str) -> list[dict[str, Any]]:
        """The lines of one of a run's files."""
        return list(GzipLines(self.store.get(f"{ref.prefix}{name}.jsonl.gz")))

    def articles(self, site: str | None = None) -> list[dict[str, Any]]:
        """All article lines of all landed runs."""
        return [line for ref in self.runs(site) for line in self.lines(ref, "articles")]


@pytest.fixture
def replica() -> Iterator[Running]:
    """A small synthetic world."""
    with running(articles=25) as server:
        yield server


@pytest.fixture
def bench(tmp_path: Path, replica: Running) -> Bench:
    """A checkout that stores into a folder and crawls the replica."""
    return bench_for(tmp_path, replica, str(tmp_path / "archive"))


def bench_for(folder: Path, replica: Running, store_url: str) -> Bench:
    """A checkout with this store."""
    proxy = {"http_proxy": replica.proxy_url, "https_proxy": replica.proxy_url}
    return Bench(store_url, folder / "var", proxy)


Maker = Callable[..., Bench]


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A file system of that size (tmpfs), which takes root to make."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False).returncode != 0:
        pytest.skip("a small file system can only be mounted by root")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)
