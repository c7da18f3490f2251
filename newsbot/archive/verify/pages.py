"""Checks the lists of pages in a WACZ package."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, Protocol

from newsbot.warc.fault import Fault

PAGES: Final = "pages/pages.jsonl"


class MakeFault(Protocol):
    """Makes a fault of a file in the package."""

    def __call__(self, name: str, what: str, detail: str = "", *, is_remark: bool = False) -> Fault:
        """Return the fault."""


class PagesCheck:
    """The check of a list of pages: each is one that the package can show.

    Args:
        urls: of the package's records; None if not all of them could be read.
    """

    def __init__(self, fault: MakeFault, name: str, urls: set[str | None] | None) -> None:
        self._fault = fault
        self._name = name
        self._urls = urls

    def take(self, lines: Iterator[bytes]) -> Iterator[Fault]:
        """Yield the faults of all lines, and a remark if there is no page."""
        pages = 0
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            page = json_object(line)
            if number == 1 and "format" in page:
                continue
            pages += 1
            what = self._fault_of(page)
            if what is not None:
                detail = f"line {number}: {page.get('url')!r:.200}"
                yield self._fault(self._name, what, detail)
        if not pages and self._name == PAGES:
            yield self._fault(self._name, "lists no page", is_remark=True)

    def _fault_of(self, page: Mapping[str, Any]) -> str | None:
        if not isinstance(page.get("url"), str) or not isinstance(page.get("ts"), str):
            return "a line is no page, with url and ts"
        if self._urls is not None and self._urls.isdisjoint(
            (page["url"], page["url"].partition("#")[0])
        ):
            return "lists a page that no WARC file of the package has"
        return None


def json_object(data: bytes) -> dict[str, Any]:
    """Return the JSON object; an empty one if it is none."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
