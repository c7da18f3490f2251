"""The targets of ``newsbot verify``: a file, a day, a run, a folder or a store."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from newsbot.archive import chain
from newsbot.archive.articles import has_ledger
from newsbot.archive.chain import ChainHead
from newsbot.archive.snapshots import Snapshot, find_runs
from newsbot.archive.verify import verify_file, verify_runs
from newsbot.errors import ConfigError, NewsbotError
from newsbot.layout import MANIFEST, ROOT, Part, RunRef, parse_prefix
from newsbot.ledger import Ledger
from newsbot.stores.opening import check_store, open_store
from newsbot.stores.s3options import S3Options
from newsbot.stores.store import MARKER, Store
from newsbot.warc.check import Fault


@dataclass(frozen=True, slots=True)
class TrustedHeads:
    """Chain heads known from elsewhere; used only for a whole store or copy."""

    heads: tuple[ChainHead, ...] = ()
    own_heads: Callable[[Iterable[str]], Iterable[ChainHead]] = (
        lambda _sites: ()
    )  # of NEWSBOT_STORE
    is_under_way: Callable[[str], bool] = lambda _run: False  # in the spool, not landed yet


def faults_of(
    target: str | None,
    store_url: str,
    *,
    only: Part | None = None,
    trusted: TrustedHeads = TrustedHeads(),
    report: Callable[[str], None] = lambda _line: None,
    options: S3Options = S3Options(),  # noqa: B008 - frozen
) -> Iterator[Fault]:
    """Yield every fault of the target; without one, of the whole store.

    Args:
        only: the part that was downloaded, if not all was.
        options: of stores on S3.
        report: called with a description of each chain, after a whole store or copy was checked.

    Raises:
        NewsbotError: the target does not exist.
        ConfigError: it is a day that the calendar does not have.
    """
    open_ = partial(_open, options)
    if target is None or target.startswith("s3://"):
        yield from _verify_store(
            open_(target or store_url), only, trusted, report, is_own=target is None
        )
    elif re.fullmatch(r"\d{4}-\d\d-\d\d", target):
        yield from _verify_selected(open_(store_url), only, day=_day(target))
    elif re.fullmatch(r"\d{8}T\d{6}Z-[0-9a-f]{6}\S*", target):
        yield from _verify_selected(open_(store_url), only, run=target)
    elif Path(target).is_file():
        yield from verify_file(Path(target))
    elif Path(target).is_dir():
        yield from _verify_folder(Path(target).resolve(), only, trusted, report, store_url)
    else:
        raise NewsbotError(
            f"{target}: neither a file, a folder, a day (2025-02-28) nor a run of {store_url}"
        )


def _day(target: str) -> date:
    try:
        return date.fromisoformat(target)
    except ValueError as error:
        raise ConfigError(f"{target}: there is no such day ({error})") from error


def _open(options: S3Options, url: str) -> Store:
    store = open_store(url, options)
    check_store(store, write=False)
    return store


def _verify_store(
    store: Store,
    only: Part | None,
    trusted: TrustedHeads,
    report: Callable[[str], None],
    *,
    is_own: bool,
    is_copy: bool = False,
) -> Iterator[Fault]:
    """Yield the faults of all runs of a store or copy, of its chains, and of runs not landed."""
    refs = list(find_runs(store))
    unlanded = dict.fromkeys(refs)
    landed = []
    for found in verify_runs(store, refs, only):
        if isinstance(found, Snapshot):
            landed.append(found)
            unlanded.pop(found.ref)
        else:
            yield found
            if found.file.endswith(f"/{MANIFEST}") and (ref := parse_prefix(found.file[:-13])):
                unlanded.pop(ref, None)
    for ref in unlanded:
        if not (is_own and trusted.is_under_way(ref.run)):
            yield Fault(ref.prefix, f"holds files, but no {MANIFEST}: removed, or never landed")
    heads = list(trusted.heads)
    if is_own:
        heads += trusted.own_heads(sorted({ref.site for ref in refs}))
    yield from chain.chain_faults(landed, heads, is_copy=is_copy)
    for line in chain.describe_chains(landed):
        report(line)


def _verify_selected(
    store: Store, only: Part | None, *, day: date | None = None, run: str | None = None
) -> Iterator[Fault]:
    refs = [ref for ref in find_runs(store, first=day, last=day) if run in (None, ref.run)]
    if not refs:
        raise NewsbotError(f"no run of {day or run} in {store.url}; `newsbot list` shows them")
    yield from _only_faults(store, refs, only)


def _only_faults(store: Store, refs: Iterable[RunRef], only: Part | None) -> Iterator[Fault]:
    for found in verify_runs(store, refs, only):
        if isinstance(found, Fault):
            yield found


def _verify_folder(
    path: Path,
    only: Part | None,
    trusted: TrustedHeads,
    report: Callable[[str], None],
    store_url: str,
) -> Iterator[Fault]:
    """Yield the faults of a store, of a downloaded part of one, or of a run's own folder."""
    if (path / ROOT).is_dir():
        is_own = path == Path(store_url)
        is_copy = not (path / MARKER).is_file()
        yield from _verify_store(
            _open(S3Options(), str(path)), only, trusted, report, is_own=is_own, is_copy=is_copy
        )
        return
    ref = _ref_of(path)
    if ref is None or not (path / MANIFEST).is_file():
        raise NewsbotError(
            f"{path}: neither a store (with {ROOT}) nor a run's folder "
            f"({ROOT}<day>/<site>/<run>/ with {MANIFEST})"
        )
    yield from _only_faults(_open(S3Options(), str(path.parents[3])), [ref], only)


def _ref_of(path: Path) -> RunRef | None:
    return parse_prefix("/".join(path.parts[-4:]) + "/")


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
