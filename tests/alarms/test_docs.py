"""Every kind of alarm has its section in docs/operating.md, and no section is of none."""

import re
from pathlib import Path

from newsbot.alarms import Kind

PAGE = Path(__file__).parent.parent.parent / "docs" / "operating.md"


def test_every_kind_has_its_section() -> None:
    alarms = PAGE.read_text().partition("\n## Alarms\n")[2].partition("\n## ")[0]
    sections = re.findall(r"^### (\w+)$", alarms, re.MULTILINE)
    assert sections == [kind.value for kind in Kind]
    assert all(len(text) > 150 for text in re.split(r"^### \w+$", alarms, flags=re.MULTILINE)[1:])
