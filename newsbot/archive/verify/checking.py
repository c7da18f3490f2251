"""Checks a target of ``newsbot verify``: its runs, the chains between them, or one file."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from newsbot.archive import chain
from newsbot.archive.articles import has_ledger
from newsbot.archive.chain import ChainHead, ChainLink, SiteChain
from newsbot.archive.verify import places
from newsbot.archive.verify.runs import DeepFaults, RunVerdict, verify_runs
from newsbot.archive.verify.single import verify_file
from newsbot.archive.verify.target import Target
from newsbot.archive.verify.wacz import verify_wacz
from newsbot.errors import ConfigError, NewsbotError, ObjectMissing
from newsbot.layout import MANIFEST, ROOT, Part
from newsbot.ledger import Ledger
from newsbot.progress import Progress
from newsbot.stores.store import Store
from newsbot.warc.fault import Fault


@dataclass(frozen=True, slots=True)
class TrustedHeads:
    """Chain heads known from elsewhere."""

    heads: tuple[ChainHead, ...] = ()
    own_heads: Callable[[Iterable[str]], Iterable[ChainHead]] = (
        lambda _sites: ()
    )  # of NEWSBOT_STORE
    is_under_way: Callable[[str], bool] = lambda _run: False  # in the spool, not landed yet


@dataclass(frozen=True, slots=True)
class How:
    """How a target is checked.

    Args:
        only: the part that was downloaded, if not all was.
        is_copy: it is a copy of a part, made with other tools.
        trusted: what is known of it from elsewhere.
        deep: a further check of each run.
    """

    only: Part | None = None
    is_copy: bool = False
    trusted: TrustedHeads = TrustedHeads()
    deep: DeepFaults = lambda _run: iter(())
    progress: Progress = lambda _day, _done, _size: None


def verify_target(
    target: Target,
    how: How = How(),
) -> Iterator[Fault | RunVerdict | SiteChain]:
    """Yield every fault and remark of the target, a verdict after each run, and chains at the end.

    Raises:
        NewsbotError: it has no runs, or it cannot be read.
    """
    if target.store is None:
        yield from _verify_alone(Path(target.file or target.name), how.progress)
    elif target.file is None:
        yield from _verify_runs(target, target.store, how)
    else:
        yield from _verify_one(target, target.store, target.file, how)


def _verify_one(target: Target, store: Store, file: str, how: How) -> Iterator[Fault]:
    """Yield the faults of one file of a run: all that says something of it is read."""
    if not any(info.name == file for info in store.list(file)):
        raise ObjectMissing(f"{store.url}/{file}: no such file in the store")
    folder = "/".join(file.split("/")[:4]) + "/"
    for found in _verify_runs(target, store, how):
        if isinstance(found, Fault) and found.file in (file, folder, folder + MANIFEST):
            yield found


def _verify_alone(path: Path, progress: Progress) -> Iterator[Fault]:
    if path.suffix.lower() == ".wacz":
        yield from verify_wacz(path, progress)
    elif PurePosixPath(path.name.lower().removesuffix(".gz")).suffix == ".warc":
        yield from verify_file(path, progress)
    else:
        raise ConfigError(
            f"{path}: neither a WARC file, a WACZ file nor a file in a run's folder "
            f"({ROOT}<day>/<site>/<run>/)"
        )


def _verify_runs(
    target: Target, store: Store, how: How
) -> Iterator[Fault | RunVerdict | SiteChain]:
    store.reach(write=False)
    selection = target.selection
    refs = selection.refs(store)
    if not refs and not selection.is_all:
        raise NewsbotError(f"no run of {target.name} in {store.url}; `newsbot list` shows them")
    if selection.run is None:
        yield from places.marker_faults(store, is_required=not how.is_copy)
        yield from places.stray_faults(store, selection.prefixes(refs))
    links: list[ChainLink] = []
    unreadable: set[str] = set()
    is_under_way = how.trusted.is_under_way if target.is_own else lambda _run: False
    for found in verify_runs(
        store, refs, how.only, is_under_way=is_under_way, deep=how.deep, progress=how.progress
    ):
        yield found
        if isinstance(found, RunVerdict) and found.link is not None:
            links.append(found.link)
        elif isinstance(found, RunVerdict):
            unreadable.add(found.ref.run)
    yield from places.synthetic_faults(store, ((link.ref, link.synthetic) for link in links))
    heads = list(how.trusted.heads)
    if target.is_own and selection.is_all:
        heads += how.trusted.own_heads(sorted({ref.site for ref in refs}))
    yield from chain.chain_faults(
        links,
        heads,
        is_missed=lambda run: run not in unreadable and selection.must_have(run),
        is_copy=how.is_copy or places.is_copy(store),
    )
    yield from chain.describe_chains(links)


def known_heads(ledger_url: str, sites: Iterable[str]) -> Iterator[ChainHead]:
    """Yield the newest landed run of each of the sites, if the ledger exists.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    if not has_ledger(ledger_url):
        return
    with closing(Ledger.open(ledger_url)) as ledger:
        for site in sites:
            head = ledger.chain_head(site)
            if head is not None:
                yield ChainHead(head[1], site, head[0])
