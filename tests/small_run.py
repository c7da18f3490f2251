"""A small closed run, and both stores to land it in."""

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from newsbot.archive.manifest import Manifest
from newsbot.layout import RunRef
from newsbot.stores.opening import check_store, open_store
from newsbot.stores.store import Store

REF = RunRef(date(2025, 2, 28), "antara", "20250228T080000Z-abcdef")
NOW = datetime(2025, 2, 28, 8, 0, tzinfo=UTC)


def manifest(**changes: Any) -> Manifest:
    fields = {
        "run": REF.run,
        "site": REF.site,
        "started": NOW,
        "finished": NOW,
        "outcome": "finished",
        "counts": {"articles": 1},
        "tool": {"name": "newsbot", "version": "1", "extractor": "1"},
        "rules": "abc",
        "seed": {"text": "", "sha256": "0" * 64},
        "arguments": {},
        "settings": {},
    }
    return Manifest.model_validate(fields | changes)


class Altered:
    """A store of which one operation is another's; the rest is the real one's."""

    def __init__(self, store: Store, **operations: Callable[..., Any]) -> None:
        self._store = store
        self.url = store.url
        for name, operation in operations.items():
            setattr(self, name, operation)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    (folder / "warc").mkdir(parents=True)
    (folder / "warc" / "NEWSBOT-a.warc.gz").write_bytes(b"w" * 3_000_000)
    (folder / "articles.jsonl.gz").write_bytes(b"articles")
    (folder / "index.cdxj").write_bytes(b"")
    return folder


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "folder":
        opened = open_store(str(tmp_path / "store"))
    else:
        request.getfixturevalue("s3")
        opened = open_store(f"s3://newsbot/{uuid.uuid4().hex}")
    check_store(opened, write=True)
    return opened
