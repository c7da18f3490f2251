"""What one check of the doctor found."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from newsbot.errors import NewsbotError

Verdict = Literal["good", "note", "wrong"]
"""``note``: worth knowing, and no fault."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check: what was looked at, how it is, in words, and lines of detail."""

    name: str
    verdict: Verdict
    text: str
    details: tuple[str, ...] = ()
    site: str | None = None


@contextmanager
def failures_as_checks(found: list[Check], name: str, site: str | None = None) -> Iterator[None]:
    """Within it, an error of newsbot's own becomes a check that is wrong."""
    try:
        yield
    except NewsbotError as error:
        found.append(Check(name, "wrong", str(error), site=site))
