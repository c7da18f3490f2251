"""What a rule says: something is wrong, or right; a rule that cannot tell says nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from newsbot.alarms.kinds import Kind

HOUSE = ""
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
    """All is well: the alarm closes, if it was open."""
    return Verdict(kind, site, is_wrong=False)
