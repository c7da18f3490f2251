"""What a check finds: faults and remarks, each cause once with the number of its places."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple


class Cause(NamedTuple):
    """What is wrong, in words of our own, and what is particular to this place."""

    what: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault: in which file, what it is, and where it occurs first.

    ``what`` is the cause, the same for all its places; ``offset``, ``record_id`` and ``detail`` are
    of the first of them, and ``count`` is their number. ``is_remark``: nothing is damaged; the
    server sent what is not as its header says, or the file is as it may be.
    """

    file: str
    what: str
    offset: int | None = None
    record_id: str | None = None
    is_remark: bool = False
    detail: str = ""
    count: int = 1

    def __str__(self) -> str:
        place = self.file if self.offset is None else f"{self.file} at {self.offset}"
        record = f" {self.record_id}" if self.record_id else ""
        detail = f": {self.detail}" if self.detail else ""
        if self.count == 1:
            return f"{place}{record}: {self.what}{detail}"
        first = f", first{place.removeprefix(self.file)}{record}{detail}"
        return f"{self.file}: {self.what}: {self.count} times{first if first != ', first' else ''}"


def grouped(faults: Iterable[Fault]) -> Iterator[Fault]:
    """Yield one fault for each file and cause, in the order in which they first occur.

    Nothing is yielded before all were found.
    """
    found: dict[tuple[str, str, bool], Fault] = {}
    for fault in faults:
        key = (fault.file, fault.what, fault.is_remark)
        known = found.get(key)
        found[key] = replace(known, count=known.count + fault.count) if known else fault
    yield from found.values()
