"""One bad manifest in a store: every command ends in plain words, and `list` lists all others."""

import gzip
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from newsbot.cli import main
from newsbot.landing.upload import land
from newsbot.layout import RunRef
from newsbot.stores.opening import open_store
from tests.small_run import REF, manifest

GOOD = (REF, replace(REF, run="20250228T100000Z-abcdef"))
BAD = replace(REF, run="20250228T090000Z-abcdef")
DAY = REF.date.isoformat()
URL = "https://www.antaranews.com/berita/1/judul"


@dataclass(frozen=True)
class Ended:
    """What a command printed, and its exit status."""

    status: int
    out: str
    error: str


@pytest.fixture
def newsbot(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., Ended]:
    """`newsbot …` in this process: what would be a traceback there is raised here."""
    monkeypatch.setenv("NEWSBOT_STORE", str(tmp_path / "archive"))
    monkeypatch.setenv("NEWSBOT_STATE", str(tmp_path / "var"))

    def run(*arguments: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["newsbot", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capfd.readouterr()
        return Ended(int(ended.value.code or 0), said.out, said.err)

    return run


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Three runs without articles; the manifest of the middle one is to be spoilt."""
    store = open_store(str(tmp_path / "archive"))
    for ref in (*GOOD, BAD):
        files = tmp_path / ref.run
        files.mkdir()
        for name in ("articles", "events", "crawl"):
            (files / f"{name}.jsonl.gz").write_bytes(gzip.compress(b"", mtime=0))
        (files / "index.cdxj").write_bytes(b"")
        land(files, store, manifest(run=ref.run, counts={"articles": 0}), ref.prefix)
    return tmp_path / "archive"


def changed(**fields: Any) -> Callable[[bytes], bytes]:
    return lambda data: json.dumps(json.loads(data) | fields).encode()


SPOILT: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _: b"",
    "cut-off": lambda data: data[:-9],
    "not-utf-8": lambda data: b"\xff" + data,
    "a-list": lambda _: b"[]",
    "deep": lambda _: b"[" * 100_000,
    "newer": changed(schema="newsbot.manifest/9"),
    "no-counts": changed(counts={}),
    "counts-in-words": changed(counts={"articles": "many"}),
    "counts-of-null": changed(counts={"articles": None}),
    "of-another-run": changed(run="20250228T110000Z-abcdef"),
    "year-0": changed(started="0000-01-01T00:00:00Z"),
    "hostile-name": changed(refers_to=["../../etc/passwd"]),
}


def spoil(archive: Path, how: str, ref: RunRef = BAD) -> None:
    path = archive / ref.prefix / "manifest.json"
    path.write_bytes(SPOILT[how](path.read_bytes()))


@pytest.mark.parametrize("how", SPOILT)
def test_list_names_it_and_lists_all_others(
    newsbot: Callable[..., Ended], archive: Path, how: str
) -> None:
    spoil(archive, how)
    listed = newsbot("list")
    assert listed.status == 1
    assert all(ref.run in listed.out for ref in GOOD)
    assert BAD.run not in listed.out
    assert f"{BAD.prefix}manifest.json" in listed.error


def test_list_as_json_has_all_runs(newsbot: Callable[..., Ended], archive: Path) -> None:
    spoil(archive, "no-counts")
    listed = newsbot("list", "--json")
    rows = {row["run"]: row for row in json.loads(listed.out)}
    assert listed.status == 1
    assert [rows[ref.run]["error"] for ref in GOOD] == [None, None]
    assert "counts.articles" in rows[BAD.run]["error"]
    assert rows[BAD.run]["prefix"] == BAD.prefix


@pytest.mark.parametrize("how", ["empty", "no-counts", "of-another-run"])
@pytest.mark.parametrize(
    "command",
    [
        ("download", DAY, "--to", "{to}"),
        ("export", DAY, "--format", "jsonl", "--to", "{to}"),
        ("export", DAY, "--format", "bagit", "--to", "{to}"),
        ("export", DAY, "--format", "wacz", "--to", "{to}"),
        ("reprocess", DAY, "--to", "{to}"),
        ("verify",),
        ("recover", "--rebuild-ledger"),
    ],
    ids=lambda command: "-".join(part for part in command if part.isalpha()),
)
def test_commands_that_need_it_name_it(
    newsbot: Callable[..., Ended], archive: Path, tmp_path: Path, command: tuple[str, ...], how: str
) -> None:
    spoil(archive, how)
    ended = newsbot(*(part.format(to=tmp_path / "to") for part in command))
    assert ended.status == 1
    assert BAD.prefix in ended.error + ended.out
    assert "Traceback" not in ended.error


@pytest.mark.parametrize("command", [("runs",), ("status",), ("alarms",), ("list", "--pending")])
def test_commands_that_do_without(
    newsbot: Callable[..., Ended], archive: Path, command: tuple[str, ...]
) -> None:
    spoil(archive, "no-counts")
    assert "Traceback" not in newsbot(*command).error


@pytest.mark.parametrize("command", ["show", "diff"])
def test_an_article_is_looked_for_in_the_others(
    newsbot: Callable[..., Ended], archive: Path, command: str
) -> None:
    spoil(archive, "no-counts")
    ended = newsbot(command, URL)
    assert (ended.status, "no revision or capture is in" in ended.error) == (1, True)


def test_a_manifest_may_refer_to_files_of_days_that_do_not_exist(
    newsbot: Callable[..., Ended], archive: Path, tmp_path: Path
) -> None:
    file = "NEWSBOT-antara-20259999T999999Z-abcdef-00000.warc.gz"
    path = archive / BAD.prefix / "manifest.json"
    path.write_bytes(changed(refers_to=[file])(path.read_bytes()))
    ended = newsbot("download", DAY, "--to", str(tmp_path / "to"))
    assert (ended.status, file in ended.out) == (0, True)
