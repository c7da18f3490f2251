"""Records as other programs write them, made of bytes: each a gzip member."""

import base64
import gzip
import hashlib
import uuid
from pathlib import Path


def sha1(data: bytes) -> str:
    """As WARC headers have it."""
    return "sha1:" + base64.b32encode(hashlib.sha1(data).digest()).decode()


def record(kind: str, url: bytes, block: bytes, at: str, **more: str | None) -> bytes:
    """A record; further headers by name with underscores, None takes one away."""
    headers: dict[str, str | None] = {
        "WARC-Type": kind,
        "WARC-Record-ID": f"<urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'{url!r}{at}{kind}')}>",
        "WARC-Date": at,
        "Content-Type": f"application/http; msgtype={kind}",
        "Content-Length": str(len(block)),
    }
    headers |= {name.replace("_", "-"): value for name, value in more.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if value is not None)
    head = b"WARC/1.1\r\n" + lines.encode() + b"WARC-Target-URI: " + url + b"\r\n\r\n"
    return gzip.compress(head + block + b"\r\n\r\n", mtime=0)


def response(
    url: str | bytes, body: bytes, at: str, *, head: bytes = b"HTTP/1.1 200 OK\r\n",
    kind: bytes = b"text/html", **more: str | None,
) -> bytes:  # fmt: skip
    """A response record with that body."""
    fields = b"Content-Type: " + kind + b"\r\n" if kind else b""
    address = url if isinstance(url, bytes) else url.encode()
    return record("response", address, head + fields + b"\r\n" + body, at, **more)


def write(path: Path, *records: bytes) -> Path:
    """Write a file of these records."""
    path.write_bytes(b"".join(records))
    return path
