"""Every command says and uses the one newsbot.toml in force, and none makes a second state."""

import json
import os
from pathlib import Path

import pytest

from newsbot.cli import main
from tests.cli.conftest import BIN, Newsbot
from tests.commands import run_command


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    """A newsbot.toml in a folder of its own."""
    folder = tmp_path / "an installation"
    (folder / "seeds").mkdir(parents=True)
    path = folder / "newsbot.toml"
    path.write_text('contact = "us@example.org"\n')
    return path


def test_config_says_which_file_is_in_force_and_where_values_come_from(
    newsbot: Newsbot, toml: Path
) -> None:
    for done in (
        newsbot("config", "--json", cwd=toml.parent, NEWSBOT_WORKERS="3"),
        newsbot("--config", str(toml), "config", "--json", NEWSBOT_WORKERS="3"),
        newsbot("config", "--json", NEWSBOT_CONFIG=str(toml), NEWSBOT_WORKERS="3"),
    ):
        found = json.loads(done.stdout)
        assert found["file"] == str(toml)
        assert found["folder"] == str(toml.parent)
        assert found["values"]["contact"] == {"value": "us@example.org", "from": str(toml)}
        assert found["values"]["workers"] == {"value": 3, "from": "NEWSBOT_WORKERS"}
        assert found["values"]["store"] == {
            "value": str(toml.parent / "archive"), "from": "default",
        }  # fmt: skip
    text = newsbot("config", cwd=toml.parent).stdout
    assert f"file     {toml}" in text


def test_config_hides_secrets(newsbot: Newsbot, toml: Path) -> None:
    secret = "sesame-" + "1234"
    for form in ((), ("--json",)):
        done = newsbot(
            "--config", str(toml), "config", *form,
            NEWSBOT_NOTIFY=f"json://{secret}@hooks.example",
            NEWSBOT_PING=f"https://ping.example/{secret}",
            NEWSBOT_DATABASE_URL=f"postgresql+psycopg://bot:{secret}@db.example/x?password={secret}",
        )  # fmt: skip
        assert done.returncode == 0
        assert secret not in done.stdout
        assert "postgresql+psycopg://bot:(hidden)@db.example/x?password=(hidden)" in done.stdout


@pytest.mark.parametrize(
    "command",
    [
        ("list",), ("list", "--pending"), ("runs",), ("status",), ("alarms",), ("verify",),
        ("download", "2025-02-28", "--to", "there"), ("show", "https://x.example/1"),
        ("show", "https://x.example/1", "--copies"), ("diff", "https://x.example/1"),
        ("export", "2025-02-28", "--format", "csv", "--to", "there"), ("recover",),
        ("recover", "--rebuild-ledger"), ("alarms", "close", "layout", "antara"), ("sites",),
        ("reprocess", "2025-02-28", "--to", "there"), ("config",), ("doctor",),
    ],
    ids=" ".join,
)  # fmt: skip
def test_a_command_that_reads_makes_no_second_state(
    toml: Path,
    command: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = sorted(toml.parent.rglob("*"))
    monkeypatch.chdir(toml.parent.parent)
    monkeypatch.setenv("NEWSBOT_CONFIG", "")  # --config sets it; this puts it back afterwards
    monkeypatch.setattr("sys.argv", ["newsbot", "--config", str(toml), *command])
    with pytest.raises(SystemExit) as ended:
        main()
    assert sorted(toml.parent.rglob("*")) == before
    assert sorted(toml.parent.parent.iterdir()) == [toml.parent]
    if ended.value.code == 1:
        assert str(toml) in capsys.readouterr().err  # what it took, so that a wrong one is seen


def test_a_store_of_the_command_line_is_relative_to_the_working_directory(
    newsbot: Newsbot, toml: Path, tmp_path: Path
) -> None:
    (tmp_path / "here").mkdir()
    done = newsbot("--config", str(toml), "list", "--store", "part", cwd=tmp_path / "here")
    assert done.returncode == 1
    assert f"{tmp_path / 'here' / 'part'}: no such folder" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("verify", "2025-02-30"), "2025-02-30: there is no such day"),
        (
            ("reprocess", "2025-02-28", "--to", "x", "--seeds", "nowhere"),
            "--seeds: nowhere: no such folder",
        ),
    ],
)
def test_arguments_that_cannot_be_used(
    newsbot: Newsbot, tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    (tmp_path / "archive").mkdir()
    done = newsbot(*arguments, NEWSBOT_STORE=str(tmp_path / "archive"))
    assert (done.returncode, says in done.stderr) == (2, True), done.stderr


def test_a_ledger_that_is_named_and_not_there_is_not_made(newsbot: Newsbot, toml: Path) -> None:
    done = newsbot("--config", str(toml), "runs", NEWSBOT_DATABASE_URL="sqlite:///mine.sqlite")
    assert done.returncode == 1
    assert f"{toml.parent / 'mine.sqlite'}: no such ledger" in done.stderr
    assert not (toml.parent / "mine.sqlite").exists()


def test_a_file_that_is_named_and_not_there_ends_every_command_with_2(newsbot: Newsbot) -> None:
    done = newsbot("--config", "nowhere.toml", "list")
    assert (done.returncode, done.stdout) == (2, "")
    assert "nowhere.toml: no such file" in done.stderr


def test_scrapy_reads_the_named_file_too(newsbot: Newsbot, toml: Path, tmp_path: Path) -> None:
    command = [str(BIN / "scrapy"), "crawl", "antara"]
    for named, said in (
        (toml, f"{toml.parent / 'seeds'} (there are: none)"),
        ("x", "no such file"),
    ):
        done = run_command(command, environment=os.environ | {"NEWSBOT_CONFIG": str(named)})
        assert done.returncode == 2, done.stderr
        assert "Traceback" not in done.stderr
        assert said in done.stderr
