"""A page that cannot be read as a list's does not pass for the end of the list."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from scrapy.http import Response

from newsbot.models import Extraction, Link
from spiders.publisher import PublisherSpider


def judged(number: int, extraction: Extraction) -> tuple[bool, list[str]]:
    """Return whether the page is none of a list, and the problems that were counted."""
    problems: list[str] = []
    spider = PublisherSpider.__new__(PublisherSpider)
    spider.name = "publisher"
    spider.run = cast("Any", SimpleNamespace(stats=SimpleNamespace(count_problem=problems.append)))
    response = Response("https://kabar.example/api?page=3")
    return spider._is_no_list(response, extraction, number), problems


@pytest.mark.parametrize(
    ("number", "note", "is_none"),
    [
        (1, "list-not-json", True),
        (3, "list-not-json", True),
        (1, "list-items-not-found", True),
        (3, "list-items-not-found", False),  # an API behind its last page
    ],
)
def test_a_page_that_is_no_list_ends_no_walk(number: int, note: str, is_none: bool) -> None:
    found, problems = judged(number, Extraction("other", notes=(note,)))
    assert found is is_none
    assert [problem.partition(" ")[0] for problem in problems] == [note] * is_none


def test_a_list_that_was_cut_is_walked_on_and_named() -> None:
    links = (Link("https://kabar.example/cerita/1"),)
    found, problems = judged(2, Extraction("list", links=links, notes=("list-too-long",)))
    assert not found
    assert problems[0].startswith("list-too-long")
