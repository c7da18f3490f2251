"""The kinds of alarms there are: each has a name, a title and a section in docs/operating.md."""

from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What can be wrong; the value is the name in the ledger, in messages and in metrics."""

    overdue = "overdue"
    run = "run"
    silence = "silence"
    layout = "layout"
    errors = "errors"
    robots = "robots"
    certificate = "certificate"
    store = "store"
    spool = "spool"
    disk = "disk"
    ping = "ping"

    @property
    def meaning(self) -> str:
        """What it means, in a few words."""
        return _TITLES[self]


_TITLES: Final = {
    Kind.overdue: "no run has finished in time",
    Kind.run: "the last run did not end well",
    Kind.silence: "no new article for longer than usual",
    Kind.layout: "the site's layout has changed",
    Kind.errors: "many pages fail",
    Kind.robots: "robots.txt forbids the crawl or cannot be read",
    Kind.certificate: "the site's certificate is not accepted",
    Kind.store: "the store cannot be used",
    Kind.spool: "runs pile up in the spool",
    Kind.disk: "the disk is filling up",
    Kind.ping: "the dead-man address cannot be reached",
}
