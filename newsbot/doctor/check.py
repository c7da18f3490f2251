"""What one check of the doctor found."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from newsbot.errors import NewsbotError

CheckVerdict = Literal["good", "note", "wrong"]
"""``note`` is worth knowing and not a fault."""


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check: what was checked, the verdict, the finding, and lines of detail."""

    name: str
    verdict: CheckVerdict
    text: str
    details: tuple[str, ...] = ()
    site: str | None = None


@contextmanager
def failures_as_checks(checks: list[Check], name: str, site: str | None = None) -> Iterator[None]:
    """Add a check that is wrong when the block raises an error of newsbot's own."""
    try:
        yield
    except NewsbotError as error:
        checks.append(Check(name, "wrong", str(error), site=site))
