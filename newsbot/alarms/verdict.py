"""What a rule says: something is wrong, or right; a rule that cannot tell says nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final


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


INSTALLATION = ""
"""The site of alarms that concern the whole installation: disk, spool, store."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether something is wrong at a site (or in the house), with a message for people.

    A rule that lies between its thresholds gives no verdict, and the alarm stays as it is: that
    is what keeps alarms from flapping. ``details`` (JSON) is for programs and for the rule itself.
    """

    kind: Kind
    site: str
    is_wrong: bool
    message: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


def wrong(kind: Kind, site: str, message: str, **details: Any) -> Verdict:
    """Something is wrong: the alarm opens, or stays open."""
    return Verdict(kind, site, is_wrong=True, message=message, details=details)


def right(kind: Kind, site: str) -> Verdict:
    """Say that all is well: the alarm closes, if it was open."""
    return Verdict(kind, site, is_wrong=False)


BAD_OUTCOMES = ("failed", "timed-out", "killed", "recovered")


@dataclass(frozen=True, slots=True)
class RunFacts:
    """One run that has ended; ``counts`` are those of its manifest, empty if it had none."""

    run: str
    started: datetime
    finished: datetime
    outcome: str
    counts: Mapping[str, Any]
    reasons: tuple[str, ...] = ()

    @property
    def new(self) -> int:
        """Articles that were not known before."""
        return int(self.counts.get("new", 0))

    @property
    def asked(self) -> int:
        """Requests that ended, well or badly; 0 where the run could not say."""
        return int(self.counts.get("asked", 0))

    @property
    def failures(self) -> Mapping[str, int]:
        """Requests that came to nothing after their retries, by why."""
        found: Mapping[str, int] = self.counts.get("failures", {})
        return found


@dataclass(frozen=True, slots=True)
class Past:
    """An alarm of the site as the rules see it: when it was open, and what it had noted.

    ``closed`` is None while it is open.
    """

    opened: datetime
    closed: datetime | None
    by_hand: bool
    details: Mapping[str, Any]
