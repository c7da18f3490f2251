"""A crawl of the wire server, in a process of its own, and what it left."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.commands import run_command


@dataclass
class Record:
    """A WARC record as it stands in the file, read without any WARC library."""

    headers: dict[str, str]
    block: bytes
    offset: int
    length: int

    def __getattr__(self, name: str) -> str | None:
        return self.headers.get("WARC-" + name.replace("_", "-").title())


@dataclass
class Crawl:
    """What a crawl saw and wrote."""

    folder: Path
    seen: list[dict[str, Any]]
    grown_mb: float
    records: list[Record]

    def of(self, kind: str, url: str) -> list[Record]:
        """Records of one type about one URL, in file order."""
        return [
            record
            for record in self.records
            if record.headers["WARC-Type"] == kind and record.headers.get("WARC-Target-URI") == url
        ]


def read_records(path: Path) -> list[Record]:
    """Every record of a file; each must be a gzip member of its own."""
    import zlib

    data, offset, found = path.read_bytes(), 0, []
    while offset < len(data):
        member = zlib.decompressobj(31)
        plain = member.decompress(data[offset:])
        assert member.eof, "a torn gzip member"
        length = len(data) - offset - len(member.unused_data)
        head, _, rest = plain.partition(b"\r\n\r\n")
        lines = head.decode("utf-8").split("\r\n")
        assert lines[0] == "WARC/1.1"
        headers = dict(line.split(": ", 1) for line in lines[1:])
        assert len(headers) == len(lines) - 1, "a repeated WARC header"
        size = int(headers["Content-Length"])
        assert rest[size:] == b"\r\n\r\n", "a block of another length than it says"
        found.append(Record(headers, rest[:size], offset, length))
        offset += length
    return found


@pytest.fixture
def crawl(tmp_path: Path) -> Callable[..., Crawl]:
    """Crawl the requests and read back the WARC files."""

    def run(
        requests: list[Any],
        limit: int = 0,
        known: list[dict[str, Any]] | None = None,
        name: str = "warc",
        names: dict[str, str] | None = None,
        **settings: Any,
    ) -> Crawl:
        folder = tmp_path / name
        folder.mkdir()
        asked = [{"url": request} if isinstance(request, str) else request for request in requests]
        job = {
            "folder": str(folder),
            "prefix": f"NEWSBOT-{name}",
            "requests": asked,
            "limit": limit,
            "known": known or [],
            "names": names or {},
            "settings": settings,
        }
        done = run_command(["wirecrawl"], sent=json.dumps(job))
        assert done.returncode == 0, done.stderr
        records = [r for path in sorted(folder.glob("*.warc.gz")) for r in read_records(path)]
        result = json.loads(done.stdout)
        return Crawl(folder, result["seen"], result["grown_mb"], records)

    return run
