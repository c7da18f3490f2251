"""`newsbot --help` is quick, for it imports no command, and yet says what each command says."""

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from typer.main import get_command, get_group

from newsbot.cli import app
from newsbot.cli.app import COMMANDS, commands

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "newsbot"
MOST_LATE_IMPORTS = 40
_LATE_IMPORT = re.compile(r"#\s*noqa:.*\bPLC0415\b(?P<reason> - \S.*)?")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_listed_with_the_first_sentence_of_its_help(name: str) -> None:
    command = get_command(app).commands[name]  # type: ignore[attr-defined]
    assert COMMANDS[name].help == command.get_short_help_str(limit=1000)


def test_every_command_is_listed() -> None:
    for path in (PACKAGE / "cli").glob("[a-z]*.py"):
        import_module(f"newsbot.cli.{path.stem}")
    assert set(get_group(commands).commands) == set(COMMANDS)


def test_the_list_of_commands_needs_none_of_what_they_need() -> None:
    script = (
        "import sys\n"
        "from newsbot.cli import app\n"
        "app(['--help'], standalone_mode=False)\n"
        "print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    *shown, modules = done.stdout.splitlines()
    listed = {line.split()[0] for line in shown[shown.index("Commands:") + 1 :] if line[2:3] != " "}
    assert listed == set(COMMANDS)
    loaded = {name.split(".")[0] for name in modules.split()}
    assert not loaded & {"lxml", "pydantic", "rich", "scrapy", "sqlalchemy", "twisted"}
    own = {name for name in modules.split() if name.startswith("newsbot.")}
    assert own == {"newsbot._version", "newsbot.cli", "newsbot.cli.app", "newsbot.errors"}


def test_a_command_that_is_misspelt_is_named_aright() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from newsbot.cli import main; main()", "verfy"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "No such command 'verfy'. Did you mean 'verify'?" in done.stderr


def test_imports_in_functions_are_few_and_say_why() -> None:
    late = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in PACKAGE.rglob("*.py")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if _LATE_IMPORT.search(line)
    ]
    without = [line for line in late if not _LATE_IMPORT.search(line)["reason"]]  # type: ignore[index]
    assert without == [], "write what the import saves: `# noqa: PLC0415 - 0.3 s, …`"
    assert 0 < len(late) <= MOST_LATE_IMPORTS
