"""A crawl that could not begin, or broke off, leaves its reason in the history."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from newsbot.errors import LedgerError, LockHeld
from newsbot.landing.outcome import ExitStatus
from newsbot.ledger import Ledger
from newsbot.ledger.attempts import End, History

logger = logging.getLogger(__name__)


@contextmanager
def attempt(ledger: Ledger, site: str, *, partial: bool) -> Iterator[None]:
    """Within it, an error is written down before it goes on: a store that is down, a lock, a bug.

    ``partial``: the crawl was asked for less than all that is new.
    """
    began = datetime.now(UTC)
    try:
        yield
    except Exception as error:
        try:
            History(ledger).settle(site, os.getpid(), began, _end(error), partial=partial)
        except LedgerError as refused:  # the error itself is what the user needs
            logger.warning("%s: the history does not have it: %s", site, refused)
        raise


def _end(error: Exception) -> End:
    now = datetime.now(UTC)
    reason = str(error) or type(error).__name__
    if isinstance(error, LockHeld):
        return End("locked", ExitStatus.LOCKED, now, (reason,))
    return End("failed", ExitStatus.FAILED, now, (reason,))
