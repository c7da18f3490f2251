"""The lines of a whole page: the links of a text that was found without its mark-up."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property

from newsbot.extract.body import Anchor, Line, lines_of
from newsbot.extract.document import Document
from newsbot.extract.pointers import is_first_printed, linked_source, original_of


class PageLines:
    """The lines of a page, read when they are first needed."""

    def __init__(self, document: Document) -> None:
        self._document = document

    @cached_property
    def _linked(self) -> list[Line]:
        lines = lines_of(self._document, [self._document.root], {})
        return [line for line in lines if line.anchors]

    def with_links(self, lines: Iterable[Line]) -> list[Line]:
        """Return the lines with the links that the same words have on the page."""
        links: dict[str, tuple[Anchor, ...]] = {}
        for line in self._linked:
            links.setdefault(_words_only(line.text), line.anchors)
        return [
            line if line.anchors else replace(line, anchors=links.get(_words_only(line.text), ()))
            for line in lines
        ]

    def first_printed(self) -> Iterator[str]:
        """Yield the addresses that lines give for where the story was printed first."""
        return self._originals(line for line in self._linked if is_first_printed(line))

    def sources(self) -> Iterator[str]:
        """Yield the addresses of articles that lines like "Source: …" link to."""
        return self._originals(line for line in self._linked if linked_source(line) is not None)

    def _originals(self, lines: Iterable[Line]) -> Iterator[str]:
        return filter(None, map(original_of, lines))


def _words_only(text: str) -> str:
    return re.sub(r"\W+", "", text)
