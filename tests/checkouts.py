"""Checkouts and environments of their own, made in a second: what a newcomer has after set-up."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).parent.parent
_SCRIPT = """#!/bin/sh
'''exec' "{python}" "$0" "$@"
' '''
import sys
from {module} import {function}
sys.exit({function}())
"""
_SCRIPTS = {"newsbot": ("newsbot.cli", "main"), "scrapy": ("scrapy.cmdline", "execute")}


def copy_checkout(folder: Path) -> Path:
    """Copy the files that git knows, and those it would, into a new folder; as a clone would."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout
    for name in listed.decode().split("\0"):
        source = ROOT / name
        if name and source.is_file():  # one that was removed and not yet committed is listed too
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    return folder


def make_environment(folder: Path, *more: Path) -> Path:
    """Make an environment that has our dependencies, but not our newsbot; return its bin folder.

    Args:
        more: folders on its path, before the dependencies: a checkout has newsbot.
    """
    command = [sys.executable, "-m", "venv", "--without-pip", str(folder)]
    subprocess.run(command, check=True)
    packages = folder / "lib" / f"python{sysconfig.get_python_version()}" / "site-packages"
    paths = [*more, sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    (packages / "tests.pth").write_text("".join(f"{path}\n" for path in dict.fromkeys(paths)))
    for name, (module, function) in _SCRIPTS.items():
        script = folder / "bin" / name
        python = folder / "bin" / "python"
        script.write_text(_SCRIPT.format(python=python, module=module, function=function))
        script.chmod(0o755)
    return folder / "bin"


def plain_environment(**more: str) -> dict[str, str]:
    """Return this process's variables less those that would lead to another newsbot."""
    dropped = ("PYTHONPATH", "VIRTUAL_ENV")
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in dropped and not name.startswith("NEWSBOT_")
    }
    return kept | more
