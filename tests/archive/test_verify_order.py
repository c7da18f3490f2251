"""The chain is as runs landed, whatever the clock said and in whatever order they began."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from newsbot.archive.chain import ChainLink, chain_faults, describe_chains
from newsbot.archive.snapshots import read_run
from newsbot.layout import MANIFEST, RunRef, new_run_id
from newsbot.ledger import Ledger
from newsbot.ledger.ingest import RunContent, ingest
from newsbot.stores.opening import open_store
from tests.small_run import NOW, REF, manifest

IDS = ("20250228T080000Z-aaaaaa", "20250228T070000Z-bbbbbb", "20250228T073000Z-cccccc")


def run(folder: Path, number: int, before: ChainLink | None) -> ChainLink:
    """A run of the site; the second and third began, by a clock set back, before the first."""
    link = before and {"run": before.ref.run, "manifest_sha256": before.sha256}
    made = manifest(run=IDS[number], previous=link)
    ref = RunRef(REF.date, REF.site, IDS[number])
    store = open_store(str(folder))
    store.put_new(ref.prefix + MANIFEST, made.to_bytes())
    return ChainLink.of(read_run(store, ref))


def test_a_clock_that_was_set_back_is_no_fault_of_the_chain(tmp_path: Path) -> None:
    first = run(tmp_path, 0, None)
    second = run(tmp_path, 1, first)
    third = run(tmp_path, 2, second)
    assert list(chain_faults([first, second, third])) == []
    assert list(chain_faults([second, third], is_copy=True)) == []
    (line,) = describe_chains([first, second, third])
    assert str(line) == f"antara: 3 runs from its first run; head {third.sha256}"
    (fault,) = chain_faults([first, third])
    assert f"its previous run {second.ref.run} is missing" in str(fault)


def test_the_head_is_what_landed_last_though_it_began_first(tmp_path: Path) -> None:
    ledger = Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    previous = None
    for number, name in enumerate(IDS):
        row: dict[str, Any] = {
            "run": name, "site": "antara", "started": NOW - timedelta(hours=number),
            "finished": NOW, "outcome": "finished", "prefix": "", "counts": {},
            "manifest_sha256": str(number), "previous": previous,
        }  # fmt: skip
        ingest(ledger, RunContent(row, (), ()))
        assert ledger.chain_head("antara") == (name, str(number))
        previous = name
    ledger.close()


def test_runs_of_the_same_second_have_names_of_their_own() -> None:
    assert len({new_run_id(NOW) for _ in range(50)}) > 45  # of 16 million; by chance two are one
