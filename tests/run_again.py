"""A plugin of pytest (``-p tests.run_again``): what fails is run once more, by itself.

What passes then is flaky: named at the end, and no failure. What fails twice is one. The file that
FLAKY_TESTS names, if it does, passes the flaky tests of one run on to the summary of the next.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

MOST = 40  # more than so many have failed for another reason than chance


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Run the failed tests again, before the summary is made."""
    if session.exitstatus != pytest.ExitCode.TESTS_FAILED or hasattr(session.config, "workerinput"):
        return
    stats = session.config.pluginmanager.get_plugin("terminalreporter").stats
    failed = {report.nodeid for kind in ("failed", "error") for report in stats.get(kind, ())}
    if not failed or len(failed) > MOST:
        return
    flaky = failed - _failed_again(sorted(failed))
    for kind in ("failed", "error"):
        reports = stats.pop(kind, [])
        stats["flaky"] = stats.get("flaky", []) + [one for one in reports if one.nodeid in flaky]
        if kept := [one for one in reports if one.nodeid not in flaky]:
            stats[kind] = kept
    if flaky == failed:
        session.exitstatus = pytest.ExitCode.OK


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the flaky tests of this run, with why they failed, and those of the runs before."""
    for report in terminalreporter.stats.get("flaky", ()):
        terminalreporter.write_sep("_", f"flaky: {report.nodeid}")
        terminalreporter.write_line(report.longreprtext)
    names = [report.nodeid for report in terminalreporter.stats.get("flaky", ())]
    if all_names := list(dict.fromkeys([*_before(), *names])):
        terminalreporter.section("flaky: failed once, and passed when run again", yellow=True)
        for name in all_names:
            terminalreporter.write_line(f"FLAKY {name}")
        if file := os.environ.get("FLAKY_TESTS"):
            Path(file).write_text("\n".join(all_names) + "\n")


def _before() -> list[str]:
    file = os.environ.get("FLAKY_TESTS")
    return Path(file).read_text().splitlines() if file and Path(file).exists() else []


def _failed_again(names: list[str]) -> set[str]:
    """Which of the tests fail in a run of their own; all of them if that cannot be told."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pytest", "-m", "", "-o", f"cache_dir={folder}", *names]
        done = subprocess.run(command, env=environment, check=False)
        if done.returncode == pytest.ExitCode.OK:
            return set()
        found = Path(folder) / "v" / "cache" / "lastfailed"
        if done.returncode != pytest.ExitCode.TESTS_FAILED or not found.exists():
            return set(names)
        return set(json.loads(found.read_text()))
