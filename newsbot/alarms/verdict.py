"""What a rule returns: a verdict that something is wrong or right, or None if it cannot tell."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final


class Kind(StrEnum):
    """The kinds of alarms; the value is the name in the ledger, in messages and in metrics."""

    overdue = "overdue"
    run = "run"
    silence = "silence"
    shortfall = "shortfall"
    layout = "layout"
    wall = "wall"
    errors = "errors"
    robots = "robots"
    certificate = "certificate"
    store = "store"
    spool = "spool"
    disk = "disk"
    ping = "ping"

    @property
    def meaning(self) -> str:
        """What an alarm of this kind means, in a few words."""
        return _TITLES[self]


_TITLES: Final = {
    Kind.overdue: "no run has finished in time",
    Kind.run: "the last run did not end well",
    Kind.silence: "no new article for longer than usual",
    Kind.shortfall: "fewer new articles in a day than the seed expects",
    Kind.layout: "the site's layout has changed",
    Kind.wall: "walls or one page stand in the place of articles",
    Kind.errors: "many pages fail",
    Kind.robots: "robots.txt forbids the crawl or cannot be read",
    Kind.certificate: "the site's certificate is not accepted",
    Kind.store: "the store cannot be used",
    Kind.spool: "runs pile up in the spool",
    Kind.disk: "the disk is filling up",
    Kind.ping: "the heartbeat URL cannot be reached",
}


INSTALLATION = ""
"""The site of alarms that concern the whole installation: store, spool, disk, ping."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether something is wrong with a site or the installation, with a message for the operator.

    A rule whose value lies between its two thresholds gives no verdict, and the alarm stays as it
    is: this hysteresis keeps alarms from flapping. ``details`` (JSON) is for programs and for the
    rule itself.
    """

    kind: Kind
    site: str
    is_wrong: bool
    message: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


def wrong(kind: Kind, site: str, message: str, **details: Any) -> Verdict:
    """Return the verdict that something is wrong: the alarm opens, or stays open."""
    return Verdict(kind, site, is_wrong=True, message=message, details=details)


def right(kind: Kind, site: str) -> Verdict:
    """Return the verdict that nothing is wrong: the alarm closes, if it was open."""
    return Verdict(kind, site, is_wrong=False)


BAD_OUTCOMES = ("failed", "timed-out", "killed", "recovered")


@dataclass(frozen=True, slots=True)
class RunFacts:
    """A run that has ended; ``counts`` are those of its manifest, empty if it has none."""

    run: str
    started: datetime
    finished: datetime
    outcome: str
    counts: Mapping[str, Any]
    reasons: tuple[str, ...] = ()
    partial: bool = False  # was to fetch less than everything new

    @property
    def new_articles(self) -> int:
        """Articles that were not known before."""
        return int(self.counts.get("new", 0))

    @property
    def requests(self) -> int:
        """Number of requests that ended, well or badly; 0 where the run did not record it."""
        return int(self.counts.get("asked", 0))

    @property
    def failures(self) -> Mapping[str, int]:
        """Number of requests that failed after all retries, by reason."""
        by_reason: Mapping[str, int] = self.counts.get("failures", {})
        return by_reason


@dataclass(frozen=True, slots=True)
class PastAlarm:
    """An alarm of the site as the rules see it: when it was open, and the details of its verdict.

    ``closed`` is None while it is open.
    """

    opened: datetime
    closed: datetime | None
    by_hand: bool
    details: Mapping[str, Any]
