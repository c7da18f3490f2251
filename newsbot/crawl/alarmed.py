"""A crawl checks its own site's alarms when it has landed, so that cron users have them too."""

import sys

from newsbot.alarms import (
    Alarm,
    Kind,
    Verdict,
    check_site,
    ping_if_asked,
    right,
    wrong,
)
from newsbot.alarms.state import concerns
from newsbot.alarms.verdict import HOUSE
from newsbot.config import Config
from newsbot.errors import LedgerError, NewsbotError, StoreError
from newsbot.landing.outcome import ExitStatus
from newsbot.ledger import Ledger
from newsbot.sites.site import Site


def check_alarms(
    config: Config, ledger: Ledger, site: Site, status: ExitStatus, failed: NewsbotError | None
) -> ExitStatus:
    """Check alarms after a run; returns its exit status, 3 instead of 0 while an alarm is open.

    Args:
        failed: why the run could not begin or land, if it could not.
    """
    try:
        changes = check_site(config, ledger, site, _of_store(failed))
        for alarm in changes.open:
            if concerns(alarm, site.name):
                _print(alarm)
        if status is not ExitStatus.OK:
            return status
        if any(concerns(alarm, site.name) for alarm in changes.open):
            return ExitStatus.LANDED_WITH_PROBLEMS
        ping_if_asked(config, ledger, site.name)
    except LedgerError as error:  # what was crawled has landed all the same
        print(f"newsbot: alarms were not checked: {error}", file=sys.stderr)
        return status or ExitStatus.LANDED_WITH_PROBLEMS
    return status


def _of_store(failed: NewsbotError | None) -> list[Verdict]:
    if failed is None:
        return [right(Kind.store, HOUSE)]
    return [wrong(Kind.store, HOUSE, str(failed))] if isinstance(failed, StoreError) else []


def _print(alarm: Alarm) -> None:
    print(f"  alarm     {alarm.title} (since {alarm.opened:%Y-%m-%d %H:%M} UTC): {alarm.message}")
