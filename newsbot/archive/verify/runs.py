"""Checks landed runs day by day, and says of each what came of it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Literal

from newsbot.archive.chain import ChainLink
from newsbot.archive.snapshots import DamagedRun, Snapshot, read_runs
from newsbot.archive.verify.revisits import EarlierRecords
from newsbot.archive.verify.run import RunCheck
from newsbot.layout import MANIFEST, Part, RunRef, is_part
from newsbot.progress import Progress
from newsbot.stores.store import Store
from newsbot.warc.fault import Fault, grouped

DeepFaults = Callable[[Snapshot], Iterator[Fault]]
"""Yields what reading a run's archived pages again finds."""


@dataclass(frozen=True, slots=True)
class RunVerdict:
    """What came of the check of one run.

    ``link`` is its place in its site's chain, None if its manifest cannot be read or is missing;
    ``faults`` and ``remarks`` are numbers of causes, ``counts`` what was checked, by kind.
    """

    ref: RunRef
    link: ChainLink | None
    faults: int
    remarks: int
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def outcome(self) -> Literal["good", "faulty"]:
        """Whether it is as it landed."""
        return "faulty" if self.faults else "good"


def verify_runs(
    store: Store,
    refs: Iterable[RunRef],
    only: Part | None = None,
    *,
    is_under_way: Callable[[str], bool] = lambda _run: False,
    deep: DeepFaults = lambda _run: iter(()),
    progress: Progress = lambda _day, _done, _size: None,
) -> Iterator[Fault | RunVerdict]:
    """Yield every fault of the runs, and after those of each run its verdict.

    Args:
        only: the part that was downloaded, if not all was.
        is_under_way: tells of a run without a manifest whether it is about to land.
        deep: a further check of each crawled run.
        progress: called with a day, the bytes of it that were read, and its bytes in all.
    """
    earlier = EarlierRecords(store)
    in_order = sorted(refs, key=lambda ref: (ref.date, ref.run))
    for day, of_day in groupby(in_order, key=lambda ref: ref.date):
        readable, unreadable = _without_odd_manifests(store, list(of_day))
        for ref, fault in unreadable.items():
            yield fault
            yield RunVerdict(ref, None, 1, 0)
        found = {run.ref: run for run in read_runs(store, readable)}
        tally = _Tally(day.isoformat(), _size(found.values(), only), progress)
        for ref in readable:
            run = found.get(ref)
            if isinstance(run, Snapshot):
                yield from _verify(run, RunCheck(run, only, earlier, tally.add), deep)
            elif isinstance(run, DamagedRun):
                name = ref.prefix + MANIFEST
                yield Fault(name, str(run.error).removeprefix(f"{store.url}/{name}: "))
                yield RunVerdict(ref, None, 1, 0)
            elif not is_under_way(ref.run):
                yield Fault(ref.prefix, f"has no {MANIFEST}: removed, or never landed")
                yield RunVerdict(ref, None, 1, 0)


def _verify(run: Snapshot, check: RunCheck, deep: DeepFaults) -> Iterator[Fault | RunVerdict]:
    found = {False: 0, True: 0}

    def counted(faults: Iterable[Fault]) -> Iterator[Fault]:
        for fault in grouped(faults):
            found[fault.is_remark] += 1
            yield fault

    yield from counted(check.faults())
    yield from counted(deep(run))
    yield RunVerdict(run.ref, ChainLink.of(run), found[False], found[True], check.counts)


def _without_odd_manifests(
    store: Store, refs: list[RunRef]
) -> tuple[list[RunRef], dict[RunRef, Fault]]:
    """Return the runs whose manifests can be opened, and a fault for each of the others.

    To open a named pipe would wait for ever.
    """
    unreadable: dict[RunRef, Fault] = {}
    for ref in refs:
        name = ref.prefix + MANIFEST
        what = dict(store.irregular(ref.prefix)).get(name)
        if what is not None:
            unreadable[ref] = Fault(name, what)
    return [ref for ref in refs if ref not in unreadable], unreadable


@dataclass
class _Tally:
    """The bytes of a day that were read."""

    day: str
    size: int
    progress: Progress
    done: int = 0

    def add(self, size: int) -> None:
        self.done = min(self.done + size, self.size)
        if size:
            self.progress(self.day, self.done, self.size)


def _size(runs: Iterable[Snapshot | DamagedRun], only: Part | None) -> int:
    return sum(
        entry.size
        for run in runs
        if isinstance(run, Snapshot)
        for entry in run.manifest.files
        if is_part(entry.name, only)
    )
