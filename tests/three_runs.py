"""A site whose articles were edited, gone and copied in three days: runs made without a crawl."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from newsbot.landing.upload import land
from newsbot.layout import RunRef
from newsbot.models import Article
from newsbot.stores.opening import check_store, open_store
from newsbot.stores.store import Store
from tests.landed import packed
from tests.small_run import manifest

CITY = "https://site.example/kota"
FIELD = "https://site.example/ladang"
COPY = "https://copy.example/1"
FIRST, SECOND, THIRD, OTHER = (
    RunRef(date(2025, 2, 28), "site", "20250228T080000Z-aaaaaa"),
    RunRef(date(2025, 3, 1), "site", "20250301T080000Z-bbbbbb"),
    RunRef(date(2025, 3, 2), "site", "20250302T080000Z-cccccc"),
    RunRef(date(2025, 2, 28), "copies", "20250228T090000Z-dddddd"),
)


def article(url: str, ref: RunRef, number: int = 1, **fields: Any) -> dict[str, Any]:
    hour = f"{ref.run[:4]}-{ref.run[4:6]}-{ref.run[6:8]}T{ref.run[9:11]}"
    fields = {
        "schema": "newsbot.article/2", "id": url, "url": url, "canonical_url": url,
        "site": ref.site, "title": "Panen", "text": "Padi di kota.", "section": "Ekonomi",
        "content_sha256": "0" * 64, "extractor": {"version": "1", "rules": "abc"},
        "fetched_at": f"{hour}:00:09.500000Z",
        "sources": [{"file": f"{ref.run}.warc.gz", "offset": len(url) + number, "length": 9,
            "record_id": f"<{url}>"}],
        "revision": {"number": number, "previous_sha256": None, "changed": []},
    } | fields  # fmt: skip
    line: dict[str, Any] = json.loads(Article.model_validate(fields).to_json())
    return line


def indexed(line: Mapping[str, Any]) -> bytes:
    (source,) = line["sources"]
    stamp = "".join(c for c in line["fetched_at"][:17] if c.isdigit()) + "04"
    fields = {"url": line["url"], "filename": source["file"], "offset": str(source["offset"]),
        "length": "9"}  # fmt: skip
    return f"{line['url']} {stamp} {json.dumps(fields)}\n".encode()


def put(store: Store, folder: Path, ref: RunRef, lines: list[Any], events: list[Any]) -> None:
    """Land a run with these articles and events."""
    folder = folder / ref.run
    (folder / "warc").mkdir(parents=True)
    (folder / "articles.jsonl.gz").write_bytes(packed(lines))
    (folder / "events.jsonl.gz").write_bytes(packed(events))
    (folder / "index.cdxj").write_bytes(b"".join(sorted(map(indexed, lines))))
    counts = {"articles": len(lines)}
    land(folder, store, manifest(run=ref.run, site=ref.site, counts=counts), ref.prefix)


def found(copy: str, original: str, time: str, instead_of: str | None = None) -> dict[str, Any]:
    return {
        "time": time, "event": "original-found", "copy": copy, "original": original, "revision": 1,
        "method": "text", "similarity": 0.9, "altered": False, "evidence": "90 % of its words",
        "instead_of": instead_of,
    }  # fmt: skip


@pytest.fixture
def three_runs(tmp_path: Path) -> Store:
    """Three runs of a site: an edit, a page that is gone, back and gone; and a copy."""
    opened = open_store(str(tmp_path / "archive"))
    check_store(opened, write=True)
    city, field = article(CITY, FIRST), article(FIELD, FIRST, section="Sosial", title="Harga beras")
    put(opened, tmp_path, FIRST, [city, field], [])
    put(opened, tmp_path, OTHER, [article(COPY, OTHER)], [])
    put(
        opened, tmp_path, SECOND, [article(CITY, SECOND, 2, text="Beras tiba.")],
        [
            {"time": "2025-03-01T08:00:01Z", "event": "gone", "url": FIELD},
            {"time": "2025-03-01T08:00:02Z", "event": "seen", "site": "site", "urls": [CITY]},
            found(COPY, FIELD, "2025-03-01T08:00:03Z"),
        ],
    )  # fmt: skip
    put(
        opened, tmp_path, THIRD, [],
        [
            {"time": "2025-03-02T08:00:01Z", "event": "back", "url": FIELD},
            {"time": "2025-03-02T08:00:02Z", "event": "gone", "url": FIELD},
            {"time": "2025-03-02T08:00:03Z", "event": "gone", "url": FIELD},
            found(COPY, CITY, "2025-03-02T08:00:04Z", instead_of=FIELD),
        ],
    )  # fmt: skip
    return opened
