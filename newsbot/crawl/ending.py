"""The end of a crawl: its run lands or stays in the spool, and its user is told."""

import logging
import sys

from newsbot.crawl.run import Run
from newsbot.crawl.save_report import as_json, as_text
from newsbot.crawl.saving import SavedPage, saved_pages
from newsbot.crawl.summary import summary
from newsbot.errors import LedgerError, LockLost, NewsbotError, StoreError
from newsbot.landing.counts import counts
from newsbot.landing.land import Ending, land_run
from newsbot.landing.lock import SiteLock
from newsbot.landing.outcome import ExitStatus, Judgement
from newsbot.ledger import Ledger
from newsbot.ledger.attempts import AttemptEnd, History
from newsbot.stores.store import Store

logger = logging.getLogger(__name__)


def land(
    run: Run,
    ending: Ending,
    judgement: Judgement,
    store: Store,
    ledger: Ledger,
    lock: SiteLock,
) -> tuple[ExitStatus, NewsbotError | None]:
    """Land the run; return its exit status, and the error if it did not land."""
    folder = run.folder
    saved = saved_pages(folder, run.options.pages)  # landing removes the folder
    try:
        lock.check()
        landed = land_run(folder, store, ledger)
    except (StoreError, LockLost) as error:
        print(f"newsbot: {error}", file=sys.stderr)
        kept = (
            f"{run.site.name}: {ending.outcome}, NOT LANDED: kept in {folder}; "
            "the next crawl of the site, or `newsbot recover`, lands it"
        )
        _print_end(run, saved, kept, ExitStatus.SPOOLED, judgement)
        _record_spooled(run, ending, ledger, error)
        return ExitStatus.SPOOLED, error
    place = f"{store.url.rstrip('/')}/{run.ref.prefix}"
    text = summary(landed, judgement, f"landed in {place}")
    _print_end(run, saved, text, judgement.status, judgement)
    return judgement.status, None


def _print_end(
    run: Run, saved: list[SavedPage], text: str, status: ExitStatus, judgement: Judgement
) -> None:
    """Print how the run ended: its summary, and what became of pages to save."""
    is_landed = status is not ExitStatus.SPOOLED
    if run.reports_json:
        print(as_json(saved, run.ref, status, judgement, is_landed=is_landed))
    elif saved:
        print(as_text(saved, run.ref, text, is_landed=is_landed))
    else:
        print(text)


def _record_spooled(run: Run, ending: Ending, ledger: Ledger, error: NewsbotError) -> None:
    """Record in the history that the run stays in the spool."""
    folder = run.folder
    reasons = (*ending.reasons, f"not landed: {error}")
    end = AttemptEnd(ending.outcome, ExitStatus.SPOOLED, ending.finished, reasons)
    try:
        History(ledger).end(run.ref.run, end, counts(folder))
    except (LedgerError, StoreError) as refused:  # the same fault may be why it did not land
        logger.warning("%s: the end of the run is not in the history: %s", run.site.name, refused)
