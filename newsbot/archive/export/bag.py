"""BagIt (RFC 8493): the snapshots as files below ``data/``, with checksums."""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from newsbot._version import __version__
from newsbot.archive.download import download_runs
from newsbot.archive.export.selection import Exported
from newsbot.archive.manifest import FileEntry
from newsbot.archive.snapshots import Snapshot, find_runs, read_runs
from newsbot.errors import ConfigError, StoreError
from newsbot.files import size_and_sha256
from newsbot.layout import MANIFEST, RunRef
from newsbot.progress import Progress
from newsbot.stores.opening import open_store
from newsbot.stores.store import MARKER, Store


def export(store: Store, runs: Iterable[RunRef], to: Path, progress: Progress) -> Exported:
    """Download the runs into ``to/data``, checked, and make a bag of them.

    It continues where it stopped, like a download; ``bagit.txt`` is written last.

    Raises:
        ConfigError: the folder is a bag already.
        FixityError, StoreError: like a download.
    """
    if (to / "bagit.txt").exists():
        raise ConfigError(f"{to} is a bag already; remove it or choose another folder")
    data = to / "data"
    done = download_runs(store, data, runs=runs, with_dependencies=True, progress=progress)
    copy = open_store(str(data))
    copied = [run for run in read_runs(copy, find_runs(copy)) if isinstance(run, Snapshot)]
    try:
        _write_tags(to, copied)
    except OSError as error:
        raise StoreError(f"{to}: the bag cannot be written: {error.strerror}") from error
    articles = sum(int(run.manifest.counts["articles"]) for run in copied)
    return Exported(len(copied), articles, done.dependencies)


def _write_tags(to: Path, runs: list[Snapshot]) -> None:
    payload = [(run.ref.prefix + entry.name, entry) for run in runs for entry in _files(run)]
    payload.append((MARKER, _entry(to / "data", MARKER)))
    size = sum(entry.size for _, entry in payload)
    lines = sorted(f"{entry.sha256}  data/{name}\n" for name, entry in payload)
    info = [
        ("Bag-Software-Agent", f"newsbot {__version__}"),
        ("Bagging-Date", datetime.now(UTC).date().isoformat()),
        ("Payload-Oxum", f"{size}.{len(payload)}"),
        *(("External-Identifier", run.ref.run) for run in runs),
    ]
    tags = {
        "bagit.txt": "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
        "bag-info.txt": "".join(f"{name}: {value}\n" for name, value in info),
        "manifest-sha256.txt": "".join(lines),
    }
    tags["tagmanifest-sha256.txt"] = "".join(
        f"{hashlib.sha256(text.encode()).hexdigest()}  {name}\n" for name, text in tags.items()
    )
    for name, text in reversed(tags.items()):  # bagit.txt last: it marks a complete bag
        (to / name).write_bytes(text.encode())


def _entry(folder: Path, name: str) -> FileEntry:
    size, sha256 = size_and_sha256(folder / name)
    return FileEntry(name=name, size=size, sha256=sha256)


def _files(run: Snapshot) -> list[FileEntry]:
    manifest = FileEntry(name=MANIFEST, size=len(run.stored), sha256=run.sha256)
    return [*run.manifest.files, manifest]
