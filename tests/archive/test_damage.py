"""Damage and forgery, each named with file and cause; whatever could be made to fit was made to."""

import gzip
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from newsbot.archive.chain import ChainHead
from newsbot.extract.normalise import content_sha256
from newsbot.files import sha256_of
from newsbot.reprocess import DeepCheck
from tests.acceptance.conftest import Bench
from tests.landed import lines_of, packed, relink, rewrite
from tests.verified import faults, found


@dataclass
class Store:
    """A store of two runs of ANTARA and one of another site, to be tampered with."""

    path: Path
    first: Path
    second: Path
    other: Path

    @property
    def warc(self) -> Path:
        """The WARC file of the first run."""
        return next(self.first.glob("warc/*.warc.gz"))

    def name(self, path: Path) -> str:
        """A path as faults have it."""
        return path.relative_to(self.path).as_posix()


@pytest.fixture
def store(copy: Bench) -> Store:
    path = Path(copy.store_url)
    first, second = (path / ref.prefix for ref in copy.runs("antara"))
    (other,) = (path / ref.prefix for ref in copy.runs("rakyatnews"))
    return Store(path, first, second, other)


Says = tuple[str, str]  # the file as it is named, and words of the cause
Damage = Callable[[Store], Says]


def another_day(store: Store) -> Says:
    to = store.path / "snapshots/2001-01-01/antara" / store.second.name
    shutil.move(store.second, to)
    return f"{store.name(to)}/", "is in another day's folder"


def another_site(store: Store) -> Says:
    to = store.first.parent.with_name("metro") / store.second.name
    shutil.move(store.second, to)
    return f"{store.name(to)}/manifest.json", "the manifest is of another run"


def a_file_beside(store: Store) -> Says:
    (store.path / "notes.txt").write_text("x")
    return "notes.txt", "belongs to no run"


def a_folder_beside(store: Store) -> Says:
    shutil.copytree(store.first, store.path / "old" / store.first.name)
    return "old/", "belongs to no run: "


def a_folder_among_runs(store: Store) -> Says:
    shutil.copytree(store.first, store.first.with_name("backup"))
    return f"{store.name(store.first.with_name('backup'))}/", "belongs to no run"


def an_empty_folder(store: Store) -> Says:
    (store.path / "snapshots/2001-01-01").mkdir()
    return "snapshots/2001-01-01/", "is an empty folder"


def a_hidden_file(store: Store) -> Says:
    (store.first / ".secret").write_text("x")
    return store.name(store.first / ".secret"), "is hidden"


def no_marker(store: Store) -> Says:
    (store.path / "newsbot.json").unlink()
    return "newsbot.json", "is missing"


def another_marker(store: Store) -> Says:
    (store.path / "newsbot.json").write_text('{"layout": 9}')
    return "newsbot.json", "has a layout that this newsbot does not know: 9"


def a_marker_of_invented_stories(store: Store) -> Says:
    (store.path / "newsbot.json").write_text('{"layout": 1, "synthetic": true}')
    return f"{store.name(store.first)}/", "is in a store of invented stories runs"


def a_linked_file(store: Store) -> Says:
    shutil.move(store.warc, store.path.parent / "elsewhere.warc.gz")
    warc = store.first / "warc" / f"NEWSBOT-antara-{store.first.name}-00001.warc.gz"
    warc.symlink_to(store.path.parent / "elsewhere.warc.gz")
    return store.name(warc), "is a symbolic link"


def a_linked_day(store: Store) -> Says:
    (store.path / "snapshots/2001-01-01").symlink_to(store.path.parent)
    return "snapshots/2001-01-01", "is a symbolic link"


def a_pipe(store: Store) -> Says:
    (store.first / "events.jsonl.gz").unlink()
    os.mkfifo(store.first / "events.jsonl.gz")
    return store.name(store.first / "events.jsonl.gz"), "is a named pipe"


def a_pipe_as_manifest(store: Store) -> Says:
    (store.second / "manifest.json").unlink()
    os.mkfifo(store.second / "manifest.json")
    return store.name(store.second / "manifest.json"), "is a named pipe"


def other_case(store: Store) -> Says:
    shutil.copy(store.first / "index.cdxj", store.first / "Index.cdxj")
    return store.name(store.first / "Index.cdxj"), "differs only in case from index.cdxj"


def swapped_files(store: Store) -> Says:
    paths = store.first / "articles.jsonl.gz", store.first / "events.jsonl.gz"
    one, two = (path.read_bytes() for path in paths)
    paths[0].write_bytes(two)
    paths[1].write_bytes(one)
    return store.name(paths[0]), "holds the bytes of another file of the run, events.jsonl.gz"


def swapped_between_runs(store: Store) -> Says:
    one, two = (next(run.glob("warc/*")) for run in (store.first, store.second))
    data = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(data)
    return store.name(two), "the manifest says"


def swapped_manifests(store: Store) -> Says:
    one, two = (run / "manifest.json" for run in (store.first, store.second))
    data = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(data)
    return store.name(one), "the manifest is of another run"


def a_renamed_warc(store: Store) -> Says:
    """The sums fit, and all that refers to it."""
    new = store.warc.with_name(store.warc.name.replace("-00001.", "-00002."))
    old = store.warc.rename(new) and store.warc.name.replace("-00002.", "-00001.")
    manifest = store.first / "manifest.json"
    manifest.write_text(manifest.read_text().replace(old, new.name))
    for path in sorted(store.first.glob("*.gz")):
        data = gzip.decompress(path.read_bytes()).replace(old.encode(), new.name.encode())
        rewrite(store.first, path.name, gzip.compress(data))
    index = (store.first / "index.cdxj").read_bytes().replace(old.encode(), new.name.encode())
    rewrite(store.first, "index.cdxj", index)
    relink(store.path)
    return store.name(new), "has another WARC-Filename: the file was renamed"


def altered(store: Store, name: str, change: Callable[[list[dict[str, Any]]], object]) -> str:
    """Alter the lines of a file of the first run, and make all sums and the chain fit."""
    lines = lines_of(store.first, name)
    change(lines)
    rewrite(store.first, name, packed(lines))
    relink(store.path)
    return store.name(store.first / name)


def indexed(store: Store, change: Callable[[list[bytes]], object]) -> str:
    """Alter the lines of the first run's index, and make all sums and the chain fit."""
    path = store.first / "index.cdxj"
    lines = path.read_bytes().splitlines(keepends=True)
    change(lines)
    rewrite(store.first, "index.cdxj", b"".join(sorted(lines)))
    relink(store.path)
    return store.name(path)


def replaced(old: bytes, new: bytes) -> Callable[[list[bytes]], object]:
    def change(lines: list[bytes]) -> None:
        assert any(old in line for line in lines)
        lines[:] = [line.replace(old, new) for line in lines]

    return change


def other_types(store: Store) -> Says:
    name = indexed(store, replaced(b"text/html", b"image/png"))
    return name, "a line differs from its record: "


def another_time(store: Store) -> Says:
    return indexed(store, replaced(b" 20", b" 19")), "in time"


def no_index_line(store: Store) -> Says:
    return indexed(store, lambda lines: lines.pop(3)), "has no line for a record: the one at "


def another_status(store: Store) -> Says:
    name = altered(store, "crawl.jsonl.gz", lambda lines: lines[4].update(status=404))
    return name, "a line differs from its record: line 5: in status"


def another_payload(store: Store) -> Says:
    name = altered(store, "crawl.jsonl.gz", lambda lines: lines[4].update(payload_digest="sha1:x"))
    return name, "in payload_digest"


def no_log_line(store: Store) -> Says:
    return altered(store, "crawl.jsonl.gz", lambda lines: lines.pop()), "has no line for a record"


def a_log_that_hides_a_record(store: Store) -> Says:
    def change(lines: list[dict[str, Any]]) -> None:
        lines[4]["record"] |= {"type": "request", "id": "<urn:uuid:1>"}

    return altered(store, "crawl.jsonl.gz", change), "a line's record is in no file: line 5"


def no_article_line(store: Store) -> Says:
    name = altered(store, "articles.jsonl.gz", lambda lines: lines.pop())
    return name, "has 15, the manifest counts 16"


def another_text(store: Store) -> Says:
    def change(lines: list[dict[str, Any]]) -> None:
        lines[0]["text"] = "It never happened."
        lines[0]["content_sha256"] = content_sha256(lines[0]["title"], lines[0]["text"])

    name = altered(store, "articles.jsonl.gz", change)
    return name, "an article's text is not that of its record urn:text:"


def another_page(store: Store) -> Says:
    def change(lines: list[dict[str, Any]]) -> None:
        lines[0]["sources"] = lines[1]["sources"]

    return altered(store, "articles.jsonl.gz", change), "a line's record is of another URL: line 1"


def another_picture(store: Store) -> Says:
    def change(lines: list[dict[str, Any]]) -> None:
        place = {key: lines[1]["sources"][0][key] for key in ("file", "length", "record_id")}
        lines[0]["images"] = [{"url": "https://a.example/b.jpg", "record": place | {"offset": 0}}]

    name = altered(store, "articles.jsonl.gz", change)
    return name, "a line's record is not at its place: line 1: "


def another_hour(store: Store) -> Says:
    def change(lines: list[dict[str, Any]]) -> None:
        lines[0]["fetched_at"] = "2001-01-01T00:00:00Z"

    name = altered(store, "articles.jsonl.gz", change)
    return name, "fetched_at is not the time of its record"


def no_objects(store: Store) -> Says:
    rewrite(store.first, "articles.jsonl.gz", packed([1, [], None, {"sources": [7]}]))
    return store.name(store.first / "articles.jsonl.gz"), "a line is not a JSON object: 3 times"


def edited_events(store: Store) -> Says:
    path = store.first / "events.jsonl.gz"
    path.write_bytes(packed(lines_of(store.first, "events.jsonl.gz")[:-1]))
    return store.name(path), "the manifest says"


def edited_manifest(store: Store) -> Says:
    path = store.first / "manifest.json"
    path.write_text(path.read_text().replace('"outcome": "finished"', '"outcome": "failed"'))
    return store.name(store.second / "manifest.json"), f"of its previous run {store.first.name}"


def edited_sums(store: Store) -> Says:
    path = store.first / "SHA256SUMS"
    path.write_text(path.read_text().replace("a", "b"))
    return store.name(path), "says other than the manifest: "


def no_sums(store: Store) -> Says:
    (store.first / "SHA256SUMS").unlink()
    path = store.first / "manifest.json"
    fields = json.loads(path.read_bytes())
    fields["files"] = [one for one in fields["files"] if one["name"] != "SHA256SUMS"]
    path.write_text(json.dumps(fields))
    relink(store.path)
    return store.name(path), "lists no SHA256SUMS"


def a_run_removed(store: Store) -> Says:
    shutil.rmtree(store.first)
    path = store.second / "manifest.json"
    return store.name(path), f"its previous run {store.first.name} is missing"


def no_manifest(store: Store) -> Says:
    (store.second / "manifest.json").unlink()
    return f"{store.name(store.second)}/", "has no manifest.json"


def truncated(store: Store) -> Says:
    data = store.warc.read_bytes()
    store.warc.write_bytes(data[: len(data) // 2])
    return store.name(store.warc), "truncated: the file ends within this record"


def emptied(store: Store) -> Says:
    path = store.first / "crawl.jsonl.gz"
    path.write_bytes(b"")
    return store.name(path), "has 0 bytes, the manifest says"


def appended_to(store: Store) -> Says:
    path = store.first / "articles.jsonl.gz"
    path.write_bytes(path.read_bytes() + b"x")
    return store.name(path), "is not gzipped JSON lines"


def a_warc_in_one_member(store: Store) -> Says:
    data = store.warc.read_bytes()
    store.warc.write_bytes(gzip.compress(gzip.decompress(data)))
    return store.name(store.warc), "several records in one gzip member"


DAMAGES: list[Damage] = [
    another_day, another_site, a_file_beside, a_folder_beside, a_folder_among_runs,
    an_empty_folder, a_hidden_file, no_marker, another_marker, a_marker_of_invented_stories,
    a_linked_file, a_linked_day, a_pipe, a_pipe_as_manifest, other_case, swapped_files,
    swapped_between_runs, swapped_manifests, a_renamed_warc, other_types, another_time,
    no_index_line, another_status, another_payload, no_log_line, a_log_that_hides_a_record,
    no_article_line, another_text, another_page, another_picture, another_hour, no_objects,
    edited_events, edited_manifest, edited_sums, no_sums, a_run_removed, no_manifest,
    truncated, emptied, appended_to, a_warc_in_one_member,
]  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
def test_it_is_named_with_file_and_cause(store: Store, damage: Damage) -> None:
    file, cause = damage(store)
    said = faults(store.path)
    assert any(one.startswith(file) and cause in one for one in said), said
    assert len(said) <= 7, "a line for each cause, not for each place"


FITTING: list[Damage] = [
    other_types, another_time, no_index_line, another_status, another_payload, no_log_line,
    no_article_line, another_text, a_file_beside, no_marker, a_pipe, a_linked_file, no_sums,
    a_hidden_file, other_case, truncated,
]  # fmt: skip


@pytest.mark.parametrize("damage", FITTING)
def test_one_cause_is_one_line(store: Store, damage: Damage) -> None:
    """What follows from it in other files is not a fault of theirs."""
    file, _ = damage(store)
    said = faults(store.path)
    assert all(one.startswith(file) for one in said), said
    assert len(said) <= 2, said


def test_a_removed_newest_run_is_given_away_by_its_head(store: Store) -> None:
    head = sha256_of((store.second / "manifest.json").read_bytes())
    assert faults(store.path, ChainHead(head, "antara")) == []
    shutil.rmtree(store.second)
    assert faults(store.path) == []
    (said,) = faults(store.path, ChainHead(head, "antara"))
    assert said.startswith(
        "snapshots/*/antara/*/manifest.json: no manifest has the SHA-256 " + head
    )


def forge(lines: list[dict[str, Any]]) -> None:
    lines[0]["authors"] = [{"name": "Orang Lain", "role": "reporter"}]
    lines[2]["published_at"] = "2001-01-01T00:00:00+07:00"


def test_forged_lines_whose_sums_and_chain_fit_are_not_what_their_pages_give(store: Store) -> None:
    name = altered(store, "articles.jsonl.gz", forge)
    assert faults(store.path) == [], "all fits"
    with DeepCheck(processes=0) as deep:
        (said,) = faults(store.path, deep=deep.faults)
    assert said.startswith(
        f"{name}: an article is not what its page gives: 2 times, first: line 1:"
    )
    assert said.endswith("authors")


def test_an_article_cannot_escape_by_naming_another_extractor(store: Store) -> None:
    def change(lines: list[dict[str, Any]]) -> None:
        forge(lines[:1] + lines[3:])
        lines[0]["extractor"]["version"] = "0"

    altered(store, "articles.jsonl.gz", change)
    with DeepCheck(processes=0) as deep:
        said = faults(store.path, deep=deep.faults)
    assert any("names another extractor or other rules than its run" in one for one in said)


def test_what_another_extractor_read_is_a_remark_once_a_run(store: Store) -> None:
    path = store.first / "manifest.json"
    fields = json.loads(path.read_bytes())
    fields["tool"]["extractor"] = "1"
    path.write_text(json.dumps(fields))
    relink(store.path)
    with DeepCheck(processes=0) as deep:
        (remark,) = found(store.path, deep=deep.faults)
    assert remark.is_remark
    assert remark.what == "articles were not extracted again for comparison"
    assert "version 1 of the extractor" in remark.detail


def test_lines_that_are_no_articles_end_no_deep_check(store: Store) -> None:
    rewrite(store.first, "articles.jsonl.gz", packed([1, [], {"url": "x"}, {"sources": [7]}]))
    relink(store.path)
    with DeepCheck(processes=0) as deep:
        said = faults(store.path, deep=deep.faults)
    assert any("a line is no article: 4 times" in one for one in said)


def test_a_temporary_file_that_a_killed_process_left_is_a_remark(store: Store) -> None:
    (store.first / ".index.cdxj.0a1b2c3d.partial").write_bytes(b"")
    (remark,) = found(store.path)
    assert remark.is_remark
    assert "is a temporary file" in remark.what
