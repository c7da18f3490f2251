"""Compares a record with its digests, and an HTTP body with the codings that its head declares."""

import base64
import hashlib
import re
import zlib
from typing import Any

from newsbot.warc.http1 import HttpHead

_MAGIC = {"gzip": b"\x1f\x8b", "x-gzip": b"\x1f\x8b", "zstd": b"\x28\xb5\x2f\xfd"}


class DigestCheck:
    """Compares bytes with a labelled digest: ``sha1:`` in base32, others in base32 or hex."""

    def __init__(self, declared: str | None) -> None:
        self._declared = declared
        self._hash: Any = None
        self._unknown = None
        if declared is not None:
            label = declared.partition(":")[0].lower().replace("-", "")
            if label in ("sha1", "sha256", "sha512", "md5"):
                self._hash = hashlib.new(label, usedforsecurity=False)
            else:
                self._unknown = label

    def update(self, piece: bytes) -> None:
        """Take further bytes."""
        if self._hash is not None:
            self._hash.update(piece)

    def faults(self, what: str) -> list[str]:
        """Return what is wrong with the digest of ``what``: block or payload."""
        if self._unknown is not None:
            return [f"{what} digest {self._declared!r} uses an unknown algorithm"]
        if self._hash is None or self._declared is None:
            return []
        value = self._declared.partition(":")[2]
        digest = self._hash.digest()
        if value in (base64.b32encode(digest).decode(), digest.hex()):
            return []
        return [f"{what} digest is {base64.b32encode(digest).decode()}, but the record has {value}"]


class BodyCheck:
    """Compares an HTTP body with the codings that its header declares."""

    def __init__(self, http: HttpHead | None) -> None:
        self._http = http
        self._start = b""
        self._size = 0
        self._decoder: Any = None
        self._broken = False
        self._coding = _last_coding(http)
        if self._coding in ("gzip", "x-gzip"):
            self._decoder = zlib.decompressobj(31)

    def update(self, piece: bytes) -> None:
        """Take further bytes."""
        if len(self._start) < 64:
            self._start += piece[:64]
        self._size += len(piece)
        if self._decoder is not None and not self._broken and not self._decoder.eof:
            try:
                self._decoder.decompress(piece)
            except zlib.error:
                self._broken = True

    def coding_fault(self, *, truncated: bool) -> str | None:
        """Return that the body is not encoded as its header says, or None."""
        if self._http is None or not self._size:
            return None
        magic = _MAGIC.get(self._coding)
        is_decoded = magic is not None and not self._start.startswith(magic)
        if is_decoded or (self._broken and not truncated):
            return f"Content-Encoding is {self._coding}, but the body is not so encoded"
        return None

    def framing_fault(self) -> str | None:
        """Return that the body is not framed as its header says, or None."""
        if self._http is None or not self._size or not self._http.is_chunked:
            return None
        if re.match(rb"[0-9A-Fa-f]+[ \t]*(;|\r?\n)", self._start):
            return None
        return "Transfer-Encoding is chunked, but the body is not chunked"


def _last_coding(http: HttpHead | None) -> str:
    """Return the coding that was applied last, as which the stored body begins."""
    values = [] if http is None else http.get_all("content-encoding")
    codings = [one.strip().lower() for one in ",".join(values).split(",")]
    return next(filter(None, reversed(codings)), "")
