"""The README's commands work in the order in which they stand, in a fresh checkout."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.checkouts import ROOT, copy_checkout, make_environment, plain_environment

OFFLINE = ("Two commands", "Your own site")  # the sections that do not touch the live web
SELF = "make test"  # would run this again
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands_of(section: str) -> list[str]:
    """Return the command lines of a section's blocks, without comments."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    body = text.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    lines = (line for block in _BLOCK.findall(body) for line in block.splitlines())
    return [found for line in lines if (found := line.partition(" #")[0].strip())]


def test_the_readme_opens_with_what_one_gets_and_ends_in_verify() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    sections = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert sections[:5] == ["What you get", *OFFLINE, "Lawful use", "ANTARA"]
    assert commands_of("Two commands")[:2] == ["make demo", SELF]
    assert commands_of("Two commands")[-1].endswith(" verify")
    assert commands_of("ANTARA")[-1].endswith(" verify")
    live = {"crawl", "doctor", "schedule", "save", "try", "--live"}
    for section in OFFLINE:
        assert not [one for one in commands_of(section) if set(one.split()) & live]
        drafts = [one for one in commands_of(section) if " sites new " in one]
        assert all(one.endswith("--help") for one in drafts)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_commands_that_need_no_live_web_work_as_they_stand(tmp_path: Path) -> None:
    root = copy_checkout(tmp_path / "newsbot")
    make_environment(root / ".venv", root)
    for stamp in (".ready", ".ready-run"):  # as after `make setup`, which .ci/run makes in a clone
        (root / ".venv" / stamp).touch()
    for command in [one for section in OFFLINE for one in commands_of(section) if one != SELF]:
        done = subprocess.run(
            ["bash", "-c", command], cwd=root, env=plain_environment(), capture_output=True,
            text=True, timeout=600, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        assert done.stdout or command.startswith("cp ")
    assert not (root / "archive").exists()  # nothing of the demo where real snapshots land
    assert not (root / "var").exists()


def test_the_lock_of_what_crawls_is_part_of_the_whole_lock() -> None:
    def locked(name: str) -> dict[str, str]:
        text = (ROOT / name).read_text(encoding="utf-8")
        return {
            line.split("==")[0]: line.rstrip(" \\")
            for line in text.splitlines()
            if re.match(r"[a-z0-9]", line)
        }

    whole, crawling = locked("requirements.txt"), locked("requirements-run.txt")
    assert crawling.keys() < whole.keys()
    for name, line in crawling.items():
        assert line.partition(" ;")[0] == whole[name].partition(" ;")[0]
    assert not {"pytest", "ruff", "mypy", "pywb"} & crawling.keys()
