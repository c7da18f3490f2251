"""A place to import into: a store, a ledger, seeds of two sites."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from newsbot.archive.lines import GzipLines
from newsbot.archive.snapshots import Snapshot, find_runs, read_run
from newsbot.archive.verify import verify_runs
from newsbot.config import Config, load_config
from newsbot.importing.import_file import import_file
from newsbot.importing.imported_run import ImportReport
from newsbot.ledger import Ledger
from newsbot.stores.opening import open_store
from newsbot.stores.store import Store
from newsbot.warc.fault import Fault
from tests.importing.site import SEED


@dataclass(frozen=True)
class Place:
    """Where files are imported into."""

    config: Config

    def add(self, path: Path, **options: Any) -> ImportReport:
        """Import the file."""
        return import_file(self.config, path, **options)

    @property
    def store(self) -> Store:
        return open_store(self.config.store_url)

    @property
    def runs(self) -> list[Snapshot]:
        """The landed runs, the oldest first."""
        refs = sorted(find_runs(self.store), key=lambda ref: ref.run)
        return [read_run(self.store, ref) for ref in refs]

    def run_of(self, report: ImportReport) -> Snapshot:
        return next(run for run in self.runs if run.ref.prefix == report.prefix)

    def lines(self, report: ImportReport, name: str) -> list[dict[str, Any]]:
        """The lines of a file of the run: articles, crawl, events."""
        return list(GzipLines(self.run_of(report).open(f"{name}.jsonl.gz").read()))

    def faults(self) -> list[Fault]:
        """What `newsbot verify` finds in the store, remarks included."""
        refs = [run.ref for run in self.runs]
        return [one for one in verify_runs(self.store, refs) if isinstance(one, Fault)]

    def ledger(self) -> Ledger:
        return Ledger.open(self.config.ledger_url)

    @property
    def spooled(self) -> list[Path]:
        """What is in the spool."""
        return sorted(self.config.spool_folder.glob("*"))

    def files(self) -> dict[Path, bytes]:
        """Every file of the store."""
        root = Path(self.config.store_url)
        return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def make_place(tmp_path: Path) -> Callable[..., Place]:
    """A place with the seeds berita and kabar; more settings by name."""

    def make(**more: Any) -> Place:
        seeds = tmp_path / "seeds"
        seeds.mkdir(exist_ok=True)
        for name in ("berita", "kabar"):
            text = SEED.format(name=name, host=f"{name}.example")
            (seeds / f"{name}.toml").write_text(text)
        settings = {
            "store": str(tmp_path / "archive"), "state": tmp_path / "var", "seeds": seeds,
            "workers": 0, "spool_reserve": 0,
        }  # fmt: skip
        return Place(load_config(**(settings | more)))

    return make


@pytest.fixture
def place(make_place: Callable[..., Place]) -> Place:
    return make_place()
