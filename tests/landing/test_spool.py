"""Lines that a full disk tore: none stays, and those that still fit are whole."""

import json
import subprocess
import sys
from pathlib import Path

_SCRIPT = """
import json, resource, sys
from contextlib import suppress
from pathlib import Path
from newsbot.landing.spool import Journal
from newsbot.errors import CaptureError

journal = Journal(Path(sys.argv[1]))
kept = []
for number, (room, length) in enumerate([(1000, 600), (1000, 700), (1200, 900), (5000, 100)]):
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, 5000))
    with suppress(CaptureError):
        journal.add(json.dumps({"number": number, "filler": "x" * length}))
        kept.append(number)
journal.close()
print(json.dumps(kept))
"""


def test_two_lines_in_a_row_that_do_not_fit_leave_nothing_of_themselves(tmp_path: Path) -> None:
    path = tmp_path / "crawl.jsonl"
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, str(path)],
        capture_output=True, text=True, check=True, timeout=600,
    )  # fmt: skip
    kept = json.loads(done.stdout)
    assert kept == [0, 3]
    assert [json.loads(line)["number"] for line in path.read_text().splitlines()] == kept
