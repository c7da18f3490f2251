"""Lines of gzip files: of every member, or an error that says which file is damaged."""

import gzip
import json
from pathlib import Path

import pytest

from newsbot.archive.lines import GzipLines, checked_lines
from newsbot.archive.manifest import FileEntry
from newsbot.archive.snapshots import Snapshot
from newsbot.errors import FixityError
from newsbot.files import sha256_of
from newsbot.layout import MANIFEST
from newsbot.stores.store import Store
from tests.small_run import REF, manifest

NAME = "articles.jsonl.gz"
LINES = [b'{"n": %d, "text": "%s"}' % (n, b"berita " * 20) for n in range(9)]
LONG = b'{"n": 9, "text": "%s"}' % (b"panjang " * 400_000)


def member(*lines: bytes) -> bytes:
    return gzip.compress(b"".join(line + b"\n" for line in lines), mtime=0)


WHOLE = {
    "one": (member(*LINES), LINES),
    "three": (member(*LINES[:4]) + member(*LINES[4:5]) + member(*LINES[5:]), LINES),
    "an-empty-one-between": (member(*LINES[:4]) + member() + member(*LINES[4:]), LINES),
    "longer-than-a-piece": (member(LINES[0], LONG) + member(LONG, LINES[1]),
        [LINES[0], LONG, LONG, LINES[1]]),
    "none": (b"", []),
    "no-lines": (member(), []),
}  # fmt: skip
DAMAGED = {
    "rubbish-after-it": member(*LINES) + b"rubbish",
    "zeros-after-it": member(*LINES) + bytes(512),
    "one-byte-after-it": member(*LINES) + b"\x1f",
    "second-one-cut-off": member(*LINES) + member(*LINES)[:-5],
    "first-one-cut-off": member(*LINES)[:30],
    "not-gzip": b"\n".join(LINES),
}


def landed_lines(store: Store, data: bytes) -> list[bytes]:
    store.put_new(REF.prefix + NAME, data)
    entry = FileEntry(name=NAME, size=len(data), sha256=sha256_of(data))
    store.put_new(REF.prefix + MANIFEST, manifest(files=(entry,)).to_bytes())
    return list(checked_lines(Snapshot(store, REF), NAME))


@pytest.mark.parametrize("name", WHOLE)
def test_all_members_are_read(store: Store, tmp_path: Path, name: str) -> None:
    data, lines = WHOLE[name]
    (tmp_path / NAME).write_bytes(data)
    assert landed_lines(store, data) == lines
    assert list(GzipLines(data)) == [json.loads(line) for line in lines]
    assert list(GzipLines(tmp_path / NAME)) == [json.loads(line) for line in lines]


@pytest.mark.parametrize("name", DAMAGED)
def test_what_is_not_whole_members_is_damage(store: Store, tmp_path: Path, name: str) -> None:
    """Also where size and SHA-256 are the manifest's: then it was damaged when it landed."""
    (tmp_path / NAME).write_bytes(DAMAGED[name])
    with pytest.raises(FixityError, match=NAME):
        landed_lines(store, DAMAGED[name])
    with pytest.raises(FixityError, match=NAME):
        list(GzipLines(tmp_path / NAME))
    with pytest.raises(FixityError, match="damaged"):
        list(GzipLines(DAMAGED[name]))


@pytest.mark.parametrize("size", [1, 7, 100])
def test_members_may_end_anywhere_in_what_the_store_sends(size: int, tmp_path: Path) -> None:
    """A store sends a file in pieces of its own choice."""
    from newsbot.archive import lines as module

    data = WHOLE["three"][0]
    pieces = (data[at : at + size] for at in range(0, len(data), size))
    assert list(module.gzip_lines(pieces, "x")) == LINES
