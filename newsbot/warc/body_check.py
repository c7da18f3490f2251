"""Compares a record with its digests, and an HTTP body with what its head declares of it."""

import base64
import hashlib
import re
import zlib
from collections.abc import Callable, Iterator
from typing import Any, Final

import brotli

from newsbot.warc.fault import Cause
from newsbot.warc.http1 import HttpHead

ENDS_EARLY: Final = "the body ends in the middle"
_MAGIC: Final = {"gzip": b"\x1f\x8b", "x-gzip": b"\x1f\x8b", "zstd": b"\x28\xb5\x2f\xfd"}
_GZIP: Final = 31  # wbits: with header and trailer
_RAW: Final = -15  # wbits: a deflate stream alone
_PIECE: Final = 1024 * 1024  # decoded bytes at once, whatever the compression ratio
_MOST: Final = 256 * 1024**2  # decoded bytes of a body that are looked at
_CHUNK_SIZE = re.compile(rb"[0-9A-Fa-f]+[ \t]*(;|\r?\n)")
_LENGTH = re.compile(r"[0-9]{1,18}")  # a server may write anything for it


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

    def faults(self, what: str) -> list[Cause]:
        """Return what is wrong with the digest of ``what``: block or payload."""
        if self._unknown is not None:
            return [Cause(f"{what} digest uses an unknown algorithm", f"{self._declared!r:.80}")]
        if self._hash is None or self._declared is None:
            return []
        value = self._declared.partition(":")[2]
        digest = self._hash.digest()
        found = base64.b32encode(digest).decode()
        if value in (found, digest.hex()):
            return []
        return [Cause(f"the {what} is not that of its digest", f"{found}, not {value[:130]}")]


class BodyCheck:
    """Compares an HTTP body with the codings, the framing and the length that its head declares."""

    def __init__(self, http: HttpHead | None) -> None:
        self._http = http
        self._start = b""
        self._coding = _last_coding(http)
        self._decoder = _decoder_of(self._coding)
        self.size = 0

    def update(self, piece: bytes) -> None:
        """Take further bytes."""
        if len(self._start) < 64:
            self._start += piece[:64]
        self.size += len(piece)
        if self._decoder is not None:
            self._decoder.update(piece)

    def causes(self, *, truncated: bool) -> Iterator[Cause]:
        """Yield how the body is not encoded and framed as its head says."""
        if self._http is None or not self.size:
            return
        coding = self._coding_cause(truncated=truncated)
        if coding is not None:
            yield coding
        if self._http.is_chunked and not _CHUNK_SIZE.match(self._start):
            yield Cause("Transfer-Encoding is chunked, but the body is not chunked")

    def _coding_cause(self, *, truncated: bool) -> Cause | None:
        magic, coding = _MAGIC.get(self._coding), self._coding
        if magic is not None and not self._start.startswith(magic[: self.size]):
            return Cause(f"Content-Encoding is {coding}, but the body is not so encoded")
        if self._decoder is None or truncated:
            return None
        if self._decoder.fault is not None:
            return Cause(
                f"Content-Encoding is {coding}, but the body cannot be decoded",
                self._decoder.fault,
            )
        if not self._decoder.is_whole():
            return Cause(f"{ENDS_EARLY} of its Content-Encoding, {coding}")
        return None

    def length_cause(self, *, truncated: bool) -> Cause | None:
        """Return that the body is not as long as its head says, or None."""
        http = self._http
        if http is None or http.status in (204, 304) or truncated:
            return None
        if http.get("x-archive-orig-transfer-encoding") is not None:
            return None
        declared = http.get("content-length") or ""
        if not _LENGTH.fullmatch(declared) or int(declared) == self.size:
            return None
        return Cause(
            "the body is not as long as its Content-Length says",
            f"Content-Length is {declared}, the body has {self.size} bytes",
        )


class _Decoding:
    """Decodes a body to see whether it can be, up to a size that no page has."""

    def __init__(self) -> None:
        self.fault: str | None = None
        self._decoded = 0

    def update(self, piece: bytes) -> None:
        """Take further bytes of the body."""
        while self.fault is None and self._decoded < _MOST and not self._at_end():
            try:
                plain, piece = self._decode(piece)
            except (zlib.error, brotli.error) as error:
                self.fault = str(error)
                return
            self._decoded += len(plain)
            if not plain and not piece:
                return

    def is_whole(self) -> bool:
        """Return whether the body did not end in the middle."""
        return self._decoded >= _MOST or self._at_end()

    def _decode(self, piece: bytes) -> tuple[bytes, bytes]:
        """Return some decoded bytes, and those that are not decoded yet."""
        raise NotImplementedError

    def _at_end(self) -> bool:
        raise NotImplementedError


class _Gzip(_Decoding):
    """A gzip file, of which the first member is decoded."""

    def __init__(self, wbits: int = _GZIP) -> None:
        super().__init__()
        self._decoder = zlib.decompressobj(wbits)

    def _decode(self, piece: bytes) -> tuple[bytes, bytes]:
        return self._decoder.decompress(piece, _PIECE), self._decoder.unconsumed_tail

    def _at_end(self) -> bool:
        return self._decoder.eof


class _Deflate(_Gzip):
    """A deflate stream, which some servers send without its wrapper."""

    def __init__(self) -> None:
        super().__init__(_RAW)
        self._start: bytes | None = b""

    def update(self, piece: bytes) -> None:
        """Take further bytes of the body; a zlib header (RFC 1950, 2.2) is left out."""
        if self._start is not None:
            piece, self._start = self._start + piece, None
            if len(piece) < 2:
                self._start = piece
                return
            if piece[0] & 15 == 8 and int.from_bytes(piece[:2], "big") % 31 == 0:
                piece = piece[2:]
        super().update(piece)


class _Brotli(_Decoding):
    def __init__(self) -> None:
        super().__init__()
        self._decoder = brotli.Decompressor()

    def _decode(self, piece: bytes) -> tuple[bytes, bytes]:
        return self._decoder.process(piece, output_buffer_limit=_PIECE), b""

    def _at_end(self) -> bool:
        return bool(self._decoder.is_finished())


_DECODERS: Final[dict[str, Callable[[], _Decoding]]] = {
    "gzip": _Gzip,
    "x-gzip": _Gzip,
    "deflate": _Deflate,
    "br": _Brotli,
}


def _decoder_of(coding: str) -> _Decoding | None:
    return _DECODERS[coding]() if coding in _DECODERS else None


def _last_coding(http: HttpHead | None) -> str:
    """Return the coding that was applied last, as which the stored body begins."""
    values = [] if http is None else http.get_all("content-encoding")
    codings = [one.strip().lower() for one in ",".join(values).split(",")]
    return next(filter(None, reversed(codings)), "")
