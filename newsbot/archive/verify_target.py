"""What ``newsbot verify`` may be pointed at: a file, a day, a run, a folder, a store."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from newsbot.archive import chain
from newsbot.archive.articles import has_ledger
from newsbot.archive.chain import Head
from newsbot.archive.snapshots import Snapshot, find_runs
from newsbot.archive.verify import verify_file, verify_runs
from newsbot.errors import NewsbotError
from newsbot.layout import MANIFEST, ROOT, Part, RunRef, parse_prefix
from newsbot.ledger import Ledger
from newsbot.stores.opening import check_store, open_store
from newsbot.stores.s3options import S3Options
from newsbot.stores.store import MARKER, Store
from newsbot.warc.check import Fault


@dataclass(frozen=True, slots=True)
class TrustedHeads:
    """What is known of a store from elsewhere; only a whole store or copy is measured by it."""

    heads: tuple[Head, ...] = ()
    own_heads: Callable[[Iterable[str]], Iterable[Head]] = lambda _sites: ()  # of NEWSBOT_STORE
    is_under_way: Callable[[str], bool] = lambda _run: False  # not landed, and not yet to land


def faults_of(
    target: str | None,
    store_url: str,
    *,
    only: Part | None = None,
    knowledge: TrustedHeads = TrustedHeads(),
    tell: Callable[[str], None] = lambda _line: None,
    options: S3Options = S3Options(),  # noqa: B008 - frozen
) -> Iterator[Fault]:
    """Yield every fault of the target; without one, of the whole store.

    Args:
        only: the part that was downloaded, if not all was.
        options: of stores on S3.
        tell: is told where each chain begins and ends, when all of a store or copy was checked.

    Raises:
        NewsbotError: there is nothing of that name.
    """
    open_ = partial(_open, options)
    if target is None or target.startswith("s3://"):
        yield from _whole(open_(target or store_url), only, knowledge, tell, is_own=target is None)
    elif re.fullmatch(r"\d{4}-\d\d-\d\d", target):
        yield from _runs(open_(store_url), only, day=date.fromisoformat(target))
    elif re.fullmatch(r"\d{8}T\d{6}Z-[0-9a-f]{6}\S*", target):
        yield from _runs(open_(store_url), only, run=target)
    elif Path(target).is_file():
        yield from verify_file(Path(target))
    elif Path(target).is_dir():
        yield from _folder(Path(target).resolve(), only, knowledge, tell, store_url)
    else:
        raise NewsbotError(
            f"{target}: no such file or folder, nor a day (2025-02-28) or a run of {store_url}"
        )


def _open(options: S3Options, url: str) -> Store:
    store = open_store(url, options)
    check_store(store, write=False)
    return store


def _whole(
    store: Store,
    only: Part | None,
    knowledge: TrustedHeads,
    tell: Callable[[str], None],
    *,
    is_own: bool,
    is_copy: bool = False,
) -> Iterator[Fault]:
    """All runs of a store or copy, and what is between them: the chains, and what has no run."""
    refs = list(find_runs(store))
    without = dict.fromkeys(refs)
    landed = []
    for found in verify_runs(store, refs, only):
        if isinstance(found, Snapshot):
            landed.append(found)
            without.pop(found.ref)
        else:
            yield found
            if found.file.endswith(f"/{MANIFEST}") and (ref := parse_prefix(found.file[:-13])):
                without.pop(ref, None)
    for ref in without:
        if not (is_own and knowledge.is_under_way(ref.run)):
            yield Fault(ref.prefix, f"holds files, but no {MANIFEST}: removed, or never landed")
    heads = list(knowledge.heads)
    if is_own:
        heads += knowledge.own_heads(sorted({ref.site for ref in refs}))
    yield from chain.chain_faults(landed, heads, is_copy=is_copy)
    for line in chain.describe(landed):
        tell(line)


def _runs(
    store: Store, only: Part | None, *, day: date | None = None, run: str | None = None
) -> Iterator[Fault]:
    refs = [ref for ref in find_runs(store, first=day, last=day) if run in (None, ref.run)]
    if not refs:
        raise NewsbotError(f"no run of {day or run} in {store.url}; `newsbot list` shows them")
    yield from _faults(store, refs, only)


def _faults(store: Store, refs: Iterable[RunRef], only: Part | None) -> Iterator[Fault]:
    for found in verify_runs(store, refs, only):
        if isinstance(found, Fault):
            yield found


def _folder(
    path: Path,
    only: Part | None,
    knowledge: TrustedHeads,
    tell: Callable[[str], None],
    store_url: str,
) -> Iterator[Fault]:
    """Yield a store, a downloaded part of one, or a run's own folder."""
    if (path / ROOT).is_dir():
        is_own = path == Path(store_url)
        is_copy = not (path / MARKER).is_file()
        yield from _whole(
            _open(S3Options(), str(path)), only, knowledge, tell, is_own=is_own, is_copy=is_copy
        )
        return
    ref = _ref_of(path)
    if ref is None or not (path / MANIFEST).is_file():
        raise NewsbotError(
            f"{path}: neither a store (with {ROOT}) nor a run's folder "
            f"({ROOT}<day>/<site>/<run>/ with {MANIFEST})"
        )
    yield from _faults(_open(S3Options(), str(path.parents[3])), [ref], only)


def _ref_of(path: Path) -> RunRef | None:
    return parse_prefix("/".join(path.parts[-4:]) + "/")


def known_heads(ledger_url: str, sites: Iterable[str]) -> Iterator[Head]:
    """Yield the newest landed run of each of the sites; none where there is no ledger (yet).

    Raises:
        LedgerError: there is one, and it cannot be read.
    """
    if not has_ledger(ledger_url):
        return
    with closing(Ledger.open(ledger_url)) as ledger:
        for site in sites:
            head = ledger.chain_head(site)
            if head is not None:
                yield Head(head[1], site, head[0])
