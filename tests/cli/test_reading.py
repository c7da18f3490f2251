"""What is kept is read from a terminal: revisions, instants, days, sites, streams."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import newsbot
from newsbot.archive.snapshots import list_runs
from newsbot.cli import app
from newsbot.errors import ConfigError, NewsbotError
from newsbot.stores.store import Store
from tests.three_runs import CITY, FIELD, FIRST, SECOND, three_runs

__all__ = ["three_runs"]

Run = Any


@pytest.fixture
def run(three_runs: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `newsbot ARGUMENTS` on the three runs; raise its error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEWSBOT_STORE", three_runs.url)
    monkeypatch.setenv("NEWSBOT_STATE", str(tmp_path / "var"))

    def run(*arguments: str) -> Result:
        done = CliRunner().invoke(app, arguments)
        if isinstance(done.exception, NewsbotError):
            raise done.exception
        return done

    return run


def number(done: Result) -> int:
    found: int = json.loads(done.stdout)["revision"]["number"]
    return found


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("20250228080004", 1),  # of the index
        ("2025-02-28T08:00:09.500000Z", 1),  # of the article
        ("2025-02-28", 1),
        ("2025-03-01T14:59:59+07:00", 1),
        ("20250301080003", 1),
        ("20250301080004", 2),
        ("2025-03-01T08:00:09.500000Z", 2),
        ("2025-03-01", 2),
        ("2030-01-01", 2),
    ],
)
def test_the_revision_of_an_instant(run: Run, at: str, expected: int) -> None:
    assert number(run("show", CITY, "--at", at, "--json")) == expected
    assert newsbot.open_archive("archive").article(CITY, at=at).revision.number == expected  # type: ignore[union-attr]


def test_before_the_first_capture_nothing_is_known(run: Run) -> None:
    with pytest.raises(NewsbotError, match=r"its first capture is of 20250228080004 \(UTC\)"):
        run("show", CITY, "--at", "20250228080003")
    with pytest.raises(NewsbotError, match="nothing is kept from before"):
        run("show", CITY, "--at", "2025-02-27")


def test_the_time_of_replay_tools_is_beside_that_of_the_article(run: Run) -> None:
    shown = json.loads(run("show", CITY, "--json").stdout)
    assert (shown["ts"], shown["fetched_at"]) == ("20250301080004", "2025-03-01T08:00:09.500000Z")
    stamps = [one["ts"] for one in shown["history"]["revisions"]]
    assert stamps == ["20250228080004", "20250301080004"]
    assert "captured   20250301080004" in run("show", CITY).stdout
    archive = newsbot.open_archive("archive")
    capture = archive.capture_of(archive.article(CITY, revision=1))
    assert capture is None, "no run has a WARC file of that name"


def test_a_revision_by_its_number_and_all_of_them(run: Run) -> None:
    assert number(run("show", CITY, "--revision", "1", "--json")) == 1
    with pytest.raises(NewsbotError, match="there is no revision 3; the store has 1, 2"):
        run("show", CITY, "--revision", "3")
    every = json.loads(run("show", CITY, "--all", "--json").stdout)
    assert [one["text"] for one in every["revisions"]] == ["Padi di kota.", "Beras tiba."]
    shown = run("show", CITY, "--all").stdout
    assert shown.index("Padi di kota.") < shown.index("Beras tiba.")
    events = json.loads(run("show", FIELD, "--all", "--json").stdout)["events"]
    assert [one["event"] for one in events] == ["gone", "back", "gone", "gone"]


@pytest.mark.parametrize(
    "arguments",
    [["--revision", "1", "--at", "2025-03-01"], ["--all", "--raw"], ["--all", "--at", "2025-03-01"],
     ["--at", "yesterday"]],
)  # fmt: skip
def test_what_does_not_go_together_is_refused(run: Run, arguments: list[str]) -> None:
    with pytest.raises(ConfigError):
        run("show", CITY, *arguments)


def test_list_says_that_the_filter_finds_nothing(run: Run) -> None:
    done = run("list", "--site", "nowhere", "--from", "2025-03-01")
    assert done.exit_code == 0
    assert "no snapshot of 2025-03-01 or later of the site nowhere in" in done.stdout
    assert "has those of 2025-02-28 to 2025-03-02, of copies, site" in done.stdout
    as_json = run("list", "--site", "nowhere", "--json")
    assert json.loads(as_json.stdout) == []
    assert "no snapshot of the site nowhere" in as_json.stderr


def test_download_takes_runs_and_says_what_it_did(
    run: Run, three_runs: Store, tmp_path: Path
) -> None:
    run("download", FIRST.run, "2025-03-01", "--to", "copy")
    assert [ref for ref in list_runs(three_runs) if (tmp_path / "copy" / ref.prefix).exists()] == [
        FIRST, SECOND
    ]  # fmt: skip
    (tmp_path / "copy" / FIRST.prefix / "index.cdxj").write_bytes(b"x")
    again = run("download", FIRST.run, "--to", "copy").stdout
    assert "4 kept, 0 fetched, 1 mended" in again
    assert f"mended, for it was damaged: {FIRST.prefix}index.cdxj" in again
    with pytest.raises(NewsbotError, match="no snapshot of 20250228T080000Z-ffffff in"):
        run("download", "20250228T080000Z-ffffff", "--to", "copy")
    with pytest.raises(ConfigError, match="is not a day"):
        run("download", "20259999T080000Z-ffffff", "--to", "copy")


def test_an_export_to_the_standard_output_is_that_alone(run: Run) -> None:
    done = run("export", "--format", "jsonl", "--to", "-", "--url", CITY, "--latest")
    (line,) = done.stdout.splitlines()
    assert json.loads(line)["ts"] == "20250301080004"
    assert "1 articles of 4 runs" in done.stderr
    assert len(run("export", "--format", "csv", "--to", "-", "--site", "copies").stdout) > 100
    with pytest.raises(ConfigError, match="parquet cannot be written to a stream"):
        run("export", "--format", "parquet", "--to", "-")
    with pytest.raises(ConfigError, match="choose among articles"):
        run("export", "--format", "cdxj", "--to", "x", "--word", "beras")
    with pytest.raises(NewsbotError, match="no snapshot of the sites a, b in"):
        run("export", "--format", "csv", "--to", "x", "--site", "a", "--site", "b")


def test_an_export_of_a_day_tells_what_later_runs_have_learned(run: Run) -> None:
    done = run("export", "2025-02-28", "--format", "jsonl", "--to", "-", "--site", "copies")
    (copy,) = map(json.loads, done.stdout.splitlines())
    assert [one["url"] for one in copy["later_origins"]] == [CITY], "learned two days later"
