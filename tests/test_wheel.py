"""The wheel holds newsbot, and the parts of a project that `newsbot init` writes (tests/cli)."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.conftest import Bench

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_carries_newsbot_alone_and_says_so(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
        assert tops == {"newsbot"}
        assert "newsbot/ledger/migrations/versions/0001_first.py" in names
        assert "newsbot/_project/spiders/base.py" in names
        assert not [name for name in names if "replica" in name or name.endswith(".pyc")]
        archive.extractall(tmp_path / "installed")
    script = "import sys; from newsbot.cli import main; sys.argv[0] = 'newsbot'; main()"
    done = run(
        [sys.executable, "-P", "-c", script, "crawl", "antara"],
        tmp_path,
        PYTHONPATH=str(tmp_path / "installed"),
    )
    assert done.returncode == 2
    assert "`newsbot init DIR` creates one" in done.stderr


def run(command: list[str], home: Path, **variables: str) -> Any:
    """Run a command as a user whose home is elsewhere than the checkout."""
    own = {"HOME": str(home), "XDG_DATA_HOME": str(home / "data")}
    return subprocess.run(
        command, cwd=home, env=os.environ | own | variables, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


class Installed:
    """The wheel in a virtual environment with what it depends on, and nothing else."""

    def __init__(self, folder: Path, wheel: Path) -> None:
        self.home = folder
        self.python = str(folder / "venv" / "bin" / "python")
        self._uv("venv", "--no-project", "--python", sys.executable, str(folder / "venv"))
        # Offline: `make setup` has put the locked packages into uv's cache.
        locked = ["--offline", "--constraint", str(ROOT / "requirements.txt")]
        self._uv("pip", "install", "--python", self.python, *locked, str(wheel))

    def newsbot(self, *arguments: str) -> str:
        """`newsbot …`, which must succeed; return what it printed."""
        return self._succeed([str(self.home / "venv" / "bin" / "newsbot"), *arguments])

    def run_python(self, script: str, *arguments: str) -> str:
        """Run a script, which must succeed; return what it printed."""
        return self._succeed([self.python, "-c", script, *arguments])

    def _uv(self, *arguments: str) -> None:
        command = [str(BIN / "uv"), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, cwd=self.home, check=False)
        assert done.returncode == 0, done.stderr

    def _succeed(self, command: list[str]) -> str:
        done = run(command, self.home, PYTHONPATH="")
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return str(done.stdout)


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """An environment that holds the wheel and its run-time dependencies."""
    return Installed(tmp_path_factory.mktemp("installed"), wheel)


_TOPS = """
import importlib.util
wanted = ("newsbot", "pipelines", "pytest", "replica", "spiders", "tests")
print(*(name for name in wanted if importlib.util.find_spec(name)))
"""


_API = """
import sys
import newsbot
archive = newsbot.open_archive(sys.argv[1])
print(len(list(archive.runs())), len(list(archive.articles())) > 10)
"""


@pytest.mark.slow
def test_the_wheel_alone_reads_a_store(installed: Installed, landed: Bench) -> None:
    assert installed.run_python(_TOPS) == "newsbot\n"
    store = ("--store", landed.store_url)
    days, here = "2000-01-01..2100-01-01", installed.home
    assert installed.newsbot("list", *store).count("finished") == 3
    printed = installed.newsbot("download", days, "--to", str(here / "got"), *store)
    assert "\n3 runs, " in printed
    assert ", all checked, in " in printed
    assert "no fault" in installed.newsbot("verify", str(here / "got"))
    for form in ("csv", "jsonl", "wacz", "bagit"):
        to = here / f"out.{form}"
        printed = installed.newsbot("export", days, "--format", form, "--to", str(to), *store)
        assert " of 3 runs, all checked" in printed
        assert to.exists()
    assert installed.run_python(_API, landed.store_url) == "3 True\n"
