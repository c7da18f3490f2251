"""Snapshots of three real crawls, made once a session, also when tests run in several processes."""

import gzip
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from newsbot.files import sha256_of, size_and_sha256
from replica import running
from tests.acceptance.conftest import Bench, bench_for


def landed_crawls(factory: pytest.TempPathFactory) -> Bench:
    """Two crawls of ANTARA and one of the aggregator; not to be written to."""
    base = factory.getbasetemp()
    if base.name.startswith("popen-"):  # one of xdist's processes: their common folder
        base = base.parent
    folder = base / "landed"
    with FileLock(base / "landed.lock"):
        if not (folder / "done").exists():
            _crawl(folder)
            (folder / "done").touch()
    return Bench(str(folder / "archive"), folder / "var")


def _crawl(folder: Path) -> None:
    folder.mkdir()
    with running(articles=16) as replica:
        bench = bench_for(folder, replica, str(folder / "archive"))
        for spider in ("antara", "aggregator"):
            done = bench.crawl(spider)
            assert done.returncode == 0, done.stderr
        replica.add(2)
        assert bench.crawl().returncode == 0


def rewrite(folder: Path, name: str, data: bytes) -> None:
    """Alter a file of a landed run as one who knows newsbot would: all sums are made to fit."""
    (folder / name).write_bytes(data)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    for entry in manifest["files"]:
        if entry["name"] == name:
            entry |= {"size": len(data), "sha256": sha256_of(data)}
    sums = "".join(
        f"{entry['sha256']}  {entry['name']}\n"
        for entry in manifest["files"]
        if entry["name"] != "SHA256SUMS"
    )
    (folder / "SHA256SUMS").write_text(sums)
    for entry in manifest["files"]:
        if entry["name"] == "SHA256SUMS":
            entry["size"], entry["sha256"] = size_and_sha256(folder / "SHA256SUMS")
    text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    (folder / "manifest.json").write_text(text)


def relink(store: Path, site: str = "antara") -> None:
    """Make the chain of a site fit again, after one of its runs was altered."""
    before = None
    for path in sorted(store.glob(f"snapshots/*/{site}/*/manifest.json")):
        manifest = json.loads(path.read_bytes())
        if before is not None:
            manifest["previous"]["manifest_sha256"] = before
        path.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
        before = sha256_of(path.read_bytes())


def lines_of(folder: Path, name: str) -> list[dict[str, Any]]:
    """The lines of one of a run's files."""
    return [json.loads(line) for line in gzip.decompress((folder / name).read_bytes()).splitlines()]


def packed(lines: Iterable[Any]) -> bytes:
    """Gzipped JSON lines."""
    return gzip.compress("".join(json.dumps(line) + "\n" for line in lines).encode())
