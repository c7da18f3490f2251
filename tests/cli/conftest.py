"""`newsbot` as a user runs it, in a folder of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

BIN = Path(sys.executable).parent
Newsbot = Callable[..., Any]


@pytest.fixture
def newsbot(tmp_path: Path) -> Newsbot:
    """Run `newsbot ARGUMENTS` in the folder ``cwd``, with more variables; the finished process."""

    def run(*arguments: str, cwd: Path = tmp_path, **variables: str) -> Any:
        return subprocess.run(
            [str(BIN / "newsbot"), *arguments],
            cwd=cwd,
            env=os.environ | variables,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    return run
