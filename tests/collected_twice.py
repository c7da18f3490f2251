"""``python -m tests.collected_twice``: fails where the names of tests depend on chance.

Collects all tests twice, in processes that differ in hash seed, clock, time zone and folder for
temporary files, as xdist's workers may, and compares the names. Loaded as a plugin of pytest
(``-p tests.collected_twice``) it sets the clock.
"""

import difflib
import os
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

import time_machine

ROOT = Path(__file__).parent.parent
CLOCK = "NEWSBOT_TESTS_CLOCK"
PROCESSES = (
    {"PYTHONHASHSEED": "1", "TZ": "UTC", CLOCK: "2021-01-31T23:59:58+00:00"},
    {"PYTHONHASHSEED": "2", "TZ": "Asia/Jakarta", CLOCK: "2033-12-01T10:20:30+00:00"},
)


def pytest_configure() -> None:
    """Set the clock before any test module is read."""
    time_machine.travel(datetime.fromisoformat(os.environ[CLOCK]), tick=True).start()


def main() -> None:
    """Compare the names; exit with 1 where they differ."""
    with tempfile.TemporaryDirectory() as folder:
        running = [
            _collect(Path(folder) / str(number), settings)
            for number, settings in enumerate(PROCESSES)
        ]
        first, second = (_names(process) for process in running)
    if first != second:
        names = ("one process", "another process")
        print(*difflib.unified_diff(first, second, *names, n=0, lineterm=""), sep="\n")
        sys.exit("these tests have other names, or another order, in another process: give ids=")
    print(f"{len(first)} tests have the same names in two processes")


def _collect(temporary: Path, settings: dict[str, str]) -> "subprocess.Popen[str]":
    temporary.mkdir()
    command = [
        sys.executable, "-m", "pytest", "--collect-only", "-q", "-m", "", "-p", "no:cacheprovider",
        "-p", "tests.collected_twice",
    ]  # fmt: skip
    environment = os.environ | settings | {"TMPDIR": str(temporary)}
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def _names(process: "subprocess.Popen[str]") -> list[str]:
    said, _ = process.communicate()
    names = [line for line in said.splitlines() if "::" in line]
    if process.returncode != 0 or not names:
        reason = "".join(said.partition("= ERRORS =")[1:]) or said
        sys.exit(f"the tests cannot be collected:\n{reason}")
    return names


if __name__ == "__main__":
    main()
