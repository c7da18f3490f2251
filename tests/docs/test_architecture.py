"""The walks of docs/architecture.md: each file and function that they name exists, and few do.

A step is a numbered item that begins with a file and a function in it:
``1. `newsbot/crawl/run.py`: `Run.page` …``. The function is looked for in that file; further names
in the step of the form ``Class.method`` may be in any file.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, ROOT

PAGE = DOCS / "architecture.md"
WALKS = ("Follow one page", "Follow one exchange")
ROOMS = ("newsbot", "spiders", "pipelines")
_STEP = re.compile(r"^\d+\. (?P<text>.+(?:\n +.+)*)", re.MULTILINE)
_NAMED = re.compile(r"`(?P<file>[\w/]+\.py)`:\s+`(?P<name>[\w.]+)`")
_METHOD = re.compile(r"`([A-Z]\w+\.\w+)`")


def steps(walk: str) -> list[str]:
    section = PAGE.read_text().partition(f"\n## {walk}\n")[2].partition("\n## ")[0]
    return [match["text"] for match in _STEP.finditer(section)]


@pytest.mark.parametrize("walk", WALKS)
def test_each_step_names_a_file_and_a_function_that_exist(walk: str) -> None:
    found = steps(walk)
    assert len(found) > 5
    assert [step for step in found if not _NAMED.match(step)] == []
    missing = [
        f"{named['file']}: {named['name']}"
        for step in found
        for named in _NAMED.finditer(step)
        if named["name"] not in defined(ROOT / named["file"])
    ]
    assert missing == []


@pytest.mark.parametrize("walk", WALKS)
def test_methods_that_a_step_mentions_exist(walk: str) -> None:
    known = {
        name for room in ROOMS for path in (ROOT / room).rglob("*.py") for name in defined(path)
    }
    mentioned = {name for step in steps(walk) for name in _METHOD.findall(step)}
    assert mentioned - known == set()


@pytest.mark.parametrize(("walk", "most"), [("Follow one page", 16), ("Follow one exchange", 7)])
def test_a_walk_enters_few_files(walk: str, most: int) -> None:
    files = {named["file"] for step in steps(walk) for named in _NAMED.finditer(step)}
    assert len(files) <= most, f"{len(files)} files: {sorted(files)}"


def test_the_rooms_are_the_packages() -> None:
    """A new package is not forgotten, and one that is gone is not described."""
    section = PAGE.read_text().partition("\n## The rooms\n")[2].partition("\n## ")[0]
    described = set(re.findall(r"^\| `(newsbot/\w+)/` \|", section, re.MULTILINE))
    there = {f"newsbot/{path.parent.name}" for path in (ROOT / "newsbot").glob("*/__init__.py")}
    assert described == there


@cache
def defined(path: Path) -> frozenset[str]:
    """Return the functions, classes and methods of a file; none if there is no such file."""
    if not path.is_file():
        return frozenset()
    return frozenset(_names(ast.parse(path.read_text()).body, ""))


def _names(body: list[ast.stmt], within: str) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield within + node.name
        if isinstance(node, ast.ClassDef):
            yield from _names(node.body, f"{node.name}.")
