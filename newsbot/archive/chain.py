"""The chain of a site's runs: each manifest names the one before it by its SHA-256.

Whoever alters a run and all its checksums cannot alter the digest in the next run's manifest. The
newest run is protected by its head, which the ledger and the crawl's summary record.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from newsbot.archive.manifest import Previous
from newsbot.archive.snapshots import Snapshot
from newsbot.layout import MANIFEST, ROOT, RunRef
from newsbot.warc.fault import Fault


@dataclass(frozen=True, slots=True)
class ChainHead:
    """A manifest known from elsewhere that must exist; of any site if none is given."""

    sha256: str
    site: str | None = None
    run: str | None = None


@dataclass(frozen=True, slots=True)
class ChainLink:
    """One run as a link of its site's chain; ``sha256`` is of its stored manifest."""

    ref: RunRef
    sha256: str
    previous: Previous | None
    derived_from: str | None
    synthetic: bool

    @classmethod
    def of(cls, run: Snapshot) -> "ChainLink":
        """Return a run's link, which does not keep its manifest in memory."""
        manifest = run.manifest
        return cls(
            run.ref, run.sha256, manifest.previous, manifest.derived_from, manifest.synthetic
        )


def chain_faults(
    runs: Iterable[ChainLink],
    heads: Iterable[ChainHead] = (),
    *,
    is_missed: Callable[[str], bool] = lambda _run: True,
    is_copy: bool = False,
) -> Iterator[Fault]:
    """Yield a fault for each run that was removed, altered or inserted, given all runs.

    Args:
        runs: all the runs of a store or of a copy.
        heads: runs known to exist; newer runs may follow them.
        is_missed: tells of a run that is named and not among these whether it is missing.
        is_copy: whether the runs are a part of a store, which may begin in the middle of a chain.
    """
    crawled: defaultdict[str, list[ChainLink]] = defaultdict(list)
    derived: list[ChainLink] = []
    for run in sorted(runs, key=lambda run: run.ref.run):
        if run.derived_from is None and not run.ref.is_derived:
            crawled[run.ref.site].append(run)
        else:
            derived.append(run)
    for of_site in crawled.values():
        yield from _chain_faults_of_site(of_site, is_missed, is_copy=is_copy)
    yield from _faults_of_derived(
        derived, {run.ref.run: run.sha256 for s in crawled.values() for run in s}
    )
    present = {(run.ref.site, run.sha256) for of_site in crawled.values() for run in of_site}
    for head in heads:
        if not any(head.sha256 == sha and head.site in (None, site) for site, sha in present):
            yield Fault(
                f"{ROOT}*/{head.site or '*'}/{head.run or '*'}/{MANIFEST}",
                f"no manifest has the SHA-256 {head.sha256}, which is known as a chain's head: "
                "that run was removed or altered",
            )


@dataclass(frozen=True, slots=True)
class SiteChain:
    """The chain of a site's runs: how many they are, where they begin, and their heads.

    There is one head, unless the runs are a part of a store or one is missing.
    """

    site: str
    runs: int
    start: str
    heads: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.site}: {self.runs} runs from {self.start}; head {', '.join(self.heads)}"


def describe_chains(runs: Iterable[ChainLink]) -> Iterator[SiteChain]:
    """Yield the chain of each site."""
    by_site: defaultdict[str, list[ChainLink]] = defaultdict(list)
    for run in runs:
        if not run.ref.is_derived:
            by_site[run.ref.site].append(run)
    for site, of_site in sorted(by_site.items()):
        first = _beginning(of_site)
        named = {run.previous.run for run in of_site if run.previous}
        before = first.previous
        start = "its first run" if before is None else f"{first.ref.run}, after {before.run}"
        ends = sorted(run.sha256 for run in of_site if run.ref.run not in named)
        yield SiteChain(site, len(of_site), start, tuple(ends))


def _chain_faults_of_site(
    runs: Sequence[ChainLink], is_missed: Callable[[str], bool], *, is_copy: bool
) -> Iterator[Fault]:
    """Yield the faults of one site's chain; ``runs`` are in the order they began."""
    present = {run.ref.run: run.sha256 for run in runs}
    first = _beginning(runs)
    named: dict[str, str] = {}
    for run in runs:
        where, previous = run.ref.prefix + MANIFEST, run.previous
        if previous is None:
            if run is not first:
                yield Fault(
                    where, f"names no previous run, although {run.ref.site} has earlier ones"
                )
            continue
        if previous.run in named:
            yield Fault(where, f"names {previous.run} as previous, as {named[previous.run]} does")
        named[previous.run] = run.ref.run
        if previous.run not in present:
            if is_missed(previous.run) and not (is_copy and run is first):
                yield Fault(where, f"its previous run {previous.run} is missing")
        elif present[previous.run] != previous.manifest_sha256:
            yield Fault(
                where,
                f"the manifest of its previous run {previous.run} differs: it has the SHA-256 "
                f"{present[previous.run]}, this one names {previous.manifest_sha256}",
            )


def _beginning(runs: Iterable[ChainLink]) -> ChainLink:
    """Return the run that begins the chain: one whose previous run is not among these.

    The site's first run comes first, then the earliest such run. That need not be the earliest of
    all: a clock may have been set back after it.
    """
    in_order = sorted(runs, key=lambda run: run.ref.run)
    present = {run.ref.run for run in in_order}
    links = [(run, run.previous) for run in in_order]
    firsts = [run for run, previous in links if previous is None]
    begins = [run for run, previous in links if previous and previous.run not in present]
    return (firsts + begins + in_order)[0]


def _faults_of_derived(runs: Iterable[ChainLink], crawled: Mapping[str, str]) -> Iterator[Fault]:
    """Yield a fault for each derived run whose source is not the stored one."""
    for run in runs:
        where, previous = run.ref.prefix + MANIFEST, run.previous
        if run.derived_from != run.ref.source or previous is None:
            yield Fault(where, f"does not name {run.ref.source} as the run it is derived from")
        elif previous.run != run.ref.source:
            yield Fault(where, f"names another source, {previous.run}")
        elif crawled.get(previous.run, previous.manifest_sha256) != previous.manifest_sha256:
            yield Fault(where, f"the manifest of its source {previous.run} differs")
