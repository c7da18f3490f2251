"""A landed run of any size, whose WARC file is one that every checker passes."""

import os
from pathlib import Path

from newsbot.landing.spool import close_files
from newsbot.landing.upload import land
from newsbot.stores.opening import check_store
from newsbot.stores.store import Store
from newsbot.warc.writer import WarcWriter
from tests.small_run import NOW, REF, manifest

_RECORD = 8 * 1024**2  # bytes of a record, which do not compress


def land_large(store: Store, folder: Path, size: int) -> None:
    """Land a run of about so many bytes in one WARC file."""
    (folder / "journal").mkdir(parents=True)
    (folder / "files" / "warc").mkdir(parents=True)
    for name in ("crawl", "articles", "events", "log"):
        (folder / "journal" / f"{name}.jsonl").touch()
    prefix = f"NEWSBOT-{REF.site}-{REF.run}"
    writer = WarcWriter(folder / "files" / "warc", prefix, {"software": "test"}, roll_at=2**62)
    for number in range(size // _RECORD):
        content = os.urandom(_RECORD)
        writer.write_resource(f"urn:test:{number}", NOW, "application/octet-stream", content)
    writer.close()
    close_files(folder)
    check_store(store, write=True)
    land(folder / "files", store, manifest(), REF.prefix)
