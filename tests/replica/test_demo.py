"""The demo shows an edit, a copy and a withdrawal; what it prints works, wherever it is."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from newsbot.archive.snapshots import Snapshot, find_runs, read_runs
from newsbot.errors import LockHeld
from newsbot.stores.opening import open_store
from replica import World, demo
from replica.alter import has_number, with_other_number
from replica.hosts import AGGREGATOR, MAIN
from replica.pages import Pages
from tests.checkouts import copy_checkout, make_environment, plain_environment


def story_with_a_number(world: World) -> str:
    return next(
        story.id
        for story in world.on(MAIN)
        if story.kind == "article" and any(map(has_number, story.paragraphs[1:]))
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Ada 64 menit.", "Ada 46 menit."),
        ("Ada 44 menit dan 21 jam.", "Ada 44 menit dan 12 jam."),
        ("Ada 30 orang.", "Ada 90 orang."),
        ("Ada 121 orang pada 28/11/2025.", "Ada 363 orang pada 28/11/2025."),
    ],
)
def test_the_last_number_becomes_another(before: str, after: str) -> None:
    assert with_other_number(("Lead 12.", before, "x")) == ("Lead 12.", after, "x")


@pytest.mark.parametrize("text", ["", "Rp1.250.000", "28/11/2025", "49,4 persen", "T21", "3 kali"])
def test_what_is_no_plain_number_is_left_alone(text: str) -> None:
    assert not has_number(text)
    with pytest.raises(ValueError, match="no number"):
        with_other_number(("Lead 12.", text))


def test_a_silent_edit_changes_the_page_and_not_its_time() -> None:
    world = World(7, 40)
    pages, wanted = Pages(world), story_with_a_number(world)
    old = world.find(wanted)
    path = old.url.removeprefix(f"https://{MAIN}")
    before = pages.document(MAIN, path)
    new = world.revise(wanted)
    after = pages.document(MAIN, path)
    assert (new.title, new.modified_at, new.version) == (old.title, old.modified_at, 2)
    assert before.modified == after.modified
    assert before.body != after.body
    assert sum(a != b for a, b in zip(old.paragraphs, new.paragraphs, strict=True)) == 1


def test_an_altered_copy_is_the_same_in_every_world() -> None:
    copies = []
    for _ in range(2):
        world = World(7, 40)
        wire = world.find(story_with_a_number(world))
        copies.append(world.repost_altered(wire.id))
    copy = copies[0]
    assert copies[0] == copies[1]
    assert (copy.host, copy.copy_of, copy.original_url) == (AGGREGATOR, wire.id, wire.url)
    assert world.on(AGGREGATOR)[0] == copies[1]
    assert copy.paragraphs != wire.paragraphs
    assert copy.paragraphs[0] == wire.paragraphs[0]
    assert len(copy.paragraphs[-1]) > len(wire.paragraphs[-1])


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_demo_finds_all_three_and_its_commands_work_from_anywhere(tmp_path: Path) -> None:
    root = copy_checkout(tmp_path / "sp ace é")
    newsbot = make_environment(root / ".venv", root) / "newsbot"
    elsewhere = tmp_path / "else where"
    elsewhere.mkdir()
    # What a user has configured for the real thing must not be reached by the demo.
    environment = plain_environment(
        NEWSBOT_STORE=str(elsewhere / "live"), NEWSBOT_STATE=str(elsewhere / "state"),
        NEWSBOT_DATABASE_URL="postgresql+psycopg://nobody@127.0.0.1:1/none",
    )  # fmt: skip

    def run(command: list[str]) -> Any:
        return subprocess.run(
            command, cwd=elsewhere, env=environment, capture_output=True, text=True,
            timeout=600, check=False,
        )  # fmt: skip

    def demo() -> str:
        done = run([str(newsbot), "demo", "--articles", "40"])
        assert done.returncode == 0, done.stdout + done.stderr
        return str(done.stdout)

    said = demo()
    assert re.search(
        r"One story was edited, and its page does not say so:.*\[-\d+-\]\{\+\d+\+\}",
        said,
        re.DOTALL,
    )
    assert re.search(r"One copy is not.*is a copy of https://www\.antara.*\{\+", said, re.DOTALL)
    assert "One story was taken down" in said

    store = open_store(str(root / "demo" / "archive"))
    runs = list(read_runs(store, find_runs(store)))
    assert len(runs) == 4
    assert all(isinstance(one, Snapshot) and one.manifest.synthetic for one in runs)

    commands = [line for line in said.splitlines() if " --config " in line]
    assert len(commands) >= 7
    for command in commands:
        done = run(["bash", "-c", command])
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        assert done.stdout
    assert " verify" in commands[-1]
    assert list(elsewhere.iterdir()) == []

    shown = run([str(newsbot), "--config", str(root / "demo" / "newsbot.toml"), "config", "--json"])
    assert json.loads(shown.stdout)["values"]["store"]["value"] == store.url
    (root / "demo" / "mine.txt").write_text("x")
    demo()  # a second one begins anew
    (root / "demo" / "newsbot.toml").unlink()
    done = run([str(newsbot), "demo"])
    assert done.returncode == 2
    assert "was not made by the demo" in done.stderr


def test_a_second_demo_leaves_the_folder_of_the_first_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "LOCK", tmp_path / "lock")
    monkeypatch.setattr(demo, "FOLDER", tmp_path / "demo")
    with FileLock(demo.LOCK), pytest.raises(LockHeld, match="another demo is running"):
        demo.run_demo(25)
    assert not demo.FOLDER.exists()
