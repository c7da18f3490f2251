"""Imports a file: checks and reads it before anything is written, then makes and lands its run.

An import that is cut off before its run is closed is removed by the next one, or by a crawl of its
site: the file still has everything. One that was closed lands by the protocol of every run.
"""

from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Final

from newsbot.archive.articles import has_ledger
from newsbot.archive.snapshots import Snapshot, read_run
from newsbot.archive.synthetic import claim_store
from newsbot.config import Config
from newsbot.errors import FixityError, ObjectMissing, StoreError
from newsbot.importing.captures import Scan
from newsbot.importing.imported_run import MARK, ImportedRun, ImportReport, Prepared
from newsbot.importing.site_choice import choose_site
from newsbot.importing.source import NotImportable, Source, open_source
from newsbot.landing.limits import SpoolLimits
from newsbot.landing.lock import SiteLock
from newsbot.landing.outcome import ExitStatus
from newsbot.landing.recover import BlockedRun, end_lost_runs, recover_site
from newsbot.layout import RunRef, parse_prefix
from newsbot.ledger import Ledger
from newsbot.progress import Progress
from newsbot.sites.loading import Sites, load_sites
from newsbot.stores.opening import check_store, open_store
from newsbot.stores.store import Store
from newsbot.warc.fault import Fault

_SHOWN: Final = 10  # faults of a file that is refused


def import_file(
    config: Config,
    path: Path,
    *,
    site: str | None = None,
    even_if_damaged: bool = False,
    dry_run: bool = False,
    progress: Progress = lambda _what, _done, _total: None,
) -> ImportReport:
    """Import a WARC or WACZ file as a landed run; one that was imported before is left alone.

    Args:
        site: a seed's name, or a new name for pages that no seed is for; else the only seed that
            has hosts of its pages.
        even_if_damaged: import what `newsbot verify` finds broken, too.
        dry_run: check and read it, and write nothing.

    Raises:
        NotImportable: it cannot be imported; the message says what to do.
        ConfigError: it is not clear which site it belongs to.
        LockHeld: a crawl or import of the site is running.
        NewsbotError: the spool, the ledger or the store cannot be used.
    """
    store = open_store(config.store_url, config.s3)
    if not dry_run:
        claim_store(store, synthetic=config.synthetic)
        check_store(store, write=True)
    with open_source(path) as source:
        if dry_run and not has_ledger(config.ledger_url):
            prepared = _prepare(config, source, site, even_if_damaged=even_if_damaged)
            return prepared.report("dry-run", ExitStatus.OK)
        with closing(Ledger.open(config.ledger_url)) as ledger:
            earlier = _landed_import(ledger, store, source)
            if earlier is not None:
                return earlier
            prepared = _prepare(config, source, site, even_if_damaged=even_if_damaged)
            if dry_run:
                return prepared.report("dry-run", ExitStatus.OK)
            with SiteLock(config.state_folder, prepared.site.name, config.ledger_url) as lock:
                return _locked(config, store, ledger, lock, prepared, progress)


def _landed_import(ledger: Ledger, store: Store, source: Source) -> ImportReport | None:
    """Return the report of an earlier import of the file into this store, if there is one.

    The ids of the runs that may have it end in the first digits of its SHA-256.
    """
    for _, prefix in ledger.landed_ending(source.sha256[:MARK]):
        ref = parse_prefix(prefix)
        run = None if ref is None else _run_at(store, ref)
        imported = None if run is None else run.manifest.imported
        if run is not None and imported is not None and imported.sha256 == source.sha256:
            return ImportReport(
                name=source.name,
                sha256=source.sha256,
                outcome="already-imported",
                status=ExitStatus.OK,
                site=run.ref.site,
                prefix=run.ref.prefix,
                manifest_sha256=run.sha256,
                tool=imported.tool,
                faults=imported.faults,
                counts=run.manifest.counts,
            )
    return None


def _run_at(store: Store, ref: RunRef) -> Snapshot | None:
    try:
        return read_run(store, ref)
    except (ObjectMissing, FixityError):  # of another store; or damaged, which `verify` reports
        return None


def _prepare(
    config: Config, source: Source, name: str | None, *, even_if_damaged: bool
) -> Prepared:
    """Check and read the file, and choose its site.

    Raises:
        NotImportable, ConfigError: like ``import_file``.
    """
    found = (fault for warc in source.warcs for fault in warc.faults())
    first = list(islice(found, _SHOWN))
    number = len(first) + sum(1 for _ in found)
    if number and not even_if_damaged:
        raise NotImportable(_refusal(source, first, number))
    scan = Scan()
    for at, warc in enumerate(source.warcs):
        with warc.open() as file:
            scan.read(at, file)
    scan.finish()
    if not scan.captures:
        raise NotImportable(f"{source.path}: has no capture: no response or revisit record")
    folder = config.seeds_folder
    sites = load_sites(folder) if folder.is_dir() else Sites(())
    return Prepared(source, scan, choose_site(scan.captures, sites, name), sites, number)


def _refusal(source: Source, first: list[Fault], number: int) -> str:
    more = [f"  … and {number - len(first)} more"] if number > len(first) else []
    what = (
        f"{source.path}: is damaged ({number} faults); nothing was imported: get a good copy, or "
        "import it as it is with --even-if-damaged"
    )
    return "\n".join([what, *(f"  {fault}" for fault in first), *more])


def _locked(
    config: Config,
    store: Store,
    ledger: Ledger,
    lock: SiteLock,
    prepared: Prepared,
    progress: Progress,
) -> ImportReport:
    """Import the file; the site's lock is held."""
    site, source = prepared.site.name, prepared.source
    end_lost_runs(config.spool_folder, site, ledger)
    for one in recover_site(config.spool_folder, site, store, ledger):
        if isinstance(one, BlockedRun) and one.run.endswith(source.sha256[:MARK]):
            raise StoreError(f"{source.name} is in the spool already: {one.reason}")
    earlier = _landed_import(ledger, store, source)
    if earlier is not None:
        return earlier
    limits = SpoolLimits(config.spool_folder, config.spool_limit, config.spool_reserve)
    limits.check(source.kept_size)
    run = ImportedRun(config, store, ledger, prepared)
    reasons = run.write(progress)
    lock.check()
    return run.land(reasons)
