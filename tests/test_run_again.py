"""What fails by chance is named, and what fails twice, or finds no tests, is a failure."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TESTS = """
from pathlib import Path
import pytest

MARK = Path(__file__).with_name("was-here")

def test_sound():
    pass

def test_flaky():
    if not MARK.exists():
        MARK.touch()
        pytest.fail("by chance")
"""
BROKEN = """
def test_broken():
    assert 1 == 2
"""
SETTINGS = "[pytest]\naddopts =\n"


def run(folder: Path, *arguments: str, tests: str) -> "subprocess.CompletedProcess[str]":
    (folder / "pytest.ini").write_text(SETTINGS)
    (folder / "test_it.py").write_text(tests)
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "PYTEST_ADDOPTS": "-p tests.run_again",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "FLAKY_TESTS": str(folder / "flaky"),
    }
    command = [sys.executable, "-m", "pytest", *(("-p", "xdist") if "-n" in arguments else ())]
    command += arguments
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    "workers",
    [(), pytest.param(("-n", "2"), marks=pytest.mark.slow)],
    ids=["alone", "with-workers"],
)
def test_what_passes_then_is_flaky(tmp_path: Path, workers: tuple[str, ...]) -> None:
    done = run(tmp_path, *workers, tests=TESTS)
    assert done.returncode == 0, done.stdout
    *_, flaky, last = done.stdout.splitlines()
    assert flaky == "FLAKY test_it.py::test_flaky"
    assert "1 passed" in last
    assert "1 flaky" in last
    assert "failed" not in last
    assert "by chance" in done.stdout


def test_what_fails_twice_is_red(tmp_path: Path) -> None:
    done = run(tmp_path, tests=TESTS + BROKEN)
    assert done.returncode == 1
    last = done.stdout.splitlines()[-1]
    assert all(part in last for part in ("1 failed", "1 passed", "1 flaky"))
    assert "FLAKY test_it.py::test_broken" not in done.stdout


def test_flaky_ones_of_earlier_runs_are_named_too(tmp_path: Path) -> None:
    run(tmp_path, tests=TESTS)
    done = run(tmp_path, "-k", "sound", tests=TESTS)
    *_, flaky, last = done.stdout.splitlines()
    assert (done.returncode, flaky) == (0, "FLAKY test_it.py::test_flaky")
    assert "1 passed" in last


@pytest.mark.parametrize(
    ("arguments", "tests", "status"),
    [(("-k", "none"), TESTS, 5), ((), "import nothing_of_that_name", 2), (("--what",), TESTS, 4)],
    ids=["no-tests", "not-collected", "no-such-option"],
)
def test_a_run_that_tests_nothing_is_red(
    tmp_path: Path, arguments: tuple[str, ...], tests: str, status: int
) -> None:
    assert run(tmp_path, *arguments, tests=tests).returncode == status
