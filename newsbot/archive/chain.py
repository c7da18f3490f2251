"""The chain of a site's runs: each manifest names the one before it by its SHA-256.

Whoever alters a run and all its sums cannot alter what the next run says of it; the newest is
vouched for by its head, which the ledger and the crawl's summary know.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from newsbot.archive.snapshots import Snapshot
from newsbot.layout import MANIFEST, ROOT
from newsbot.warc.check import Fault


@dataclass(frozen=True, slots=True)
class Head:
    """A manifest that is known from elsewhere and must be there; of any site if none is given."""

    sha256: str
    site: str | None = None
    run: str | None = None


def chain_faults(
    runs: Iterable[Snapshot], heads: Iterable[Head] = (), *, is_copy: bool = False
) -> Iterator[Fault]:
    """Yield runs that were removed, altered or slipped in, of all the runs of a store or of a copy.

    Args:
        heads: what is known of each site's newest run. Newer runs may follow it.
        is_copy: whether it is a part of a store, which may begin in the middle of each chain.
    """
    crawled: defaultdict[str, list[Snapshot]] = defaultdict(list)
    derived: list[Snapshot] = []
    for run in sorted(runs, key=lambda run: run.ref.run):
        if run.manifest.derived_from is None and not run.ref.is_derived:
            crawled[run.ref.site].append(run)
        else:
            derived.append(run)
    for of_site in crawled.values():
        yield from _links(of_site, is_copy=is_copy)
    yield from _derived(derived, {run.ref.run: run.sha256 for s in crawled.values() for run in s})
    there = {(run.ref.site, run.sha256) for of_site in crawled.values() for run in of_site}
    for head in heads:
        if not any(head.sha256 == sha and head.site in (None, site) for site, sha in there):
            yield Fault(
                f"{ROOT}*/{head.site or '*'}/{head.run or '*'}/{MANIFEST}",
                f"no manifest with the SHA-256 {head.sha256} is there, which is known as a chain's "
                "head: that run was removed or altered",
            )


def describe(runs: Iterable[Snapshot]) -> Iterator[str]:
    """Yield where each site's chain begins and ends, a line a site, for people to compare."""
    by_site: defaultdict[str, list[Snapshot]] = defaultdict(list)
    for run in runs:
        if not run.ref.is_derived:
            by_site[run.ref.site].append(run)
    for site, of_site in sorted(by_site.items()):
        first = _first(of_site)
        named = {run.manifest.previous.run for run in of_site if run.manifest.previous}
        before = first.manifest.previous
        start = "its first run" if before is None else f"{first.ref.run}, after {before.run}"
        ends = sorted(run.sha256 for run in of_site if run.ref.run not in named)
        yield f"{site}: {len(of_site)} runs from {start}; head {', '.join(ends)}"


def _links(runs: Sequence[Snapshot], *, is_copy: bool) -> Iterator[Fault]:
    """Faults of one site's chain; ``runs`` in the order they began."""
    there = {run.ref.run: run.sha256 for run in runs}
    first = _first(runs)
    named: dict[str, str] = {}
    for run in runs:
        where, previous = run.ref.prefix + MANIFEST, run.manifest.previous
        if previous is None:
            if run is not first:
                yield Fault(where, f"names no previous run, but {run.ref.site} has earlier ones")
            continue
        if previous.run in named:
            yield Fault(where, f"names {previous.run} as previous, as {named[previous.run]} does")
        named[previous.run] = run.ref.run
        if previous.run not in there:
            if not (is_copy and run is first):
                yield Fault(where, f"its previous run {previous.run} is not there")
        elif there[previous.run] != previous.manifest_sha256:
            yield Fault(
                where,
                f"the manifest of its previous run {previous.run} differs: it has the SHA-256 "
                f"{there[previous.run]}, this one names {previous.manifest_sha256}",
            )


def _first(runs: Iterable[Snapshot]) -> Snapshot:
    """Where the chain begins: at the site's first run, or at the earliest that follows none here.

    That need not be the earliest of all: a clock may have been set back after it.
    """
    in_order = sorted(runs, key=lambda run: run.ref.run)
    there = {run.ref.run for run in in_order}
    links = [(run, run.manifest.previous) for run in in_order]
    firsts = [run for run, previous in links if previous is None]
    begins = [run for run, previous in links if previous and previous.run not in there]
    return (firsts + begins + in_order)[0]


def _derived(runs: Iterable[Snapshot], crawled: Mapping[str, str]) -> Iterator[Fault]:
    """Yield a fault for each derived run that names its source otherwise than it is stored."""
    for run in runs:
        where, previous = run.ref.prefix + MANIFEST, run.manifest.previous
        if run.manifest.derived_from != run.ref.source or previous is None:
            yield Fault(where, f"does not say that it is derived from {run.ref.source}")
        elif previous.run != run.ref.source:
            yield Fault(where, f"names {previous.run} as what it was made of")
        elif crawled.get(previous.run, previous.manifest_sha256) != previous.manifest_sha256:
            yield Fault(where, f"the manifest of its source {previous.run} differs")
