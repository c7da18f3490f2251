"""A value that a draft found, with how sure it is."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from newsbot.sites.draft import Sureness

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Finding(Generic[Value]):
    """A value that was found, how sure it is and why."""

    value: Value
    sure: Sureness
    why: str
