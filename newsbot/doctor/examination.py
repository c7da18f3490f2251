"""All checks in order: the machine first, since a site cannot be judged from a broken machine."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from newsbot.archive.articles import has_ledger
from newsbot.config import Config
from newsbot.doctor.check import Check, failures_as_checks
from newsbot.doctor.machine import (
    check_browser,
    check_configuration,
    check_ledger,
    check_seeds,
    check_store_now,
    check_writable,
)
from newsbot.doctor.site import SiteExamination
from newsbot.ledger import Ledger
from newsbot.ledger.attempts import History
from newsbot.sites.site import Site
from newsbot.stores.opening import open_store
from newsbot.stores.store import Store

__all__ = ["Check", "examine"]


def examine(config: Config, site: Site | None = None) -> Iterator[Check]:
    """Yield the checks of this installation, then of the site, or of each site that was crawled.

    Seeds of sites that nobody crawls here are only loaded: most are there to be chosen from. Each
    check is yielded as soon as it is done. An error of newsbot's own is a check that is wrong,
    and does not end the examination.
    """
    yield from check_configuration(config)
    sites = [] if site is None else [site]
    if site is None:
        yield from check_seeds(config.seeds_folder, sites)
    failed: list[Check] = []
    with failures_as_checks(failed, "browser"):
        yield from check_browser(config, sites)
    store: Store | None = None
    ledger: Ledger | None = None
    with failures_as_checks(failed, "store"):
        store = open_store(config.store_url, config.s3)
        yield from check_store_now(store)
    with failures_as_checks(failed, "ledger"):
        if has_ledger(config.ledger_url):
            ledger = Ledger.open(config.ledger_url)
            yield from check_ledger(config, ledger)
        else:
            yield check_writable("ledger", Path(config.ledger_url.removeprefix("sqlite:///")))
    yield from failed
    if site is None and (idle := _without_crawl(sites, ledger)):
        sites = [one for one in sites if one not in idle]
        text = "have had no full crawl, and are not asked: `newsbot doctor SITE` does it"
        yield Check("sites", "note", f"{len(idle)} {text}")
    try:
        for examined in sites:
            failed.clear()
            with failures_as_checks(failed, "examination", examined.name):
                yield from SiteExamination(examined, config, ledger, store).checks()
            yield from failed
    finally:
        if ledger is not None:
            ledger.close()


def _without_crawl(sites: list[Site], ledger: Ledger | None) -> list[Site]:
    if ledger is None:
        return sites
    crawled = History(ledger).attempts([site.name for site in sites], 1, datetime.now(UTC))
    return [site for site in sites if not crawled[site.name]]
