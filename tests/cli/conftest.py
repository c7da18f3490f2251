"""`newsbot` as a user runs it, in a folder of its own."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.commands import run_command

BIN = Path(sys.executable).parent
Newsbot = Callable[..., Any]


@pytest.fixture
def newsbot(tmp_path: Path) -> Newsbot:
    """Run `newsbot ARGUMENTS` in the folder ``cwd``, with more variables; the finished process."""

    def run(*arguments: str, cwd: Path = tmp_path, **variables: str) -> Any:
        return run_command(
            [str(BIN / "newsbot"), *arguments], cwd=cwd, environment=os.environ | variables
        )

    return run
