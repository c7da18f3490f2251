"""Each decision has a page of the same form, and the index says of each what its page says."""

import re
from datetime import date
from pathlib import Path

import pytest

from tests.docs.pages import DOCS

INDEX = DOCS / "decisions" / "README.md"
DECISIONS = sorted(path for path in INDEX.parent.glob("*.md") if path != INDEX)
SECTIONS = ["Decision", "Why", "Measured", "What would change our mind"]
_HEAD = re.compile(
    r"# (?P<number>\d+)\. (?P<title>.+)\n\n"
    r"- Date: (?P<date>\d{4}-\d\d-\d\d)(?:, last changed (?P<changed>\d{4}-\d\d-\d\d))?\n"
    r"- Status: (?P<status>accepted|superseded by \[decision \d+\]\(\d{4}-[\w-]+\.md\))\n\n"
)
_ROW = re.compile(r"^\| \[(\d+)\]\((\S+)\) \| (.+?) \| (\S+) \| (.+?) \|$", re.MULTILINE)


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_has_its_form(page: Path) -> None:
    text = page.read_text()
    head = _HEAD.match(text)
    assert head is not None, "its first lines are: # N. Title, Date, Status"
    assert int(head["number"]) == int(page.name[:4])
    assert date.fromisoformat(head["date"]) <= date.fromisoformat(head["changed"] or head["date"])
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == SECTIONS
    assert all(section.strip() for section in re.split(r"^## .+$", text, flags=re.MULTILINE)[1:])


def test_the_index_says_what_the_pages_say() -> None:
    said = []
    for page in DECISIONS:
        head = _HEAD.match(page.read_text())
        assert head is not None
        said.append((head["number"], page.name, head["title"], head["date"], head["status"]))
    assert _ROW.findall(INDEX.read_text()) == said


def test_numbers_have_no_gaps() -> None:
    assert [int(page.name[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))
