"""Files, commands and make targets that the pages name are there."""

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer.main

from newsbot.cli import app
from tests.docs.pages import PAGES, ROOT, code, name_of

_FOLDERS = r"newsbot|spiders|pipelines|seeds|replica|tests|benchmarks|deploy|docs|\.github|\.ci"
_PATH = re.compile(rf"(?<![\w./<>@-])(?:{_FOLDERS})/[\w./@*-]*")
_TOP = re.compile(
    r"(?<![\w./<>-])(?:Makefile|[A-Z]+\.md|\w+\.(?:toml|cfg|yml)|requirements\.txt)\b"
)
# Files that a reader is told to make, or that stand elsewhere than in the checkout.
_MADE = {
    "seeds/mysite.toml", "seeds/NAME.toml", "newsbot.toml", "meta.toml", "docs/decisions/NNNN",
}  # fmt: skip
_IMAGE_TAGS = {"newsbot/newsbot"}
_COMMAND = re.compile(r"(?:^|(?<=[\s(/&\"]))newsbot ((?:[a-z-]|\"[^\"]*\")[^#|&;()]*)")
_TARGET = re.compile(r"(?:^|(?<=\s))make ((?:[a-z-]+\b ?)+)")


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_named_files_exist(page: Path) -> None:
    assert sorted(name for name in _named_files(page) if not _exists(name)) == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_named_commands_and_options_exist(page: Path) -> None:
    wrong = [fault for line in code(page.read_text()) for fault in _faults(line)]
    assert wrong == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_named_make_targets_exist(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        target
        for line in code(page.read_text())
        for run in _TARGET.findall(line)
        for target in run.split()
    }
    assert named - targets == set()


def test_pages_named_in_code_exist() -> None:
    """Comments and messages send their reader to a page that is there."""
    files = [ROOT / "pyproject.toml", ROOT / "mkdocs.yml", ROOT / "Makefile", ROOT / ".ci/run"]
    for folder in ("newsbot", "spiders", "pipelines", "replica", "benchmarks", "deploy", "seeds"):
        files += [path for path in (ROOT / folder).rglob("*") if path.suffix != ".pyc"]
    missing = {
        f"{name_of(path)}: {name}"
        for path in files
        if path.is_file()
        for name in re.findall(r"\bdocs/[\w/-]+\.md\b", path.read_text(errors="replace"))
        if not (ROOT / name).is_file()
    }
    assert missing == set()


def test_a_wrong_command_is_found() -> None:
    """The check itself: each of these would have passed a check that looks at nothing."""
    assert list(_faults("newsbot downlaod 2025-02-28")) == ["newsbot downlaod: no such command"]
    assert list(_faults("newsbot alarms shut layout")) == ["newsbot alarms shut: no such command"]
    assert list(_faults("newsbot verify --heads x")) == ["newsbot verify: no option --heads"]
    assert list(_faults(".venv/bin/newsbot list --from 2025-02-01  # all")) == []
    assert list(_faults("newsbot alarms close layout antara")) == []


def _named_files(page: Path) -> set[str]:
    return {
        match[0].rstrip(".-")
        for line in code(page.read_text())
        for pattern in (_PATH, _TOP)
        for match in pattern.finditer(line)
    }


def _exists(name: str) -> bool:
    if name in _MADE or name in _IMAGE_TAGS:
        return True
    return any(ROOT.glob(name)) if "*" in name else (ROOT / name).exists()


def _faults(line: str) -> Iterator[str]:
    """Yield what is wrong with the newsbot commands on a line of code."""
    for match in _COMMAND.finditer(line):
        command = _app()
        called, words = "newsbot", shlex.split(match[1].replace("…", ""), posix=False)
        while (inner := getattr(command, "commands", {})) and words and words[0][0] != "-":
            name = words.pop(0)
            called += f" {name}"
            if name not in inner:
                yield f"{called}: no such command"
                return
            command = inner[name]
        known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
        for word in words:
            if word.startswith("--") and word.partition("=")[0] not in known:
                yield f"{called}: no option {word}"


@cache
def _app() -> Any:  # Typer brings a Click of its own
    return typer.main.get_command(app)
